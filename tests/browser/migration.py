#!/usr/bin/env python3
"""The pages of migrations and mailboxes in a browser: ten thousand rows, what
is done to some of them, by keyboard alone, and what the service has of it."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all
from mover import Operator, admin  # noqa: E402


def rows(n):
    return "Source Email,Destination Email\n" + "".join(
        f"u{i:05d}@old.example,u{i:05d}@new.example\n" for i in range(1, n + 1))


def made(service, n):
    operator = Operator(service)
    side = {"url": "https://mail.old.example/owa", "user": "admin",
            "password": "planted-Secret1"}
    operator.ask(201, "POST", "/migrations", {
        "name": "Contoso", "import": rows(n), "source": side,
        "destination": side})
    return operator


def states(operator):
    return operator.get("/migrations/1")["jobs"]


@case
def ten_thousand_rows_by_keyboard():
    with over_tls(Service) as service:
        operator = made(service, size(10000, 2000))
        browse(service, "migration", "table",
               cookies={"operator": operator.cookie}, n=size(10000, 2000))
        equal(states(operator), {"queued": 3}, "what was started")


@case
def what_waits_for_an_operator():
    with over_tls(Service) as service:
        operator = made(service, 3)

        def do(action, **more):
            operator.ask(200, "POST", "/migrations/1/actions",
                         {"action": action, **more})

        do("start", **{"pass": "full"})
        browse(service, "migration", "today",
               cookies={"operator": operator.cookie},
               hooks={"pause": lambda: do("pause")})


@case
def what_does_not_get_on_is_told():
    with over_tls(Desk, env={"MAILFERRY_DESK_STALL_TIME": "5s"}) as desk:
        operator = made(desk, 1)

        def job(change, *values):
            with desk.database() as db:
                db.execute(f"UPDATE jobs SET {change}", values)

        def moved(at_us):
            """Its worker renews it; that is when it got on last."""
            job("state = 1, worker = 'mover', claims = 1, lease = 1,"
                " expires = ?, moved_us = ?", now_us() + DAY, at_us)

        operator.ask(200, "POST", "/migrations/1/actions",
                     {"action": "start", "pass": "full"})
        moved(now_us() + DAY)
        browse(desk, "migration", "stalls", address="u00001@old.example",
               cookies={"operator": operator.cookie},
               hooks={"still": lambda: moved(now_us() - DAY),
                      "over": lambda: job("state = 3")})


@case
def what_is_done_to_some():
    with over_tls(Service) as service:
        operator = made(service, 4)
        browse(service, "migration", "deeds",
               cookies={"operator": operator.cookie})
        equal(states(operator), {"cancelled": 4}, "at last")
        one = operator.get("/migrations/1")
        equal((one["name"], one["most"]), ("Contoso Ltd", 2), "settings")
        box = operator.get("/mailboxes/1")
        equal((box["flags"], box["options"]),
              (1, {"no-archive": True, "kinds": ["mail"]}), "its own")


@case
def what_a_check_found():
    items = 7
    with Pair(1, items) as pair, over_tls(Service, "--at-once", 1, env={
            "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
            "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8"}) as service:
        operator = Operator(service)
        operator.ask(201, "POST", "/migrations", {
            "name": "Contoso", "import": pair.admin_csv.read_text(
                encoding="utf-8-sig"),
            "source": admin(pair, "source"),
            "destination": admin(pair, "destination")})

        def look():
            operator.ask(200, "POST", "/migrations/1/actions",
                         {"action": "start", "pass": "check"})
            until("ended", lambda: not {"queued", "running"} & set(
                operator.get("/migrations/1")["jobs"]))

        def lock():
            operator.ask(204, "PATCH", "/migrations/1", {"source": {
                "user": pair.env["SOURCE_ADMIN"], "password": "not it"}})
            look()

        browse(service, "migration", "check",
               cookies={"operator": operator.cookie},
               hooks={"look": look, "lock": lock}, remedy="What to do:",
               items=items,
               rights="by the administrative account")


# A value that is not the usual one for each that docs/openapi.yaml has, but
# for those that exclude others.
APART = {"trial", "pre-stage"}
TOLD = {
    "by-item": True, "max-failures": 9, "kinds": ["mail", "task"],
    "verify": "full", "settings": ["rules", "photo"], "unlike": "copy",
    "enable-forwarding": True, "replace-outlook-rules": True,
    "replace-photo": True, "dry-run": True, "propagate-deletes": True,
    "no-digest": True, "adopt": True, "no-archive": True,
    "recoverable-items": True, "doubt-wait": 60,
    "patience": "2h", "since": "2026-01-31",
    "before": "2026-10-31", "max-item-size": "25M", "request-limit": "35M",
    "lanes": 4, "first-requests": 2, "folder": ["Inbox", "Projects/2019*"],
    "not-folder": ["Junk"], "allow-host": ["mail.example:444"],
}


@case
def all_that_it_can_be_told():
    text = (ROOT / "docs" / "openapi.yaml").read_text()
    schema = text.split("\n    Options:\n")[1].split("\n    Side:\n")[0]
    equal(set(re.findall(r"^        ([a-z-]+): ", schema, re.M)),
          {*TOLD, *APART}, "options of the API")
    with over_tls(Service) as service:
        operator = made(service, 1)
        operator.ask(204, "PATCH", "/migrations/1", {"options": TOLD})

        def check():
            equal(operator.get("/migrations/1")["options"], {
                **{name: to for name, to in TOLD.items()
                   if name != "no-archive"},
                "lanes": 3, "settings": ["rules", "photo", "delegates"],
                "not-folder": ["Junk", "Spam"]}, "what it is told")

        def kept():
            one = operator.get("/migrations/1")
            equal((one["name"], one["most"]), ("Faster", 0), "theirs")

        browse(service, "migration", "told", options=len(TOLD),
               cookies={"operator": operator.cookie}, hooks={
                   "check": check, "kept": kept,
                   "faster": lambda: operator.ask(
                       204, "PATCH", "/migrations/1", {"name": "Faster"})})
        equal(operator.get("/migrations/1")["most"], 7, "mine, in the end")


@case
def a_migration_of_a_file():
    with over_tls(Service) as service:
        operator = Operator(service)
        browse(service, "migration", "add", good=rows(2),
               bad=rows(2) + "no-address,u9@new.example\n",
               cookies={"operator": operator.cookie})
        equal(operator.get("/migrations/1")["mailboxes"], 3, "mailboxes")


if __name__ == "__main__":
    main()
