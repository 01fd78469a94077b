#!/usr/bin/env python3
"""From a partner's mail to the signed certificate: real mails into the pipe and
out to a mail server that others wrote, real labs behind; nobody does anything
but the partner.  And the same, killed wherever it goes on."""
import contextlib
import datetime
import http.client
import os
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all

ALL = ["Quote for your managed migration", "Approved: your managed migration",
       "The dates of your managed migration",
       "Your managed migration has begun", "Ready for cutover",
       "Your managed migration is done"]

# Of which mail, what its forecast is of.
TOLD = {
    "Quote for": "From its beginning until it is ready for cutover",
    "The dates of": "From its beginning until it is ready for cutover",
    "has begun": "Until it is ready for cutover",
    "Ready for cutover": "From then until all is compared and done",
}


def whole(play):
    """When all of it is foreseen to be done: seconds from now."""
    number = play.request()["migration"]
    got = play.service.ask("GET", f"/api/v1/migrations/{number}/outlook",
                           cookie=play.service.cookie())
    equal(got.status, 200, got.text)
    found = json.loads(got.text)["whole"]
    check(found is not None, "nothing is said of the whole")
    return [seconds_between(found["updated"], found[p]) for p in ("p50", "p90")]


def seconds_between(one, other):
    at = [datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
          for text in (one, other)]
    return (at[1] - at[0]).total_seconds()


def through(play):
    """The partner's part; everything else goes by itself."""
    quote = play.mail("Quote for")
    contains(quote.body("plain"), "50.00 EUR")
    equal(play.press(quote, "approve").status, 200, "approve")
    equal(play.press(play.mail("Ready for cutover"), "cutover").status, 200,
          "cutover")
    play.until_state("cut over")
    # sweeps for three days, and what comes then takes a moment
    p50, p90 = whole(play)
    check(2.9 * DAY < p50 <= p90 < 3.5 * DAY, f"the whole: {p50}, {p90}")
    play.set_clock(4 * DAY)
    play.until_state("completed")
    play.mail("is done")


@case
def a_request_with_everything_goes_through_by_itself():
    with Pair(mailboxes=2, items=8) as pair, Play(pair) as play:
        play.send(pair.passwords_csv.read_bytes())
        through(play)
        equal([s for s in play.subjects() if s in ALL], ALL, "mails")
        for subject, until_when in TOLD.items():
            takes = play.mail(subject).body("plain")
            if not re.search(
                    f"^{until_when}: about .+; within .+ nine times in ten"
                    r" \((no data yet: default rate|"
                    r"2 mailboxes of this provider)\)", takes, re.M):
                raise Failure(f"no forecast in \"{subject}\":\n{takes}")
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


def drain(play, yes):
    """Whether its worker takes nothing more of what is queued."""
    cookie = play.service.cookie()
    workers = play.service.ask("GET", "/api/v1/workers", cookie=cookie)
    for worker in json.loads(workers.text)["items"]:
        done = play.service.ask(
            "POST", f"/api/v1/workers/{worker['name']}/actions",
            {"drain": yes}, {"Origin": URL}, cookie)
        equal(done.status, 204, done.text)


@case
def the_letter_of_a_day_says_how_long_it_takes_from_there():
    with Pair(mailboxes=2, items=8) as pair, Play(pair) as play:
        play.send(pair.passwords_csv.read_bytes())
        quote = play.mail("Quote for")
        drain(play, True)
        equal(play.press(quote, "approve").status, 200, "approve")
        play.mail("has begun")
        check("How far your managed migration is" not in play.subjects(),
              "before a day is over")
        play.set_clock(DAY + 3600)
        today = play.mail("How far your managed migration is").body("plain")
        contains(today, "0 of 2 mailboxes are copied, 0 need help")
        if not re.search(r"From now until it is ready for cutover: about .+; "
                         r"within .+ nine times in ten \(no data yet: "
                         r"default rate\)",
                         today):
            raise Failure(f"no forecast in\n{today}")
        drain(play, False)
        play.mail("Ready for cutover")


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
        play.stands("quoted", "open", "migration", "lacks", "mail",
                    "migration", "complete")


@case
def a_quote_that_nobody_approves_runs_out():
    with Pair(mailboxes=2, items=4) as pair, Play(pair) as play:
        play.send(pair.passwords_csv.read_bytes())
        quote = play.mail("Quote for")
        play.set_clock(31 * DAY)
        play.until_state("expired")
        link = re.search(rf"{URL}(/approve/\S+)", quote.body("plain"))[1]
        got = play.service.ask("POST", link, "", {"Origin": URL})
        equal(got.status, 404, got.text)
        contains(got.text, "look for our latest mail")
        contains(play.mail("has been waiting").body("plain"), "contoso.example")
        play.stands("expired", "open", "migration", "complete", "run-out")


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

    def has_sent_all(self):
        with contextlib.suppress(Failure):  # who is started says it just now
            self.settle()
        return set(ALL) <= set(self.play.subjects())

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
    # others may share the database: a dead one's claim on a mail has to run out
    shared = "MAILFERRY_TEST_POSTGRES" in os.environ
    with Pair(mailboxes=2, items=8) as pair, \
            Play(pair, start=False,
                 **({"MAIL_TIME": "20s"} if shared else {})) as play:
        play.send(pair.passwords_csv.read_bytes())
        deaths = Deaths(play)
        try:
            press_until(play, play.mail("Quote for"), "approve", LATER)
            press_until(play, play.mail("Ready for cutover"), "cutover",
                        ("cut over", "completed"))
            play.set_clock(4 * DAY)
            play.until_state("completed")
            until("every mail", deaths.has_sent_all, 600)
        finally:
            deaths.end()
        check(deaths.n >= 6, f"{deaths.n} deaths")
        # then another one overtakes it
        order = sorted if shared else list
        equal(order(s for s in play.subjects() if s in ALL), order(ALL),
              "mails")
        pair.assert_moved()
        contains(play.service.command("audit", "verify").out, "hold together")


LATER = ("approved", "scheduled", "running", "ready for cutover")


if __name__ == "__main__":
    main()
