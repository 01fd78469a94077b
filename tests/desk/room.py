#!/usr/bin/env python3
"""Passes that find no room on a disk of ours wait for it: somebody is told,
once, and they go on by themselves, without anything lost.  What is told of a
database that cannot be written does not wait in it."""
import contextlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all
from both import add_large  # noqa: E402
from disk import (fill, kept, make, on_small_disk, resize,  # noqa: E402
                  small_tablespace)

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
                pair.env["DESTINATION_URL"], "--options", '{"doubt-wait":1}')
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


def is_told_past_the_outbox(play, *words):
    mail = play.mail("The database cannot be written")
    equal(mail.to, ["ops@provider.example"], "who is told")
    check(mail.tls, "in the clear")
    for kind in ("plain", "html"):
        for word in (*words, f"{URL}/app"):
            contains(mail.body(kind), word)


def was_told_once(play):
    """Of the database, and the log says so."""
    equal((len([m for m in play.server.mails if "cannot be written" in
                m.message["Subject"]]),
           play.service.text().count("told by mail that the database")),
          (1, 1), "mails of the database, and what the log says of them")


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


@contextlib.contextmanager
def a_play_on_a_small_disk():
    """A migration that is queued in a database which has a disk to itself, be
    it the embedded one or a server's; and that disk."""
    with contextlib.ExitStack() as stack:
        pair = stack.enter_context(Pair(1, 60))
        if "MAILFERRY_TEST_POSTGRES" in os.environ:
            where, disk = stack.enter_context(small_tablespace("40m"))
            play = stack.enter_context(
                Play(pair, start=False, STORE_DATABASE=where))
        else:
            play = stack.enter_context(Play(pair, start=False))
        watched = Watched(play)
        watched.where = "/small"
        watched.queue()
        if "MAILFERRY_TEST_POSTGRES" not in os.environ:
            watched.where = str(play.service.data)
            play.service.around, disk = stack.enter_context(
                kept(play.service.data, "8m"))
            stack.callback(play.service.stop)
        yield watched, disk


@case
def what_cannot_be_recorded_waits_until_it_can():
    with a_play_on_a_small_disk() as (watched, disk):
        play, pair = watched.play, watched.play.pair
        pair.faults("source", "busy:ms=1000")
        play.service.start()
        until("it is under way", lambda: watched.jobs().get("running"), 240)
        fill(disk / "filler")
        pair.faults("source")
        until("the pass finds it", lambda: stopped(play, FULL), 240)
        until("it is told", lambda: FULL in watched.ask("/readyz").text)
        is_told_past_the_outbox(play, FULL, watched.where, "free some space")
        (disk / "filler").unlink()
        watched.is_done()
        was_told_once(play)


@case
def what_cannot_be_given_back_at_the_end_is_taken_up_again():
    """A stop does not wait for a person to make room.  The job is nobody's
    until its lease is over; then it goes on where the ledger stands, and what
    was sent before is not sent again."""
    if "MAILFERRY_TEST_POSTGRES" in os.environ:
        raise Skip("others may work there: what was sent is waited for until "
                   "its request must be over, which takes long")
    with a_play_on_a_small_disk() as (watched, disk):
        play, pair, service = watched.play, watched.play.pair, watched.service
        pair.faults("destination", "slow:op=UploadItems,times=1,ms=20000")
        service.start()
        until("some is there", lambda: pair.digest("destination"), 240)
        fill(disk / "filler")
        until("the pass finds it", lambda: stopped(play, FULL), 240)
        equal(service.stop(), 0, "its exit status")
        contains(service.text(), "ending a job")
        (disk / "filler").unlink()
        service.start()
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
        is_told_past_the_outbox(play, "default_transaction_read_only")
        pair.faults("source")
        until("the pass finds it", lambda: stopped(
            play, "cannot be written"), 240)
        make(where, "RESET default_transaction_read_only")
        watched.is_done()
        was_told_once(play)


if __name__ == "__main__":
    main()
