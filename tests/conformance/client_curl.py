#!/usr/bin/env python3
"""curl against the lab: the schemes it knows, connections that NTLM has
proven, Autodiscover by the organisation's names, large bodies both ways."""
import re
import sys

from client import OAUTH_ID, OAUTH_SECRET, USER1, Office, Report, check, equal, run

VERSIONS = ["2016", "2013_SP1", "2010_SP2"]
SOAP = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
 xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
<s:Header><t:RequestServerVersion Version="Exchange2010_SP1"/></s:Header>
<s:Body>{}</s:Body></s:Envelope>"""
INBOX = SOAP.format(
    "<m:GetFolder><m:FolderShape><t:BaseShape>Default</t:BaseShape>"
    "</m:FolderShape><m:FolderIds><t:DistinguishedFolderId Id='inbox'/>"
    "</m:FolderIds></m:GetFolder>")
POX = """<?xml version="1.0" encoding="utf-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/requestschema/2006">
<Request><EMailAddress>{}</EMailAddress><AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request>
</Autodiscover>"""
LARGE = 8 << 20


class Curl:
    """curl with a scheme and a login, at an office."""

    def __init__(self, office, *words):
        self.office, self.words = office, words

    def __call__(self, *words, body=None):
        """(status, body, connections made) of the last transfer."""
        done = run("curl", "--silent", "--show-error", "--cacert",
                   self.office.ca, "--write-out",
                   "\n%{http_code} %{num_connects}", *self.words,
                   *(("--header", "Content-Type: text/xml; charset=utf-8",
                      "--data-binary", "@-") if body else ()),
                   *words, stdin=body)
        equal(done.status, 0, f"curl: {done.err}")
        text, _, numbers = done.out.rpartition("\n")
        status, connects = numbers.split()
        return int(status), text, int(connects)

    def soap(self, body, *words):
        return self(*words, self.office.ews, body=body)


def login(office, user=USER1, name=None, password=None):
    return ("--user", f"{name or user}:{password or office.passwords[user]}")


def schemes(report, office):
    for word in ("--ntlm", "--basic", "--anyauth"):
        with report("sign in", word[2:]):
            status, text, _ = Curl(office, word, *login(office)).soap(INBOX)
            equal(status, 200, text)
            check("<t:DisplayName>Inbox<" in text, text)
    with report("sign in", "NTLM with the domain's name"):
        status, text, _ = Curl(office, "--ntlm", *login(
            office, name="CONTOSO\\user1")).soap(INBOX)
        equal(status, 200, text)
    for word in ("--ntlm", "--basic"):
        with report("sign in", f"{word[2:]}: a wrong password is refused"):
            status, _, _ = Curl(office, word, *login(
                office, password="wrong")).soap(INBOX)
            equal(status, 401, "status")
    with report("sign in", "no credentials: which schemes there are"):
        done = run("curl", "--silent", "--head", "--request", "POST",
                   "--cacert", office.ca, office.ews)
        found = re.findall(r"(?im)^www-authenticate: (\w+)", done.out)
        check({"NTLM", "Basic"} <= set(found), done.out)


def bearer(report, office):
    with report("sign in", "OAuth: client credentials, impersonating"):
        status, text, _ = Curl(office)(
            "--data-urlencode", "grant_type=client_credentials",
            "--data-urlencode", f"client_id={OAUTH_ID}",
            "--data-urlencode", f"client_secret={OAUTH_SECRET}",
            "--data-urlencode",
            "scope=https://outlook.office365.com/.default",
            f"{office.url}/contoso.example/oauth2/v2.0/token")
        equal(status, 200, text)
        token = re.search(r'"access_token"\s*:\s*"([^"]+)"', text).group(1)
        acting = INBOX.replace("</s:Header>", "<t:ExchangeImpersonation>"
                               "<t:ConnectingSID><t:PrimarySmtpAddress>"
                               f"{USER1}</t:PrimarySmtpAddress>"
                               "</t:ConnectingSID></t:ExchangeImpersonation>"
                               "</s:Header>")
        status, text, _ = Curl(office, "--oauth2-bearer", token).soap(acting)
        equal(status, 200, text)
        check("<t:DisplayName>Inbox<" in text, text)
    with report("sign in", "OAuth: a token that is none is refused"):
        status, _, _ = Curl(office, "--oauth2-bearer", "none").soap(INBOX)
        equal(status, 401, "status")


def connections(report, office):
    with report("connections", "NTLM proves one, and it is used again"):
        curl = Curl(office, "--ntlm", *login(office))
        # Two transfers in one run: the second one needs no connection.
        status, _, made = curl.soap(INBOX, office.ews)
        equal((status, made), (200, 0), "second transfer")


def autodiscover(report, office):
    for name in ("contoso.example", "autodiscover.contoso.example"):
        with report("Autodiscover", f"POX at {name}"):
            curl = Curl(office, "--ntlm", *login(office), "--connect-to",
                        f"{name}:443:127.0.0.1:{office.port}")
            status, text, _ = curl(
                f"https://{name}/Autodiscover/Autodiscover.xml",
                body=POX.format(USER1))
            equal(status, 200, text)
            found = re.findall("<EwsUrl>([^<]*)<", text)
            check(f"https://{name}/EWS/Exchange.asmx" in found, f"{found}")
    if office.version != "2016":
        return  # the JSON form came with 2016
    with report("Autodiscover", "JSON: where EWS is"):
        status, text, _ = Curl(office)(
            f"{office.url}/autodiscover/autodiscover.json/v1.0/{USER1}"
            "?Protocol=EWS")
        equal(status, 200, text)
        check("/EWS/Exchange.asmx" in text, text)


def large(report, office):
    curl = Curl(office, "--ntlm", *login(office))

    def one(body, pattern):
        status, text, _ = curl.soap(SOAP.format(body))
        equal(status, 200, text[:2000])
        check("<m:ResponseCode>NoError<" in text, text[:2000])
        return re.search(pattern, text).group(1)

    with report("UploadItems", "8 MB come back as they were sent"):
        folder = one(
            "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
            "</m:FolderShape><m:FolderIds><t:DistinguishedFolderId "
            "Id='drafts'/></m:FolderIds></m:GetFolder>",
            'FolderId Id="([^"]+)"')
        text = "abcdefgh" * (LARGE // 8)
        item = one(
            "<m:CreateItem MessageDisposition='SaveOnly'>"
            "<m:SavedItemFolderId><t:DistinguishedFolderId Id='drafts'/>"
            "</m:SavedItemFolderId><m:Items><t:Message><t:Subject>large"
            f"</t:Subject><t:Body BodyType='Text'>{text}</t:Body></t:Message>"
            "</m:Items></m:CreateItem>", 'ItemId Id="([^"]+)"')
        data = one(f"<m:ExportItems><m:ItemIds><t:ItemId Id='{item}'/>"
                   "</m:ItemIds></m:ExportItems>", "<m:Data>([^<]+)<")
        copy = one("<m:UploadItems><m:Items><t:Item CreateAction='CreateNew'>"
                   f"<t:ParentFolderId Id='{folder}'/><t:Data>{data}</t:Data>"
                   "</t:Item></m:Items></m:UploadItems>",
                   'ItemId Id="([^"]+)"')
        back = one("<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
                   "<t:BodyType>Text</t:BodyType><t:AdditionalProperties>"
                   "<t:FieldURI FieldURI='item:Body'/>"
                   "</t:AdditionalProperties></m:ItemShape><m:ItemIds>"
                   f"<t:ItemId Id='{copy}'/></m:ItemIds></m:GetItem>",
                   "<t:Body[^>]*>([^<]*)<")
        check(back.strip() == text, "other text")
        digests = [d for p, _, d in office.digest() if p == "Drafts"]
        check(len(digests) > len(set(digests)), "no two equal digests")


def pages(report, office):
    with report("pages", "the logon page says the version"):
        done = run("curl", "--silent", "--include", "--location", "--cacert",
                   office.ca, office.url + "/owa/")
        check(re.search(r"(?im)^x-owa-version: 1[45]\.", done.out), done.out)
    with report("pages", "the WSDL is XML"):
        status, text, _ = Curl(office, "--ntlm", *login(office))(
            office.url + "/ews/services.wsdl")
        equal(status, 200, text)
        done = run("xmllint", "--noout", "-", stdin=text)
        equal(done.status, 0, done.err)
        check("ExportItems" in text, text[:500])


def main():
    report = Report("curl")
    chosen = sys.argv[1:]
    for version in [v for v in VERSIONS if v in chosen] or VERSIONS:
        report.at = f"Exchange {version}"
        with report.part("lab"), Office(version=version) as office:
            for part in (schemes, bearer, connections, autodiscover, large,
                         pages):
                with report.part(part.__name__):
                    part(report, office)
            report.schema(office)
    report.end()


if __name__ == "__main__":
    main()
