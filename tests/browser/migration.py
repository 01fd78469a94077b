#!/usr/bin/env python3
"""The pages of migrations and mailboxes in a browser: ten thousand rows, what
is done to some of them, by keyboard alone, and what the service has of it."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all
from mover import Operator  # noqa: E402


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
def what_is_done_to_some():
    with over_tls(Service) as service:
        operator = made(service, 4)
        browse(service, "migration", "deeds",
               cookies={"operator": operator.cookie})
        equal(states(operator), {"cancelled": 4}, "at last")
        one = operator.get("/migrations/1")
        equal((one["name"], one["most"]), ("Contoso Ltd", 2), "settings")
        equal(operator.get("/mailboxes/1")["flags"], 1, "flags")


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
