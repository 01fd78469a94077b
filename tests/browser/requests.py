#!/usr/bin/env python3
"""Operators' pages of requests in a browser: the board, one request with all
that can be decided, the tray."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all

HOUR = DAY // 24


def requests(desk):
    """One or two in each state; the number of one that is late."""
    now = now_us()
    late = 0
    for n, state in enumerate(STATES):
        for name in ("fine", "late") if state == "quoted" else (f"n{n}",):
            at = now - (n + 1) * 5 * HOUR
            number = desk.request(
                state, domain=("over.example" if state == "completed"
                               else f"{name}.example"),
                created_us=at - DAY, changed_us=at, state_us=at,
                pieces_us=at, owa_url="https://mail.acme.example/owa",
                missing="import-file\ncredentials"
                if state == "awaiting information" else None,
                start_day="2099-01-05" if state == "scheduled" else None,
                **({"quote_until_us": now - HOUR} if name == "late" else {}))
            late = number if name == "late" else late
    return late


@case
def the_board_says_what_waits():
    with over_tls(Desk) as desk:
        late = requests(desk)
        browse(desk, "requests", "board", late=late,
               cookies={"operator": desk.cookie(OPERATOR)})
        equal(desk.state(late), "cancelled", "state")


@case
def a_request_is_read_and_decided():
    with over_tls(Desk) as desk:
        number = desk.request(
            "awaiting information", missing="import-file-faults\ncredentials",
            owa_url="https://mail.acme.example/owa",
            state_us=now_us() - DAY, pieces_us=now_us() - DAY,
            changed_us=now_us() - DAY, created_us=now_us() - DAY)
        desk.mail("a@x", number, received_us=now_us() - DAY,
                  raw=b"From: anna@acme.example\r\n"
                      b"Content-Type: text/plain\r\n\r\n<b>Hello</b>\r\n")
        browse(desk, "requests", "request", number=number,
               cookies={"operator": desk.cookie(OPERATOR)})
        equal(desk.state(number), "refused", "state")
        equal([action for _, action, _ in desk.trail(number)],
              ["request.note", "request.refuse"], "trail")


@case
def a_quote_is_approved_by_hand_and_given_a_day():
    with over_tls(Desk) as desk:
        quoted = desk.request("quoted", state_us=now_us() - DAY)
        browse(desk, "requests", "days", quoted=quoted,
               cookies={"operator": desk.cookie(OPERATOR)})
        row = desk.row(quoted)
        equal((desk.state(quoted), row["start_day"]),
              ("scheduled", "2099-01-05"), "state")


@case
def who_was_too_late_is_told():
    with over_tls(Desk) as desk:
        number = desk.request("quoted", state_us=now_us())
        browse(desk, "requests", "changed", number=number,
               cookies={"operator": desk.cookie(OPERATOR)})
        equal(desk.state(number), "quoted", "state")


@case
def owners_are_asked_anew():
    with over_tls(Desk) as desk:
        side = {"url": "https://mail.old.example/owa", "user": "admin",
                "password": "planted-Secret1"}
        got = desk.ask("POST", "/api/v1/migrations", {
            "name": "Spring", "source": side, "destination": side,
            "import": "Source Email,Destination Email\n" + "".join(
                f"{name}@old.example,{name}@new.example\n"
                for name in ("late", "wrong", "quick", "later"))},
            cookie=desk.cookie())
        equal(got.status, 201, got.text)
        number = desk.request("running", migration=1)
        now = now_us()
        for mailbox, tries, until_us in ((1, 3, now - DAY), (2, 0, now + DAY),
                                         (3, 3, now + DAY)):
            desk.insert("owners", mailbox=mailbox, side=0, tries=tries,
                        hash=b"%d" % mailbox, asked_us=now - 2 * DAY,
                        expires_us=until_us)
        desk.insert("owners", mailbox=4, side=1)
        before = len(desk.outbox())
        browse(desk, "requests", "owners", number=number,
               cookies={"operator": desk.cookie(OPERATOR)})
        mails = ["\t".join(mail) for mail in desk.outbox()[before:]]
        equal(len(mails), 2, f"mails: {mails}")
        for name, mail in zip(("late", "wrong"), mails):
            contains(mail, f"{name}@old.example", "whom the mail is for")


@case
def the_tray_is_emptied():
    with over_tls(Desk) as desk:
        number = desk.request("awaiting information", missing="owa-url",
                              state_us=now_us())
        raw = (b"From: Eve <eve@elsewhere.example>\r\nSubject: our move\r\n"
               b"Content-Type: text/plain\r\n\r\n"
               b"OWA URL: https://mail.acme.example/owa\r\n"
               b"<script>alert(1)</script>\r\n")
        place = desk.mail("a@x", place="tray", subject="our move",
                          sender="eve@elsewhere.example", verdict="unknown",
                          raw=raw)
        aside = desk.mail("b@x", place="tray", subject="buy now",
                          sender="spam@elsewhere.example", verdict="list")
        desk.mail("c@x", place="tray", subject="please help",
                  verdict="no-request")
        unsure = desk.insert(
            "outbox", ref="u", recipient="anna@acme.example",
            subject="Your quote", body=b"x", state=5, request=number,
            created_us=now_us(), since_us=0,
            why="the connection was lost while the server was to answer")
        found = browse(desk, "requests", "tray", number=number,
                       cookies={"operator": desk.cookie(OPERATOR)})
        equal(desk.row(number)["owa_url"], "https://mail.acme.example/owa",
              "what was read of the mail")
        with desk.database() as db:
            equal(db.execute("SELECT place, request FROM request_mails WHERE"
                             " id IN (?, ?) ORDER BY id", [place, aside])
                  .fetchall(), [(0, number), (2, None)], "places")
            equal(db.execute("SELECT state FROM outbox WHERE id = ?",
                             [unsure]).fetchone(), (1,), "its word")
        made = int(found["made"].rsplit("/", 1)[1])
        equal(desk.row(made)["opened_by"], "bill@acme.example", "opened")


@case
def contacts_have_pages_of_their_own():
    with over_tls(Desk, "--limit-sign-in", 100) as desk:
        browse(desk, "requests", "technical",
               cookies={"tom": desk.contact("tom@acme.example")})


if __name__ == "__main__":
    main()
