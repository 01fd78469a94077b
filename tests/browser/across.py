#!/usr/bin/env python3
"""What holds across all pages: policy, weight, roles, staleness, memory."""
import contextlib
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all

TABLE = ROOT / "ui" / "src" / "table.ts"
SIDE = {"url": "https://mail.old.example/owa", "user": "u", "password": "p"}
HOST = "mail.old.example"
STAFF = ("admin", "operator")
CONTACTS = ("primary", "billing", "technical")
# As ui/src/table.ts calls them; and what is there for those who pay alone.
WHOSE = {"isStaff": STAFF, "contacts": CONTACTS, "anybody": STAFF + CONTACTS}
NOT_THEIRS = {("/new", "technical"), ("/requests/:id/setup", "technical")}
# What is no id, though something might take it for one.
NO_IDS = ("new", "0", "-1", "1e3", "NaN", "9" * 20)
# Of everything that the first page of a browser that has nothing needs.
WEIGHT_BYTES = 100_000


def filled():
    """A desk with a request in each state, and the sessions of all roles."""
    # as many requests as these tests make are no attack
    desk = over_tls(Desk, env={"MAILFERRY_LIMITS_PRINCIPAL": "100000",
                               "MAILFERRY_LIMITS_ADDRESS": "100000"})
    for state in STATES:
        desk.request(state)
    return desk


def contacts(desk):
    return {role: desk.contact(f"{name}@acme.example")
            for name, role in PEOPLE.items()}


def sessions(desk):
    return {"operator": desk.cookie(OPERATOR), "admin": desk.cookie(),
            **contacts(desk)}


@case
def the_first_page_weighs_little():
    with filled() as desk:
        found = browse(desk, "across", "weight",
                       cookies={"admin": desk.cookie()})
        print(f"{found['bytes']} bytes in {found['files']} answers")
        check(found["files"] >= 3, "a page, its script and its style")
        check(10_000 < found["bytes"] < WEIGHT_BYTES, f"{found}")


@case
def every_page_of_every_role_keeps_its_policy():
    with filled() as desk:
        cookies = sessions(desk)
        found = browse(desk, "across", "navigation", cookies,
                       people=list(cookies))
        check(len(found["seen"]) >= len(cookies), f"{found}")
        print("\n".join(found["seen"]))


def pages():
    """Each page of ui/src/table.ts: its path, and who it is for."""
    text = TABLE.read_text()
    found = re.findall(r'\{ path: "([^"]+)",.*\bfor: (\w+) \}', text)
    equal(len(found), text.count("{ path: "), "pages that are understood")
    return found


def visits(requests):
    """Each page as each role, of each state, of nothing, and of nonsense."""
    entries = pages()
    for path in dict.fromkeys(path for path, _ in entries):
        may = [who for at, whose in entries if at == path
               for who in WHOSE[whose] if (path, who) not in NOT_THEIRS]
        address = f"/app{path}".replace(":host", HOST)
        first, *more = requests if path.startswith("/requests/") else [1]
        for who in WHOSE["anybody"]:
            yield (who, address.replace(":id", str(first)),
                   "a page" if who in may else "no page")
        for number in more:
            yield may[-1], address.replace(":id", str(number)), "a page"
        if ":id" in path:
            yield may[0], address.replace(":id", "4096"), "no data"
            for nonsense in NO_IDS:
                yield may[0], address.replace(":id", nonsense), "no page"


@case
def no_page_asks_for_what_is_not_there():
    with filled() as desk:
        with desk.database() as db:
            # else it is said that the quote is being made, without an end
            db.execute("UPDATE requests SET missing = 'import-file'"
                       " WHERE quote IS NULL")
            requests = [number for (number,) in db.execute(
                "SELECT id FROM requests ORDER BY id")]
        equal(len(requests), len(STATES), "requests")
        got = desk.ask("POST", "/api/v1/migrations", {
            "account": 1, "name": "Spring", "source": SIDE,
            "destination": SIDE, "import": "Source Email,Destination Email\n"
            "u@old.example,u@acme.example\n"}, cookie=desk.cookie())
        equal(got.status, 201, got.text)
        browse(desk, "across", "addresses", sessions(desk), seconds=900,
               visits=[{"who": who, "path": path, "shows": shows}
                       for who, path, shows in visits(requests)])


@case
def a_technical_contact_looks_and_does_not_approve():
    with over_tls(Desk) as desk:
        number = desk.request("quoted")
        found = browse(desk, "across", "technical", contacts(desk),
                       request=number, total="290")
        equal(found["status"], 403, "the API")
        equal(desk.state(number), "quoted", "state")


class Line(Front):
    """A front whose connections can be cut, and that then takes none."""

    def __init__(self, service):
        self.is_cut, self.all = False, []
        super().__init__(service)
        self.env, self.port = service.env, self.socket.getsockname()[1]

    def join(self, asking):
        self.all.append(asking)
        if self.is_cut:
            self.end(asking)
        else:
            super().join(asking)

    @staticmethod
    def end(one):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)

    def cut(self):
        self.is_cut = True
        for one in self.all:
            self.end(one)

    def mend(self):
        self.is_cut = False


@case
def a_cut_stream_is_told_and_mended():
    with over_tls(Desk) as desk, Line(desk) as line:
        number = desk.request("quoted")

        def mend():
            desk.command("request", "refuse", number, "--reason", "none")
            desk.request("ready for cutover")
            line.mend()

        browse(line, "across", "stale", {"operator": desk.cookie(OPERATOR)},
               hooks={"cut": line.cut, "mend": mend},
               state="ready for cutover")


@case
def memory_does_not_grow_with_events():
    with filled() as desk:
        found = browse(desk, "across", "memory", {"admin": desk.cookie()},
                       events=20_000, types=["audit", "request", "migration",
                                             "mailbox", "progress", "job"])
        print(found)


if __name__ == "__main__":
    main()
