#!/usr/bin/env python3
"""The pages behind the links of letters in a browser, and that this harness
sees what must not happen."""
import json
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
