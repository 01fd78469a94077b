#!/usr/bin/env python3
"""What went on when, for plots: against what the labs have counted, across a
restart, and only for those who may know."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import Desk  # noqa: E402
from mover import Operator  # noqa: E402

MINUTE = 60_000_000
FIGURES = ["items", "bytes", "failed", "requests", "busy", "in_flight_us",
           "throttled_us", "mailboxes_us", "places_us"]


def host(pair, side):
    """Its page in the API."""
    base = pair.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0]
    return "/hosts/" + base.removeprefix("https://")


def total(samples, name):
    return sum(one[name] for one in samples)


@case
def what_the_labs_have_counted():
    """The service ends after the last item: what it did last is there, too."""
    with Pair(2, 60) as pair, serving(pair) as service:
        # a view has no other way to go: it fails
        pair.faults("source", "slow-item:op=ExportItems,ms=10",
                    "export:class=IPM.Microsoft.FolderDesign.NamedView,"
                    "code=ErrorItemCorrupt")
        pair.control("source", "/lab/throttle?burst=60&recharge=200")
        operator = Operator(service)
        operator.move(pair)
        equal(service.stop(), 0, "the service ends")
        service.start()
        operator = Operator(service)
        samples = operator.get("/migrations/1/history")["samples"]
        equal(total(samples, "items"),
              len(pair.digest("destination", "--all")), "items")
        views = sum(".NamedView\t" in line
                    for line in pair.digest("source", "--all"))
        check(views > 0, "no views: it proves nothing of what fails")
        equal(total(samples, "failed"), views, "failed")
        check(total(samples, "bytes") > 0, "bytes")
        busy = pair.counters("source")["busy"]
        check(busy > 0, "the policy was never met: it proves nothing")
        equal(total(samples, "busy"), busy, "refused as busy")
        check(max(one["throttledShare"] for one in samples) > 0, "throttled")
        check(0 < max(one["mailboxes"] for one in samples) <= 2, "mailboxes")
        hosts = {side: operator.get(host(pair, side) + "/history")["samples"]
                 for side in ("source", "destination")}
        equal(total(hosts["source"], "busy"), busy, "with the source")
        equal(total(hosts["destination"], "busy"), 0, "with the destination")
        check(max(one["concurrency"] for one in hosts["source"]) > 0, "places")
        for side, of in hosts.items():
            equal(total(of, "items"), total(samples, "items"), side)
            check(total(of, "requests") > 0, f"{side}: requests")


def held_up_by(side, operation):
    """Refused for ten minutes: seen at once, and not when they are over."""
    with Pair(1, 20) as pair, serving(pair) as service:
        pair.faults(side, f"busy:op={operation},ms=600000")
        operator = Operator(service)
        operator.begin(pair)

        def share(path):
            samples = operator.get(f"{path}/history")["samples"]
            return max((one["throttledShare"] for one in samples), default=0)

        until("most of its time", lambda: share("/migrations/1") > 0.5)
        until("the host's, too", lambda: share(host(pair, side)) > 0.5)
        [worker] = operator.get(host(pair, side))["workers"]
        check(worker["throttledSeconds"] > 0, "seconds")
        check(worker["backOffUntil"], "until when")
        equal(operator.get("/migrations/1")["jobs"].get("running"), 1,
              "it goes on")
        # what was read is worth writing: it would wait until it is over
        service.process.kill()
        service.process.wait()


@case
def held_up_before_reading():
    """It waits for its place."""
    held_up_by("source", "ExportItems")


@case
def held_up_before_writing():
    """It waits in the engine, which decides whether to send it again."""
    held_up_by("destination", "UploadItems")


def add(desk, migration, host, span, at, *figures):
    desk.insert("samples", migration=migration, host=host, span_us=span,
                at_us=at, **dict(zip(FIGURES, figures)))


def made(desk, operator):
    """A migration of Acme with an hour and a minute on record, and what was
    foreseen; a host of which no migration is left."""
    side = {"url": "https://mail.old.example/owa", "user": "u",
            "password": "p"}
    operator.ask(201, "POST", "/migrations", {
        "account": 1, "name": "m", "source": side, "destination":
        {**side, "url": "https://mail.new.example/owa"},
        "import": "Source Email,Destination Email\n"
                  "u@a.example,u@acme.example\n"})
    noon = 1_800_000_000 * 1_000_000 // (60 * MINUTE) * 60 * MINUTE
    add(desk, 1, "", 60 * MINUTE, noon, 7, 8000, 1, 50, 2, 90 * MINUTE,
        30 * MINUTE, 60 * MINUTE, 0)
    add(desk, 1, "", MINUTE, noon + 60 * MINUTE, 3, 400, 0, 10, 0, 15_000_000,
        0, 30_000_000, 0)
    add(desk, 0, "gone.example:443", MINUTE, noon, 1, 1, 0, 9, 0, 0, 0, 0,
        4 * MINUTE)
    for mailbox, tenth, at in ((0, 10, 40), (0, 0, 10), (1, 0, 20)):
        desk.insert("forecasts", migration=1, mailbox=mailbox, tenth=tenth,
                    at_us=noon + at * MINUTE, p50_us=noon + 90 * MINUTE,
                    p90_us=noon + 120 * MINUTE, basis="5 mailboxes")
    return noon


@case
def sums_are_told_as_means():
    with Desk("--at-once", 0) as desk:
        operator = Operator(desk)
        made(desk, operator)
        told = operator.get("/migrations/1/history")
        equal(told["samples"], [
            {"at": "2027-01-15T08:00:00Z", "seconds": 3600, "items": 7,
             "bytes": 8000, "failed": 1, "requests": 50, "busy": 2,
             "inFlight": 1.5, "heldUp": 0.5, "mailboxes": 1.0,
             "throttledShare": 0.25, "concurrency": 0.0},
            {"at": "2027-01-15T09:00:00Z", "seconds": 60, "items": 3,
             "bytes": 400, "failed": 0, "requests": 10, "busy": 0,
             "inFlight": 0.25, "heldUp": 0.0, "mailboxes": 0.5,
             "throttledShare": 0.0, "concurrency": 0.0}], "samples")
        ends = {"p50": "2027-01-15T09:30:00Z", "p90": "2027-01-15T10:00:00Z",
                "ended": None, "basis": "5 mailboxes"}
        equal(told["forecasts"], [
            {"at": "2027-01-15T08:10:00Z", "tenths": 0, **ends},
            {"at": "2027-01-15T08:40:00Z", "tenths": None, **ends}],
            "forecasts of the whole, by time")
        equal(operator.get("/hosts/gone.example/history")["samples"][0]
              ["concurrency"], 4.0, "a host that only the record knows")
        equal(operator.get("/hosts/mail.old.example/history"),
              {"samples": []}, "a host that nothing went on with")
        operator.ask(404, "GET", "/hosts/none.example/history")
        for since, left in (("2027-01-15T08:59:59Z", 2),
                            ("2027-01-15T09:00:00Z", 1),
                            ("2027-01-15T10:01:00%2B01:00", 0)):
            equal(len(operator.get(
                f"/migrations/1/history?since={since}")["samples"]), left,
                since)
        for path in ("/migrations/1", "/hosts/gone.example"):
            operator.ask(400, "GET", f"{path}/history?since=yesterday")
            operator.ask(400, "GET", f"{path}/history?until=now")


@case
def whose_it_is():
    with Desk("--at-once", 0) as desk:
        made(desk, Operator(desk))
        for address, status in (("tom@acme.example", 200),
                                ("anna@acme.example", 200),
                                ("olga@other.example", 404)):
            cookie = desk.contact(address)
            got = desk.ask("GET", "/api/v1/migrations/1/history",
                           cookie=cookie)
            equal(got.status, status, address)
            got = desk.ask("GET", "/api/v1/hosts/gone.example/history",
                           cookie=cookie)
            equal(got.status, 403, f"{address}: hosts")
        equal(desk.ask("GET", "/api/v1/migrations/1/history").status, 401,
              "nobody")


if __name__ == "__main__":
    main()
