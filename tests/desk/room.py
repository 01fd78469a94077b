#!/usr/bin/env python3
"""Passes that find no room on a disk of ours wait for it: somebody is told,
once, and they go on by themselves, without anything lost."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all
from both import add_large  # noqa: E402
from disk import fill, make, on_small_disk, resize  # noqa: E402

FULL = "no space is left"


class Watched:
    """One migration of all that the pair has, and what is told of it."""

    def __init__(self, play):
        self.play, self.service = play, play.service
        self.cookie = None

    def queue(self):
        pair, command = self.play.pair, self.service.command
        command("migration", "add", pair.passwords_csv, "--source",
                pair.env["SOURCE_URL"], "--destination",
                pair.env["DESTINATION_URL"])
        command("migration", "start", 1)

    def ask(self, path):
        self.cookie = self.cookie or self.service.cookie()
        return self.service.ask("GET", path, cookie=self.cookie)

    def items(self, path):
        got = self.ask(f"/api/v1{path}")
        equal(got.status, 200, got.text)
        return answer_json(got)["items"]

    def jobs(self):
        found, = self.items("/migrations")
        return found["jobs"]

    def stalls(self):
        return self.items("/stalls")

    def trail(self, action):
        return [line for line in self.items(f"/audit?action={action}")
                if line["action"] == action]

    def is_done(self):
        """All of it, once, and at no time had it failed."""
        until(f"it is done: {self.jobs()}",
              lambda: self.jobs().get("done") == 1, 240)
        equal(self.play.pair.digest("destination"),
              self.play.pair.digest("source"), "items")
        check(" is failed, lease" not in self.service.text(), "it had failed")

    def is_over(self):
        until("it is over", lambda: self.stalls() == [], 240)
        equal((len(self.trail("migration.stall")),
               len(self.trail("migration.stall-over"))), (1, 1), "told once")
        equal(len([m for m in self.play.server.mails
                   if "does not get on" in m.message["Subject"]]), 1, "mails")


def stopped(play, why):
    """The log says so of the mailbox."""
    return any(" mailbox 1: " in line and why in line
               for line in play.service.text().splitlines())


@case
def what_finds_no_room_to_spool_waits_for_it():
    """The rest of the mailbox does not."""
    with Pair(1, 6) as pair, Play(pair, start=False) as play:
        add_large(pair)
        spool = play.service.dir / "spool"
        spool.mkdir()
        play.service.env["TMPDIR"] = str(spool)
        watched = Watched(play)
        watched.queue()
        on_small_disk(play.service, spool, "1m")
        until("it is told", watched.stalls, 240)
        found, = watched.stalls()
        equal((found["kind"], found["migration"], found["mailboxes"]),
              ("disk", 1, 1), "what it is")
        for word in ("No space left", str(spool)):
            contains(found["reason"], word)
        contains(found["remedy"], "make room there")
        contains(watched.ask("/readyz").text, "wait for room on a disk of ours")
        equal(watched.ask("/readyz").status, 200, "the service is well")
        mail = play.mail("A migration does not get on")
        equal(mail.to, ["ops@provider.example"], "who is told")
        contains(mail.body("plain"), "No space left")
        equal(len(pair.digest("destination")), 6, "items beside it")
        until("it is tried again", lambda:
              play.service.text().count("No space left") >= 2, 240)
        resize(play.service, spool, "64m")
        watched.is_done()
        watched.is_over()
        equal(watched.ask("/readyz").text, "ok\n", "in the end")


@case
def what_cannot_be_recorded_waits_until_it_can():
    if "MAILFERRY_TEST_POSTGRES" in os.environ:
        raise Skip("the embedded database's")
    with Pair(1, 60) as pair, Play(pair, start=False) as play:
        watched = Watched(play)
        watched.queue()
        pair.faults("source", "busy:ms=1000")
        disk = on_small_disk(play.service, play.service.data, "8m")
        until("it is under way", lambda: watched.jobs().get("running"), 240)
        fill(disk / "filler")
        until("it is told", lambda: FULL in watched.ask("/readyz").text)
        pair.faults("source")
        until("the pass finds it", lambda: stopped(play, FULL), 240)
        (disk / "filler").unlink()
        watched.is_done()


@case
def what_a_read_only_database_stops_goes_on_when_it_is_not():
    if "MAILFERRY_TEST_POSTGRES" not in os.environ:
        raise Skip("PostgreSQL's")
    with Pair(1, 60) as pair, Play(pair, start=False) as play:
        where = play.service.env["MAILFERRY_STORE_DATABASE"]
        watched = Watched(play)
        watched.queue()
        pair.faults("source", "busy:ms=1000")
        play.service.start()
        until("it is under way", lambda: watched.jobs().get("running"), 240)
        make(where, "SET default_transaction_read_only = on")
        until("it is told", lambda: play.service.ask("GET", "/readyz").status
              == 503)
        pair.faults("source")
        until("the pass finds it", lambda: stopped(
            play, "cannot be written"), 240)
        make(where, "RESET default_transaction_read_only")
        watched.is_done()


if __name__ == "__main__":
    main()
