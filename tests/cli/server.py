#!/usr/bin/env python3
"""--server: what is refused, and in which words."""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

SIDES = ["--source", "https://a.example/owa",
         "--destination", "https://b.example/owa"]
SECRET = "planted-row-Secret1"


HEADER = ("Source Email,Source UserName,Source Password,"
          "Destination Email,Destination UserName,Destination Password\n")


def row(name):
    return (f"{name}@a.example,{name},{SECRET},"
            f"{name}@b.example,{name},{SECRET}")


class Here:
    """A folder with an import file and tokens."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-server-"))
        self.csv = self.file("users.csv", HEADER + row("u"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def file(self, name, text):
        path = self.dir / name
        path.write_text(text + "\n")
        path.chmod(0o600)
        return path

    def migrate(self, url, token, *more, status=3):
        done = run(MAILFERRY, "migrate", self.csv, *SIDES, "--server", url,
                   "--token-file", self.file("token", token), *more)
        equal(done.status, status, f"{url}: {done.out}{done.err}")
        for secret in (SECRET, token):
            check(secret not in done.out + done.err, "a secret was printed")
        return done.err

    def record(self):
        return pathlib.Path(f"{self.csv}.mailferry-server")


@case
def addresses_that_are_none():
    with Here() as here, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        contains(here.migrate("http://migrate.example", "mft_x"), "not https")
        contains(here.migrate("ftp://migrate.example", "mft_x"), "--server")
        port = taken.getsockname()[1]
        told = here.migrate(f"http://127.0.0.1:{port}", "mft_x")
        contains(told, f"127.0.0.1:{port}")
        contains(told, "connect")
        check(not here.record().exists(), "a record of nothing")


@case
def command_lines_that_do_not_go_together():
    with Here() as here:
        for option, value in (("--mailboxes", "9"), ("--ca-file", "x"),
                              ("--trace", "x")):
            contains(here.migrate("https://x.example", "mft_x", option, value,
                                  status=64), f"{option}\" does not go with")
        for command in ("status", "report"):
            done = run(MAILFERRY, command, "--migration", "2")
            equal(done.status, 64, command)
            contains(done.err, "--migration goes with --server")
        done = run(MAILFERRY, "--server", "https://x.example", "template")
        equal(done.status, 64, "a command that has no service")
        contains(done.err, "--server")
        done = run(MAILFERRY, "--server", "https://x.example")
        equal(done.status, 64, "no command")


@case
def what_the_service_refuses():
    with Here() as here, Service("--at-once", 0) as service:
        url, cookie = f"http://127.0.0.1:{service.port}", service.cookie()
        told = here.migrate(url, "mft_" + "x" * 43)
        contains(told, "401")
        contains(told, "expired or been revoked")
        told = here.migrate(url, service.token(["audit:read"], cookie))
        contains(told, "403")
        contains(told, "migrations:write")
        check(not here.record().exists(), "a record of nothing")
        reads = service.token(["migrations:read"], cookie)
        contains(here.migrate(url, reads), "403")
        token = service.token(["migrations:read", "migrations:write"], cookie)
        contains(here.migrate(url + "/elsewhere", token), "another service")
        here.record().unlink()
        told = here.migrate(url + "/elsewhere", token)
        contains(told, "404")
        contains(told, "version")
        words = ["--server", url, "--token-file", here.file("token", token)]
        for more, text in (([], "has no migration"),
                           (["--migration", "9"], "no such migration"),
                           ([here.csv], "on record")):
            done = run(MAILFERRY, "status", *more, *words)
            equal(done.status, 3, f"{more}")
            contains(done.err, text)
        here.record().write_text("[]")
        contains(here.migrate(url, token), "is none of a service")


@case
def another_file_of_the_same_name():
    with Here() as here, Service("--at-once", 0) as service:
        url = f"http://127.0.0.1:{service.port}"
        token = service.token(["migrations:read", "migrations:write"],
                              service.cookie())
        made = service.ask("POST", "/api/v1/migrations", {
            "name": "x", "import": here.csv.read_text(),
            "source": {"url": SIDES[1]}, "destination": {"url": SIDES[3]}},
            token=token)
        here.record().write_text(json.dumps({
            "service": url, "key": "k",
            "migration": answer_json(made)["id"]}))
        here.csv.write_text(HEADER + row("v") + "\n")
        told = here.migrate(url, token, "--verify", "full")
        contains(told, "line 2")
        contains(told, "v@a.example")
        contains(told, "of another one of that name")
        got = service.ask("GET", "/api/v1/migrations/1", token=token)
        one = answer_json(got)
        equal((one["jobs"], one["mailboxes"], one["options"]), ({}, 1, {}),
              "what was added, changed or started")
        service.ask("DELETE", "/api/v1/migrations/1", token=token)
        contains(here.migrate(url, token), "it was removed there")


if __name__ == "__main__":
    main()
