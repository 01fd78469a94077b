#!/usr/bin/env python3
"""What goes through the service from elsewhere, with servers behind it:
reports for download, and the command line with --server."""
import csv
import datetime
import io
import json
import pathlib
import signal
import subprocess
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

FILES = ["report.html", "statistics.csv", "failures.csv", "losses.csv",
         "settings.csv", "permissions.csv", "x500.csv", "verification.json"]


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def number(row, ending):
    return sum(int(value or 0) for name, value in row.items()
               if name.endswith(ending) and not name.startswith("Hidden"))


@case
def reports_for_download():
    with Pair(mailboxes=2, items=20) as pair, serving(pair) as service:
        cookie = service.cookie(OPERATOR)

        def ask(status, method, path, body=None):
            got = service.ask(method, f"/api/v1{path}", body, cookie=cookie)
            equal(got.status, status, f"{method} {path}: {got.text}")
            return got
        made = answer_json(ask(201, "POST", "/migrations", {
            "name": "Contoso", "import": pair.passwords_csv.read_text(
                encoding="utf-8-sig"),
            "source": {"url": pair.env["SOURCE_URL"]},
            "destination": {"url": pair.env["DESTINATION_URL"]},
            "options": {"doubt-wait": 1}}))
        where = f"/migrations/{made['id']}"
        ask(200, "POST", f"{where}/actions",
            {"action": "start", "pass": "full"})
        until("done", lambda: answer_json(ask(200, "GET", where))["jobs"] ==
              {"done": 2})
        pair.assert_moved()
        told = answer_json(ask(200, "GET", f"{where}/reports"))["items"]
        equal([file["name"] for file in told], FILES, "files")
        texts = {}
        for file in told:
            got = ask(200, "GET", f"{where}/reports/{file['name']}")
            equal(got.headers["Content-Type"], file["type"], file["name"])
            equal(got.headers["Content-Disposition"],
                  f"attachment; filename=\"{file['name']}\"", "as a file")
            texts[file["name"]] = got.text
        boxes = rows_of(texts["statistics.csv"])
        equal(len(boxes), 2, "rows")
        equal(sum(number(row, " Items Copied") for row in boxes),
              len(pair.digest("destination")), "items")
        equal(rows_of(texts["failures.csv"]), [], "failures")
        equal(len(json.loads(texts["verification.json"])["mailboxes"]), 2,
              "mailboxes")
        contains(texts["report.html"], boxes[0]["Source Email"])
        for name in ("none.csv", "..", "failures.csvx", "failures.cs"):
            ask(404, "GET", f"{where}/reports/{name}")
        ask(404, "GET", "/migrations/99/reports")
        ask(404, "GET", "/migrations/99/reports/failures.csv")


def file_of(service, name, text):
    path = service.dir / name
    path.write_text(text + "\n")
    path.chmod(0o600)
    return path


def through(service, url=None):
    """Options that lead to the service, with a token for all it takes."""
    token = service.token(["migrations:read", "migrations:write"],
                          service.cookie(OPERATOR))
    return ["--server", url or f"http://127.0.0.1:{service.port}",
            "--token-file", file_of(service, "token", token)]


def migrate_words(pair, *more):
    return ["migrate", pair.passwords_csv, "--source", pair.env["SOURCE_URL"],
            "--destination", pair.env["DESTINATION_URL"], "--doubt-wait", "1",
            *more]


def trail(service, action):
    got = service.ask("GET", "/api/v1/audit?limit=500",
                      cookie=service.cookie())
    return [line["action"] for line in
            answer_json(got)["items"]].count(action)


@case
def a_file_is_handed_to_the_service():
    with Pair(mailboxes=3, items=20) as pair, serving(pair) as service:
        there = through(service)
        done = run(MAILFERRY, *migrate_words(pair, "--json", *there))
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.assert_moved()
        items = len(pair.digest("destination"))
        equal(copied(done), items, "items that it says were copied")
        equal(sorted(ends(done).values()), ["verified"] * 3, "ends")
        record = pathlib.Path(f"{pair.passwords_csv}.mailferry-server")
        equal(record.stat().st_mode & 0o777, 0o600, "mode of the record")
        # again: the same migration, and nothing is copied anew
        pair.add(6)
        done = run(MAILFERRY, *migrate_words(pair, "--verify", "full", *there))
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.assert_moved()
        contains(done.out, f"{len(pair.digest('destination')) - items} items "
                 "copied")
        equal((trail(service, "migration.add"), trail(service, "pass.start")),
              (1, 2), "migrations and passes")
        told = answer_json(service.ask("GET", "/api/v1/migrations",
                                       cookie=service.cookie()))["items"]
        equal(told[0]["options"], {"doubt-wait": 1, "verify": "full"},
              "options")
        out = service.dir / "report"
        for words in (["report", pair.passwords_csv, "--out", out],
                      ["report", "--migration", told[0]["id"], "--out", out],
                      ["report", "--out", out]):
            done = run(MAILFERRY, *words, *there)
            equal(done.status, 0, f"{done.out}{done.err}")
            equal(done.out, f"{out}: {', '.join(FILES)}\n", "names")
        equal(sorted(path.name for path in out.iterdir()), sorted(FILES),
              "files")
        equal(sum(number(row, " Items Copied") for row in
                  rows_of((out / "statistics.csv").read_text(
                      encoding="utf-8-sig"))),
              len(pair.digest("destination")), "items of the report")
        # the option may stand before the command
        done = run(MAILFERRY, "--server", there[1], "status", "--json",
                   *there[2:])
        *boxes, summary = events(done)
        equal((done.status, [box["state"] for box in boxes]),
              (0, ["verified"] * 3), f"status: {done.out}{done.err}")
        of_every_run_alike(pair, boxes, summary)
        contains(run(MAILFERRY, "status", pair.passwords_csv, *there).out,
                 "3 mailboxes: 3 verified")


def of_every_run_alike(pair, boxes, summary):
    """What a run of its own says of the same mailboxes: the same words, and of
    what the servers hold the same numbers."""
    state = pair.dir / "state-of-its-own"
    equal(pair.migrate("--state", state, file=pair.passwords_csv).status, 0,
          "a run of its own")
    done = run(MAILFERRY, "status", "--state", state, "--json")
    *own, sums = events(done)
    equal([list(box) for box in boxes], [list(box) for box in own], "words")
    equal(list(summary["summary"]), list(sums["summary"]), "of the summary")
    for name in ("mailbox", "destination", "state", "known", "verified",
                 "missing_or_different", "settings"):
        equal([box[name] for box in boxes], [box[name] for box in own], name)
    items = len(pair.digest("destination"))
    equal((summary["summary"]["copied"], summary["summary"]["verified"],
           summary["summary"]["mailboxes"]), (items, items, 3), "sums")


def said_in_closing(pair, *there):
    """What two moves, a verification that finds something, and the settings
    say at their ends, but for how long it took and where the record is."""
    options = pair.options()
    if there:  # what the service has by its configuration
        at = options.index("--ca-file")
        del options[at:at + 2]

    def closing(command, *more, status=0):
        done = pair.mailferry(command, *more, *there, options=options)
        equal(done.status, status, f"{command}: {done.out}{done.err}")
        lines = done.out.splitlines()
        where = [line for line in lines if "reports: mailferry" in line]
        equal(len(where), 0 if command == "verify" and not there else 1,
              "where the reports are")
        return [line for line in lines
                if line not in where and "it took" not in line]
    told = [closing("migrate", "--doubt-wait", 1, "--settings", "permissions")]
    pair.add(6)
    check(pair.control("source", "/lab/change?delete=1&edit=2"), "no change")
    told.append(closing("migrate", "--doubt-wait", 1, "--verify", "full"))
    told.append(closing("verify", "--verify", "counts"))
    check(pair.control("destination", "/lab/change?delete=1&edit=1"),
          "the lab changed nothing")
    told.append(closing("verify", status=1))
    contains("\n".join(told[-1]), "missing    1")
    told.append(closing("settings", "--settings", "all"))
    check(any("left out" in line for line in told[-1]), "no settings")
    return told


@case
def its_last_words_are_those_of_a_run_here():
    with Pair(2, 20) as here, Pair(2, 20) as pair, serving(pair) as service:
        equal(said_in_closing(pair, *through(service)), said_in_closing(here),
              "what is said at the end")
        # what a pass was told is not the migration's
        got = service.ask("GET", "/api/v1/migrations",
                          cookie=service.cookie())
        equal(answer_json(got)["items"][0]["options"],
              {"doubt-wait": 1, "verify": "full"}, "options")
        done = pair.mailferry("verify", *through(service))
        equal(done.status, 64, "an option of this side")
        contains(done.err, "--ca-file")


def looked_at(done):
    """What a check says, but for how long it took and may take: that goes by
    the round trips, and here and there they differ."""
    lines = []
    skip = False
    for line in done.out.splitlines():
        skip = ("expected time" in line or
                (skip and line.startswith(" " * 16)))
        if not skip and "reports: mailferry" not in line:
            lines.append(line.split(" (looked at")[0])
    return lines


def objects_of(done):
    """What programs are told of a check, likewise; the way through a proxy is
    that of whoever looks, and a service does not tell its own."""
    *boxes, summary = [json.loads(line) for line in done.out.splitlines()]
    for told in (*boxes, summary["summary"]):
        for name in ("expected", "forecast", "mailboxes_at_once", "proxy"):
            told.pop(name, None)
    return boxes, summary


@case
def a_check_finds_what_one_of_this_side_finds():
    with Pair(mailboxes=3, items=30) as pair, serving(pair) as service:
        spoil_password(pair)
        words = ["--source", pair.env["SOURCE_URL"],
                 "--destination", pair.env["DESTINATION_URL"],
                 "--by-item", "--folders"]
        here = [pair.passwords_csv, "--ca-file", pair.env["CA_FILE"]]
        there = [pair.passwords_csv, *through(service)]
        done = run(MAILFERRY, "check", *there, *words)
        own = run(MAILFERRY, "check", *here, *words)
        equal((done.status, own.status), (2, 2), f"{done.err}{own.err}")
        equal(looked_at(done), looked_at(own), "what a person reads")
        contains(done.out, "expected time")
        contains(done.out, "2 of 3 mailboxes can be migrated")
        done = run(MAILFERRY, "check", "--json", *there, *words)
        own = run(MAILFERRY, "check", "--json", *here, *words)
        equal(objects_of(done), sorted_as(objects_of(own), objects_of(done)),
              "what a program reads")
        checks_by_the_api(service, objects_of(own)[0])
        # nothing was moved, and the same migration can be
        equal(pair.digest("destination"), [], "items of the destination")
        done = run(MAILFERRY, *migrate_words(pair, *through(service)))
        equal(done.status, 2, f"{done.out}{done.err}")
        equal(trail(service, "migration.add"), 1, "migrations")


def spoil_password(pair):
    lines = pair.passwords_csv.read_text(encoding="utf-8-sig").splitlines()
    cells = lines[1].split(",")
    cells[lines[0].split(",").index("Source Password")] = "not-the-password"
    pair.passwords_csv.write_text("\n".join(
        [lines[0], ",".join(cells), *lines[2:]]) + "\n")


def sorted_as(own, others):
    """A run here tells of each mailbox as it ends."""
    order = [box["mailbox"] for box in others[0]]
    return sorted(own[0], key=lambda box: order.index(box["mailbox"])), own[1]


def checks_by_the_api(service, own):
    cookie = service.cookie()

    def ask(path):
        return answer_json(service.ask("GET", f"/api/v1{path}", cookie=cookie))
    first = ask("/migrations/1/checks?limit=2")
    rest = ask(f"/migrations/1/checks?limit=2&after={first['next']}")
    items = first["items"] + rest["items"]
    equal((len(first["items"]), rest["next"]), (2, None), "pages")
    equal(sorted((one["source"], one["job"]["state"]) for one in items),
          sorted((box["mailbox"],
                  "done" if box["can_be_migrated"] else "failed")
                 for box in own), "what became of each")
    for one in items:
        box = next(b for b in own if b["mailbox"] == one["source"])
        whole = ask(f"/mailboxes/{one['id']}/check")
        if not box["can_be_migrated"]:
            equal((one["check"], one["job"]["reason"], one["job"]["name"]),
                  (None, box["error"], box.get("code")), "why not")
            continue
        equal("folders" in one["check"], False, "folders in a list")
        for name in set(box) - {"mailbox", "to", "expected"}:
            equal(whole["check"][name], box[name], name)
    outlook = ask("/migrations/1/outlook")
    check(outlook["forecast"]["p90"] >= outlook["forecast"]["p50"], "outlook")


@case
def a_trial_says_what_one_of_this_side_says():
    with Pair(1, 20) as here, Pair(1, 20) as pair, serving(pair) as service:
        def trial(of, *more):
            done = run(MAILFERRY, *migrate_words(of, "--trial", *more))
            equal(done.status, 0, f"{done.out}{done.err}")
            return [line for line in done.out.splitlines()
                    if line.startswith(("trial from", "  "))]
        told = trial(pair, *through(service))
        equal(told, trial(here, "--ca-file", here.env["CA_FILE"]), "trials")
        contains("\n".join(told), "comes back")
        got = service.ask("GET", "/api/v1/migrations/1/trials",
                          cookie=service.cookie())
        equal(len(answer_json(got)["items"]),
              sum("comes back" in line or "did not" in line for line in told),
              "lines")


@case
def nothing_is_lost_when_the_service_dies():
    """First when the migration is made and before it is said, then in the
    middle of the copying; the one who looks on hears of nothing but a wait."""
    with Pair(mailboxes=2, items=24, options=("--latency", "120")) as pair, \
            serving(pair, "--at-once", 2,
                    MAILFERRY_DIE_AT="migration") as service, \
            Front(service) as front:
        there = through(service, front.url)
        words = migrate_words(pair, "--lanes", "1", *there)
        with subprocess.Popen([MAILFERRY, *map(str, words)], text=True,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as client:
            until("dead", lambda: service.process.poll() is not None or
                  client.poll() is not None)
            check(client.poll() is None, "it gave up")
            del service.env["MAILFERRY_DIE_AT"]
            service.start()
            cookie = service.cookie()

            def states():
                got = service.ask("GET", "/api/v1/migrations/1", cookie=cookie)
                return answer_json(got).get("states", {})
            until("begun", lambda: set(states()) - {"new"})
            service.process.kill()
            service.process.wait()
            service.start()
            out, err = client.communicate(timeout=RUN_SECONDS)
        equal(client.returncode, 0, f"{out}{err}")
        contains(err, "waiting for it")
        contains(err, "it answers again")
        pair.assert_moved()
        equal((trail(service, "migration.add"), trail(service, "pass.start")),
              (1, 1), "migrations and passes")


@case
def the_exit_status_is_that_of_a_run_here():
    with Pair(mailboxes=2, items=10) as pair, serving(pair) as service:
        there = through(service)
        spoil_password(pair)
        done = run(MAILFERRY, *migrate_words(pair, *there))
        equal(done.status, 2, f"{done.out}{done.err}")
        contains(done.err, "password")
        lines = pair.passwords_csv.read_text().splitlines()
        pair.passwords_csv.write_text("\n".join(lines[:2]) + "\n")
        alone = ["--state", service.dir / "other"]
        done = run(MAILFERRY, *migrate_words(pair, *alone, *there))
        equal(done.status, 3, f"{done.out}{done.err}")


@case
def rows_that_are_new_are_added():
    """The whole file again, with more rows; a password that has changed in a
    row that the service has is not its affair."""
    with Pair(mailboxes=3, items=10) as pair, serving(pair) as service:
        there = through(service)
        whole = pair.passwords_csv.read_text(encoding="utf-8-sig")
        head, first, second, third = whole.splitlines()
        pair.passwords_csv.write_text(f"{head}\n{second}\n")
        done = run(MAILFERRY, *migrate_words(pair, *there))
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.passwords_csv.write_text(whole)
        words = migrate_words(pair, *there)
        done = run(MAILFERRY, "verify", *words[1:6], *there)
        equal(done.status, 3, "what was never moved cannot be verified")
        contains(done.err, "line 2:")
        contains(done.err, '"mailferry migrate" with this file')
        done = run(MAILFERRY, *words)
        equal(done.status, 0, f"{done.out}{done.err}")
        contains(done.err, "2 rows are new")
        contains(done.out, "mailboxes: 3 done")
        pair.assert_moved()
        equal((trail(service, "migration.add"),
               trail(service, "migration.extend")), (1, 1), "the trail")
        # fewer rows: those are left alone
        pair.passwords_csv.write_text(f"{head}\n{third}\n")
        done = run(MAILFERRY, *words)
        equal(done.status, 0, f"{done.out}{done.err}")
        equal(trail(service, "migration.extend"), 1, "nothing is new")


@case
def looking_on_may_end():
    """Ctrl-C leaves the service at work; the same command looks on again."""
    with Pair(mailboxes=1, items=24, options=("--latency", "120")) as pair, \
            serving(pair, "--at-once", 0) as service, \
            Front(service) as front:
        there = through(service, front.url)
        words = [MAILFERRY, *map(str, migrate_words(pair, *there))]
        with subprocess.Popen(words, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as client:
            until("started", lambda: trail(service, "pass.start") == 1)
            client.send_signal(signal.SIGINT)
            out, err = client.communicate(timeout=RUN_SECONDS)
        equal(client.returncode, 130, f"{out}{err}")
        service.stop()
        service.options = []
        service.start()
        done = run(*words)
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.assert_moved()
        equal(trail(service, "migration.add"), 1, "migrations")


# ---- a service that speaks TLS ---------------------------------------------

def openssl(*words):
    done = run("openssl", *words)
    equal(done.status, 0, done.err)


def authority(folder, name):
    """A certificate of an authority that nobody else knows."""
    key, chain = folder / f"{name}-key.pem", folder / f"{name}.pem"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
            chain, "-days", "2", "-subj", f"/CN={name}", "-addext",
            "basicConstraints=critical,CA:TRUE")
    return key, chain


def certified(folder, names):
    """--tls-cert and --tls-key by an authority of our own, and its file."""
    (ca_key, ca), key = authority(folder, "ours"), folder / "key.pem"
    request, chain = folder / "request.pem", folder / "chain.pem"
    extensions = folder / "extensions"
    extensions.write_text(f"subjectAltName={names}\n")
    openssl("req", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
            request, "-subj", "/CN=service")
    openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key,
            "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out",
            chain)
    return ["--tls-cert", str(chain), "--tls-key", str(key)], ca


@case
def an_authority_of_your_own():
    with Pair(1, 5) as pair, serving(pair) as service:
        token = service.token(["migrations:read", "migrations:write"],
                              service.cookie(OPERATOR))
        service.stop()
        service.options, ca = certified(service.dir, "DNS:localhost")
        service.start()

        def ask(*more, host="localhost", **env):
            return run(MAILFERRY, *migrate_words(pair), "--server",
                       f"https://{host}:{service.port}", *more,
                       env={"MAILFERRY_TOKEN": token, **env})
        _, other = authority(service.dir, "theirs")
        for more, host, *wanted in (
                (["--server-ca-file", other], "localhost", "not trusted",
                 "--server-ca-file"),
                ([], "localhost", "not trusted", "--server-ca-file"),
                (["--server-ca-file", ca], "127.0.0.1", "for another name"),
                (["--server-ca-file", service.dir / "none"], "localhost",
                 "none\" cannot be read")):
            done = ask(*more, host=host)
            equal(done.status, 3, f"{more} {host}: {done.out}{done.err}")
            for text in wanted:
                contains(done.err, text)
            check(token not in done.out + done.err, "the token is told")
        check(not pair.digest("destination"), "something was moved")
        done = ask("--server-ca-file", ca)
        equal(done.status, 0, f"{done.out}{done.err}")
        pair.assert_moved()


# ---- looking on ------------------------------------------------------------

def now_quiet():
    """Hours that hold for a long time yet."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return "{:%H:%M}-{:%H:%M} UTC".format(
        now - datetime.timedelta(hours=1), now + datetime.timedelta(hours=3))


@case
def it_is_said_when_it_will_be_done():
    """Of what waits for the source's quiet hours to end: the forecast, and the
    hours to those who may read the fleet."""
    with Pair(2, 10) as pair, serving(pair) as service:
        there = through(service)
        done = run(MAILFERRY, *migrate_words(pair, *there))
        equal(done.status, 0, f"{done.out}{done.err}")
        operator = service.cookie(OPERATOR)
        host = urllib.parse.urlparse(pair.env["SOURCE_URL"]).netloc
        got = service.ask("PATCH", f"/api/v1/hosts/{host}",
                          {"quiet": now_quiet()}, cookie=operator)
        equal(got.status, 204, got.text)
        pair.add(5)
        # one that asks for no more than to have it begun
        got = service.ask("POST", "/api/v1/migrations/1/actions",
                          {"action": "start", "pass": "full"},
                          cookie=operator)
        equal(got.status, 200, got.text)

        def status(*more):
            done = run(MAILFERRY, "status", pair.passwords_csv, *more, *there)
            equal(done.status, 0, f"{done.out}{done.err}")
            return done
        until("a forecast", lambda: "forecast" in
              events(status("--json"))[-1]["summary"])
        told = events(status("--json"))[-1]["summary"]["forecast"]
        contains(told["basis"], "2 mailboxes of this provider")
        check(told["updated"] < told["p50"] <= told["p90"], f"in order: {told}")
        text = status().out
        contains(text, "nine times in ten (2 mailboxes of this provider), of ")
        check("quiet hours" not in text, "the fleet to who may not read it")
        token = service.token(["migrations:read", "fleet:read"], operator)
        there[3] = file_of(service, "token-of-fleet", token)
        contains(status().out, "source: quiet hours until ")
        equal([e["event"] for e in events(status("--json")) if "event" in e],
              ["quiet"], "events")

@case
def a_watcher_sees_it_come_to_its_end():
    """From before anything is done to the end, across a restart; it ends when
    it is told to."""
    with Pair(2, 20, options=("--latency", "60")) as pair, \
            serving(pair, "--at-once", 0) as service, \
            Front(service) as front:
        there = through(service, front.url)
        words = [MAILFERRY, *map(str, migrate_words(pair, *there))]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as client:
            until("started", lambda: trail(service, "pass.start") == 1)
            client.send_signal(signal.SIGINT)
            equal(client.wait(timeout=RUN_SECONDS), 130, "the one who began it")
        watcher = subprocess.Popen(
            [MAILFERRY, "status", "--watch", "--json", *map(str, there)],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        with watcher:
            def states():
                """Of the next whole look."""
                seen = []
                while True:
                    line = json.loads(watcher.stdout.readline())
                    if "summary" in line:
                        return seen, line["summary"]
                    seen.append(line["state"])
            equal(states()[0], ["new", "new"], "before")
            service.stop()
            service.options = []
            service.start()
            seen = []
            while set((now := states())[0]) != {"verified"}:
                seen.append(now)
            watcher.send_signal(signal.SIGINT)
            watcher.communicate(timeout=RUN_SECONDS)
        equal(watcher.returncode, 0, "the watcher's exit status")
        counts = [summary["copied"] for _, summary in [*seen, now]]
        equal(counts, sorted(counts), "numbers that only grow")
        equal(counts[-1], len(pair.digest("destination")), "in the end")
        pair.assert_moved()


if __name__ == "__main__":
    main()
