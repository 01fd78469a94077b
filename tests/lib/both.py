"""Both sides of a pair as a client sees them that shares no code with
mailferry."""
import base64
import csv
import os
import pathlib
import types

import lab as labs
from harness import equal


def client_of(pair, side, address, version="Exchange2010_SP1"):
    """A client of one side, acting as the owner of a mailbox."""
    side = side.upper()
    admin = pair.env[f"{side}_ADMIN"]
    password = pathlib.Path(pair.env[f"{side}_PASSWORD_FILE"]).read_text()
    lab = types.SimpleNamespace(url=pair.env[f"{side}_URL"].rsplit("/owa")[0],
                                ca=pair.env["CA_FILE"],
                                passwords={admin: password.strip()})
    lab.connect = lambda: labs.Lab.connect(lab)
    return labs.Client(lab, admin, acting_as=address, version=version)


def people(pair):
    """(source address, destination address) of each row."""
    with open(pair.admin_csv, encoding="utf-8") as file:
        return [(row["Source Email"], row["Destination Email"])
                for row in csv.DictReader(file)]


def add_large(pair):
    """A mail of 24 MB, by the lab's own EWS."""
    client = client_of(pair, "source", people(pair)[0][0])
    mime = (b"Subject: large\r\nFrom: a@x.example\r\nMIME-Version: 1.0\r\n"
            b"Content-Type: application/octet-stream\r\n"
            b"Content-Disposition: attachment; filename=l.bin\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" +
            base64.encodebytes(os.urandom(1 << 16) * 370))
    answer = client(
        '<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>'
        '<t:DistinguishedFolderId Id="inbox"/></m:SavedItemFolderId><m:Items>'
        "<t:Message><t:MimeContent>" + base64.b64encode(mime).decode() +
        "</t:MimeContent></t:Message></m:Items></m:CreateItem>")
    equal(answer.codes(), ["NoError"], f"large item: {answer.body[:500]}")


def nothing_was_sent(pair):
    for side in ("source", "destination"):
        sent = {k: v for k, v in pair.counters(side).items()
                if k.startswith("sent.") and v > 0}
        equal(sent, {}, f"sent by the {side}")
