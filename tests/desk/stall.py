#!/usr/bin/env python3
"""A migration that gets nowhere, and work that nobody takes: who is told, that
they are told once, and that it is over when it moves again."""
import itertools
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all

OPS = "ops@provider.example"


class Told:
    """What the service says of itself to an operator, as it is now running."""

    def __init__(self, play):
        self.play, self.cookie = play, play.service.cookie()

    def get(self, path):
        got = self.play.service.ask("GET", f"/api/v1{path}",
                                    cookie=self.cookie)
        equal(got.status, 200, got.text)
        return answer_json(got)

    def stalls(self):
        return self.get("/stalls")["items"]

    def trail(self, action):
        return [line for line in self.get(f"/audit?action={action}")["items"]
                if line["action"] == action]


def started(play):
    """A migration of all mailboxes of the pair; its number."""
    pair, command = play.pair, play.service.command
    number = command("migration", "add", pair.passwords_csv, "--source",
                     pair.env["SOURCE_URL"], "--destination",
                     pair.env["DESTINATION_URL"]).out.split()[1]
    command("migration", "start", number)
    return number


def mails(play, subject):
    return [m for m in play.server.mails if subject in m.message["Subject"]]


def again(play, *options):
    """The service anew, with those options."""
    play.service.stop()
    play.service.options = [str(o) for o in options]
    play.service.start()
    return Told(play)


@case
def who_can_do_something_is_told_once_until_it_moves_again():
    with Pair(mailboxes=2, items=6) as pair, \
            Play(pair, DESK_STALL_TIME="5s") as play:
        told = Told(play)
        play.send(pair.passwords_csv.read_bytes())
        quote = play.mail("Quote for")
        equal(told.stalls(), [], "nothing has begun")
        pair.faults("source", "busy:ms=1000")
        equal(play.press(quote, "approve").status, 200, "approve")
        until("a stall", told.stalls, 240)
        found, = told.stalls()
        equal((found["migration"], found["kind"]), (1, "still"), "what it is")
        contains(found["reason"], "nothing since")
        mail = play.mail("A migration does not get on")
        equal(mail.to, [OPS], "who is told")
        contains(mail.body("plain"), "/app/migrations/1")
        contains(mail.body("html"), "What may help")
        # the old server asks to wait: the partner can have that lifted
        mail = play.mail("needs a hand")
        equal(mail.to, [ANNA], "whom it may help to tell")
        contains(mail.body("plain"), "What you can do: Ask your current")
        equal(len(told.trail("request.trouble")), 1, "of the request")
        check(found["told"] is not None, "when")

        # later looks see the same, and say nothing
        told = again(play)
        until("the passes go on, and nowhere", lambda: any(
            m["jobs"].get("running") for m in told.get("/migrations")["items"]))

        pair.faults("source")
        play.mail("Ready for cutover")
        until("it is over", lambda: told.stalls() == [], 240)
        stalls = told.trail("migration.stall")
        equal(len(stalls), len(told.trail("migration.stall-over")),
              "each has its end")
        equal(len(mails(play, "does not get on")), len(stalls),
              "a mail for each, and no more")


@case
def queued_work_without_a_worker_is_told_once():
    """Of two migrations, by a service that has no worker of its own; anew when
    it was over, and over as soon as somebody works."""
    with Pair(mailboxes=2, items=6) as pair, \
            Play(pair, start=False, DESK_STALL_TIME="5s") as play:
        told = again(play, "--at-once", 0)
        command = play.service.command
        first, second = started(play), started(play)
        until("a stall", told.stalls, 240)
        found, = told.stalls()
        equal((found["kind"], found["migration"], found["name"],
               found["mailboxes"]), ("nobody", None, None, 4), "what it is")
        contains(found["reason"], "4 mailboxes queued, and nobody works")
        contains(found["remedy"], "worker.at-once")
        mail = play.mail("nobody works")
        equal(mail.to, [OPS], "who is told")
        contains(mail.body("plain"), "/app/fleet")
        contains(mail.body("plain"), "4 mailboxes queued")

        # later looks see the same; what is paused waits for nobody
        told = again(play, "--at-once", 0)
        equal([s["told"] for s in told.stalls()], [found["told"]], "the same")
        for number in (first, second):
            command("migration", "pause", number)
        until("it is over", lambda: told.stalls() == [], 240)
        equal(len(told.trail("service.stall")), 1, "told once")
        for number in (first, second):
            command("migration", "resume", number)
        until("a stall", told.stalls, 240)
        until("a mail of that, too",
              lambda: len(mails(play, "nobody works")) == 2, 240)
        equal(told.trail("migration.stall"), [], "of migrations")

        command("migration", "cancel", second)
        told = again(play)
        until("somebody works", lambda: told.stalls() == [], 240)
        equal((len(told.trail("service.stall")),
               len(told.trail("service.stall-over"))), (2, 2), "each ended")
        until("it is done", lambda: told.get(f"/migrations/{first}")[
            "jobs"].get("done") == 2, 240)
        equal(len(mails(play, "nobody works")), 2, "mails")


@case
def what_a_dead_worker_held_is_work_that_nobody_takes():
    """It does not stand still besides, each migration with a mail of its own."""
    with Pair(mailboxes=1, items=6) as pair, \
            Play(pair, DESK_STALL_TIME="60s") as play:
        pair.faults("source", "busy:ms=1000")
        told = Told(play)
        number = started(play)
        until("it is under way", lambda: told.get(f"/migrations/{number}")[
            "jobs"].get("running"), 240)
        play.service.process.kill()
        play.service.process.wait()
        clock = itertools.count(300, 10)
        play.set_clock(next(clock))
        told = again(play, "--at-once", 0)

        def later():
            play.set_clock(next(clock))
            return told.stalls()

        until("a stall", later, 240)
        equal([(s["kind"], s["mailboxes"]) for s in told.stalls()],
              [("nobody", 1)], "what is told")
        play.mail("nobody works")
        equal((told.trail("migration.stall"),
               mails(play, "does not get on")), ([], []), "and nothing else")


if __name__ == "__main__":
    main()
