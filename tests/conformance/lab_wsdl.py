#!/usr/bin/env python3
"""The lab's WSDL, as a tool reads it that knows nothing else of EWS: Debian's
python3-zeep makes a client of it and asks."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

W = {"w": "http://schemas.xmlsoap.org/wsdl/"}


def schema_dir():
    named = os.environ.get("EWS_SCHEMA_DIR")
    return pathlib.Path(named) if named else ROOT.parent / "shared/ews-schema"


def fetch(lab, path, signed_in=True):
    user = USER1 if signed_in else None
    done = lab.curl("--basic", lab.url + path, user=user)
    body, last = done.out.rsplit("\n", 1)
    return int(last.split()[0]), body


@case
def what_it_names():
    seen = {}
    for version in ("2007_SP1", "2010", "2016"):
        with Lab("--version", version, mailboxes=1, items=0) as lab:
            equal(fetch(lab, "/ews/services.wsdl", False)[0], 401, "anonymous")
            status, body = fetch(lab, "/ews/services.wsdl")
            equal(status, 200, body)
            root = ET.fromstring(body)
            seen[version] = {o.get("name") for o in root.findall(
                "w:portType/w:operation", W)}
            equal({o.get("name") for o in root.findall(
                "w:binding/w:operation", W)}, seen[version], "bound")
            contains(body, lab.ews)
    check(seen["2007_SP1"] < seen["2010"] < seen["2016"], "versions")
    check({"GetFolder", "GetUserOofSettings"} <= seen["2007_SP1"], "2007")
    check("GetUserConfiguration" in seen["2010"] - seen["2007_SP1"], "2010")


@case
def the_schema_beside_it():
    os.environ.pop("EWS_SCHEMA_DIR", None)
    with Lab(mailboxes=1, items=0) as lab:
        for name in ("messages.xsd", "types.xsd", "xml.xsd"):
            equal(fetch(lab, "/EWS/" + name)[0], 404, f"{name} without one")
        equal(fetch(lab, "/EWS/../types.xsd")[0], 404, "nothing else")
    if not (schema_dir() / "types.xsd").exists():
        raise Skip(f"no schema in {schema_dir()}: set EWS_SCHEMA_DIR")
    with Lab("--schema", schema_dir(), mailboxes=1, items=0) as lab:
        for name in ("messages.xsd", "types.xsd", "xml.xsd"):
            status, body = fetch(lab, "/EWS/" + name)
            equal(status, 200, name)
            equal(body, (schema_dir() / name).read_text("utf-8"), name)
        equal(fetch(lab, "/EWS/envelope.xsd")[0], 404, "no part of EWS")


CLIENT = """
import sys
import requests
import zeep

url, user, password, ca = sys.argv[1:]
session = requests.Session()
session.auth = (user, password)
session.verify, session.trust_env = ca, False
client = zeep.Client(url + "/EWS/services.wsdl",
                     transport=zeep.Transport(session=session))


def ask(operation, **request):
    answer = getattr(client.service, operation)(**request, _soapheaders={
        "RequestServerVersion": {"Version": "Exchange2016"}})
    body = getattr(answer, "body", answer)
    return body["ResponseMessages"]["_value_1"][0][operation +
                                                   "ResponseMessage"]


message = ask("GetFolder", FolderShape={"BaseShape": "Default"},
              FolderIds={"_value_1": [{"DistinguishedFolderId": {
                  "Id": "inbox"}}]})
print(message["ResponseCode"])
print(message["Folders"]["_value_1"][0]["Folder"]["DisplayName"])
message = ask("ResolveNames", UnresolvedEntry="user1",
              ReturnFullContactData=False, SearchScope="ActiveDirectory")
print(message["ResolutionSet"]["Resolution"][0]["Mailbox"]["EmailAddress"])
"""


def python_with(module):
    """The one that runs this, else Debian's own; None: neither has it."""
    for python in (sys.executable, "/usr/bin/python3"):
        if pathlib.Path(python).exists() and \
                run(python, "-c", f"import {module}").status == 0:
            return python
    raise Skip(f"python3-{module} is not installed")


@case
def a_client_made_of_it():
    if not (schema_dir() / "types.xsd").exists():
        raise Skip(f"no schema in {schema_dir()}: set EWS_SCHEMA_DIR")
    python = python_with("zeep")
    with Lab("--schema", schema_dir(), mailboxes=1, items=30) as lab:
        done = run(python, "-c", CLIENT, lab.url, USER1, lab.passwords[USER1],
                   lab.ca)
        equal(done.status, 0, done.err)
        equal(done.out.split(), ["NoError", "Inbox", USER1], "answers")


if __name__ == "__main__":
    main()
