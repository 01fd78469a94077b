#!/usr/bin/env python3
"""From a partner's mail to the signed certificate: real mails into the pipe and
out to a mail server that others wrote, real labs behind; nobody does anything
but the partner.  And the same, killed wherever it goes on."""
import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403
from mail_server import Keys, MailServer  # noqa: E402

ANNA = "anna@contoso.example"
URL = "https://m.provider.example"
CLOCK = os.environ.get("TEST_CLOCK_LIBRARY", str(
    ROOT / "build" / "tests" / "libtest_clock.so"))
KEYS = Keys()
DAY = 86400
PRICES = """[price-list]
currency = EUR
digits = 2
minimum = 10.00
allowance = 5G
per-gb = 1.50
valid-days = 30
[tiers]
1- = 25.00
"""


class Play:
    """Two labs, a mail server, and a service with a desk between them."""

    def __init__(self, pair, start=True, **config):
        self.pair = pair
        self.server = MailServer(KEYS)
        self.service = service = Service(start=False, operators=False)
        (service.dir / "prices.ini").write_text(PRICES)
        self.clock = service.dir / "clock"
        self.clock.write_text("0")
        password = service.dir / "destination"
        password.write_text(pathlib.Path(
            pair.env["DESTINATION_PASSWORD_FILE"]).read_text())
        password.chmod(0o600)
        service.env.update({
            "LD_PRELOAD": CLOCK, "TEST_CLOCK": str(self.clock),
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
            **{f"MAILFERRY_{key}": str(value) for key, value in {
                "HTTP_PUBLIC_URL": URL,
                "DESK_ADDRESS": "desk@provider.example",
                "DESK_ALERTS": "ops@provider.example",
                "DESK_PRICE_LIST": service.dir / "prices.ini",
                "DESK_DESTINATION": pair.env["DESTINATION_URL"],
                "DESK_DESTINATION_USER": pair.env["DESTINATION_ADMIN"],
                "DESK_DESTINATION_PASSWORD_FILE": password,
                "MAIL_SERVER": self.server.url,
                "MAIL_CA_FILE": KEYS.cert,
                "ENGINE_CA_FILE": pair.env["CA_FILE"],
                "ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8",
                "WORKER_LEASE": "3s", **config}.items()}})
        self.starts = start

    def __enter__(self):
        self.server.__enter__()
        self.service.command("operator", "add", ADMIN, "--password-file",
                             self.service.password_file)
        self.service.command("account", "add", "P-1001", "--name",
                             "Contoso Ltd", "--verified-domain",
                             "contoso.example")
        self.service.command("contact", "add", ANNA, "--account", "P-1001",
                             "--role", "primary")
        if self.starts:
            self.service.start()
        return self

    def __exit__(self, failed, *what):
        if failed is not None:
            print(self.service.text()[-6000:])
            print("mails:", [m.message["Subject"] for m in self.server.mails])
        self.service.__exit__(failed, *what)
        self.server.__exit__(failed, *what)

    def set_clock(self, seconds):
        beside = self.clock.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.rename(self.clock)

    # ---- the partner -----------------------------------------------------------

    def send(self, file=None, owa=None, message_id="1@contoso.example",
             subject="Managed Migration Request"):
        mail = (f"From: Anna <{ANNA}>\nTo: desk@provider.example\n"
                f"Message-ID: <{message_id}>\nSubject: {subject}\n"
                "MIME-Version: 1.0\n"
                'Content-Type: multipart/mixed; boundary="b"\n\n'
                "--b\nContent-Type: text/plain\n\n"
                "Partner ID: P-1001\nDomain: contoso.example\n"
                f"OWA URL: {owa or self.pair.env['SOURCE_URL']}\n\n")
        if file is not None:
            mail += ("--b\nContent-Type: text/csv; name=users.csv\n"
                     "Content-Transfer-Encoding: base64\n\n"
                     + base64.encodebytes(file).decode() + "\n")
        mail += "--b--\n"
        done = run(MAILFERRY, "intake", "-v", env=self.service.env, stdin=mail)
        equal(done.status, 0, done.err)
        return done.out

    def mail(self, subject):
        """The latest mail of that subject; waits for it."""
        def found():
            return [m for m in self.server.mails
                    if subject in m.message["Subject"]]
        until(f"a mail \"{subject}\"; state {self.state()}", found, 240)
        return found()[-1]

    def press(self, mail, path):
        """The button behind the link of a mail."""
        link = re.search(rf"{URL}(/{path}/\S+)", mail.body("plain"))[1]
        got = self.service.ask("GET", link)
        equal(got.status, 200, got.text)
        return self.service.ask("POST", link, "", {"Origin": URL})

    # ---- what is seen ------------------------------------------------------------

    def request(self):
        return json.loads(self.service.command("request", "show", "1001",
                                               "--json").out)

    def state(self):
        return self.request()["state"]

    def until_state(self, state):
        until(f"{state}: {self.request()}", lambda: self.state() == state, 240)

    def subjects(self):
        return [m.message["Subject"].replace("[MF-1001] ", "")
                for m in self.server.mails if m.to == [ANNA]]


ALL = ["Quote for your managed migration", "Approved: your managed migration",
       "The dates of your managed migration",
       "Your managed migration has begun", "Ready for cutover",
       "Your managed migration is done"]


def through(play):
    """The partner's part; everything else goes by itself."""
    quote = play.mail("Quote for")
    contains(quote.body("plain"), "50.00 EUR")
    equal(play.press(quote, "approve").status, 200, "approve")
    equal(play.press(play.mail("Ready for cutover"), "cutover").status, 200,
          "cutover")
    play.until_state("cut over")
    play.set_clock(4 * DAY)
    play.until_state("completed")
    play.mail("is done")


@case
def a_request_with_everything_goes_through_by_itself():
    with Pair(mailboxes=2, items=8) as pair, Play(pair) as play:
        play.send(pair.passwords_csv.read_bytes())
        through(play)
        equal([s for s in play.subjects() if s in ALL], ALL, "mails")
        pair.assert_moved()
        done = play.mail("is done").body("plain")
        n = len(pair.digest("destination", "--all"))
        contains(done, f"2 mailboxes: {n} items are equal, 0 missing")
        path = re.search(rf"{URL}(/certificate/\S+)", done)[1]
        page = play.service.ask("GET", path)
        equal(page.status, 200, page.text)
        contains(page.text, f'both sides</th><td class="number">{n}</td>')
        certificate = play.service.dir / "certificate.json"
        files = re.findall(r'href="(/certificate/[^"]+)"', page.text)
        equal([f.removeprefix(path) for f in files],
              ["/certificate.json", "/certificate.html"], "files")
        certificate.write_text(play.service.ask("GET", files[0]).text)
        contains(play.service.ask("GET", files[1]).text,
                 "user1@contoso.example")
        key = play.service.ask("GET", "/certificate-keys").text.split()[0]
        equal(key, play.service.command("key", "show").out.split()[0], "key")
        contains(play.service.command("certificate", "verify", certificate,
                                      "--key", key).out, "contoso.example")
        until("secrets gone", lambda: "secrets of its migration destroyed" in
              play.service.command("request", "show", "1001").out, 120)
        contains(play.service.command("audit", "verify").out, "hold together")


@case
def credentials_that_are_refused_are_asked_for_again():
    with Pair(mailboxes=2, items=4) as pair, Play(pair) as play:
        file = pair.passwords_csv.read_text()
        wrong = "\n".join(
            ",".join([*line.split(",")[:2], "not-this-one",
                      *line.split(",")[3:]]) if "@" in line else line
            for line in file.splitlines())
        play.send(wrong.encode())
        missing = play.mail("What is missing")
        play.until_state("awaiting information")
        equal([p["piece"] for p in play.request()["missing"]],
              ["credentials-refused"], "missing")
        check("not-this-one" not in missing.body("plain"), "a password")
        play.send(file.encode(), message_id="2@contoso.example",
                  subject="Re: [MF-1001] the right file")
        play.mail("Quote for")
        equal(play.state(), "quoted", "state")


@case
def a_quote_that_nobody_approves_runs_out():
    with Pair(mailboxes=2, items=4) as pair, Play(pair) as play:
        play.send(pair.passwords_csv.read_bytes())
        quote = play.mail("Quote for")
        play.set_clock(31 * DAY)
        play.until_state("expired")
        link = re.search(rf"{URL}(/approve/\S+)", quote.body("plain"))[1]
        got = play.service.ask("POST", link, "", {"Origin": URL})
        check(got.status >= 400, f"{got.status}: {got.text}")


class Deaths:
    """Dies after whatever it records of a request, and is started again; an
    operator looks for mails of which nobody knows whether they arrived."""

    def __init__(self, play):
        self.play, self.n, self.over = play, 0, False
        self.play.service.env["MAILFERRY_DIE_AT"] = "request:1"
        self.play.service.start()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.over:
            if self.play.service.process.poll() is None:
                time.sleep(0.05)
                continue
            self.n += 1
            with contextlib.suppress(Failure):  # dies before it is ready
                self.play.service.start()
                self.settle()

    def settle(self):
        command = self.play.service.command
        for line in command("outbox", "list", "--open").out.splitlines():
            number, state = line.split("\t")[:2]
            if state != "unsure":
                continue
            text = command("outbox", "show", number).out
            there = any(m.message["Message-ID"] in text
                        for m in self.play.server.mails)
            command("outbox", "arrived" if there else "send-again", number)

    def end(self):
        self.over = True
        self.thread.join()


def press_until(play, mail, path, state):
    """The service may be away, or die in the answer."""
    def pressed():
        if play.state() in state:
            return True
        with contextlib.suppress(OSError, http.client.HTTPException):
            play.press(mail, path)
        return play.state() in state
    until(f"{path}: {play.state()}", pressed, 240)


@case
def dead_after_each_step_and_started_again():
    with Pair(mailboxes=2, items=8) as pair, Play(pair, start=False) as play:
        play.send(pair.passwords_csv.read_bytes())
        deaths = Deaths(play)
        try:
            press_until(play, play.mail("Quote for"), "approve", LATER)
            press_until(play, play.mail("Ready for cutover"), "cutover",
                        ("cut over", "completed"))
            play.set_clock(4 * DAY)
            play.until_state("completed")
            play.mail("is done")
        finally:
            deaths.end()
        check(deaths.n >= 6, f"{deaths.n} deaths")
        equal([s for s in play.subjects() if s in ALL], ALL, "mails")
        pair.assert_moved()
        contains(play.service.command("audit", "verify").out, "hold together")


LATER = ("approved", "scheduled", "running", "ready for cutover")


if __name__ == "__main__":
    main()
