#!/usr/bin/env python3
"""When it will be done: said while a run goes on, by what was measured between
the same two servers, and afterwards compared with the end."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all


def record(pair, *more):
    done = run(MAILFERRY, "forecast", "record", pair.admin_csv, *more)
    equal(done.status, 0, f"forecast record: {done.out}{done.err}")
    return done.out


@case
def what_was_said_is_kept_with_the_end():
    # each request takes a while, so that a run is still there when it is asked
    with Pair(2, 20, options=("--latency", "300")) as pair:
        equal(pair.mailferry("check").status, 0, "check")
        contains(record(pair), "no migration with a forecast has ended yet")
        equal(pair.migrate().status, 0, "the first run")
        pair.add(30)
        done = pair.migrate("--json", "--first-requests", "1")
        equal(done.status, 0, f"{done.out}{done.err}")
        told = [e for e in events(done) if e["event"] == "forecast"]
        check(told, f"nothing was said:\n{done.out}")
        for said in told:
            contains(said["basis"], "of this provider")
            check(said["p50"] <= said["p90"], f"in order: {said}")
        found = json.loads(record(pair, "--json"))
        lines = found["record"]
        check(sum(line["forecasts"] for line in lines) > 0, f"kept: {found}")
        for line in lines:
            check(line["held"] <= line["forecasts"], f"held: {line}")
        check("ended by the P90" in record(pair), "in words")


@case
def who_stops_it_makes_no_liar_of_it():
    with Pair(1, 40, options=("--latency", "300")) as pair:
        equal(pair.migrate().status, 0, "the first run")
        before = record(pair, "--json")
        pair.add(40)
        with subprocess.Popen(
                [str(w) for w in (MAILFERRY, "migrate", pair.admin_csv,
                                  *pair.options(), "--json", "--first-requests",
                                  "1", "--doubt-wait", "1")],
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True) as process:
            for line in process.stdout:
                if json.loads(line)["event"] == "forecast":
                    process.terminate()
                    break
            else:
                raise Failure("it ended before anything was said")
            process.communicate(timeout=RUN_SECONDS)
        equal(process.returncode, 130, "exit status")
        equal(record(pair, "--json"), before, "the record")


if __name__ == "__main__":
    main()
