#!/usr/bin/env python3
"""Sign-in, accounts, contacts and settings in a browser."""
import pathlib
import shutil
import sys
import urllib.parse

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
def an_authenticator_reads_the_picture():
    """Debian's zbar is the camera, which shares nothing with what draws it."""
    zbarimg = shutil.which("zbarimg")
    if not zbarimg:
        raise Skip("zbarimg is not there: packaging/install-packages installs "
                   "Debian's zbar-tools")
    with over_tls(Service, "--limit-sign-in", 100) as service:
        found = browse(service, "people", "picture",
                       cookies={"admin": service.cookie()},
                       password=PASSWORD, zbarimg=zbarimg)["read"]
        equal(len(found), 4, "pictures")
        equal(len(set(found.values())), 1, f"what they say: {found}")
        uri = urllib.parse.urlsplit(found["qr-light-1280"])
        said = dict(urllib.parse.parse_qsl(uri.query))
        equal((uri.scheme, uri.netloc, urllib.parse.unquote(uri.path)),
              ("otpauth", "totp", f"/Mailferry:{ADMIN}"), "whose, and of what")
        equal(said.pop("issuer"), "Mailferry", "issuer")
        equal(len(said.pop("secret")), 32, "160 bits (RFC 4226, 4)")
        # what is not the default would have to be said, and apps pass it over
        equal({**said, "algorithm": "SHA1", "digits": "6", "period": "30"},
              {"algorithm": "SHA1", "digits": "6", "period": "30"}, "the rest")
        equal(service.sign_in().status, 401, "without a code")


@case
def accounts_and_contacts_are_edited():
    with over_tls(Service) as service:
        browse(service, "people", "accounts",
               cookies={"operator": service.cookie(OPERATOR)})
        equal([one["action"] for one in answer_json(service.ask(
            "GET", "/api/v1/audit?subject=fay", cookie=service.cookie()))[
                "items"]],
              ["contact.add", *["contact.change"] * 9, "contact.remove"],
              "trail")


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

        def change(*words):
            desk.command("operator", "change", "dora@example.com", *words)

        browse(desk, "people", "settings", cookies={"admin": desk.cookie()},
               hooks={"enrol": lambda: change("--totp"),
                      "faster": lambda: change("--role", "admin")})
        equal(desk.sign_in("dora@example.com", OTHER).status, 401, "disabled")
        browse(desk, "people", "operator",
               cookies={"operator": desk.cookie(OPERATOR)})


if __name__ == "__main__":
    main()
