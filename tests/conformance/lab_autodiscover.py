#!/usr/bin/env python3
"""Autodiscover in its three forms, and the version on the logon page."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

POX = "http://schemas.microsoft.com/exchange/autodiscover"
REQUEST = POX + "/outlook/requestschema/2006"
RESPONSE = POX + "/outlook/responseschema/2006a"
SOAP = "http://schemas.microsoft.com/exchange/2010/Autodiscover"
O, A = {"o": RESPONSE, "e": POX + "/responseschema/2006"}, {"a": SOAP}


def fetch(lab, method, path, body=None, signed_in=True):
    pair = f"{USER1}:{lab.passwords[USER1]}".encode()
    headers = {"Content-Type": "text/xml; charset=utf-8"}
    if signed_in:
        headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
    connection = lab.connect()
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, text


def pox(lab, inside):
    body = (f'<Autodiscover xmlns="{REQUEST}"><Request>{inside}</Request>'
            "</Autodiscover>")
    status, _, text = fetch(lab, "POST", "/autodiscover/autodiscover.xml", body)
    equal(status, 200, text)
    return ET.fromstring(text)


def asks(address, schema=RESPONSE):
    return (f"<EMailAddress>{address}</EMailAddress>"
            f"<AcceptableResponseSchema>{schema}</AcceptableResponseSchema>")


def text(root, path, names=O):
    found = root.find(".//" + path, names)
    return None if found is None else found.text


@case
def pox_settings():
    with Lab("--host", "inside.contoso.example", mailboxes=1, items=0) as lab:
        root = pox(lab, asks(USER1.upper()))
        equal(text(root, "o:User/o:DisplayName"), "Bruno User1", "name")
        equal(text(root, "o:User/o:AutoDiscoverSMTPAddress"), USER1, "address")
        contains(text(root, "o:User/o:LegacyDN"), "/cn=Recipients/cn=user1")
        equal(text(root, "o:Account/o:Action"), "settings", "action")
        equal(text(root, "o:Account/o:MicrosoftOnline"), "False", "online")
        urls = {p.find("o:Type", O).text: text(p, "o:EwsUrl")
                for p in root.findall(".//o:Protocol", O)}
        equal(urls["EXCH"],
              "https://inside.contoso.example/EWS/Exchange.asmx", "inside")
        equal(urls["EXPR"], lab.ews, "outside")
        # an alias finds its mailbox, and so does a name of long ago
        equal(text(pox(lab, asks("bruno.user1@contoso.example")),
                   "o:User/o:AutoDiscoverSMTPAddress"), USER1, "alias")
        dn = text(root, "o:User/o:LegacyDN")
        equal(text(pox(lab, f"<LegacyDN>{dn}</LegacyDN>"),
                   "o:User/o:AutoDiscoverSMTPAddress"), USER1, "legacy name")
    with Lab("--version", "2007_SP1", mailboxes=1, items=0) as lab:
        root = pox(lab, asks(USER1))
        equal(text(root, "o:Account/o:MicrosoftOnline"), None, "not in 2007")


@case
def pox_errors_and_redirects():
    with Lab("--redirect-address", "old@contoso.example=" + USER1,
             "--redirect-url", "@moved.example=https://else.example/x.xml",
             mailboxes=1, items=0) as lab:
        for name, inside, want in (
                ("nobody", asks("nobody@contoso.example"), "500"),
                ("nothing", "", "600"),
                ("schema", asks(USER1, "http://example.org/mobile"), "601")):
            equal(text(pox(lab, inside), "e:ErrorCode"), want, name)
        root = pox(lab, asks("Old@contoso.example"))
        equal(text(root, "o:Action"), "redirectAddr", "address")
        equal(text(root, "o:RedirectAddr"), USER1, "address")
        root = pox(lab, asks("anybody@moved.example"))
        equal(text(root, "o:Action"), "redirectUrl", "elsewhere")
        equal(text(root, "o:RedirectUrl"), "https://else.example/x.xml", "URL")
        status, headers, _ = fetch(lab, "POST",
                                   "/autodiscover/autodiscover.xml", "<x/>",
                                   signed_in=False)
        equal(status, 401, "anonymous")
        equal([headers[f"X-{n}-Enabled"] for n in
               ("SOAP", "WSSecurity", "OAuth")], ["True"] * 3, "what there is")


SETTINGS = ("UserDisplayName", "MailboxDN", "ExternalMailboxServer", "UserDN", "ExternalEwsUrl", "InternalEwsUrl",
            "EwsSupportedSchemas", "CasVersion", "Nonsense")


def soap(lab, operation, inside, settings=SETTINGS):
    wanted = "".join(f"<a:Setting>{s}</a:Setting>" for s in settings)
    body = (f'<s:Envelope xmlns:s="{NS["s"]}" xmlns:a="{SOAP}"><s:Header>'
            "<a:RequestedServerVersion>Exchange2010</a:RequestedServerVersion>"
            f"</s:Header><s:Body><a:{operation}RequestMessage><a:Request>"
            f"{inside}<a:RequestedSettings>{wanted}</a:RequestedSettings>"
            f"</a:Request></a:{operation}RequestMessage></s:Body>"
            "</s:Envelope>")
    return fetch(lab, "POST", "/autodiscover/autodiscover.svc", body)


def users(*addresses):
    return "<a:Users>" + "".join(
        f"<a:User><a:Mailbox>{a}</a:Mailbox></a:User>"
        for a in addresses) + "</a:Users>"


@case
def soap_settings():
    with Lab("--redirect-address", "old@contoso.example=" + USER1,
             mailboxes=1, items=0) as lab:
        status, _, body = soap(lab, "GetUserSettings",
                               users(USER1, "nobody@contoso.example",
                                     "old@contoso.example"))
        equal(status, 200, body)
        one, nobody, moved = ET.fromstring(body).findall(
            ".//a:UserResponse", A)
        equal(text(one, "a:ErrorCode", A), "NoError", "found")
        got = {s.find("a:Name", A).text: s.find("a:Value", A).text
               for s in one.findall(".//a:UserSetting", A)}
        equal(got["ExternalEwsUrl"], lab.ews, "outside")
        equal(got["InternalEwsUrl"],
              "https://exchange.contoso.example/EWS/Exchange.asmx", "inside")
        equal(got["EwsSupportedSchemas"].split(", ")[-1], "Exchange2016",
              "schemas")
        check(got["MailboxDN"].endswith("/cn=Mailbox Database"), "database")
        equal(got["ExternalMailboxServer"], "127.0.0.1", "server")
        check(got["CasVersion"].startswith("15."), got["CasVersion"])
        equal([e.find("a:SettingName", A).text for e in
               one.findall(".//a:UserSettingError", A)], ["Nonsense"],
              "what there is not")
        equal(text(nobody, "a:ErrorCode", A), "InvalidUser", "nobody")
        equal(text(moved, "a:ErrorCode", A), "RedirectAddress", "moved")
        equal(text(moved, "a:RedirectTarget", A), USER1, "to")
        status, _, body = soap(lab, "GetDomainSettings",
                               "<a:Domains><a:Domain>contoso.example"
                               "</a:Domain><a:Domain>x.example</a:Domain>"
                               "</a:Domains>")
        ours, other = ET.fromstring(body).findall(".//a:DomainResponse", A)
        equal(text(ours, "a:DomainSetting/a:Value", A), lab.ews, "domain")
        equal(text(other, "a:ErrorCode", A), "InvalidDomain", "not ours")
        status, _, body = soap(lab, "Nonsense", "")
        equal(status, 500, body)
        contains(body, "ActionNotSupported")
        equal(text(ET.fromstring(soap(lab, "GetUserSettings", "")[2]),
                   "a:ErrorCode", A), "InvalidRequest", "no user")
    with Lab("--version", "2007_SP1", mailboxes=1, items=0) as lab:
        equal(soap(lab, "GetUserSettings", users(USER1))[0], 404, "2007")


@case
def json_settings():
    base = "/autodiscover/autodiscover.json"
    with Lab(mailboxes=1, items=0) as lab:
        def ask(path):
            status, headers, body = fetch(lab, "GET", path, signed_in=False)
            contains(headers["Content-Type"], "application/json", path)
            return status, json.loads(body)

        for path in (f"{base}/v1.0/{USER1}?Protocol=Ews",
                     f"{base}?Email={USER1}&Protocol=ews"):
            equal(ask(path), (200, {"Protocol": "Ews", "Url": lab.ews}), path)
        status, body = ask(f"{base}/v1.0/{USER1}?Protocol=AutodiscoverV1")
        equal(body["Url"], lab.url + "/autodiscover/autodiscover.xml", "V1")
        for path, want in (
                (f"{base}/v1.0/{USER1}", (400, "MandatoryParameterMissing")),
                (f"{base}/v1.0/{USER1}?Protocol=x", (400, "InvalidProtocol")),
                (f"{base}/v1.0/x@y.z?Protocol=Ews", (404, "UserNotFound")),
                (f"{base}?Protocol=Ews", (400, "InvalidUserId"))):
            status, body = ask(path)
            equal((status, body["ErrorCode"]), want, path)
    with Lab("--version", "2013", mailboxes=1, items=0) as lab:
        equal(fetch(lab, "GET", f"{base}/v1.0/{USER1}?Protocol=Ews")[0], 404,
              "before 2016")
    with Lab("--no-autodiscover", mailboxes=1, items=0) as lab:
        for path in (base + "/v1.0/x@y.z?Protocol=Ews",
                     "/autodiscover/autodiscover.svc",
                     "/autodiscover/autodiscover.xml"):
            equal(fetch(lab, "POST", path, "<x/>")[0], 404, path)


@case
def the_version_on_the_logon_page():
    for version, want in (("2007_SP1", "8."), ("2010_SP2", "14."),
                          ("2016", "15.")):
        with Lab("--version", version, mailboxes=1, items=0) as lab:
            status, headers, _ = fetch(lab, "GET", "/owa/auth/logon.aspx",
                                       signed_in=False)
            equal(status, 200, version)
            check(headers["X-OWA-Version"].startswith(want),
                  headers["X-OWA-Version"])


if __name__ == "__main__":
    main()
