#!/usr/bin/env python3
"""The support mailbox on an Exchange: what lies in its inbox is taken, and
moved; nothing is deleted, and nothing is taken twice."""
import base64
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403
from lab import USER1, Client, Lab  # noqa: E402

MAIL = """From: anna@acme.example\r
To: desk@provider.example\r
Message-ID: <{0}@acme.example>\r
Subject: Managed Migration Request\r
\r
Partner ID: P-1001\r
Domain: acme.example\r
"""


def put(client, number):
    text = base64.b64encode(MAIL.format(number).encode()).decode()
    answer = client(
        '<m:CreateItem MessageDisposition="SaveOnly"><m:SavedItemFolderId>'
        '<t:DistinguishedFolderId Id="inbox"/></m:SavedItemFolderId><m:Items>'
        f"<t:Message><t:MimeContent>{text}</t:MimeContent></t:Message>"
        "</m:Items></m:CreateItem>")
    equal(answer.codes(), ["NoError"], "CreateItem")


def folders(client):
    """{name: items} of inbox and ours."""
    answer = client(
        '<m:FindFolder Traversal="Shallow"><m:FolderShape><t:BaseShape>'
        "Default</t:BaseShape></m:FolderShape><m:ParentFolderIds>"
        '<t:DistinguishedFolderId Id="msgfolderroot"/></m:ParentFolderIds>'
        "</m:FindFolder>")
    found = dict(zip(answer.text("t:DisplayName"),
                     map(int, answer.text("t:TotalCount"))))
    return found.get("Inbox"), found.get("Mailferry")


CLIENT, SECRET = "8d2a4c06-mailferry", "w0rds&More=Secret/7"


@contextlib.contextmanager
def polled(lab, password=None, **more):
    folder = pathlib.Path(lab.dir)
    secret = folder / "password"
    secret.write_text(password or lab.passwords[USER1])
    secret.chmod(0o600)
    with Desk(operators=False, env={
            "MAILFERRY_INTAKE_EWS_URL": lab.ews,
            "MAILFERRY_INTAKE_MAILBOX": USER1,
            "MAILFERRY_INTAKE_PASSWORD_FILE": str(secret),
            "MAILFERRY_INTAKE_EVERY": "1",
            "MAILFERRY_ENGINE_CA_FILE": str(lab.ca),
            "MAILFERRY_WORKER_AT_ONCE": "0", **more}) as d:
        yield d


def count(d, table):
    with d.database() as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@case
def the_inbox_is_taken_and_moved():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab, user=USER1, acting_as=None,
                        version="Exchange2016")
        put(client, 1)
        put(client, 2)
        with polled(lab) as d:
            until("both are moved", lambda: folders(client) == (0, 2))
            equal((count(d, "requests"), count(d, "request_mails")), (1, 2),
                  "requests and mails")
            put(client, 3)
            until("the third is, too", lambda: folders(client) == (0, 3))
            # delivered once more: moved, and taken before
            put(client, 3)
            until("and once more", lambda: folders(client) == (0, 4))
            equal(count(d, "request_mails"), 3, "mails")


@case
def a_refused_password_is_told_and_no_part_of_the_log():
    with Lab(mailboxes=1, items=0) as lab:
        with polled(lab, password="wrong") as d:
            until("it is told", lambda: f'support mailbox "{USER1}"' in
                  d.text())
            check("wrong" not in d.text(), d.text())


@contextlib.contextmanager
def by_token(lab, client_secret=SECRET):
    secret = pathlib.Path(lab.dir) / "client-secret"
    secret.write_text(client_secret)
    secret.chmod(0o600)
    with Desk(operators=False, env={
            "MAILFERRY_INTAKE_EWS_URL": lab.ews,
            "MAILFERRY_INTAKE_MAILBOX": USER1,
            "MAILFERRY_INTAKE_OAUTH_CLIENT": CLIENT,
            "MAILFERRY_INTAKE_OAUTH_TOKEN_URL":
                lab.url + "/oauth2/v2.0/token",
            "MAILFERRY_INTAKE_OAUTH_SECRET_FILE": str(secret),
            "MAILFERRY_INTAKE_EVERY": "1",
            "MAILFERRY_ENGINE_CA_FILE": str(lab.ca),
            "MAILFERRY_WORKER_AT_ONCE": "0"}) as d:
        yield d
        check(client_secret not in d.text(), "the secret is in the log")


@case
def an_application_takes_and_moves():
    # shorter than the test: tokens end on the way
    with Lab(f"--oauth-client={CLIENT}:{SECRET}", "--token-lifetime=2",
             mailboxes=1, items=0) as lab:
        client = Client(lab, user=USER1, acting_as=None,
                        version="Exchange2016")
        with by_token(lab) as d:
            for n in range(1, 5):
                put(client, n)
                until(f"mail {n} is moved",
                      lambda: folders(client) == (0, n))
            equal(count(d, "request_mails"), 4, "mails")
            check("refuses" not in d.text(), d.text())


@case
def a_refused_application_is_told():
    with Lab(f"--oauth-client={CLIENT}:{SECRET}", mailboxes=1,
             items=0) as lab:
        with by_token(lab, client_secret="an0ther-secret") as d:
            until("it is told", lambda: "no token is given" in d.text())
            contains(d.text(), f'application "{CLIENT}"')


@case
def a_mailbox_needs_its_password():
    with Desk(start=False, operators=False) as d:
        d.people()
        done = run(MAILFERRY, "serve", "--listen", "127.0.0.1:0",
                   env={**d.env, "MAILFERRY_INTAKE_EWS_URL":
                        "https://127.0.0.1:1/owa"}, seconds=60)
        equal(done.status, 3, done.err)
        contains(done.err, "give intake.password-file too")


if __name__ == "__main__":
    main()
