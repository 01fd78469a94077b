#!/usr/bin/env python3
"""The lab's HTTP side, as curl sees it: sign-in, kept connections, pages,
Autodiscover, limits.  curl's NTLM is the judge of ours."""
import pathlib
import re
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

BODY = Client.envelope(
    type("", (), {"acting_as": USER1, "version": "Exchange2010_SP1",
                  "sid": "PrimarySmtpAddress"}),
    "<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
    "</m:FolderShape><m:FolderIds>" + folder("inbox") +
    "</m:FolderIds></m:GetFolder>")


def outcome(done):
    """HTTP status and how many connections the last request opened."""
    check(done.status == 0, f"curl: {done.err}")
    status, connects = done.out.rsplit("\n", 1)[1].split()
    return int(status), int(connects)


@case
def asks_for_credentials():
    with Lab("--auth", "ntlm,basic,negotiate") as lab:
        done = lab.curl("--include", lab.ews, user=None)
        equal(outcome(done)[0], 401, "GET without credentials")
        offered = re.findall(r"(?m)^WWW-Authenticate: (.*)$", done.out)
        equal(offered, ["Negotiate", "NTLM",
                        'Basic realm="exchange.contoso.example"'], "offered")
        equal(lab.counters().get("refused.401", 0), 0, "refused credentials")


@case
def basic():
    with Lab() as lab:
        done = lab.curl("--basic", lab.ews, body=BODY)
        equal(outcome(done)[0], 200, "right password")
        contains(done.out, "NoError")
        done = lab.curl("--basic", lab.ews, body=BODY, password="wrong")
        equal(outcome(done)[0], 401, "wrong password")
        done = lab.curl("--basic", lab.ews, body=BODY, user="CONTOSO\\user1",
                        password=lab.passwords[USER1])
        equal(outcome(done)[0], 500, "another's mailbox by DOMAIN\\user")
        contains(done.out, "ErrorImpersonateUserDenied")
        equal(lab.counters()["refused.401"], 1, "refused credentials")


@case
def ntlm_over_a_kept_connection():
    with Lab("--auth", "ntlm") as lab:
        for user in (ADMIN, "CONTOSO\\administrator", "administrator"):
            password = lab.passwords[ADMIN]
            done = lab.curl("--ntlm", lab.ews, body=BODY, user=user,
                            password=password)
            equal(outcome(done)[0], 200, f"as {user}")
            contains(done.out, "NoError")
        # Three requests, one handshake, one connection.
        same = ["--ntlm", "--header", "Content-Type: text/xml; charset=utf-8",
                "--data-binary", f"@{lab.dir / 'body'}", lab.ews]
        (lab.dir / "body").write_text(BODY)
        once = ["--cacert", lab.ca, "--user",
                f"{ADMIN}:{lab.passwords[ADMIN]}", "--silent", *same]
        done = run("curl", "--verbose", *once, "--next", *once, "--next",
                   *once)
        equal(done.err.count("> Authorization: NTLM"), 2, "NTLM messages")
        equal(done.err.count("< HTTP/1.1 200"), 3, "answers")
        equal(done.err.count("< HTTP/1.1 401"), 1, "challenges")
        equal(done.err.count("Connected to "), 1, "connections")
        contains(done.err, "Persistent-Auth: true")
        equal(lab.counters().get("refused.401", 0), 0, "refused credentials")


@case
def ntlm_with_a_wrong_password():
    with Lab("--auth", "ntlm") as lab:
        done = lab.curl("--ntlm", lab.ews, body=BODY, password="wrong")
        equal(outcome(done)[0], 401, "status")
        done = lab.curl("--ntlm", lab.ews, body=BODY,
                        user="OTHER\\administrator",
                        password=lab.passwords[ADMIN])
        equal(outcome(done)[0], 401, "a domain that is not there")
        equal(lab.counters()["refused.401"], 2, "refused credentials")
        equal(lab.counters()["requests"], 0, "requests carried out")


@case
def a_login_locks():
    with Lab("--auth", "basic", "--lockout", "3", "--lockout-seconds",
             "3600") as lab:
        for _ in range(3):
            lab.curl("--basic", lab.ews, body=BODY, password="wrong")
        equal(outcome(lab.curl("--basic", lab.ews, body=BODY))[0], 401,
              "the right password, too late")
        lab.control("POST", "/lab/unlock")
        equal(outcome(lab.curl("--basic", lab.ews, body=BODY))[0], 200,
              "unlocked")


@case
def a_large_upload_by_ntlm():
    """curl sends Expect, and the handshake's first request without a body."""
    with Lab("--auth", "ntlm") as lab:
        big = BODY.replace("</m:FolderIds>",
                           "</m:FolderIds>" + " " * 20_000_000)
        done = lab.curl("--ntlm", lab.ews, body=big)
        equal(outcome(done)[0], 200, "20 MB")
        equal(lab.counters()["bytes.in"], len(big), "bytes counted")


@case
def too_large_a_request():
    for version, status in (("Exchange2007_SP1", 400),
                            ("Exchange2010_SP2", 404), ("Exchange2016", 413)):
        with Lab("--version", version, "--request-limit", "100000") as lab:
            for how in ([], ["--header", "Transfer-Encoding: chunked"]):
                done = lab.curl("--basic", *how, lab.ews,
                                body=BODY + " " * 300_000)
                got = re.search(r"\n(\d{3}) \d+$", done.out).group(1)
                equal(int(got), status, f"{version} {how}")
            equal(lab.counters()["requests"], 0, "requests carried out")
            done = lab.curl("--basic", lab.ews, body=BODY)
            check(outcome(done)[0] in (200, 500), "a small one afterwards")


@case
def chunked_bodies_may_be_refused():
    chunked = ["--header", "Transfer-Encoding: chunked"]
    with Lab() as lab:
        done = lab.curl("--basic", *chunked, lab.ews, body=BODY)
        equal(outcome(done)[0], 200, "taken")
    with Lab("--refuse-chunked") as lab:
        done = lab.curl("--basic", *chunked, lab.ews, body=BODY)
        equal(outcome(done)[0], 411, "refused")
        equal(outcome(lab.curl("--basic", lab.ews, body=BODY))[0], 200,
              "with a length")


@case
def pages_of_owa():
    starts = {"Exchange2010_SP2": ["/owa", "/OWA/", "/exchange", "/owa/x"],
              "Exchange2016": ["/", "/owa", "/exchange/"]}
    for version, paths in starts.items():
        with Lab("--version", version) as lab:
            for path in paths:
                done = lab.curl("--location", "--dump-header", "-",
                                lab.url + path, user=None)
                equal(outcome(done)[0], 200, f"{version} {path}")
                contains(done.out, "X-OWA-Version: 1")
                contains(done.out, "/owa/auth/logon.aspx?url=https%3a%2f%2f")
            done = lab.curl("--data", "username=a&password=b", "--include",
                            lab.url + "/owa/auth.owa", user=None)
            contains(done.out, "reason=2")
            done = lab.curl(lab.url + "/nothing", user=None)
            equal(outcome(done)[0], 404, "unknown path")


@case
def pages_send_nobody_elsewhere():
    with Lab() as lab:
        done = lab.curl("--include", "--header", "Host: evil\\\"><b>",
                        lab.url + "/owa", user=None)
        check("evil" not in done.out, f"echoed: {done.out}")


@case
def services_answer_get():
    """DavMail looks there first: 401 without credentials, 200 with them."""
    with Lab() as lab:
        equal(outcome(lab.curl(lab.ews, user=None))[0], 401, "without")
        equal(outcome(lab.curl("--ntlm", lab.ews))[0], 200, "with")
        equal(outcome(lab.curl("--basic", "--request", "DELETE",
                               lab.ews))[0], 405, "DELETE")
        done = lab.curl("--basic", "--header", "Content-Type: text/plain",
                        "--data", "x", lab.ews)
        equal(outcome(done)[0], 415, "not XML")


def discover(lab, address, user=USER1):
    ask = ('<?xml version="1.0"?><Autodiscover xmlns="http://schemas.'
           'microsoft.com/exchange/autodiscover/outlook/requestschema/2006">'
           f"<Request><EMailAddress>{address}</EMailAddress>"
           "<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/"
           "autodiscover/outlook/responseschema/2006a"
           "</AcceptableResponseSchema></Request></Autodiscover>")
    done = lab.curl("--ntlm", lab.url + "/Autodiscover/Autodiscover.xml",
                    user=user, body=ask)
    equal(outcome(done)[0], 200, f"Autodiscover of {address}: {done.out}")
    return done.out


@case
def autodiscover():
    with Lab("--ews-path", "/elsewhere/Exchange.asmx") as lab:
        text = discover(lab, USER1)
        protocols = dict(re.findall(
            r"<Type>(\w+)</Type>.*?<EwsUrl>(.*?)</EwsUrl>", text))
        equal(protocols["EXPR"], lab.url + "/elsewhere/Exchange.asmx", "EXPR")
        check(lab.url not in protocols["EXCH"], "EXCH has the internal name")
        contains(text, "<LegacyDN>/o=First Organization/ou=")
        contains(text, f"<AutoDiscoverSMTPAddress>{USER1}<")
        # an alias is answered with the mailbox's own address
        contains(discover(lab, "bruno.user1@contoso.example"),
                 f"<AutoDiscoverSMTPAddress>{USER1}<")
        contains(discover(lab, "nobody@contoso.example"),
                 "<ErrorCode>500</ErrorCode>")
        contains(discover(lab, ""), "<ErrorCode>500</ErrorCode>")
        equal(outcome(lab.curl("--basic", protocols["EXPR"], body=BODY))[0],
              200, "EWS is there")
        equal(outcome(lab.curl(lab.ews))[0], 404, "and not at its usual place")
        done = lab.curl(lab.url + "/autodiscover/autodiscover.xml", user=None)
        equal(outcome(done)[0], 401, "without credentials")
        done = lab.curl("--basic", lab.url + "/autodiscover/autodiscover.xml",
                        body="<!DOCTYPE a []><a/>")
        contains(done.out, "<ErrorCode>600</ErrorCode>")
    with Lab("--no-autodiscover") as lab:
        done = lab.curl("--basic", lab.url + "/autodiscover/autodiscover.xml")
        equal(outcome(done)[0], 404, "not served")


@case
def a_forms_login_in_front():
    with Lab("--forms-login") as lab:
        done = lab.curl("--include", "--basic", lab.ews, body=BODY)
        equal(outcome(done)[0], 302, "status")
        contains(done.out, "/owa/auth/logon.aspx")


@case
def plain_http():
    with Lab(tls=False) as lab:
        check(lab.url.startswith("http://127.0.0.1:"), lab.url)
        equal(outcome(lab.curl("--basic", lab.ews, body=BODY))[0], 200, "http")


@case
def answers_come_in_one_piece():
    """A header and a body in two small writes would cost 40 ms each time."""
    with Lab(tls=False) as lab:
        parts = urllib.parse.urlparse(lab.url)
        with socket.create_connection((parts.hostname, parts.port)) as s:
            for _ in range(20):
                s.sendall(b"GET /owa/auth/logon.aspx HTTP/1.1\r\n"
                          b"Host: x\r\n\r\n")
                piece = s.recv(65536)
                check(piece.endswith(b"</html>\r\n"), f"cut: {piece}")


@case
def control_is_strict():
    with Lab() as lab:
        for path, method, status in (
                ("/lab/counters?format=json", "GET", 200),
                ("/lab/counters", "POST", 404), ("/lab/nothing", "GET", 404),
                ("/lab/add?items=x", "POST", 400),
                ("/lab/add?items=99999999999", "POST", 400),
                ("/lab/add?mailbox=nobody@x", "POST", 400),
                ("/lab/change?delete=1000000", "POST", 400),
                ("/lab/throttle?latency=-1", "POST", 400)):
            done = lab.curl("--request", method, lab.url + path, user=None)
            equal(outcome(done)[0], status, f"{method} {path}")
        done = lab.curl("--data", "nonsense", lab.url + "/lab/faults",
                        user=None)
        equal(outcome(done)[0], 400, "a rule that is none")
        contains(done.out, 'there is no kind "nonsense"')


@case
def options_that_are_wrong():
    for words, text in (
            (["serve"], "--state"),
            (["serve", "--state", "memory"], "--tls-cert"),
            (["serve", "--state", "memory", "--plain-http", "--tls-key", "x"],
             "--tls-cert"),
            (["serve", "--state", "memory", "--plain-http", "--version", "5"],
             '"5"'),
            (["serve", "--state", "memory", "--plain-http", "--auth", "x"],
             '"x"'),
            (["serve", "--state", "memory", "--plain-http", "--latency", "-1"],
             "range"),
            (["serve", "--nonsense"], "--nonsense"),
            (["serve", "too", "many"], "arguments"), (["digest"], "arguments"),
            (["fly"], '"fly"')):
        done = run(LAB, *words)
        equal(done.status, 64, f"{words}: {done.err}")
        contains(done.err, text)
    for words in (["--help"], ["serve", "--help"], ["fill", "--help"],
                  ["digest", "--help"]):
        done = run(LAB, *words)
        equal(done.status, 0, f"{words}")
        contains(done.out, "Usage: mailferry-lab")
    for words in (["serve", "--state", "/nonexistent/x", "--plain-http"],
                  ["fill", "/nonexistent/x"],
                  ["serve", "--state", "memory", "--plain-http", "--listen",
                   "256.0.0.1:0"],
                  ["serve", "--state", "memory", "--plain-http", "--fault",
                   "nonsense"]):
        done = run(LAB, *words)
        equal(done.status, 1, f"{words}: {done.err}")
        contains(done.err, "mailferry-lab: ")


if __name__ == "__main__":
    main()
