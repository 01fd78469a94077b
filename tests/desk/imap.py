#!/usr/bin/env python3
"""The support mailbox on an IMAP server that others wrote: what lies in its
inbox is taken, and moved; nothing is deleted, and nothing is taken twice."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403
from dovecot import PASSWORD as SECRET, USER, Dovecot  # noqa: E402
from mail_server import Keys  # noqa: E402
from service import *  # noqa: E402,F403

KEYS = Keys()
MAIL = """From: anna@acme.example\r
To: desk@provider.example\r
Message-ID: <{0}@acme.example>\r
Subject: Managed Migration Request\r
\r
Partner ID: P-1001\r
Domain: acme.example\r
"""


def polled(box, url=None, password=SECRET, start=True):
    secret = box.dir / "secret"
    secret.write_text(password)
    secret.chmod(0o600)
    return Desk(operators=False, start=start, env={
        "MAILFERRY_INTAKE_IMAP_URL": url or box.url,
        "MAILFERRY_INTAKE_MAILBOX": USER,
        "MAILFERRY_INTAKE_PASSWORD_FILE": str(secret),
        "MAILFERRY_INTAKE_EVERY": "1",
        "MAILFERRY_ENGINE_CA_FILE": str(KEYS.cert),
        "MAILFERRY_WORKER_AT_ONCE": "0"})


def at_rest(box):
    """It does not run, and people are on file."""
    d = polled(box, start=False)
    d.people()
    d.peopled = True
    return d


def count(d, table):
    with d.database() as db:
        return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def ids(*numbers, deleted=False):
    return {f"<{n}@acme.example>": deleted for n in numbers}


@case
def the_inbox_is_taken_and_moved():
    with Dovecot(KEYS) as box:
        for n in range(3):
            box.put(MAIL.format(n))
        with polled(box) as d:
            until("all are moved",
                  lambda: box.mails("Mailferry") == ids(0, 1, 2))
            box.put(MAIL.format(3))  # the folder is there already
            until("so is the next",
                  lambda: box.mails("Mailferry") == ids(0, 1, 2, 3))
            equal((box.mails("INBOX"), count(d, "request_mails"),
                   count(d, "requests")), ({}, 4, 1), "inbox, mails, requests")
        check(SECRET not in d.text(), "the password is in the log")


@case
def by_starttls_and_twice_is_once():
    with Dovecot(KEYS) as box:
        box.put(MAIL.format(0))
        with polled(box, box.starttls_url) as d:
            until("it is moved", lambda: box.mails("Mailferry") == ids(0))
            # as after a crash between taking and moving
            client = box.client()
            client.select("Mailferry")
            client.copy("1", "INBOX")
            client.logout()
            until("it is moved again", lambda: box.mails("INBOX") == {})
            equal(count(d, "request_mails"), 1, "mails")


@case
def killed_between_taking_and_moving():
    with Dovecot(KEYS) as box:
        for n in range(3):
            box.put(MAIL.format(n))
        d = at_rest(box)
        d.env["MAILFERRY_DIE_AT"] = "request:2"
        died = run(MAILFERRY, "serve", "--listen", "127.0.0.1:0", env=d.env)
        equal(died.status, -9, died.err)
        equal(box.mails("Mailferry"), ids(0), "only the first was moved")
        del d.env["MAILFERRY_DIE_AT"]
        d.start()
        with d:
            until("all are moved",
                  lambda: box.mails("Mailferry") == ids(0, 1, 2))
            equal((box.mails("INBOX"), count(d, "request_mails")), ({}, 3),
                  "inbox, mails")


@case
def a_refused_password_is_told():
    with Dovecot(KEYS) as box:
        box.put(MAIL.format(0))
        with polled(box, password="another") as d:
            until("it is told", lambda: "refuses user" in d.text())
            contains(d.text(), "intake.password-file")
        equal(box.mails("INBOX"), ids(0), "inbox")


@case
def what_cannot_be_is_refused():
    rows = [("INTAKE_EWS_URL", "https://mail.provider.example/owa",
             "not both"),
            ("INTAKE_IMAP_URL", "https://mail.provider.example",
             "write imaps://HOST")]
    with Dovecot(KEYS) as box:
        for key, value, wanted in rows:
            with at_rest(box) as d:
                d.env[f"MAILFERRY_{key}"] = value
                done = run(MAILFERRY, "serve", "--listen", "127.0.0.1:0",
                           env=d.env)
            equal(done.status, 3, done.err)
            contains(done.err, wanted)


if __name__ == "__main__":
    main()
