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
from tokens import CLIENT, SECRET as CLIENT_SECRET, Tokens  # noqa: E402

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


@contextlib.contextmanager
def by_token(tokens, box, client_secret=CLIENT_SECRET):
    with polled(box, password=client_secret, start=False) as d:
        d.people()
        d.peopled = True
        secret = d.env.pop("MAILFERRY_INTAKE_PASSWORD_FILE")
        d.env.update({"MAILFERRY_INTAKE_OAUTH_CLIENT": CLIENT,
                      "MAILFERRY_INTAKE_OAUTH_TOKEN_URL": tokens.url,
                      "MAILFERRY_INTAKE_OAUTH_SECRET_FILE": secret})
        d.start()
        yield d
        said = d.text()
        check(not any(t in said for t in [client_secret, *tokens.issued]),
              "a secret is in the log")


def take_one_after_the_other(box, d):
    for n in range(3):
        box.put(MAIL.format(n))
        until(f"mail {n} is moved",
              lambda: box.mails("Mailferry") == ids(*range(n + 1)))
    equal(count(d, "request_mails"), 3, "mails")


@case
def an_application_signs_in_with_one_token_as_long_as_it_lives():
    with Tokens(KEYS, USER) as tokens, \
            Dovecot(KEYS, introspection=tokens.introspection) as box, \
            by_token(tokens, box) as d:
        take_one_after_the_other(box, d)
        equal(tokens.asked, [{
            "grant_type": "client_credentials", "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "scope": "https://127.0.0.1/.default"}], "asked for a token")


@case
def a_token_is_renewed_before_it_ends():
    with Tokens(KEYS, USER, seconds=1) as tokens, \
            Dovecot(KEYS, introspection=tokens.introspection) as box, \
            by_token(tokens, box) as d:
        take_one_after_the_other(box, d)
        until("there is a third one", lambda: len(tokens.issued) >= 3)
        check("refuses" not in d.text(), d.text())


@case
def a_token_that_was_good_and_is_refused_is_replaced_at_once():
    with Tokens(KEYS, USER) as tokens, \
            Dovecot(KEYS, introspection=tokens.introspection) as box, \
            by_token(tokens, box) as d:
        take_one_after_the_other(box, d)
        tokens.revoke()
        box.put(MAIL.format(3))
        until("so is the next",
              lambda: box.mails("Mailferry") == ids(0, 1, 2, 3))
        equal(len(tokens.issued), 2, "tokens")
        check("refuses" not in d.text(), d.text())


@case
def a_token_for_nobody_there_is_told():
    with Tokens(KEYS, "somebody@else.example") as tokens, \
            Dovecot(KEYS, introspection=tokens.introspection) as box, \
            by_token(tokens, box) as d:
        until("it is told", lambda: "refuses the application's token"
              in d.text())
        contains(d.text(), "desk@provider.example\": status invalid_token")
        contains(d.text(), "intake.oauth-scope")
        equal(len(tokens.issued), 1, "tokens")


@case
def a_refused_client_secret_is_told():
    with Tokens(KEYS, USER) as tokens, \
            Dovecot(KEYS, introspection=tokens.introspection) as box, \
            by_token(tokens, box, client_secret="an0ther-secret") as d:
        until("it is told", lambda: "no token is given" in d.text())
        contains(d.text(), "invalid_client")
        equal(len(tokens.asked), 1, "asked for a token")


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
