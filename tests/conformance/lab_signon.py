#!/usr/bin/env python3
"""Who may come into the lab: tokens from its endpoint, rights of single
accounts, NTLM with an integrity code and bound to its TLS connection."""
import json
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

APP, SECRET = "d1a2b3c4-app", "s3cret/+="
FORM = "application/x-www-form-urlencoded"


def ask(lab, path="/oauth2/token", basic=None, **form):
    """A request to the token endpoint: status, headers and JSON."""
    headers = {"Content-Type": FORM}
    if basic:
        pair = ":".join(urllib.parse.quote(part, safe="") for part in basic)
        headers["Authorization"] = "Basic " + base64.b64encode(
            pair.encode()).decode()
    connection = lab.connect()
    connection.request("POST", path, urllib.parse.urlencode(form), headers)
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    return answer.status, answer.headers, body


def as_app(lab, **more):
    return ask(lab, grant_type="client_credentials", client_id=APP,
               client_secret=SECRET, **more)


def as_user(lab, user=USER1, password=None):
    return ask(lab, grant_type="password", client_id=APP,
               client_secret=SECRET, username=user,
               password=password or lab.passwords[user])


class Bearer(Client):
    """The small client with a token in place of a password."""

    def __init__(self, lab, token, acting_as=None, **more):
        super().__init__(lab, acting_as=acting_as, **more)
        self.headers["Authorization"] = "Bearer " + token


def with_clients(*options, **more):
    return Lab("--oauth-client", f"{APP}:{SECRET}", "--oauth-client", "public",
               *options, **more)


@case
def the_token_endpoint():
    with with_clients(mailboxes=1, items=0) as lab:
        status, headers, body = as_app(lab)
        equal(status, 200, body)
        equal(headers["Cache-Control"], "no-store", "RFC 6749 5.1")
        equal(body["token_type"], "Bearer", "type")
        equal(body["expires_in"], 3600, "lifetime")
        check(body["access_token"].count(".") == 2, "no JWT")
        equal(as_user(lab)[0], 200, "password")
        equal(ask(lab, "/contoso.example/oauth2/v2.0/token", (APP, SECRET),
                  grant_type="client_credentials")[0], 200, "by Basic")
        equal(ask(lab, grant_type="password", client_id="public",
                  username=USER1, password=lab.passwords[USER1])[0], 200,
              "a public client")
        for name, form, want in (
                ("secret", {"grant_type": "client_credentials",
                            "client_id": APP, "client_secret": "x"},
                 (401, "invalid_client")),
                ("no secret", {"grant_type": "client_credentials",
                               "client_id": APP}, (401, "invalid_client")),
                ("client", {"grant_type": "client_credentials",
                            "client_id": "x", "client_secret": SECRET},
                 (401, "invalid_client")),
                ("public", {"grant_type": "client_credentials",
                            "client_id": "public"},
                 (400, "unauthorized_client")),
                ("password", {"grant_type": "password", "client_id": "public",
                              "username": USER1, "password": "x"},
                 (400, "invalid_grant")),
                ("no password", {"grant_type": "password",
                                 "client_id": "public"},
                 (400, "invalid_request")),
                ("code", {"grant_type": "authorization_code",
                          "client_id": "public"},
                 (400, "unsupported_grant_type")),
                ("nothing", {"client_id": "public"},
                 (400, "invalid_request"))):
            status, headers, body = ask(lab, **form)
            equal((status, body["error"]), want, name)
    with Lab(mailboxes=1, items=0) as lab:
        connection = lab.connect()
        connection.request("POST", "/oauth2/token", "", {"Content-Type": FORM})
        equal(connection.getresponse().status, 404, "without a client")
        connection.close()


@case
def tokens():
    with with_clients(mailboxes=2, items=0) as lab:
        user = as_user(lab)[2]["access_token"]
        app = as_app(lab)[2]["access_token"]
        equal(Bearer(lab, user).get_folder("inbox").codes(), ["NoError"],
              "a user's")
        equal(Bearer(lab, user).get_folder(("inbox", USER2)).codes(),
              ["ErrorItemNotFound"], "another's mailbox")
        equal(Bearer(lab, app).get_folder("inbox").codes(),
              ["fault", "ErrorImpersonationRequired"], "an application's")
        equal(Bearer(lab, app, acting_as=USER2).get_folder("inbox").codes(),
              ["NoError"], "and impersonation")
        equal(Bearer(lab, user, acting_as=USER2).get_folder("inbox").codes(),
              ["fault", "ErrorImpersonateUserDenied"], "a user may not")
        head, claims, signature = user.split(".")
        for name, token in (("garbage", "x"), ("unsigned", head + "." + claims),
                            ("changed", ".".join((head, "f" + claims[1:],
                                                  signature)))):
            client = Bearer(lab, token)
            client.connection.request("POST", "/EWS/Exchange.asmx", "",
                                      client.headers)
            answer = client.connection.getresponse()
            equal(answer.status, 401, name)
            contains(answer.headers["WWW-Authenticate"],
                     'error="invalid_token"', name)
            contains(answer.headers["X-MS-Diagnostics"], "2000001", name)


def until(condition, what):
    """A lab in a hurry is no slower than this."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise Failure(what)


@case
def a_token_that_ends():
    with with_clients("--token-lifetime", "1", mailboxes=1, items=0) as lab:
        body = as_user(lab)[2]
        equal(body["expires_in"], 1, "said so")
        client = Bearer(lab, body["access_token"])

        def refused():
            client.connection.request("POST", "/EWS/Exchange.asmx", "",
                                      client.headers)
            answer = client.connection.getresponse()
            answer.read()
            if answer.status != 401:
                return False
            contains(answer.headers["X-MS-Diagnostics"], "2000003", "why")
            contains(answer.headers["WWW-Authenticate"], "invalid_token", "why")
            return True

        until(refused, "it never ends")


@case
def what_is_offered():
    for options, want in (
            ((), ["NTLM", "Basic"]),
            (("--oauth-client", "a:b"), ["NTLM", "Basic", "Bearer"]),
            (("--oauth-client", "a:b", "--auth", "bearer"), ["Bearer"]),
            (("--auth", "negotiate,basic"), ["Negotiate", "Basic"])):
        with Lab(*options, mailboxes=1, items=0) as lab:
            connection = lab.connect()
            connection.request("POST", "/EWS/Exchange.asmx", "")
            answer = connection.getresponse()
            got = [value.split()[0] for value in
                   answer.headers.get_all("WWW-Authenticate")]
            equal((answer.status, got), (401, want), str(options))
            connection.close()
    bad = run(LAB, "serve", "--state", "memory", "--plain-http", "--auth",
              "digest")
    check(bad.status == 64 and "digest" in bad.err, bad.err)


@case
def rights_of_single_accounts():
    with Lab("--impersonate", f"{ADMIN}={USER1}", "--full-access",
             f"{USER2}={USER1}", "--full-access", f"{ADMIN}={USER2}",
             "--impersonate", "user2=*", mailboxes=3, items=0) as lab:
        denied = ["fault", "ErrorImpersonateUserDenied"]
        for who, whom, want in ((ADMIN, USER1, ["NoError"]),
                                (ADMIN, USER2, denied),
                                (USER2, USER1, ["NoError"]),
                                (USER2, "user3@contoso.example", ["NoError"]),
                                (USER1, USER2, denied)):
            equal(Client(lab, user=who, acting_as=whom).get_folder("inbox")
                  .codes(), want, f"{who} as {whom}")
        for who, whom, want in ((ADMIN, USER2, "NoError"),
                                (ADMIN, USER1, "ErrorItemNotFound"),
                                (USER2, USER1, "NoError"),
                                (USER1, USER2, "ErrorItemNotFound")):
            equal(Client(lab, user=who, acting_as=None)
                  .get_folder(("inbox", whom)).codes(), [want],
                  f"{who} in {whom}")
    for option, text, says in (("--impersonate", "x", "ACCOUNT=MAILBOX"),
                               ("--impersonate", "nobody=*", "nobody"),
                               ("--full-access", "user1=x@y.z", "x@y.z"),
                               ("--oauth-client", ":x", "client"),
                               ("--token-lifetime", "0", "token"),
                               ("--extended-protection", "yes", "yes")):
        bad = run(LAB, "serve", "--state", "memory", "--plain-http",
                  "--mailboxes", 1, option, text)
        check(bad.status != 0, f"{option} {text} is taken")
        contains(bad.err, says, f"{option} {text}")


@case
def by_sid():
    with Lab(mailboxes=2, items=0) as lab:
        client = Client(lab, user=USER1, acting_as=None)
        client("<m:AddDelegate><m:Mailbox><t:EmailAddress>" + USER1 +
               "</t:EmailAddress></m:Mailbox><m:DelegateUsers><t:DelegateUser>"
               f"<t:UserId><t:PrimarySmtpAddress>{USER2}"
               "</t:PrimarySmtpAddress></t:UserId></t:DelegateUser>"
               "</m:DelegateUsers></m:AddDelegate>")
        sid = client('<m:GetDelegate IncludePermissions="false"><m:Mailbox>'
                     f"<t:EmailAddress>{USER1}</t:EmailAddress></m:Mailbox>"
                     "</m:GetDelegate>").text("t:SID")[0]
        own = Client(lab, user=USER2, acting_as=None).folder_id("inbox")
        for kind, name in (("SID", sid), ("PrincipalName", USER2),
                           ("SmtpAddress", "chiara.user2@contoso.example"),
                           ("PrimarySmtpAddress", USER2)):
            equal(Client(lab, acting_as=name, sid=kind).folder_id("inbox"),
                  own, kind)
        for kind, name, want in (
                ("SID", sid[:-1] + "x", "ErrorNonExistentMailbox"),
                ("SID", "S-1-5-18", "ErrorNonExistentMailbox"),
                ("PrimarySmtpAddress", "chiara.user2@contoso.example",
                 "ErrorNonPrimarySmtpAddress")):
            equal(Client(lab, acting_as=name, sid=kind).get_folder("inbox")
                  .codes(), ["fault", want], f"{kind} {name}")


# MD4, without which there is no NTLM, is OpenSSL's legacy now
LEGACY = """openssl_conf = init
[init]
providers = all
[all]
default = on
legacy = on
[on]
activate = 1
"""
ASK = """
import sys
sys.path.append("/usr/lib/python3/dist-packages")  # Debian's own
import requests, requests_ntlm
url, user, password, ca, binding = sys.argv[1:]
auth = requests_ntlm.HttpNtlmAuth(user, password, send_cbt=binding == "True")
print(requests.get(url, auth=auth, verify=ca, timeout=60).status_code)
"""


def ntlm(lab, user, password, binding):
    """The status of a GET by python's requests_ntlm, which sends an integrity
    code and, over TLS, the binding."""
    config = lab.dir / "openssl.cnf"
    config.write_text(LEGACY)
    done = run(sys.executable, "-c", ASK, lab.ews, user, password, lab.ca,
               binding, env={"OPENSSL_CONF": str(config)})
    if "No module named 'requests" in done.err:
        raise Skip("python3-requests-ntlm is not installed")
    equal(done.status, 0, done.err)
    return int(done.out)


@case
def ntlm_with_an_integrity_code():
    for protection, bound, unbound in (("off", 200, 200), ("allow", 200, 200),
                                       ("require", 200, 401)):
        with Lab("--extended-protection", protection, mailboxes=1, items=0) \
                as lab:
            good = lab.passwords[USER1]
            equal(ntlm(lab, USER1, good, True), bound, f"{protection}, bound")
            equal(ntlm(lab, USER1, good, False), unbound,
                  f"{protection}, not bound")
            equal(ntlm(lab, USER1, "wrong", True), 401, "password")
            # curl's NTLM has neither
            got = lab.curl("--ntlm", "--output", "/dev/null", lab.ews,
                           user=USER1).out.split()[-2]
            equal(got, str(unbound), f"{protection}, curl")


if __name__ == "__main__":
    main()
