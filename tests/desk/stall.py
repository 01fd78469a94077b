#!/usr/bin/env python3
"""A migration that gets nowhere: who is told, that they are told once, and
that it is over when it moves again."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all

OPS = "ops@provider.example"


@case
def who_can_do_something_is_told_once_until_it_moves_again():
    with Pair(mailboxes=2, items=6) as pair, \
            Play(pair, DESK_STALL_TIME="5s") as play:
        cookie = play.service.cookie()

        def stalls():
            return answer_json(play.service.ask(
                "GET", "/api/v1/stalls", cookie=cookie))["items"]

        def trail(action):
            got = answer_json(play.service.ask("GET", "/api/v1/audit",
                                               cookie=cookie))
            return [line for line in got["items"] if line["action"] == action]

        play.send(pair.passwords_csv.read_bytes())
        quote = play.mail("Quote for")
        equal(stalls(), [], "nothing has begun")
        pair.faults("source", "busy:ms=1000")
        equal(play.press(quote, "approve").status, 200, "approve")
        until("a stall", stalls, 240)
        found, = stalls()
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
        equal(len(trail("request.trouble")), 1, "of the request")

        # later looks see the same, and say nothing
        told = found["told"]
        play.service.stop()
        play.service.start()
        cookie = play.service.cookie()
        until("the passes go on, and nowhere", lambda: any(
            j["jobs"]["running"] for j in answer_json(play.service.ask(
                "GET", "/api/v1/migrations", cookie=cookie))["items"]))

        pair.faults("source")
        play.mail("Ready for cutover")
        until("it is over", lambda: stalls() == [], 240)
        equal(len(trail("migration.stall")), len(trail("migration.stall-over")),
              "each has its end")
        equal(len([m for m in play.server.mails
                   if "does not get on" in m.message["Subject"]]),
              len(trail("migration.stall")), "a mail for each, and no more")
        check(told is not None, "when")


if __name__ == "__main__":
    main()
