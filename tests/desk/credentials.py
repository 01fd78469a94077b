#!/usr/bin/env python3
"""Administrative credentials are tried once, as soon as there are some and an
Exchange is known to be there: what the source saw, and what the partner hears."""
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all
from desk import multipart  # noqa: E402

MISSING = "What is missing for your managed migration"
REFUSED = "Other credentials for your managed migration"
WORD = "Please send no passwords by mail"
WRONG = "Planted-and-wr0ng"
DAY = 86400


class Desk(Play):
    def password(self):
        return pathlib.Path(
            self.pair.env["SOURCE_PASSWORD_FILE"]).read_text().strip()

    def send_with(self, password, **more):
        """A mail that has them, and no file."""
        self.send(**more, owa=f"{self.pair.env['SOURCE_URL']}\n"
                  f"User: {self.pair.env['SOURCE_ADMIN']}\n"
                  f"Password: {password}")

    def supply(self, mail, password, admin=None, **more):
        """By the link of a mail."""
        path = re.search(rf"{URL}(/supply/\S+)", mail.body("plain"))[1]
        body, headers = multipart(
            admin=admin or self.pair.env["SOURCE_ADMIN"], password=password,
            **more)
        got = self.service.ask("POST", path, body, {"Origin": URL, **headers})
        check(password not in got.text, "the password is shown")
        return got

    def asked(self):
        """The letter that asks for them: all else is there."""
        self.send(self.pair.admin_csv.read_bytes())
        mail = self.mail(MISSING)
        equal(self.missing(), ["credentials"], "missing")
        return mail

    def missing(self):
        return [piece["piece"] for piece in self.request()["missing"]]

    def outcome(self):
        found = self.request()["signIn"]
        return found and found["outcome"]

    def trail(self):
        return [line["detail"] for line in self.request()["timeline"]
                if line["action"] == "request.sign-in"]

    def refused(self):
        """What the source has counted."""
        return self.pair.counters("source")["refused.401"]

    def until_outcome(self, outcome):
        until(f"{outcome}: {self.request()}",
              lambda: self.outcome() == outcome, 240)

    def letters(self, n, subject=MISSING):
        """So many of those that ask; the last one."""
        until(f"{n} letters", lambda: self.subjects().count(subject) >= n, 240)
        equal(self.subjects().count(subject), n, "letters")
        return self.mail(subject)

    def quoted(self):
        """Right ones were there from the start."""
        equal(self.supply(self.asked(), self.password()).status, 200,
              "supplied")
        return self.mail("Quote for")

    def migration(self):
        return answer_json(self.service.ask("GET", "/api/v1/migrations/1",
                                            cookie=self.service.cookie()))

    def ends(self):
        """When the quote ends."""
        return self.request()["quote"]["until"]


def desk(**more):
    """A case with a desk of its own."""
    def made(function):
        def wrapped():
            with Pair(mailboxes=2, items=4) as pair, Desk(pair, **more) as d:
                function(d)
        wrapped.__name__ = function.__name__
        return case(wrapped)
    return made


@desk()
def wrong_ones_are_tried_once_and_asked_for_again(d):
    equal(d.supply(d.asked(), WRONG).status, 200, "supplied")
    mail = d.letters(2)
    text = mail.body("plain")
    contains(text, "refused those that we have")
    contains(text, "check the user name and the password")
    check(WRONG not in text, "the password is in the letter")
    equal((d.state(), d.missing(), d.outcome()),
          ("awaiting information", ["credentials-refused"], "refused"),
          "request")
    equal(d.service.command("migration", "list").out.count("contoso"), 0,
          "it was told before there was a migration")
    contains(d.service.command("request", "show", "1001").out,
             "sign-in      refused, ")
    # the same once more: nobody asks the server, and the answer is the same
    equal(d.supply(mail, WRONG).status, 200, "supplied")
    mail = d.letters(3)
    equal(d.refused(), 1, "wrong tries that the source has seen")
    equal(len(d.trail()), 1, "tries on the trail")
    # and those that are right
    equal(d.supply(mail, d.password()).status, 200, "supplied")
    d.mail("Quote for")
    equal((d.outcome(), d.refused()), ("accepted", 1), "at the end")
    for file in d.service.dir.rglob("*"):
        if file.is_file() and file.suffix in {".db", ".db-wal", ".log"}:
            check(WRONG.encode() not in file.read_bytes(),
                  f"the password is in {file.name}")


@desk()
def what_came_by_mail_is_answered_in_one_letter(d):
    d.send_with(WRONG)
    text = d.letters(1).body("plain")
    contains(text, "refused those that we have")
    contains(text, "The import file")
    equal(d.missing(), ["import-file", "credentials-refused"], "missing")
    time.sleep(3)  # it is looked at, and left alone
    equal((d.subjects().count(MISSING), d.refused()), (1, 1), "letters, tries")


@desk()
def a_letter_waits_for_what_is_being_tried(d):
    # several looks long
    d.pair.faults("source", "slow:op=GetFolder,ms=6000")
    d.send_with(d.password())
    text = d.letters(1).body("plain")
    equal(d.outcome(), "accepted", "when the letter came")
    contains(text, "The import file")
    equal(d.missing(), ["import-file"], "missing")


@desk()
def right_ones_are_shown(d):
    equal(d.supply(d.asked(), d.password()).status, 200, "supplied")
    d.until_outcome("accepted")
    cookie = d.sign_in()
    got = answer_json(d.service.ask("GET", "/api/v1/requests/1001",
                                    cookie=cookie))["signIn"]
    equal((got["outcome"], got["detail"], got["remedy"]),
          ("accepted", None, None), "what a contact sees")
    contains(d.service.command("request", "show", "1001").out,
             "sign-in      accepted, ")
    d.mail("Quote for")
    equal((d.trail(), d.refused()), (["accepted"], 0), "at the end")


@desk()
def a_server_that_forbids_says_nothing_of_them(d):
    mail = d.asked()
    d.pair.faults("source", "http:status=403,op=GetFolder,times=1")
    equal(d.supply(mail, d.password()).status, 200, "supplied")
    d.mail("Quote for")  # it held nothing up
    equal((d.outcome(), len(d.trail())), ("unknown", 1), "found")
    contains(d.request()["signIn"]["detail"], "forbids")


@desk()
def a_server_that_is_gone_after_the_probe_says_nothing_of_them(d):
    mail = d.asked()
    # what has signed in asks for the root; the probe never does
    d.pair.faults("source", "drop-before:op=GetFolder")
    equal(d.supply(mail, d.password()).status, 200, "supplied")
    d.until_outcome("unknown")
    equal(d.missing(), [], "nobody is asked for others")
    until("the check of the mailboxes", lambda: "contoso.example" in
          d.service.command("migration", "list").out, 240)
    equal((d.outcome(), len(d.trail())), ("unknown", 1), "tries")


@desk()
def wrong_ones_beside_a_quote_leave_it_as_it_is_and_hold_the_start(d):
    quote = d.quoted()
    ends = d.ends()
    d.send_with(WRONG, message_id="2@contoso.example")
    mail = d.letters(1, REFUSED)
    contains(mail.body("plain"), "check the user name and the password")
    check(WRONG not in mail.body("plain"), "the password is in the letter")
    equal((d.state(), d.missing(), d.outcome(), d.ends()),
          ("quoted", ["credentials-refused"], "refused", ends), "request")
    # the same once more, by the link of the word on passwords in mails
    equal(d.supply(d.mail(WORD), WRONG).status, 200, "supplied")
    d.letters(2, REFUSED)
    equal((d.refused(), len(d.trail())), (1, 2), "tries")
    # the link of the quote still approves, and a day is found
    equal(d.press(quote, "approve").status, 200, "approved")
    d.until_state("scheduled")
    d.set_clock(DAY)
    d.letters(3, REFUSED)
    equal((d.state(), d.refused()), ("scheduled", 1), "on its day")
    alert = d.mail("needs an operator")
    contains(alert.body("plain"), "request 1001")
    shown = d.service.command("request", "show", "1001").out
    contains(shown, "waits for    other administrative credentials (contact)")
    contains(shown, "Other administrative credentials: the current Exchange")
    equal(sum(d.migration()["jobs"].values()), 2, "passes: checks alone")
    # and with those that are right it goes on, with these
    admin = d.pair.env["SOURCE_ADMIN"].capitalize()
    equal(d.supply(mail, d.password(), admin).status, 200, "supplied")
    d.mail("Ready for cutover")
    equal((d.missing(), d.outcome(), d.refused()), ([], "accepted", 1),
          "at the end")
    equal(d.migration()["source"]["user"], admin, "the migration's account")
    equal(d.subjects().count(REFUSED), 3, "letters")


@desk()
def wrong_ones_of_the_day_before_are_told_when_they_hold_the_start(d):
    equal(d.press(d.quoted(), "approve").status, 200, "approved")
    d.until_state("scheduled")
    day = (int(time.time()) // DAY + 3) * DAY
    d.service.command("request", "schedule", "1001", "--start",
                      time.strftime("%Y-%m-%d", time.gmtime(day)))
    d.set_clock(int(day - time.time()) - 7200)
    d.send_with(WRONG, message_id="2@contoso.example")
    d.letters(1, REFUSED)
    check(not any("needs an operator" in m.message["Subject"]
                  for m in d.server.mails), "nothing is held up yet")
    d.set_clock(int(day - time.time()) + 60)
    d.letters(2, REFUSED)
    contains(d.mail("needs an operator").body("plain"), "request 1001")
    equal((d.state(), d.refused()), ("scheduled", 1), "on its day")


@desk()
def what_came_too_often_is_tried_an_hour_later(d):
    mail = d.asked()
    for i in range(5):
        equal(d.supply(mail, f"{WRONG}{i}").status, 200, "supplied")
        mail = d.letters(2 + i)
    equal(d.supply(mail, d.password()).status, 200, "supplied")
    d.until_outcome("unknown")
    equal((d.missing(), d.request()["waits"]["text"], len(d.trail())),
          ([], "the next try of the administrative credentials", 5), "request")
    shown = d.service.command("request", "show", "1001").out
    contains(shown, "waits for    the next try of the administrative")
    contains(shown, "an hour later they are, by themselves")
    time.sleep(3)  # it is looked at, and left alone
    equal(d.service.command("migration", "list").out.count("contoso"), 0,
          "nothing is done with them")
    d.set_clock(3700)
    d.mail("Quote for")
    equal((d.outcome(), d.refused(), len(d.trail())), ("accepted", 5, 6),
          "at the end")


@desk()
def nothing_but_credentials_is_taken_beside_a_quote(d):
    d.quoted()
    d.send_with(WRONG, message_id="2@contoso.example")
    mail = d.letters(1, REFUSED)
    got = d.supply(mail, d.password(), owa="https://elsewhere.example/owa")
    equal(got.status, 409, got.text)
    equal((d.state(), d.outcome()), ("quoted", "refused"), "request")
    got = d.supply(mail, d.password())
    equal(got.status, 200, got.text)
    contains(got.text, "quote stands")
    d.until_outcome("accepted")
    equal((d.state(), d.missing()), ("quoted", []), "request")
    equal(d.subjects().count("Quote for your managed migration"), 1,
          "quotes")


@desk(start=False)
def who_dies_in_between_has_tried_them(d):
    d.service.env["MAILFERRY_DIE_AT"] = "try:1"
    d.service.start()
    equal(d.supply(d.asked(), WRONG).status, 200, "supplied")
    until("it dies", lambda: d.service.process.poll() is not None, 240)
    equal(d.refused(), 0, "it has not asked yet")
    del d.service.env["MAILFERRY_DIE_AT"]
    d.service.start()
    equal(d.outcome(), "under way", "nobody knows")
    time.sleep(3)  # it is looked at, and left alone
    equal((d.outcome(), d.refused(), d.state()),
          ("under way", 0, "awaiting information"), "still")
    d.set_clock(4 * 60)
    d.until_outcome("unknown")
    contains(d.request()["signIn"]["detail"], "broken off")
    # the check of the mailboxes finds out
    d.letters(2)
    equal(d.missing(), ["credentials-refused"], "missing")
    equal(d.trail(), [], "tries that ended")


@desk()
def a_server_that_was_busy_is_asked_again(d):
    d.quoted()
    d.pair.faults("source", "http:status=503,op=GetFolder,times=1000")
    d.send(owa=f"{d.pair.env['SOURCE_URL']}\n"
           f"User: {d.pair.env['SOURCE_ADMIN'].capitalize()}\n"
           f"Password: {d.password()}", message_id="2@contoso.example")
    d.until_outcome("unknown")
    d.pair.faults("source")
    d.set_clock(3700)
    d.until_outcome("accepted")
    equal((d.state(), d.missing(), [line.split(":")[0] for line in d.trail()]),
          ("quoted", [], ["accepted", "unknown", "accepted"]), "at the end")


if __name__ == "__main__":
    main()
