#!/usr/bin/env python3
"""Sign-in, accounts, contacts and settings in a browser."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all
from desk_play import PRICES  # noqa: E402

OTHER = "another-long-password"


@case
def an_operator_signs_in_and_minds_their_own():
    with over_tls(Service, "--limit-sign-in", 100) as service:
        found = browse(service, "people", "sign_in", who=ADMIN,
                       password=PASSWORD, other=OTHER)
        equal(service.sign_in(password=OTHER).status, 401, "without a code")
        check(found["secret"].replace(" ", "") not in service.text(),
              "the secret is in the log")


@case
def accounts_and_contacts_are_edited():
    with over_tls(Service) as service:
        browse(service, "people", "accounts",
               cookies={"operator": service.cookie(OPERATOR)})
        equal([one["action"] for one in answer_json(service.ask(
            "GET", "/api/v1/audit?subject=fay", cookie=service.cookie()))[
                "items"]],
              ["contact.add", "contact.change", "contact.change",
               "contact.change", "contact.remove"], "trail")


@case
def a_table_is_taken_in():
    with over_tls(Service) as service:
        cookie = service.cookie(OPERATOR)
        browse(service, "people", "table", cookies={"operator": cookie})
        equal({one["address"] for one in answer_json(service.ask(
            "GET", "/api/v1/contacts", cookie=cookie))["items"]},
            {"anna@one.example", "bill@two.example"}, "contacts")


@case
def the_service_is_looked_after():
    desk = over_tls(Desk, "--limit-sign-in", 50, start=False)
    with desk:
        file = desk.dir / "prices.ini"
        file.write_text(PRICES)
        desk.env["MAILFERRY_DESK_PRICE_LIST"] = str(file)
        desk.start()
        browse(desk, "people", "settings", cookies={"admin": desk.cookie()})
        equal(desk.sign_in("dora@example.com", OTHER).status, 401, "disabled")
        browse(desk, "people", "operator",
               cookies={"operator": desk.cookie(OPERATOR)})


if __name__ == "__main__":
    main()
