#!/usr/bin/env python3
"""How a service reaches servers: several accounts, applications, a proxy a
side; and quiet hours that reach what is under way."""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from proxy import Proxy  # noqa: E402
from service import *  # noqa: E402,F403 pylint: disable=all

CLIENT, SECRET = "8d2a4c06-mailferry", "w0rds&More=Secret/7"


def base(pair, side):
    return pair.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0]


def admin(pair, side):
    """The URL and the administrator of a side."""
    password = pathlib.Path(pair.env[f"{side.upper()}_PASSWORD_FILE"])
    return {"url": pair.env[f"{side.upper()}_URL"],
            "user": pair.env[f"{side.upper()}_ADMIN"],
            "password": password.read_text().strip()}


class Moves:
    """A migration of the pair's mailboxes in a service."""

    def __init__(self, service, pair, file=None, **sides):
        self.service, self.cookie = service, service.cookie(OPERATOR)
        file = file or pair.admin_csv
        made = self.ask(201, "POST", "/migrations", {
            "name": "m", "import": file.read_text(encoding="utf-8-sig"),
            "options": {"doubt-wait": 1}, "source": admin(pair, "source"),
            "destination": admin(pair, "destination"), **sides})
        self.path = f"/migrations/{answer_json(made)['id']}"

    def ask(self, status, method, path, body=None):
        got = self.service.ask(method, f"/api/v1{path}", body,
                               cookie=self.cookie)
        equal(got.status, status, f"{method} {path}: {got.text}")
        return got

    def get(self, path):
        return answer_json(self.ask(200, "GET", path))

    def start(self, kind="full"):
        self.ask(200, "POST", f"{self.path}/actions",
                 {"action": "start", "pass": kind})

    def jobs(self):
        return self.get(self.path)["jobs"]

    def wait_ended(self):
        until("ended", lambda: not {"queued", "running"} & set(self.jobs()))

    def move(self, kind="full"):
        self.start(kind)
        self.wait_ended()
        equal(set(self.jobs()), {"done"}, f"jobs: {self.service.text()[-3000:]}")

    def reasons(self):
        boxes = self.get(f"{self.path}/mailboxes")["items"]
        return "\n".join(f"{b['reason']} {b['remedy']} {b['job']}"
                         for b in boxes)


# ---- several accounts ------------------------------------------------------

def accounts_pair(*more, items=30):
    """Six mailboxes; the last two users may open all, by full access."""
    grants = [f"source:--full-access=user{n}@contoso.example=*"
              for n in (5, 6)]
    return Pair(6, items, options=["source:--no-impersonation", *grants, *more])


def accounts(pair, *numbers):
    """Of these users; the passwords are in the other import file."""
    rows = [line.split(",") for line in
            pair.passwords_csv.read_text().splitlines()[1:]]
    return {"url": pair.env["SOURCE_URL"], "accounts": [
        {"user": row[1], "password": row[2]} for row in rows
        if row[0].split("@")[0] in [f"user{n}" for n in numbers]]}


def requests_of(pair, number):
    return pair.counters("source")[f"mailbox.user{number}@contoso.example"
                                   ".requests"]


@case
def mailboxes_are_spread_over_accounts():
    with accounts_pair("source:--latency=20") as pair, \
            serving(pair, "--at-once", 6) as service:
        moves = Moves(service, pair, source=accounts(pair, 5, 6))
        moves.move()
        pair.assert_moved()
        check(min(requests_of(pair, n) for n in (5, 6)) > 0, "one did it all")
        equal([requests_of(pair, n) for n in (1, 2, 3, 4)], [0] * 4,
              "requests with rights of others")
        # who gives the whole list anew gives who is to go on
        moves.ask(204, "PATCH", moves.path, {
            "source": {"accounts": accounts(pair, 6)["accounts"]}})
        before = requests_of(pair, 5)
        pair.add(6)
        moves.move("delta")
        pair.assert_moved()
        equal(requests_of(pair, 5), before, "requests of one that was let go")


@case
def an_account_that_is_refused_is_replaced():
    """Its mailboxes go on with the other; in later passes, too, nothing is
    sent with it, until the migration is told otherwise."""
    with accounts_pair("source:--auth=basic") as pair, \
            serving(pair, "--at-once", 6) as service:
        moves = Moves(service, pair, source=accounts(pair, 5, 6))
        pair.faults("source", "refuse-login:mailbox=user6@contoso.example,"
                    "skip=20")
        moves.move()
        pair.assert_moved()
        refused = pair.counters("source")["refused.401"]
        check(refused > 0, "nobody was refused: the test proves nothing")
        pair.add(6)
        moves.move("delta")
        pair.assert_moved()
        equal(pair.counters("source")["refused.401"], refused,
              "refusals of a later pass")
        # its password is right again, and somebody says so
        pair.faults("source")
        moves.ask(204, "PATCH", moves.path, {
            "source": {"accounts": accounts(pair, 6)["accounts"]}})
        moves.move("delta")


@case
def when_all_are_refused_nothing_is_tried_again():
    with accounts_pair("source:--auth=basic", items=5) as pair, \
            serving(pair, "--at-once", 1) as service:
        wrong = accounts(pair, 5, 6)
        for one in wrong["accounts"]:
            one["password"] = "not-the-password"
        moves = Moves(service, pair, source=wrong)
        moves.start()
        moves.wait_ended()
        equal(set(moves.jobs()), {"failed"}, "jobs")
        equal(pair.counters("source")["refused.401"], 2,
              "how often for six mailboxes: once an account")
        contains(moves.reasons(), "is not tried again")
        moves.ask(204, "PATCH", moves.path, {
            "source": {"accounts": accounts(pair, 5, 6)["accounts"]}})
        moves.ask(200, "POST", f"{moves.path}/actions", {"action": "retry"})
        moves.wait_ended()
        equal(set(moves.jobs()), {"done"}, "jobs")
        pair.assert_moved()


# ---- applications ----------------------------------------------------------

@case
def an_application_for_both_sides():
    with Pair(2, 20, options=[f"--oauth-client={CLIENT}:{SECRET}",
                              "--auth=bearer"]) as pair, \
            serving(pair, "--at-once", 1) as service:
        def side(name, secret=SECRET):
            return {"client": CLIENT, "secret": secret,
                    "tokenUrl": base(pair, name) + "/oauth2/v2.0/token"}
        moves = Moves(service, pair, **{
            name: {"url": pair.env[f"{name.upper()}_URL"],
                   "oauth": side(name, "not-it")}
            for name in ("source", "destination")})
        moves.start()
        moves.wait_ended()
        equal(set(moves.jobs()), {"failed"}, "with a wrong secret")
        equal(pair.counters("source")["requests.token"], 1,
              "how often the wrong secret was sent for two mailboxes")
        contains(moves.reasons(), "invalid_client")
        check("not-it" not in moves.reasons(), "the secret is told")
        moves.ask(204, "PATCH", moves.path, {
            name: {"oauth": side(name)} for name in ("source", "destination")})
        moves.ask(200, "POST", f"{moves.path}/actions", {"action": "retry"})
        moves.wait_ended()
        equal(set(moves.jobs()), {"done"}, moves.reasons())
        pair.assert_moved()
        service.stop()
        for file in service.data.iterdir():
            check(SECRET.encode() not in file.read_bytes(), file.name)


# ---- a proxy ---------------------------------------------------------------

@case
def one_side_through_a_proxy():
    """The source's port is one on which nobody listens: only the proxy knows
    the way.  The destination is reached without."""
    with Pair(2, 20) as pair, serving(
            pair, MAILFERRY_ENGINE_PRIVATE_NETWORKS="127.0.0.0/8,::1/128") \
            as service:
        port = int(base(pair, "source").rsplit(":", 1)[1])
        with Proxy(user="ann", password="pr0xy@word",
                   aliases={"localhost:1": ("127.0.0.1", port)}) as proxy:
            source = {**admin(pair, "source"), "url": "https://localhost:1/owa",
                      "proxy": {"url": proxy.url, "user": "ann",
                                "password": "pr0xy@word"}}
            moves = Moves(service, pair, source=source)
            moves.move()
            equal(set(proxy.asked), {"localhost:1"}, "who was asked for")
            check(proxy.bytes > 10000, "next to nothing went through")
        pair.assert_moved()
        service.stop()
        for file in [service.log, *service.data.iterdir()]:
            check(b"pr0xy@word" not in file.read_bytes(), file.name)


@case
def a_proxy_in_a_private_network_is_out_of_reach():
    """It comes with a request, as a server's address does."""
    with Pair(1, 2) as pair, serving(
            pair, MAILFERRY_ENGINE_PRIVATE_NETWORKS="10.0.0.0/8") as service, \
            Proxy() as proxy:
        moves = Moves(service, pair, source={
            **admin(pair, "source"), "url": "https://8.8.8.8/owa",
            "proxy": {"url": proxy.url}})
        moves.start()
        moves.wait_ended()
        equal(set(moves.jobs()), {"failed"}, "jobs")
        contains(moves.reasons(), "private network")
        contains(moves.reasons(), "engine.private-networks")
        equal((proxy.asked, proxy.tunnels), ([], 0), "connections to it")


# ---- from a command line ---------------------------------------------------

@case
def a_command_line_hands_over_its_accounts():
    """Accounts first, then an application in their place."""
    with accounts_pair(items=10) as pair, serving(pair) as service:
        token = service.dir / "token"
        token.write_text(service.token(["migrations:read", "migrations:write"],
                                       service.cookie(OPERATOR)) + "\n")
        token.chmod(0o600)
        file = pair.dir / "accounts"
        file.write_text("".join(f"{one['user']},{one['password']}\n" for one in
                                accounts(pair, 5, 6)["accounts"]))
        file.chmod(0o600)
        words = [MAILFERRY, "migrate", pair.admin_csv, "--source",
                 pair.env["SOURCE_URL"], "--destination",
                 pair.env["DESTINATION_URL"], "--destination-admin",
                 pair.env["DESTINATION_ADMIN"], "--destination-password-file",
                 pair.env["DESTINATION_PASSWORD_FILE"], "--doubt-wait", "1",
                 "--server", f"http://127.0.0.1:{service.port}",
                 "--token-file", token]
        done = run(*words, "--source-accounts", file)
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.assert_moved()

        def source():
            got = service.ask("GET", "/api/v1/migrations",
                              cookie=service.cookie(OPERATOR))
            return answer_json(got)["items"][0]["source"]
        equal(len(source()["accounts"]), 2, "accounts")
        secret = pair.dir / "secret"
        secret.write_text(SECRET + "\n")
        secret.chmod(0o600)
        done = run(*words, "--source-oauth-client", CLIENT,
                   "--source-oauth-token-url", base(pair, "source") + "/none",
                   "--source-oauth-secret-file", secret)
        check(done.status != 0, "there is no such application")
        now = source()
        equal((now["accounts"], now["user"], now["oauth"]["client"]),
              ([], None, CLIENT), "in their place")


@case
def a_command_line_hands_over_its_proxy():
    """Both sides are reached through it, by the service; a later run without
    it leaves it as it is."""
    with Pair(1, 5) as pair, serving(pair) as service, \
            Proxy(user="ann", password="pr0xy@word") as proxy:
        token = service.dir / "token"
        token.write_text(service.token(["migrations:read", "migrations:write"],
                                       service.cookie(OPERATOR)) + "\n")
        password = service.dir / "password-of-ann"
        password.write_text("pr0xy@word\n")
        for file in (token, password):
            file.chmod(0o600)
        words = [MAILFERRY, "migrate", pair.passwords_csv, "--source",
                 pair.env["SOURCE_URL"], "--destination",
                 pair.env["DESTINATION_URL"], "--doubt-wait", "1", "--server",
                 f"http://127.0.0.1:{service.port}", "--token-file", token]
        given = ["--proxy", proxy.url.replace("://", "://ann@"),
                 "--proxy-password-file", password]
        for more in (given, []):
            before = proxy.tunnels
            done = run(*words, *more)
            equal(done.status, 0, f"{done.out}{done.err}")
            check(proxy.tunnels > before, "the proxy was not asked")
            pair.add(2)
        equal(set(proxy.asked), {base(pair, side).removeprefix("https://")
                                 for side in ("source", "destination")},
              "who was asked for")
        done = run(*words, "--proxy", "http://ann:word@127.0.0.1:1")
        equal(done.status, 3, "a password that others could read")
        contains(done.err, "--proxy-password-file")


HOURS = "Sat,Sun 00:00-24:00"


@case
def a_terminal_beside_the_service_has_the_same():
    """Accounts, then an application and a proxy in their place."""
    with accounts_pair(items=10) as pair, serving(pair) as service:
        def secret_file(name, text):
            file = pair.dir / name
            file.write_text(text + "\n")
            file.chmod(0o600)
            return file
        file = secret_file("accounts", "\n".join(
            f"{one['user']},{one['password']}" for one in
            accounts(pair, 5, 6)["accounts"]))
        service.command(
            "migration", "add", pair.admin_csv, "--source",
            pair.env["SOURCE_URL"], "--destination",
            pair.env["DESTINATION_URL"], "--source-accounts", file,
            "--destination-admin", pair.env["DESTINATION_ADMIN"],
            "--destination-password-file",
            pair.env["DESTINATION_PASSWORD_FILE"],
            "--options", '{"doubt-wait":1}')

        cookie = service.cookie(OPERATOR)

        def ask(path):
            return answer_json(service.ask("GET", f"/api/v1{path}",
                                           cookie=cookie))
        service.command("migration", "start", "1")
        until("ended", lambda: not set(ask("/migrations/1")["jobs"]) &
              {"queued", "running"})
        pair.assert_moved()
        equal(len(ask("/migrations/1")["source"]["accounts"]), 2, "accounts")
        service.command(
            "migration", "change", "1", "--source-oauth-client", CLIENT,
            "--source-oauth-token-url", base(pair, "source") + "/none",
            "--source-oauth-secret-file", secret_file("secret", SECRET),
            "--proxy", "http://ann@127.0.0.1:3128", "--proxy-password-file",
            secret_file("proxy", "pr0xy@word"), "--most", "3",
            "--hours", HOURS)
        now = ask("/migrations/1")
        equal((now["source"]["accounts"], now["source"]["user"],
               now["source"]["oauth"]["client"], now["most"], now["hours"]),
              ([], None, CLIENT, 3, HOURS), "in their place")
        for side in ("source", "destination"):
            equal(now[side]["proxy"]["user"], "ann", side)
        equal(now["destination"]["user"], pair.env["DESTINATION_ADMIN"],
              "nothing was said of it")
        alone = ["migration", "change", "1", "--mailbox", "1"]
        service.command(*alone, "--options", '{"lanes":1}')
        equal((ask("/mailboxes/1")["options"], ask("/migrations/1")["options"]),
              ({"lanes": 1}, {"doubt-wait": 1}), "of the mailbox alone")
        for more in ([], ["--options", "{}", "--most", "0"]):
            told = service.command(*alone, *more, status=64)
            contains(told.err, "only --options")
        service.command("migration", "change", "1", "--most", "0",
                        "--hours", "always")
        equal((ask("/migrations/1")["most"], ask("/migrations/1")["hours"]),
              (0, None), "taken back")


# ---- one mailbox -----------------------------------------------------------

def options_of_its_own(moves, pair, where):
    """What one mailbox is not to have the other one has; and then it has."""
    moves.ask(204, "PATCH", where, {"options": {"before": "1990-01-01"}})
    equal(moves.get(where)["options"], {"before": "1990-01-01"}, "options")
    pair.add(4)
    moves.move("delta")
    missing = set(pair.digest("source")) - set(pair.digest("destination"))
    its = [line for line in pair.digest("source", moves.get(where)["source"])]
    check(missing and missing <= set(its), f"left out: {missing}")
    moves.ask(204, "PATCH", where, {"options": None})
    equal(moves.get(where)["options"], None, "options")
    moves.move("delta")
    pair.assert_moved()


@case
def a_mailboxs_own_password_and_flags():
    """A wrong password is mended for that mailbox alone; what a flag left out
    comes when it is taken back."""
    with Pair(2, 30) as pair, serving(pair) as service:
        lines = pair.passwords_csv.read_text(encoding="utf-8-sig").splitlines()
        names, cells = lines[0].split(","), lines[1].split(",")
        column = names.index("Source Password")
        right, cells[column] = cells[column], "not-the-password"
        file = pair.dir / "import.csv"
        file.write_text("\n".join([lines[0], ",".join(cells), lines[2]]) + "\n")
        moves = Moves(service, pair, file=file,
                      source={"url": pair.env["SOURCE_URL"]},
                      destination={"url": pair.env["DESTINATION_URL"]})
        moves.start()
        moves.wait_ended()
        equal(moves.jobs(), {"done": 1, "failed": 1}, "jobs")
        box = [b for b in moves.get(f"{moves.path}/mailboxes")["items"]
               if b["job"]["state"] == "failed"][0]
        where = f"/mailboxes/{box['id']}"
        moves.ask(204, "PATCH", where, {
            "flags": "DoNotMigrateCalendar|DoNotMigrateContact",
            "source": {"user": cells[column - 1], "password": right}})
        equal(moves.get(where)["flags"], 6, "flags")
        moves.ask(200, "POST", where + "/actions", {"action": "retry"})
        moves.wait_ended()
        equal(moves.jobs(), {"done": 2}, moves.reasons())
        missing = set(pair.digest("source")) - set(pair.digest("destination"))
        check(missing, "nothing was left out")
        for line in missing:
            check("Appointment" in line or "Contact" in line or
                  "DistList" in line, f"left out: {line}")
        moves.ask(204, "PATCH", where, {"flags": None})
        moves.move("delta")
        pair.assert_moved()
        for body, field in (({"flags": "DoNotMigrateCalender"}, "flags"),
                            ({"flags": -1}, "flags"), ({"flags": []}, "flags"),
                            ({"source": {"user": "a"}}, "source"),
                            ({"source": {"password": "a", "x": 1}}, "source"),
                            ({"destination": {"password": ""}}, "destination"),
                            ({"options": {"lane": 1}}, "options")):
            told = answer_json(moves.ask(422, "PATCH", where, body))
            equal(told["field"], field, f"{body}")
        moves.ask(404, "PATCH", "/mailboxes/99", {"flags": 0})
        options_of_its_own(moves, pair, where)
        # without its own password nobody opens it
        moves.ask(204, "PATCH", where, {"source": None})
        moves.start("delta")
        moves.wait_ended()
        contains(moves.reasons(), "neither a password of the mailbox nor an "
                 "administrative account")


# ---- quiet hours -----------------------------------------------------------

def around_now():
    """From an hour ago for twelve hours."""
    now = datetime.datetime.now(datetime.timezone.utc)
    first, last = (now + datetime.timedelta(hours=h) for h in (-1, 11))
    return f"{first:%H:%M}-{last:%H:%M} UTC"


@case
def quiet_hours_reach_what_is_under_way():
    with Pair(1, 40, options=("source:--latency=100",)) as pair, \
            serving(pair) as service:
        moves = Moves(service, pair)
        moves.ask(204, "PATCH", moves.path, {
            "options": {"doubt-wait": 1, "lanes": 1}})
        host = "/hosts/" + base(pair, "source").removeprefix("https://")
        moves.start()

        def load():
            """What the one worker says of the source."""
            return (moves.get(host)["workers"] or [{}])[0]
        until("asking", lambda: load().get("requests"))
        moves.ask(204, "PATCH", host, {"quiet": around_now()})
        # by its own word it keeps them, and what was in flight has ended
        until("quiet", lambda: load()["quietUntil"] and
              load()["inFlight"] == 0 and load()["waiting"] > 0)
        asked = pair.counters("source")["requests"]

        def seen():
            return [w["seen"] for w in moves.get("/workers")["items"]]
        for _ in range(3):  # it lives, and would ask if it might
            was = seen()
            until("a sign of life", lambda: seen() != was)
        equal(pair.counters("source")["requests"], asked,
              "requests in quiet hours")
        equal(moves.jobs(), {"running": 1}, "the pass goes on")
        check(pair.digest("destination") != pair.digest("source"),
              "all was there already: the test proves nothing")
        moves.ask(204, "PATCH", host, {"quiet": None})
        moves.wait_ended()
        equal(set(moves.jobs()), {"done"}, moves.reasons())
        pair.assert_moved()


if __name__ == "__main__":
    main()
