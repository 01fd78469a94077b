"""Single EWS requests to a pair of labs, as nobody's client sends them."""
import pathlib

from harness import check, equal, run

ENVELOPE = """<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types"
 xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">
<s:Header><t:RequestServerVersion Version="{version}"/>
<t:ExchangeImpersonation><t:ConnectingSID><t:PrimarySmtpAddress>{mailbox}\
</t:PrimarySmtpAddress></t:ConnectingSID></t:ExchangeImpersonation></s:Header>
<s:Body>{body}</s:Body></s:Envelope>"""


def ews(pair, side, mailbox, body, version="Exchange2010_SP1"):
    """One request by curl, as the side's administrator."""
    upper = side.upper()
    url = pair.env[f"{upper}_URL"].rsplit("/owa", 1)[0] + "/EWS/Exchange.asmx"
    password = pathlib.Path(
        pair.env[f"{upper}_PASSWORD_FILE"]).read_text().splitlines()[0]
    done = run("curl", "-sS", "--ntlm", "--cacert", pair.env["CA_FILE"],
               "-u", f"{pair.env[f'{upper}_ADMIN']}:{password}",
               "-H", "Content-Type: text/xml; charset=utf-8",
               "--data-binary", "@-", url,
               stdin=ENVELOPE.format(
                   mailbox=mailbox, body=body, version=version))
    equal(done.status, 0, f"curl: {done.err}")
    check("NoError" in done.out, f"the {side} refused: {done.out[:1000]}")
    return done.out


def mailbox_of(pair):
    return pair.digest("source")[0].split("\t")[0]
