#!/usr/bin/env python3
"""The pages behind the links of letters in a browser, and that this harness
sees what must not happen."""
import base64
import json
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all
from mover import Operator, admin  # noqa: E402


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
        desk.command("account", "add", "P-3003", "--name", "Contoso Ltd",
                     "--verified-domain", "contoso.example")
        got = desk.ask("POST", "/api/v1/migrations", {
            "name": "Spring", "import": pair.passwords_csv.read_text(),
            "account": 3, "source": {"url": pair.env["SOURCE_URL"]},
            "destination": {"url": pair.env["DESTINATION_URL"]}},
            cookie=desk.cookie())
        equal(got.status, 201, got.text)
        browse(desk, "plain", "owner", address="user1@contoso.example",
               host="127.0.0.1", token=owner_token(desk, 1, now_us() + DAY),
               late=owner_token(desk, 2, now_us() - DAY))
        with desk.database() as db:
            equal(db.execute("SELECT tries FROM owners ORDER BY id")
                  .fetchall(), [(0,), (3,)], "tries that are left")
    for colours in ("light", "dark", "phone"):
        check((SHOTS / f"owner-{colours}.png").stat().st_size > 1000,
              f"a picture: {colours}")


@case
def a_certificate_is_read_and_printed():
    with Pair(2, 6) as pair, over_tls(Desk, "--at-once", 2, env={
            "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
            "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8"}) as desk:
        operator = Operator(desk)

        def passed(kind):
            operator.ask(200, "POST", "/migrations/1/actions",
                         {"action": "start", "pass": kind})
            until("ended", lambda: set(operator.get("/migrations/1")["jobs"])
                  == {"done"})

        operator.ask(201, "POST", "/migrations", {
            "name": "Spring", "import": pair.admin_csv.read_text(
                encoding="utf-8-sig"),
            "options": {"doubt-wait": 1, "verify": "full"},
            "source": admin(pair, "source"),
            "destination": admin(pair, "destination")})
        passed("full")
        moved = len(pair.digest("destination", "--all"))
        pair.control("destination", "/lab/change?delete=1")
        passed("verify")
        there = len(pair.digest("destination", "--all"))
        check(0 < there < moved, f"{there} of {moved}")
        number = desk.request("completed", migration=1)
        browse(desk, "plain", "certificate", equal=there,
               missing=moved - there, token=desk.link("certificate", number))


@case
def every_page_behind_a_link_is_one_of_ours():
    """Good links, and those that open nothing (any more)."""
    with over_tls(Desk) as desk:
        lacks = desk.request(missing="owa-url\nimport-file\ncredentials")
        quoted = desk.request("quoted", domain="q.acme.example")
        ready = desk.request("ready for cutover", domain="r.acme.example")
        wait = len(desk.outbox())
        equal(desk.ask("POST", "/api/v1/links",
                       {"address": "anna@acme.example"}).status, 202, "asked")
        until("the mail", lambda: len(desk.outbox()) > wait)
        text = desk.command("outbox", "show", desk.outbox()[-1][0]).out
        browse(desk, "plain", "pages", pages=[
            [re.search(r"https?://[^/]+(/sign-in/\S+)", text).group(1), 200],
            [f"/supply/{desk.link('supply', lacks)}", 200],
            [f"/approve/{desk.link('approve', quoted)}", 200],
            [f"/approve/{desk.link('approve', ready)}", 409],
            [f"/cutover/{desk.link('cutover', ready)}", 200],
            *[[f"/{kind}/mfl_none", 404] for kind in (
                "sign-in", "supply", "approve", "cutover", "certificate",
                "owner")]])


@case
def their_colours_are_those_of_the_app():
    tokens = re.findall(r"--([a-z-]+): light-dark\((#\w+), (#\w+)\)",
                        (ROOT / "ui/src/style/tokens.css").read_text())
    style = (ROOT / "src/web/pages.css").read_text()
    light, dark = style.split("@media (prefers-color-scheme: dark)", 1)
    found = [dict(re.findall(r"--([a-z-]+): (#\w+);", part))
             for part in (light, dark)]
    check(len(found[0]) >= 8 and found[0].keys() == found[1].keys(), found)
    for name, *want in tokens:
        if name in found[0]:
            equal([part[name] for part in found], want, name)
    equal(found[0].keys() - {name for name, *_ in tokens}, set(), "its own")


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
