#!/usr/bin/env python3
"""The pages behind the links of letters in a browser, and that this harness
sees what must not happen."""
import base64
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all


@case
def a_quote_is_approved_by_keyboard():
    with over_tls(Desk) as desk:
        number = desk.request("quoted")
        found = browse(desk, "plain", "approve",
                       token=desk.link("approve", number))
        contains(found["title"], "used already")
        equal(desk.state(number), "approved", "state")
    for colours in ("light", "dark", "phone"):
        check((SHOTS / f"approve-{colours}.png").stat().st_size > 1000,
              f"a picture: {colours}")


def owner_token(desk, mailbox, until):
    """Of the link that the letter to a mailbox's owner would have."""
    token = "mfl_" + base64.urlsafe_b64encode(
        os.urandom(32)).decode().rstrip("=")
    desk.insert("owners", mailbox=mailbox, side=0, hash=hash_of(token),
                asked_us=now_us() - 2 * DAY, expires_us=until, tries=3)
    return token


@case
def an_owner_gives_a_wrong_password_on_a_phone():
    with Pair(2, 3) as pair, over_tls(Desk, "--at-once", 0, env={
            "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
            "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8"}) as desk:
        got = desk.ask("POST", "/api/v1/migrations", {
            "name": "Spring", "import": pair.passwords_csv.read_text(),
            "source": {"url": pair.env["SOURCE_URL"]},
            "destination": {"url": pair.env["DESTINATION_URL"]}},
            cookie=desk.cookie())
        equal(got.status, 201, got.text)
        browse(desk, "plain", "owner",
               token=owner_token(desk, 1, now_us() + DAY),
               late=owner_token(desk, 2, now_us() - DAY))
        with desk.database() as db:
            equal(db.execute("SELECT tries FROM owners ORDER BY id")
                  .fetchall(), [(0,), (3,)], "tries that are left")
    for colours in ("light", "dark", "phone"):
        check((SHOTS / f"owner-{colours}.png").stat().st_size > 1000,
              f"a picture: {colours}")


@case
def sessions_are_the_browsers():
    with over_tls(Service) as service:
        found = browse(service, "plain", "session",
                       cookies={"operator": service.cookie(OPERATOR)})
        equal(json.loads(found["text"])["name"], OPERATOR, "who")
    with Service("--at-once", 0) as service:
        found = browse(service, "plain", "session",
                       cookies={"admin": service.cookie()})
        equal(json.loads(found["text"])["name"], ADMIN, "without TLS")


@case
def what_must_not_happen_is_seen():
    planted = {
        "label": "axe, dark: label: Form elements must have labels",
        "contrast": "axe, dark: color-contrast",
        "violation": "policy: script-src-elem against inline",
        "elsewhere": "asked another host: https://other.example/",
        "exception": "exception: Error: planted",
        "unexpected": "404 from GET",
        "none": "there is no case",
    }
    with over_tls(Desk) as desk:
        number = desk.request(missing="owa-url\nimport-file")
        for name, wanted in planted.items():
            try:
                browse(desk, "plain", name, token=desk.link("supply", number))
            except Failure as why:
                contains(str(why), wanted, name)
            else:
                raise Failure(f"{name}: nothing was seen")


if __name__ == "__main__":
    main()
