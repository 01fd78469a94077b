#!/usr/bin/env python3
"""A database that cannot be written, for a full disk or because somebody has
made it read-only: probes, metrics and operators are told why and what to do,
the log once, and it is over by itself."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from disk import (fill, make, on_small_disk,  # noqa: E402
                  small_tablespace, sql)
from service import (Service, answer_json, database_of_its_own,  # noqa: E402
                     until)

FAULT = "the database cannot be written"
OVER = "the database can be written again"


class Watched:
    """A service, and an operator who looks at it."""

    def __init__(self, service):
        self.service, self.cookie = service, service.cookie()

    def ask(self, path):
        return self.service.ask("GET", path, cookie=self.cookie)

    def ready(self):
        return self.ask("/readyz").status == 200

    def health(self):
        return answer_json(self.ask("/api/v1/health"))["database"]

    def gauge(self):
        line, = [line for line in self.ask("/metrics").text.splitlines()
                 if line.startswith("mailferry_database_writable ")]
        return int(line.split()[1])

    def fails(self):
        return self.write() >= 500

    def write(self):
        """The status of what writes: a token."""
        return self.service.ask(
            "POST", "/api/v1/tokens", {"label": "test", "scopes": ["events:read"]},
            cookie=self.cookie).status

    def is_well(self):
        equal(self.health(), {"writable": True, "since": None, "reason": None,
                              "remedy": None}, "health")
        equal(self.gauge(), 1, "the gauge")
        equal(self.write(), 201, "a write")

    def is_told(self, plain, *words):
        """To anybody why, to operators where and what to do."""
        got = self.service.ask("GET", "/readyz")
        equal((got.status, got.text), (503, f"{FAULT}: {plain}\n"), "readyz")
        health = self.health()
        equal((health["writable"], health["since"] is None), (False, False),
              "health")
        for word in words:
            contains(f"{health['reason']}; {health['remedy']}", word)
        equal(self.gauge(), 0, "the gauge")
        check(self.write() >= 500, "it can be written")
        equal(self.ask("/healthz").status, 200, "it lives")

    def recovers(self):
        until("it is over", self.ready)
        until("the log says so", lambda: OVER in self.service.text())
        self.is_well()
        log = self.service.text()
        equal((log.count(f"{FAULT}:"), log.count(OVER)), (1, 1), f"log: {log}")


@case
def a_full_disk_is_told_until_there_is_room():
    if "MAILFERRY_TEST_POSTGRES" in os.environ:
        raise Skip("the embedded database's")
    with Service("--at-once", 1, start=False) as service:
        disk = on_small_disk(service, service.data, "8m")
        watched = Watched(service)
        watched.is_well()
        check(watched.ready(), "ready")
        fill(disk / "filler")
        until("it is told", lambda: not watched.ready())
        watched.is_told("no space is left on its disk", str(service.data),
                        "free some space", "go on by themselves")
        (disk / "filler").unlink()
        watched.recovers()


def pulse(where):
    return sql(where, "SELECT at_us FROM pulse")


@case
def a_full_disk_of_the_server_is_told_until_there_is_room():
    """Small writes may go well all the time, in pages that are there."""
    if "MAILFERRY_TEST_POSTGRES" not in os.environ:
        raise Skip("PostgreSQL's")
    with small_tablespace("40m") as (where, disk), \
            Service("--at-once", 1,
                    env={"MAILFERRY_STORE_DATABASE": where}) as service:
        watched = Watched(service)
        watched.is_well()
        fill(disk / "filler")
        until("a write finds it", watched.fails)
        until("it is told", lambda: not watched.ready())
        watched.is_told("no space is left on its disk", "/small",
                        "free some space")
        for _ in range(4):
            last = pulse(where)
            until("a small write goes well", lambda: pulse(where) != last)
        check(not watched.ready(), "small writes say that it is over")
        (disk / "filler").unlink()
        watched.recovers()


@case
def a_database_made_read_only_is_told_and_left_so():
    env = database_of_its_own()
    if not env:
        raise Skip("PostgreSQL's")
    where = env["MAILFERRY_STORE_DATABASE"]
    with Service("--at-once", 1, env=env) as service:
        watched = Watched(service)
        watched.is_well()
        make(where, "SET default_transaction_read_only = on")
        until("it is told", lambda: FAULT in watched.ask("/readyz").text)
        watched.is_told("its disk or its server refuses",
                        "default_transaction_read_only", "primary server")
        make(where, "RESET default_transaction_read_only")
        watched.recovers()


if __name__ == "__main__":
    main()
