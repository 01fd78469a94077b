#!/usr/bin/env python3
"""Every table of the app: sorted by each of its columns by keyboard, filtered,
and found the same by its URL."""
import collections
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all

HOUR = DAY // 24
MINUTE = HOUR // 60
LATEST = 10  # the tenth of what is said of the present
PAGES = ROOT / "ui" / "src" / "pages"
HOSTS = ["mail.old.example:443", "another.example:443"]
PRICES = """[price-list]
currency = EUR
digits = 2
minimum = 10.00
allowance = 5G
per-gb = 1.50
valid-days = 30
[tiers]
1-10 = 25.00
11-100 = 9.50
101- = 20.00
"""
NAMES = ("zoe", "Adam", "mia")
OPERATOR_STOPS = [
    # the page's file, where it is shown, what its rows are called
    ("home", "/app", "migrations under way"),
    ("requests", "/app/requests?view=table", "requests"),
    ("request/owners", "/app/requests/{asked}?tab=owners",
     "owners who have not given a password"),
    ("request/history", "/app/requests/{asked}?tab=history",
     "lines of the history"),
    ("request/files", "/app/requests/{asked}?tab=files", "files"),
    ("migrations", "/app/migrations", "migrations"),
    ("migration", "/app/migrations/1", "mailboxes"),
    ("migration", "/app/migrations/1?tab=reports", "reports"),
    ("mailbox/ledger", "/app/mailboxes/1", "folders"),
    ("mailbox/ledger", "/app/mailboxes/1?tab=passes", "passes"),
    ("mailbox/check_tables", "/app/mailboxes/1?tab=check", "kinds of items"),
    ("mailbox/check_tables", "/app/mailboxes/1?tab=check",
     "items that are too large"),
    ("mailbox/check_tables", "/app/mailboxes/1?tab=check",
     "folders that were counted"),
    ("migration/causes", "/app/mailboxes/1?tab=failures",
     "items that failed"),
    ("fleet/workers", "/app/fleet", "workers"),
    ("fleet/hosts", "/app/fleet", "servers"),
    ("fleet/host", f"/app/hosts/{HOSTS[0]}", "workers at this server"),
    ("accounts", "/app/accounts", "accounts"),
    ("account/contacts", "/app/accounts/1", "contacts"),
    ("account/theirs", "/app/accounts/1?tab=requests", "requests"),
    ("account/theirs", "/app/accounts/1?tab=migrations", "migrations"),
    ("settings/tokens", "/app/settings?tab=tokens", "tokens"),
    ("settings/operators", "/app/settings?tab=operators", "operators"),
    ("settings/prices", "/app/settings?tab=prices", "prices of mailboxes"),
    ("settings/configuration", "/app/settings?tab=configuration",
     "settings"),
]
CONTACT_STOPS = [
    ("portal/looked_up", "/app/requests/{asked}?tab=mailboxes", "mailboxes"),
    ("portal/step_file", "/app/requests/{faulty}/setup?step=file",
     "faults in the file"),
]

# Columns of which these rows tell nothing; in all others some differ.
ALIKE = {("request/history", "When"), ("request/history", "What"),
         ("mailbox/ledger", "There before"), ("migration/causes", "Kind"),
         ("fleet/hosts", "State"), ("settings/operators", "Authenticator")}


def people(desk):
    for name in NAMES:
        desk.command("operator", "add", f"{name}@example.com", "--role",
                     "operator", "--password-file", desk.password_file)
    desk.command("account", "add", "P-900", "--name", "Middle",
                 "--verified-domain", "middle.example")
    desk.command("account", "add", "P-10000", "--name", "Bare")
    cookie = desk.cookie()
    for label, scope in (("nightly", "audit:read"), ("Billing", "events:read"),
                         ("metrics", "metrics:read")):
        desk.token([scope], cookie, label)
    now = now_us()
    with desk.database() as db:
        for table in ("operators", "accounts", "api_tokens"):
            # neither in the order of ids, nor against it
            db.execute(f"UPDATE {table} SET created_us = ? - id * 7 % 5 * ?",
                       [now, HOUR])
        db.execute("UPDATE api_tokens SET revoked_us = ? WHERE id = 2", [now])
        db.execute("UPDATE api_tokens SET expires_us = ? + id * 5 % 4 * ?",
                   [now + DAY, DAY])
        db.executemany("UPDATE contacts SET name = ? WHERE id = ?",
                       [("Zacharias", 1), ("Berta", 3)])


def requests(desk):
    """One in each state; what they wait for began at different times."""
    now = now_us()
    for n, state in enumerate(STATES):
        at = now - (n * 5 % 7 + 1) * HOUR
        desk.request(state, domain=f"{'qwertyuiopas'[n]}.example",
                     created_us=at - DAY, changed_us=at, state_us=at,
                     pieces_us=at,
                     start_day=f"2099-0{9 - n % 4}-05" if n % 3 == 1 else None,
                     quote_until_us=now + (DAY if n % 2 else -HOUR))


def migration(desk, name, mailboxes, host):
    side = {"url": f"https://{host}/owa", "user": "u", "password": "p"}
    got = desk.ask("POST", "/api/v1/migrations", {
        "account": 1, "name": name, "source": side, "destination":
        {**side, "url": "https://mail.new.example/owa"},
        "import": "Source Email,Destination Email\n" + "".join(
            f"{one}@old.example,{one}@acme.example\n" for one in mailboxes)},
        cookie=desk.cookie())
    equal(got.status, 201, got.text)
    number = answer_json(got)["id"]
    got = desk.ask("POST", f"/api/v1/migrations/{number}/actions",
                   {"action": "start", "pass": "full"}, cookie=desk.cookie())
    equal(got.status, 200, got.text)


def ledger(desk):
    """Of the first mailbox: three folders, three passes, what failed."""
    now = now_us()
    for number, (path, items) in enumerate((("Inbox", 12), ("Archive", 3),
                                            ("Sent Items", 7)), 1):
        desk.insert("folders", id=number, mailbox=1, source=f"s{number}",
                    path=path, n_items=items, n_listed=items,
                    destination=f"d{number}" if number < 3 else None)
        for n in range(1, items + 1):
            state = 3 if n <= 4 - number else 2 if n % 3 else 0
            item = desk.insert(
                "items", id=(number << 24) + n, state=state,
                size=n * 1000 * (5 - number), received=now - n * 11 % 5 * HOUR,
                source=b"\0%d-%d" % (number, n))
            if state == 3:
                desk.insert("item_texts", id=item, reason="it is too large",
                            subject=f"{NAMES[n % 3]} writes")
    for kind, outcome, n in (("full", "done", 4), ("check", None, 0),
                             ("delta", "stopped", 9)):
        desk.insert("passes", mailbox=1, kind=kind, outcome=outcome,
                    begun_us=now - n * 7 % 5 * HOUR,
                    ended_us=now - n * 7 % 5 * HOUR + 60_000_000
                    if outcome else 0, items_copied=n * 100, updated=n % 5,
                    moved=9 - n, removed=n * n, items_failed=n % 3,
                    conflicts=2 * n)
    with desk.database() as db:
        db.executemany("UPDATE mailboxes SET state = ?, reason = ?"
                       " WHERE id = ?", [(9, None, 1), (11, "no such user", 2),
                                         (4, None, 3), (9, None, 6)])


def under_way(desk):
    """Of each migration and mailbox another end and pace, in no order."""
    now = now_us()
    for migration, mailbox, hours in (
            (1, 0, 30), (2, 0, 9), (3, 0, 200),
            (1, 1, 9), (1, 2, 100), (1, 3, 3), (1, 4, 30), (1, 5, 11)):
        desk.insert("forecasts", migration=migration, mailbox=mailbox,
                    tenth=LATEST, at_us=now - HOUR, basis="a check",
                    p50_us=now + hours * HOUR // 2, p90_us=now + hours * HOUR)
    for mailbox, items, share in ((2, 5, 3), (3, 40, 1), (4, 9, 2)):
        folder = desk.insert("folders", id=3 + mailbox, mailbox=mailbox,
                             source="s", path="Inbox", n_items=items)
        for n in range(1, items + 1):
            desk.insert("items", id=(folder << 24) + n, size=1000,
                        state=2 if n % 5 < share else 0, source=b"%d" % n)
        desk.insert("paces", source="s", destination="d", mailbox=mailbox,
                    begun_us=now - MINUTE, took_us=MINUTE, items=items,
                    throttled_us=MINUTE * share // 8, bytes=10 ** (5 + share),
                    requests=9, beside=3, rest=0)
    with desk.database() as db:
        db.execute("UPDATE jobs SET state = 1, lease = id, expires = ?"
                   " WHERE mailbox IN (2, 3, 4)", [now + DAY])
        db.execute("UPDATE plans SET created_us = ?"
                   " - migration * 7 % 5 * ?",
                   [now, HOUR])


def checked(desk):
    """As fleet/checked.c writes it."""
    side = {"version": "15.1.225.42", "release": "Exchange 2016",
            "scheme": "ntlm", "rights": "impersonation",
            "primary_address": "f@old.example", "request_max_bytes": None,
            "roots": {}}
    amounts = {"mail": (90, 5_000_000), "task": (4, 12_000),
               "calendar": (31, 900_000)}
    desk.insert(
        "jobs", migration=1, mailbox=1, state=3, host=HOSTS[0], kind="check",
        result=json.dumps({
            "can_be_migrated": True, "source": side, "destination":
            {**side, "room": {"quota_bytes": None, "used_bytes": 0,
                              "needed_bytes": 5_912_000}},
            "to_copy": {"items": 125, "bytes": 5_912_000},
            "kinds": {kind: {"items": n, "bytes": size}
                      for kind, (n, size) in amounts.items()},
            "kinds_by": "folder", "findings": [],
            "large": {"limit_bytes": 25_000_000, "count": 3, "items": [
                {"folder": folder, "subject": subject, "class": "IPM.Note",
                 "received": received, "bytes": size}
                for folder, subject, received, size in (
                    ("Inbox", "a film", "2026-03-01T08:00:00Z", 40_000_000),
                    ("Archive", "Zebras", None, 26_000_000),
                    ("Sent", None, "2025-03-01T08:00:00Z", 90_000_000))]},
            "expected": {"by": "default", "least_seconds": 60,
                         "most_seconds": 600},
            "folders": [
                {"path": path, "well_known": None, "class": "IPF.Note",
                 "kind": kind, "items": n, "bytes": size, "skipped": False}
                for path, kind, n, size in (
                    ("Inbox", "mail", 85, 800_000),
                    ("Archive", "mail", 5, 4_200_000),
                    ("Tasks", "task", 4, 12_000),
                    ("calendar", "calendar", 31, 900_000))]}))


def fleet(desk):
    now = now_us()
    for n, name in enumerate(("mover-10:1:a", "mover-9:1:b", "other:1:c")):
        # the first is gone, the others are there until long after the test
        desk.insert("workers", name=name, begun_us=now - DAY,
                    seen_us=now + ((n * 2 % 3) or -1) * HOUR, draining=n % 2,
                    at_once=8, running=n * 2 % 3, items=n * 7 % 5 * 1000,
                    bytes=10 ** (4 + n), ended=3 - n, leases_lost=n % 2)
        for far, host in enumerate(HOSTS[:2 if n else 1]):
            desk.insert("worker_hosts", worker=name, host=host,
                        in_flight=n + 3 * far, waiting=4 - n, places=12,
                        requests=500 * (n + 1), busy=7 * (n * 2 % 3),
                        throttled_us=(n * 2 % 3) * 61_000_000,
                        parked_until_us=now + HOUR if n == 1 else 0,
                        quiet_until_us=0)


def asked(desk):
    """A request with files, notes, and owners who have to give passwords."""
    now = now_us()
    number = desk.request("running", migration=1, domain="asked.example",
                          partner="P-900", opened_by="zoe@middle.example")
    for text in ("they pay late", "Bill is away"):
        desk.command("request", "note", number, text)
    got = desk.ask("POST", f"/api/v1/requests/{number}/actions",
                   {"action": "note", "reason": "a call"},
                   cookie=desk.cookie())
    equal(got.status, 204, got.text)
    for n, name in enumerate(("users.csv", "Answer.csv", "list-10.csv")):
        desk.insert("request_files", request=number, ref=f"r{n}", name=name,
                    digest="00ff" * 16, bytes=(n * 2 % 3 + 1) * 1500,
                    created_us=now - (n * 5 % 3) * HOUR)
    for mailbox, side, tries, far in ((1, 0, 3, 2), (2, 1, 3, -2),
                                      (3, 0, 0, 1)):
        desk.insert("owners", mailbox=mailbox, side=side, tries=tries,
                    hash=b"%d" % mailbox, asked_us=now - mailbox * 3 % 4
                    * HOUR, expires_us=now + far * HOUR,
                    reminded_us=now - HOUR if mailbox == 3 else 0)
    desk.insert("owners", mailbox=4, side=0)
    return number


def faulty(desk, cookie):
    number = desk.request("awaiting information", missing="import-file",
                          domain="acme.example")
    got = desk.upload(
        f"/api/v1/requests/{number}/files", cookie,
        b"Source Email,Destination Email\nnobody,a@acme.example\n"
        b"b@acme.example,nowhere\nc@other.example,c@acme.example\n")
    check(got.status in (200, 201), got.text)
    return number


def filled(desk):
    people(desk)
    requests(desk)
    migration(desk, "spring", ("f", "b", "d", "a", "c"), HOSTS[0])
    migration(desk, "Autumn", ("x",), HOSTS[1])
    migration(desk, "winter 10", ("y", "z"), HOSTS[0])
    ledger(desk)
    under_way(desk)
    checked(desk)
    fleet(desk)
    return {"asked": asked(desk)}


def stops(all_of_them, **numbers):
    return [{"page": page, "path": path.format(**numbers), "caption": caption}
            for page, path, caption in all_of_them]


@case
def no_table_is_left_out():
    """Each <Table> and <BigTable> of a page is one of those below."""
    used = collections.Counter()
    for file in PAGES.rglob("*.tsx"):
        page = str(file.relative_to(PAGES))[:-len(".tsx")]
        for caption in re.findall(r'<(?:Big)?Table\s+caption="([^"]+)"',
                                  file.read_text()):
            used[page, caption] += 1
        equal(len(re.findall(r"<(?:Big)?Table\b", file.read_text())),
              sum(n for (of, _), n in used.items() if of == page),
              f"tables of {page} whose caption is told first")
    equal(used, collections.Counter(
        (page, caption) for page, _, caption in
        OPERATOR_STOPS + CONTACT_STOPS), "tables")


@case
def every_table_is_sorted_and_filtered_by_its_url():
    desk = over_tls(Desk, "--limit-sign-in", 100, start=False, env={
        "MAILFERRY_LIMITS_PRINCIPAL": "100000",
        "MAILFERRY_LIMITS_ADDRESS": "100000"})
    with desk:
        file = desk.dir / "prices.ini"
        file.write_text(PRICES)
        desk.env["MAILFERRY_DESK_PRICE_LIST"] = str(file)
        desk.start()
        numbers = filled(desk)
        found = browse(desk, "tables", "each", seconds=900,
                       cookies={"admin": desk.cookie()}, states=STATES,
                       stops=stops(OPERATOR_STOPS, **numbers))
        anna = desk.contact("anna@acme.example")
        found += browse(desk, "tables", "each", cookies={"anna": anna},
                        seconds=900, states=STATES,
                        stops=stops(CONTACT_STOPS, **numbers,
                                    faulty=faulty(desk, anna)))
        for one in found:
            print(f"{one['page']}, {one['caption']}: {one['columns']} columns,"
                  f" {one['rows']} rows, all alike in {one['alike']}")
            check(one["columns"] >= 1, f"{one}: it can be sorted by nothing")
            check({(one["page"], title) for title in one["alike"]} <= ALIKE,
                  f"{one}: which comes first is not told")


if __name__ == "__main__":
    main()
