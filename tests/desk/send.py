#!/usr/bin/env python3
"""Mails go from the outbox to a mail server that others wrote: each one once,
whatever dies; and what does not arrive is told."""
import os
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403
from mail_server import PASSWORD as SMTP_PASSWORD  # noqa: E402
from mail_server import USER, Keys, MailServer  # noqa: E402

PAT = "pat@contoso.example"
FROM = "desk@provider.example"
KEYS, OTHER = Keys(), Keys()
CLOCK = os.environ.get("TEST_CLOCK_LIBRARY", str(
    ROOT / "build" / "tests" / "libtest_clock.so"))
HOUR, DAY = 3600, 86400


class Sending:
    """A mail server, and a service that sends by it."""

    def __init__(self, server=None, start=True, **config):
        self.server = server or MailServer(KEYS)
        self.service = Service(start=False, operators=False, env={
            "MAILFERRY_HTTP_PUBLIC_URL": "https://m.provider.example",
            "MAILFERRY_DESK_ADDRESS": FROM,
            "MAILFERRY_MAIL_SERVER": self.server.url,
            "MAILFERRY_MAIL_CA_FILE": str(KEYS.cert),
            "MAILFERRY_WORKER_AT_ONCE": "0", **config})
        self.clock = self.service.dir / "clock"
        self.clock.write_text("0")
        preload = " ".join(filter(None, [os.environ.get("LD_PRELOAD"), CLOCK]))
        self.service.env["LD_PRELOAD"] = preload
        self.service.env["TEST_CLOCK"] = str(self.clock)
        # a sanitizer would rather be the first
        self.service.env["ASAN_OPTIONS"] = \
            "verify_asan_link_order=0:detect_leaks=0"
        self.started = start

    def __enter__(self):
        self.server.__enter__()
        self.service.__enter__()
        self.service.command("operator", "add", ADMIN, "--password-file",
                             self.service.password_file)
        self.service.command("account", "add", "P-1", "--name",
                             "Contoso & Sons")
        self.service.command("contact", "add", PAT, "--account", "P-1",
                             "--role", "primary")
        if self.started:
            self.service.start()
        return self

    def __exit__(self, *what):
        self.service.__exit__(*what)
        self.server.__exit__(*what)

    def set_clock(self, seconds):
        beside = self.clock.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.rename(self.clock)

    def ask(self):
        """A link to sign in: the simplest mail that there is."""
        got = self.service.ask("POST", "/api/v1/links", {"address": PAT})
        equal(got.status, 202, got.text)

    def rows(self):
        return [line.split("\t") for line in
                self.service.command("outbox", "list").out.splitlines()]

    def states(self):
        return [row[1] for row in self.rows()]

    def until(self, *states):
        until(f"{states}, {self.rows()}: {self.service.text()}",
              lambda: self.states() == list(states), 60)

    def trail(self):
        """Actions about mails, as "mailferry audit" has them."""
        cookie = self.service.cookie()
        got = answer_json(self.service.ask("GET", "/api/v1/audit",
                                           cookie=cookie))
        return [line["action"] for line in got["items"]
                if line["action"].startswith("mail.")]


# ---- it arrives --------------------------------------------------------------

@case
def it_arrives_once_as_it_was_written():
    with Sending() as s:
        s.ask()
        s.until("sent")
        time.sleep(1.5)  # a second look at the outbox finds nothing to do
        equal(len(s.server.mails), 1, "mails")
        mail = s.server.mails[0]
        equal((mail.sender, mail.to, mail.tls), (FROM, [PAT], True), "envelope")
        check(b"\n" not in mail.raw.replace(b"\r\n", b""), "lines end with LF")
        equal(mail.message["From"].addresses[0].addr_spec, FROM, "From")
        equal(mail.message["To"], PAT, "To")
        equal(mail.message["Auto-Submitted"], "auto-generated", "machine")
        check(mail.message["Message-ID"].endswith("@provider.example>"), "id")
        link = re.search(r"https?://\S+/sign-in/\S+", mail.body("plain"))[0]
        contains(mail.body("plain"), "Contoso & Sons")
        contains(mail.body("html"), f'<a href="{link}">')
        contains(mail.body("html"), "Contoso &amp; Sons")
        shown = s.service.command("outbox", "show", "1").out
        contains(shown, link)
        contains(shown, mail.message["Message-ID"])
        equal(s.trail(), ["mail.sent"], "trail")
        path = link[link.index("/sign-in/"):]
        got = s.service.ask("GET", path)
        equal(got.status, 200, got.text)


@case
def what_it_began_with_holds_after_a_reload():
    with Sending() as s:
        for n in range(1, 4):
            s.service.process.send_signal(signal.SIGHUP)
            s.ask()
            s.until(*["sent"] * n)
        equal([mail.sender for mail in s.server.mails], [FROM] * 3, "senders")


@case
def it_signs_in_and_tells_nobody_the_password():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "password"
        file.write_text(SMTP_PASSWORD + "\n")
        file.chmod(0o600)
        with Sending(MailServer(KEYS, sign_in=True), MAILFERRY_MAIL_USER=USER,
                     MAILFERRY_MAIL_PASSWORD_FILE=str(file)) as s:
            s.ask()
            s.until("sent")
            equal(s.server.signed_in, [True], "signed in")
            check(SMTP_PASSWORD not in s.service.text(), "in the log")
        file.write_text("not-the-password\n")
        with Sending(MailServer(KEYS, sign_in=True), MAILFERRY_MAIL_USER=USER,
                     MAILFERRY_MAIL_PASSWORD_FILE=str(file)) as s:
            s.ask()
            until("a refusal", lambda: "535" in s.service.text(), 60)
            s.until("waiting")
            contains(s.rows()[0][-1], "535")
            check("not-the-password" not in s.service.text(), "in the log")
            contains(s.service.text(), "mail.user")


# ---- whatever dies -----------------------------------------------------------

def dies(step, state, arrived):
    """Killed there, started again: the state that is found, and whether the
    server has the mail.  Then an operator's word settles what is unsure."""
    with Sending(start=False) as s:
        s.service.env["MAILFERRY_DIE_AT"] = step
        s.service.start()
        s.ask()
        equal(s.service.process.wait(60), -signal.SIGKILL, f"{step}: death")
        del s.service.env["MAILFERRY_DIE_AT"]
        s.service.start()
        s.until(state)
        equal(len(s.server.mails), arrived, f"{step}: mails at the server")
        if state == "unsure":
            contains(s.service.text(), "nobody knows")
            contains(s.service.command("outbox", "list", "--open").out,
                     "unsure")
            s.service.command("outbox", "arrived" if arrived else "send-again",
                              "1")
            s.until("sent")
            equal(len(s.server.mails), 1, f"{step}: in the end")
            s.service.command("outbox", "send-again", "1", status=3)
        s.service.command("audit", "verify")


for one in (("mail-claim", "sent", 1), ("mail-hand-over", "unsure", 0),
            ("mail-answer", "unsure", 1), ("mail-settle", "sent", 1)):
    def test(one=one):
        dies(*one)
    test.__name__ = "killed_at_" + one[0].replace("-", "_")
    case(test)


# ---- what the server says ----------------------------------------------------

@case
def what_is_not_taken_now_is_taken_later():
    with Sending() as s:
        s.server.says["RCPT"] = ["451 4.7.1 grey", "452 4.2.2 still grey"]
        s.server.says["DATA"] = ["451 4.3.0 no room"]
        s.ask()
        for n, words in enumerate(("4.7.1 grey", "4.2.2 still grey",
                                   "4.3.0 no room"), 1):
            until(words, lambda: words in s.rows()[0][-1], 60)
            s.until("waiting")
            s.set_clock(n * HOUR)
        s.until("sent")
        equal(len(s.server.mails), 1, "mails")
        # once, however often it was tried
        equal(s.trail(), ["mail.delayed", "mail.sent"], "trail")


@case
def what_is_dropped_is_not_sent():
    with Sending() as s:
        s.server.says["RCPT"] = ["550 5.1.1 no such user", "451 4.7.1 grey"]
        s.ask()
        s.until("failed")
        s.ask()
        s.until("failed", "waiting")
        until("grey", lambda: "grey" in s.rows()[1][-1])
        for number in (1, 2):
            s.service.command("outbox", "drop", number)
        s.set_clock(HOUR)
        s.ask()
        s.until("dropped", "dropped", "sent")
        equal(len(s.server.mails), 1, "mails")
        contains(s.service.command("outbox", "drop", "3", status=3).err,
                 "mail 3 is sent")
        equal(s.service.command("outbox", "list", "--open").out, "", "open")
        equal(s.trail(), ["mail.failed", "mail.delayed", "mail.drop",
                          "mail.drop", "mail.sent"], "trail")


@case
def what_is_refused_has_failed_until_somebody_says_otherwise():
    with Sending() as s:
        s.server.says["RCPT"] = ["550 5.1.1 no such user"]
        s.ask()
        s.until("failed")
        contains(s.rows()[0][-1], "550 5.1.1 no such user")
        s.set_clock(HOUR)
        time.sleep(1.5)  # it is looked at again, and left alone
        equal(s.server.asked, ["RCPT"], "asked")
        s.service.command("outbox", "arrived", "1", status=3)
        s.service.command("outbox", "send-again", "1")
        s.until("sent")
        equal(s.trail(), ["mail.failed", "mail.send-again", "mail.sent"],
              "trail")


@case
def a_mail_that_is_too_old_is_given_up():
    with Sending() as s:
        s.server.says["RCPT"] = ["451 4.7.1 grey"] * 9
        s.ask()
        until("a first try", lambda: "grey" in s.service.text(), 60)
        s.set_clock(6 * DAY)
        s.until("failed")
        contains(s.rows()[0][-1], "given up")
        contains(s.rows()[0][-1], "grey")


@case
def who_says_nothing_at_the_end_may_have_it():
    with Sending(MAILFERRY_MAIL_TIME="2s") as s:
        s.server.says["DATA"] = ["20 seconds"]
        s.ask()
        s.until("unsure")
        s.set_clock(HOUR)
        time.sleep(1.5)  # it is looked at again, and left alone
        equal(len(s.server.mails), 1, "mails")
        s.service.command("outbox", "arrived", "1")
        equal(s.states(), ["sent"], "state")
        equal(s.trail(), ["mail.unsure", "mail.arrived"], "trail")


@case
def who_says_nothing_before_that_does_not():
    with Sending(MAILFERRY_MAIL_TIME="2s") as s:
        s.server.says["RCPT"] = ["20 seconds"]
        s.ask()
        until("no answer", lambda: "no answer in time" in s.rows()[0][-1]
              if s.rows() else False, 60)
        equal((s.states(), s.server.mails), (["waiting"], []), "state")
        s.set_clock(HOUR)
        s.until("sent")
        equal(len(s.server.mails), 1, "mails")


# ---- TLS ---------------------------------------------------------------------

@case
def without_TLS_nothing_leaves():
    with Sending(MailServer(KEYS, tls=False)) as s:
        s.ask()
        until("a refusal", lambda: "offers no TLS" in s.service.text(), 60)
        s.until("waiting")
        equal((s.server.asked, s.server.mails), ([], []), "asked")


@case
def where_TLS_is_opportunistic_a_mail_goes_without():
    with Sending(MailServer(KEYS, tls=False),
                 MAILFERRY_MAIL_TLS="opportunistic") as s:
        s.ask()
        s.until("sent")
        check(not s.server.mails[0].tls, "TLS")


@case
def a_server_that_nobody_vouches_for_gets_nothing():
    for tls in ("required", "opportunistic"):
        with Sending(MAILFERRY_MAIL_TLS=tls,
                     MAILFERRY_MAIL_CA_FILE=str(OTHER.cert)) as s:
            s.ask()
            until("a refusal", lambda: "not trusted" in s.service.text(), 60)
            contains(s.service.text(), "mail.ca-file")
            s.until("waiting")
            equal((s.server.asked, s.server.mails), ([], []), "asked")


# ---- no server ---------------------------------------------------------------

@case
def without_a_server_mails_wait():
    with Sending(MAILFERRY_MAIL_SERVER="none") as s:
        s.ask()
        s.until("waiting")


@case
def a_server_that_is_away_is_waited_for():
    gone = MailServer(KEYS)
    with Sending(MailServer(KEYS), MAILFERRY_MAIL_SERVER=gone.url) as s:
        stream = Stream(s.service, s.service.cookie())
        s.ask()
        until("nobody there",
              lambda: "does not take the connection" in s.service.text(), 60)
        contains(stream.until("mail.delayed")[-1], "mail.delayed")
        stream.close()
        s.until("waiting")
        with gone:
            s.set_clock(HOUR)
            s.until("sent")
            equal(len(gone.mails), 1, "mails")


if __name__ == "__main__":
    main()
