#!/usr/bin/env python3
"""The portal in a browser: a request from its first step to the approval by
keyboard alone, what each role is offered, and all of it at the width of a
phone."""
import contextlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all


@contextlib.contextmanager
def at_labs():
    """A desk that may reach two labs, whose domain is Acme's, too."""
    with Pair(3, 3) as pair:
        with over_tls(Desk, env={
                "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
                "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8"}) as desk:
            desk.command("account", "change", "P-1001", "--verified-domain",
                         "contoso.example")
            yield desk, pair


def make_quote(desk, number):
    """As the desk does when it has counted."""
    with desk.database() as db:
        db.execute("UPDATE requests SET state = ?, quote = ?,"
                   " quote_until_us = ?, missing = NULL,"
                   " version = version + 1 WHERE id = ?",
                   [STATES.index("quoted"), quote(), now_us() + DAY, number])


@case
def a_request_by_keyboard_alone():
    with at_labs() as (desk, pair):
        anna = desk.contact("anna@acme.example")
        bad = pair.dir / "users-with-faults.csv"
        bad.write_text(pair.admin_csv.read_text()
                       + "nobody,,,nobody,,,0\nx@other.example,,,y,,,0\n")
        found = browse(
            desk, "portal", "wizard", cookies={"anna": anna},
            url=pair.env["SOURCE_URL"], good=str(pair.admin_csv),
            bad=str(bad), user=pair.env["SOURCE_ADMIN"],
            password=pathlib.Path(pair.env["SOURCE_PASSWORD_FILE"])
            .read_text().strip())
        number = int(found["number"])
        row = desk.row(number)
        equal((row["domain"], row["owa_url"], row["admin"], row["start_day"],
               row["missing"]),
              ("contoso.example", pair.env["SOURCE_URL"],
               pair.env["SOURCE_ADMIN"], "2099-05-05", None), "what was given")
        make_quote(desk, number)
        browse(desk, "portal", "approve", cookies={"anna": anna},
               number=number)
        equal(desk.state(number), "approved", "state")
        equal(desk.trail(number)[-1][:2],
              ("primary anna@acme.example", "request.approve"), "trail")


@case
def what_others_do_is_seen_without_asking_again():
    with over_tls(Desk) as desk:
        browse(desk, "portal", "follows", number=desk.request("quoted"),
               cookies={name: desk.contact(f"{name}@acme.example")
                        for name in ("tom", "bill")})


@case
def each_role_is_offered_what_it_may():
    with over_tls(Desk) as desk:
        states = {state: desk.request(state, domain=f"{i}.acme.example")
                  for i, state in enumerate(
                      ("quoted", "ready for cutover", "expired", "running",
                       "completed"))}
        desk.command("request", "note", states["quoted"], "they pay late")
        states["refused"] = desk.request("received", domain="5.acme.example")
        desk.command("request", "refuse", states["refused"], "--reason",
                     "they are no customer of yours")
        states["scheduled"] = desk.request("scheduled", start_day="2099-01-01",
                                           domain="6.acme.example")
        cookies = {name: desk.contact(f"{name}@acme.example")
                   for name in ("tom", "bill")}
        browse(desk, "portal", "roles", cookies=cookies, **{
            state.replace(" ", "_"): number
            for state, number in states.items()})
        equal(desk.state(states["quoted"]), "quoted", "nobody has approved")
        equal(desk.state(states["ready for cutover"]), "cut over",
              "their users have moved")


@case
def wrong_credentials_of_what_was_approved_are_told_and_replaced():
    with over_tls(Desk) as desk:
        number = desk.request("scheduled", start_day="2099-05-05",
                              missing="credentials-refused", pieces_us=1,
                              admin="administrator@acme.example",
                              owa_url="https://mail.old.example/owa")
        desk.insert("request_tries", request=number, digest=b"x" * 32,
                    pieces_us=1, outcome=3, at_us=now_us(),
                    cause="Unauthorized", why="the server refuses them")
        browse(desk, "portal", "held", number=number,
               cookies={name: desk.contact(f"{name}@acme.example")
                        for name in ("anna", "tom")})


@case
def a_day_is_changed_for_one_with_room():
    """Twelve mailboxes a day are as many as each of these requests has."""
    with over_tls(Desk, env={"MAILFERRY_DESK_MAILBOXES_A_DAY": "12"}) as desk:
        number = desk.request("scheduled", start_day="2099-05-05")
        desk.request("scheduled", start_day="2099-06-06",
                     domain="1.acme.example")
        cookies = {name: desk.contact(f"{name}@acme.example")
                   for name in ("anna", "tom")}
        before = len(desk.outbox())
        browse(desk, "portal", "days", cookies=cookies, number=number)
        equal(desk.row(number)["start_day"], "2099-06-07", "day")
        equal(desk.row(number)["cutover_day"], "2099-07-07", "cutover")
        equal(desk.state(number), "scheduled", "state")
        equal(desk.trail(number)[-1][:2],
              ("primary anna@acme.example", "request.reschedule"), "trail")
        mails = desk.outbox()[before:]
        equal(len(mails), 1, f"mails: {mails}")
        text = desk.command("outbox", "show", mails[0][0]).out
        contains(text, "2099-06-07", "the mail")


@case
def owners_who_were_asked_are_told_and_asked_anew():
    with over_tls(Desk) as desk:
        side = {"url": "https://mail.old.example/owa", "user": "admin",
                "password": "planted-Secret1"}
        got = desk.ask("POST", "/api/v1/migrations", {
            "name": "Spring", "source": side, "destination": side,
            "import": "Source Email,Destination Email,Flags\n" + "".join(
                f"{n}@old.example,{n}@new.example,\n"
                for n in ("late", "later", *range(9)))}, cookie=desk.cookie())
        equal(got.status, 201, got.text)
        number = desk.request("scheduled", migration=1,
                              start_day="2099-05-05")
        with desk.database() as db:
            db.execute("INSERT INTO owners (mailbox, side, asked_us,"
                       " expires_us, tries) VALUES (1, 0, ?, ?, 3)",
                       [now_us() - 2 * DAY, now_us() - DAY])
            for mailbox in range(2, 12):
                db.execute("INSERT INTO owners (mailbox, side) VALUES (?, 0)",
                           [mailbox])
        cookies = {name: desk.contact(f"{name}@acme.example")
                   for name in ("anna", "tom")}
        before = len(desk.outbox())
        browse(desk, "portal", "owners", cookies=cookies, number=number)
        (mail,) = desk.outbox()[before:]
        contains("\t".join(mail), "late@old.example", "whom the mail is for")


@case
def a_contact_signs_in_by_a_link():
    with over_tls(Desk) as desk:
        before = len(desk.outbox())
        browse(desk, "portal", "ask")
        until("the mail", lambda: len(desk.outbox()) > before)
        text = desk.command("outbox", "show", desk.outbox()[-1][0]).out
        path = re.search(r"https?://[^/]+(/sign-in/\S+)", text).group(1)
        browse(desk, "portal", "enter", path=path)


@case
def everything_fits_a_phone():
    with over_tls(Desk) as desk:
        open_one = desk.request("awaiting information", owa_url=None,
                                missing="owa-url\nimport-file\ncredentials")
        quoted = desk.request("quoted", domain="q.acme.example")
        done = desk.request("completed", domain="done.acme.example")
        browse(desk, "portal", "phone",
               cookies={"anna": desk.contact("anna@acme.example")},
               open=open_one, quoted=quoted, done=done)


if __name__ == "__main__":
    main()
