#!/usr/bin/env python3
"""Which role is offered which deed in a browser, and that the API refuses it
all the same to who is not.

One table below: a deed is added there with its button."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all

ADMIN_ALONE = {"admin"}
STAFF = {"admin", "operator"}
PAYERS = {"primary", "billing"}
ALL = STAFF | PAYERS | {"technical"}
HOST = "mail.old.example:443"
SIDE = {"url": f"https://{HOST}/owa", "user": "u", "password": "p"}


def deed(request, action):
    return "POST", f"/requests/{{{request}}}/actions", {"action": action}


def done_to(what, action, **more):
    return "POST", f"/{what}/actions", {"action": action, **more}


# Where, what the button or link is called ("…": begins so), who sees it, what
# it asks of the API, and who may ask that where it is not who sees it.
DEEDS = [
    ("/", "New migration", PAYERS, ("POST", "/requests", {}), STAFF | PAYERS),
    # a request, as its contacts have it
    ("/requests/{open}", "Go on", PAYERS,
     ("PATCH", "/requests/{open}", {"domain": "acme.example"}),
     STAFF | PAYERS),
    ("/requests/{open}", "Change something", PAYERS,
     ("POST", "/requests/{open}/credentials", {}), STAFF | PAYERS),
    ("/requests/{quoted}", "Approve for 290.00 EUR", PAYERS,
     deed("quoted", "approve"), STAFF | PAYERS),
    ("/requests/{quoted}", "Cancel the migration", PAYERS,
     deed("quoted", "cancel"), STAFF | PAYERS),
    ("/requests/{expired}", "Ask for another quote", PAYERS,
     deed("expired", "quote-again"), STAFF | PAYERS),
    ("/requests/{scheduled}", "Change the days", PAYERS,
     ("GET", "/requests/{scheduled}/days"), STAFF | PAYERS),
    ("/requests/{held}", "Give other credentials", PAYERS,
     ("POST", "/requests/{held}/credentials", {}), STAFF | PAYERS),
    ("/requests/{ready}", "Our users have moved", PAYERS,
     deed("ready", "cut-over"), STAFF | PAYERS),
    ("/requests/{running}", "Send a new link to u@old.example", PAYERS,
     ("POST", "/requests/{running}/owners", {"mailbox": 1, "side": "source"}),
     STAFF | PAYERS),
    ("/requests/{running}?tab=documents", "Invoice lines", PAYERS,
     ("GET", "/requests/{running}/invoice"), STAFF | PAYERS),
    # the same, as operators have it
    ("/requests/{quoted}", "Approve by hand", STAFF,
     deed("quoted", "approve"), STAFF | PAYERS),
    ("/requests/{quoted}", "Refuse", STAFF, deed("quoted", "refuse")),
    ("/requests/{quoted}", "Cancel it", STAFF, deed("quoted", "cancel"),
     STAFF | PAYERS),
    ("/requests/{quoted}", "Note", STAFF, deed("quoted", "note")),
    ("/requests/{scheduled}", "Set the days", STAFF,
     deed("scheduled", "schedule"), STAFF | PAYERS),
    ("/requests/{ready}", "Users have moved", STAFF, deed("ready", "cut-over"),
     STAFF | PAYERS),
    ("/requests/{expired}", "Quote again", STAFF,
     deed("expired", "quote-again"), STAFF | PAYERS),
    ("/requests/{running}?tab=owners", "New link for u@old.example", STAFF,
     ("POST", "/requests/{running}/owners", {"mailbox": 1, "side": "source"}),
     STAFF | PAYERS),
    # the tray
    ("/tray", "Place: our move", STAFF,
     done_to("mails/1", "place", request=1)),
    ("/tray", "New request: our move", STAFF, done_to("mails/1", "open")),
    ("/tray", "Put aside: our move", STAFF, done_to("mails/1", "dismiss")),
    ("/tray?tab=out", "It arrived", STAFF, done_to("outbox/1", "arrived")),
    ("/tray?tab=out", "Send again", STAFF, done_to("outbox/1", "send-again")),
    ("/tray?tab=out", "Drop", STAFF, done_to("outbox/1", "drop")),
    # migrations and mailboxes, which contacts look at
    ("/migrations", "New migration", STAFF, ("POST", "/migrations", {})),
    ("/migrations/1", "Start a pass…", STAFF,
     done_to("migrations/1", "start")),
    *[("/migrations/1", f"{title}…", STAFF, done_to("migrations/1", action))
      for title, action in (("Pause", "pause"), ("Resume", "resume"),
                            ("Retry", "retry"), ("Repeat", "again"),
                            ("Cancel", "cancel"))],
    ("/migrations/1", "Add mailboxes…", STAFF,
     ("POST", "/migrations/1/mailboxes", {"import": ""})),
    ("/migrations/1?tab=settings", "Change it", STAFF,
     ("PATCH", "/migrations/1", {"name": "Mine"})),
    ("/migrations/1?tab=settings", "Destroy its credentials…", STAFF,
     done_to("migrations/1", "purge")),
    ("/migrations/1?tab=settings", "Remove the migration…", STAFF,
     ("DELETE", "/migrations/1")),
    ("/mailboxes/1", "Start a pass…", STAFF, done_to("mailboxes/1", "start")),
    ("/mailboxes/1", "Pause…", STAFF, done_to("mailboxes/1", "pause")),
    ("/mailboxes/1?tab=row", "Change the flags", STAFF,
     ("PATCH", "/mailboxes/1", {"flags": 1})),
    ("/mailboxes/1?tab=row", "Keep these options", STAFF,
     ("PATCH", "/mailboxes/1", {"options": {}})),
    # the fleet
    ("/fleet", "Drain mover-1:1:a", STAFF,
     done_to("workers/mover-1:1:a", "drain")),
    (f"/hosts/{HOST}", "Change limits", STAFF,
     ("PATCH", f"/hosts/{HOST}", {"most": 1})),
    # accounts and who speaks for them
    ("/accounts", "Add an account", STAFF, ("POST", "/accounts", {})),
    ("/accounts", "Take in a table", STAFF,
     ("POST", "/accounts/import", {"csv": ""})),
    ("/accounts/1", "Change", STAFF,
     ("PATCH", "/accounts/1", {"name": "Mine"})),
    ("/accounts/1", "Remove", STAFF, ("DELETE", "/accounts/1")),
    ("/accounts/1", "Add a contact", STAFF, ("POST", "/contacts", {})),
    ("/accounts/1", "Change anna@acme.example", STAFF,
     ("PATCH", "/contacts/1", {"roles": ["primary"]})),
    ("/accounts/1", "Disable anna@acme.example", STAFF,
     ("PATCH", "/contacts/1", {"disabled": True})),
    ("/accounts/1", "Remove anna@acme.example", STAFF,
     ("DELETE", "/contacts/1")),
    # the service
    ("/settings?tab=you", "Change the password", STAFF,
     ("POST", "/session/password", {})),
    ("/settings?tab=you", "Set one up", STAFF,
     ("POST", "/session/authenticator", {})),
    ("/settings?tab=tokens", "Make a token", STAFF, ("POST", "/tokens", {})),
    ("/settings?tab=trail", "Verify the trail", STAFF,
     ("GET", "/audit/verification")),
    ("/settings?tab=operators", "Add an operator", ADMIN_ALONE,
     ("POST", "/operators", {})),
    *[("/settings?tab=operators", f"{title} {OPERATOR}", ADMIN_ALONE,
       ("PATCH", "/operators/2", wish))
      for title, wish in (("Make admin:", {"role": "admin"}),
                          ("Password of", {"password": "x" * 20}),
                          ("Disable", {"disabled": True}))],
]


def migration(desk):
    got = desk.ask("POST", "/api/v1/migrations", {
        "account": 1, "name": "Spring", "source": SIDE, "destination": SIDE,
        "import": "Source Email,Destination Email\n"
                  "u@old.example,u@acme.example\n"}, cookie=desk.cookie())
    equal(got.status, 201, got.text)


def filled(desk):
    """What there is to do something to; the numbers of its requests."""
    migration(desk)
    now = now_us()
    desk.insert("workers", name="mover-1:1:a", begun_us=now,
                seen_us=now + DAY, draining=0, at_once=8, running=0)
    desk.mail("c@x", place="tray", subject="our move",
              sender="anna@acme.example")
    desk.insert("outbox", ref="u", recipient="anna@acme.example",
                subject="Your quote", body=b"x", state=5, created_us=now,
                since_us=0, why="the connection was lost")
    desk.insert("owners", mailbox=1, side=0, tries=3, hash=b"1",
                asked_us=now - 2 * DAY, expires_us=now - DAY)
    return {
        "open": desk.request("awaiting information", missing="credentials"),
        "quoted": desk.request("quoted"),
        "expired": desk.request("expired"),
        "scheduled": desk.request("scheduled", start_day="2099-05-05"),
        "held": desk.request("scheduled", start_day="2099-05-05",
                             missing="credentials-refused", pieces_us=1),
        "running": desk.request("running", migration=1),
        "ready": desk.request("ready for cutover"),
    }


def pages(role, numbers):
    """The table for one role, by page."""
    at = {}
    for where, name, seen, (method, path, *body), *may in DEEDS:
        at.setdefault(where.format(**numbers), []).append({
            "name": name, "seen": role in seen, "method": method,
            "path": path.format(**numbers), "body": body[0] if body else None,
            "may": role in (may[0] if may else seen)})
    return [{"at": where, "deeds": deeds} for where, deeds in at.items()]


def left(desk):
    """What a deed of these would change, or leave a line of."""
    with desk.database() as db:
        return {table: db.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("requests", "plans", "mailbox_plans", "workers",
                              "contacts", "accounts", "operators", "audit",
                              "jobs", "request_mails", "outbox")}


@case
def each_role_is_offered_what_it_may_and_refused_the_rest():
    env = {"MAILFERRY_LIMITS_PRINCIPAL": "100000",
           "MAILFERRY_LIMITS_ADDRESS": "100000"}
    with over_tls(Desk, env=env) as desk:
        numbers = filled(desk)
        cookies = {"admin": desk.cookie(), "operator": desk.cookie(OPERATOR),
                   **{role: desk.contact(f"{name}@acme.example")
                      for name, role in PEOPLE.items()}}
        equal(set(cookies), ALL, "roles")
        before = left(desk)
        for role in cookies:
            found = browse(desk, "roles", "offered", cookies, who=role,
                           pages=pages(role, numbers))
            print(f"{role}: refused {len(found['refused'])} of {len(DEEDS)}")
        equal(left(desk), before, "after what was refused")


if __name__ == "__main__":
    main()
