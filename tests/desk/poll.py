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
