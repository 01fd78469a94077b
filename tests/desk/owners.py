#!/usr/bin/env python3
"""Owners of mailboxes give their passwords themselves: from the mail with the
link to the mailbox that is copied, and what becomes of those who do not."""
import functools
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all

ASKED = "its password is needed"
REMINDED = "its password is still needed"
ANEW = "a new link for its password"


class Owned(Play):
    """A file of two: the first with passwords; of the second the source's is
    the owner's to give, and the destination is opened by our own account."""

    def __init__(self, pair, **more):
        super().__init__(pair, **more)
        rows = [line.split(",") for line in
                pair.passwords_csv.read_text().splitlines()]
        self.owner, self.password = rows[2][0], rows[2][2]
        rows[2][1:3] = "", ""
        rows[2][4:7] = "", "", "AskSourceOwner"
        self.file = "\n".join(",".join(row) for row in rows).encode()

    @functools.cached_property
    def cookie(self):
        """Of one session: signing in is bounded."""
        return self.service.cookie()

    def begin(self):
        """Up to the mail that asks."""
        self.send(self.file)
        quote = self.mail("Quote for")
        contains(quote.body("plain"), "x 25.00")
        equal([m.to for m in self.server.mails if m.to != [ANNA]], [],
              "nobody else has a mail before the approval")
        equal(self.press(quote, "approve").status, 200, "approve")
        return self.path(self.mail(ASKED))

    def path(self, mail):
        equal(mail.to, [self.owner], "who is asked")
        return re.search(rf"{URL}(/owner/\S+)", mail.body("plain"))[1]

    def give(self, path, password, user=""):
        form = urllib.parse.urlencode({"user": user, "password": password})
        return self.service.ask(
            "POST", path, form,
            {"Origin": URL,
             "Content-Type": "application/x-www-form-urlencoded"})

    def owner_mailbox(self):
        got = answer_json(self.service.ask(
            "GET", "/api/v1/migrations/1/mailboxes",
            cookie=self.cookie))
        return next(m for m in got["items"]
                    if m["source"] == self.owner)

    def owners(self):
        got = answer_json(self.service.ask(
            "GET", "/api/v1/requests/1001/owners",
            cookie=self.cookie))
        return [(o["address"], o["side"], o["state"], o["tries"])
                for o in got["items"]]

    def ask_anew(self, body=None):
        return self.service.ask("POST", "/api/v1/requests/1001/owners",
                                body or {}, cookie=self.cookie)

    def trail(self):
        got = answer_json(self.service.ask("GET", "/api/v1/audit",
                                           cookie=self.cookie))
        return [(line["actor"], line["action"]) for line in got["items"]
                if line["action"].startswith("owner.")]


@case
def an_owner_gives_the_password_and_the_mailbox_goes_on():
    with Pair(mailboxes=2, items=4) as pair, Owned(pair) as play:
        path = play.begin()
        equal(play.owner_mailbox()["state"], "waiting for credentials",
              "state")
        for _ in range(3):  # whatever scans mails opens it
            page = play.service.ask("GET", path)
            equal(page.status, 200, page.text)
        for text in (play.owner, "Contoso Ltd", 'type="password"'):
            contains(page.text, text)
        check("<script" not in page.text, "a script")
        wrong = play.give(path, "not it")
        equal(wrong.status, 422, wrong.text)
        contains(wrong.text, "twice more")
        check("not it" not in wrong.text, "the password is shown")
        good = play.give(path, play.password)
        equal(good.status, 200, good.text)
        again = play.give(path, play.password)
        equal(again.status, 410, again.text)
        contains(again.text, "given already")
        play.mail("Ready for cutover")
        equal(play.owner_mailbox()["copied"],
              4, "items of the owner")
        by = f"owner {play.owner} by link"
        equal(play.trail(), [("desk", "owner.ask"), (by, "owner.refused"),
                             (by, "owner.give")], "trail")
        # nowhere but sealed
        for file in play.service.dir.rglob("*"):
            if file.is_file() and file.suffix in {".db", ".db-wal", ".log"}:
                check(play.password.encode() not in file.read_bytes(),
                      f"the password is in {file.name}")


@case
def who_does_not_answer_is_reminded_and_the_partner_told():
    with Pair(mailboxes=2, items=4) as pair, \
            Owned(pair, DESK_OWNER_TIME="2d") as play:
        first = play.begin()
        play.mail("has begun")
        play.set_clock(DAY + 3600)
        second = play.path(play.mail(REMINDED))
        check(first != second, "a new link")
        gone = play.service.ask("GET", first)
        equal(gone.status, 404, gone.text)
        equal(play.service.ask("GET", second).status, 200, "the new link")
        play.set_clock(2 * DAY + 3600)
        text = play.mail("Passwords that owners").body("plain")
        contains(text, f"{play.owner}: no answer")
        late = play.give(second, play.password)
        equal(late.status, 410, late.text)
        contains(late.text, "too old")
        equal(play.state(), "running", "state")
        # a new link, from a terminal; it is no reminder, and has its own
        play.service.command("request", "ask-owners", "1001")
        third = play.path(play.mail(ANEW))
        equal(play.service.ask("GET", second).status, 404, "the old link")
        equal(play.service.ask("GET", third).status, 200, "the new link")
        equal(play.owners(), [(play.owner, "source", "waiting", 3)], "owners")
        # what the operator can do: the mailbox is left out
        number = play.owner_mailbox()["id"]
        play.service.command("migration", "cancel", "1", "--mailbox",
                             str(number))
        play.mail("Ready for cutover")
        equal([m.to for m in play.server.mails
               if ASKED in m.message["Subject"]], [[play.owner]], "asked once")


@case
def three_wrong_passwords_end_a_link():
    with Pair(mailboxes=2, items=4) as pair, Owned(pair) as play:
        path = play.begin()
        equal([play.give(path, f"wrong {n}").status for n in range(3)],
              [422, 422, 410], "tries")
        equal(play.give(path, play.password).status, 410, "the right one")
        text = play.mail("Passwords that owners").body("plain")
        contains(text, f"{play.owner}: the password was refused")
        equal(play.owners(), [(play.owner, "source", "refused", 0)], "owners")
        # a new link: the old one is dead, and the tries begin again
        got = play.ask_anew()
        equal(got.status, 204, got.text)
        new = play.path(play.mail(ANEW))
        equal(play.service.ask("GET", path).status, 404, "the old link")
        contains(play.give(new, "wrong").text, "twice more")
        # nobody needs one now, unless it is asked for by name
        got = play.ask_anew()
        equal((got.status, answer_json(got)["type"]),
              (409, "urn:mailferry:problem:wrong-state"), got.text)
        number = play.owner_mailbox()["id"]
        equal(play.ask_anew({"mailbox": number + 100}).status, 409, "another")
        equal(play.ask_anew({"mailbox": number}).status, 204, "by name")
        until("a second new link", lambda: len(
            [m for m in play.server.mails if ANEW in m.message["Subject"]]) == 2)
        equal(play.service.ask("GET", new).status, 404, "the one before")
        newest = play.path(play.mail(ANEW))
        equal(play.give(newest, play.password).status, 200, "the password")
        equal(play.owners(), [], "owners")
        equal(play.ask_anew().status, 409, "nobody is left")
        equal([a for _, a in play.trail()],
              ["owner.ask"] + ["owner.refused"] * 3
              + ["owner.ask-anew", "owner.refused", "owner.ask-anew",
                 "owner.give"], "trail")


@case
def a_server_that_is_away_costs_no_try():
    with Pair(mailboxes=2, items=4) as pair, Owned(pair) as play:
        path = play.begin()
        play.mail("has begun")
        pair.faults("source", "redirect:to=/nowhere")
        for _ in range(4):
            got = play.give(path, play.password)
            equal(got.status, 503, got.text)
        pair.faults("source")
        got = play.give(path, play.password)
        equal(got.status, 200, got.text)


@case
def who_wants_to_hear_of_a_mailbox_is_told_once():
    with Pair(mailboxes=4, items=3) as pair, Play(pair) as play:
        rows = [line.split(",") for line in
                pair.passwords_csv.read_text().splitlines()]
        for row, flags in zip(rows[1:], [
                "NotifySourceComplete|NotifyDestinationFailed",
                "NotifySourceComplete|NotifyDestinationComplete", "0",
                "AskSourceOwner|NotifySourceComplete|NotifyDestinationFailed"]):
            row[6] = flags
        rows[4][1:3] = "", ""
        one, both, _, left = (row[0] for row in rows[1:])
        equal(rows[2][0], rows[2][3], "one address for both sides")

        def told():
            return sorted((m.to[0], m.message["Subject"])
                          for m in play.server.mails
                          if m.to[0] not in (ANNA, "ops@provider.example")
                          and "its password is needed"
                          not in m.message["Subject"])

        play.send("\n".join(",".join(row) for row in rows).encode())
        equal(play.press(play.mail("Quote for"), "approve").status, 200,
              "approve")
        play.mail(ASKED)
        boxes = answer_json(play.service.ask(
            "GET", "/api/v1/migrations/1/mailboxes",
            cookie=play.service.cookie()))["items"]
        number = next(m["id"] for m in boxes if m["source"] == left)
        play.until_state("running")
        until("it is left out", lambda: "1 job" in play.service.command(
            "migration", "cancel", "1", "--mailbox", str(number)).out)
        ready = play.mail("Ready for cutover")
        before = [(one, "Your mailbox moves soon"),
                  (both, "Your mailbox moves soon")]
        until("who is told before cutover", lambda: len(told()) == 2)
        equal(told(), before, "before cutover")
        equal(play.press(ready, "cutover").status, 200, "cutover")
        play.until_state("cut over")
        play.set_clock(4 * DAY)
        play.until_state("completed")
        until("secrets gone", lambda: "secrets of its migration destroyed" in
              play.service.command("request", "show", "1001").out, 120)
        everything = sorted(before + [
            (one, "Your mailbox has moved"), (both, "Your mailbox has moved"),
            (left, "Your mailbox was not moved completely")])
        until("who is told at the end", lambda: len(told()) >= 5)
        equal(told(), everything, "all that owners heard")


if __name__ == "__main__":
    main()
