#!/usr/bin/env python3
"""What cannot be done is said plainly, with the remedy and the documented
exit status; and no secret is in anything that a run wrote."""
import os
import pathlib
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all


def with_option(options, name, value):
    at = options.index(name)
    return options[:at + 1] + [str(value)] + options[at + 2:]


def refused(pair, options, status, *texts):
    done = pair.migrate(options=options)
    equal(done.status, status, f"exit status: {done.out}{done.err}")
    for text in texts:
        contains(done.out + done.err, text)
    equal(pair.counters("destination")["requests.UploadItems"], 0, "uploads")


@case
def wrong_password():
    with Pair(2, 20) as pair:
        wrong = pair.dir / "wrong"
        wrong.write_text("not-the-password\n")
        wrong.chmod(0o600)
        before = pair.counters("source")
        refused(pair, with_option(pair.options(), "--source-password-file",
                                  wrong), 3, "password", "remedy")
        # Accounts lock: a refused credential is tried once, not by each
        # mailbox and lane.
        refusals = pair.counters("source")["refused.401"] - before[
            "refused.401"]
        check(refusals <= 3, f"the wrong password was sent {refusals} times")


@case
def unknown_mailbox():
    with Pair(1, 20) as pair:
        text = pair.admin_csv.read_text().splitlines()
        first = text[1].split(",")
        domain = first[0].split("@")[1]
        text.append(f"nobody@{domain},,,{first[3]}x,,,0")
        pair.admin_csv.write_text("\n".join(text) + "\n")
        done = pair.migrate()
        equal(done.status, 2, f"exit status: {done.out}{done.err}")
        contains(done.out + done.err, f"nobody@{domain}")
        contains(done.out + done.err, "mailbox")


@case
def no_impersonation_right():
    with Pair(1, 20, options=["source:--no-impersonation",
                              "source:--no-full-access"]) as pair:
        refused(pair, pair.options(), 3, "imperson", "remedy")


@case
def full_access_instead_of_impersonation():
    with Pair(1, 20, options=["source:--no-impersonation"]) as pair:
        done = pair.mailferry("check", "--json")
        contains(done.out, '"full access"')
        equal(pair.migrate().status, 0, "migrate by full access")
        pair.assert_moved()


@case
def address_that_does_not_answer():
    with Pair(1, 20) as pair:
        refused(pair, with_option(pair.options(), "--source",
                                  "https://127.0.0.1:1/owa"), 3,
                "127.0.0.1", "connect", "firewall")


@case
def untrusted_certificate():
    with Pair(1, 20) as pair:
        options = pair.options()
        at = options.index("--ca-file")
        refused(pair, options[:at] + options[at + 2:], 3, "certificate",
                "--ca-file")


@case
def full_destination():
    with Pair(1, 60, options=["destination:--quota=200000"]) as pair:
        done = pair.migrate()
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        contains(done.out + done.err, "quota")


@case
def second_writer():
    with Pair(1, 20, options=["--latency=200"]) as pair:
        first = subprocess.Popen(
            [MAILFERRY, "migrate", pair.admin_csv, *pair.options()],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            state = pathlib.Path(str(pair.admin_csv) + ".mailferry")
            while not state.exists():
                time.sleep(0.05)
            time.sleep(0.3)
            second = pair.migrate()
            equal(second.status, 3, f"second writer: {second.err}")
            contains(second.err, str(first.pid))
            status = run(MAILFERRY, "status", pair.admin_csv)
            equal(status.status, 0, f"status beside a writer: {status.err}")
        finally:
            equal(first.wait(RUN_SECONDS), 0, "the first one")
        pair.assert_moved()


@case
def interrupted_and_gone_on():
    with Pair(1, size(300, 80), options=["--latency=60"]) as pair:
        first = subprocess.Popen(
            [MAILFERRY, "migrate", pair.admin_csv, *pair.options()],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while pair.counters("destination")["requests.UploadItems"] < 2:
            check(first.poll() is None, "over before it was interrupted")
            time.sleep(0.05)
        first.send_signal(signal.SIGINT)
        out, _ = first.communicate(timeout=RUN_SECONDS)
        equal(first.returncode, 130, f"exit status: {out}")
        before = len(pair.digest("destination"))
        done = pair.migrate("--json")
        equal(done.status, 0, f"went on: {done.err}")
        equal(copied(done), len(pair.digest("source")) - before,
              "copied by the second run: the rest and nothing again")
        pair.assert_moved()


@case
def no_secret_anywhere():
    with Pair(1, 30) as pair:
        secrets = [pathlib.Path(pair.env[f"{side}_PASSWORD_FILE"]).read_text()
                   .strip() for side in ("SOURCE", "DESTINATION")]
        trace = pair.dir / "trace.log"
        runs = [pair.migrate("--trace", trace), pair.migrate("--json"),
                run(MAILFERRY, "report", pair.admin_csv, "--out",
                    pair.dir / "reports"),
                pair.mailferry("verify")]
        equal([r.status for r in runs], [0, 0, 0, 0], "exit statuses")
        check(trace.stat().st_size > 1000, "the trace is empty")
        equal(trace.stat().st_mode & 0o077, 0, "mode of the trace")
        written = b"".join(
            path.read_bytes() for path in pair.dir.rglob("*")
            if path.is_file() and ("mailferry" in path.name
                                   or "reports" in path.parts
                                   or path == trace))
        written += "".join(r.out + r.err for r in runs).encode()
        for secret in secrets:
            check(len(secret) >= 6, "the lab's password is too short to seek")
            check(secret.encode() not in written, "a password was written")


if __name__ == "__main__":
    main()
