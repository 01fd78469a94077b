#!/usr/bin/env python3
"""The pipe of the mail server: what it takes, and what it says when not."""
import pathlib
import sqlite3
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all

MAIL = """From: anna@acme.example
To: desk@provider.example
Message-ID: <1@acme.example>
Subject: Managed Migration Request

Partner ID: P-1001
Domain: acme.example
"""


@contextlib.contextmanager
def desk(**more):
    with Desk(start=False, operators=False, **more) as d:
        d.people()
        yield d


def pipe(d, mail, *words, env=None):
    """What a mail server would see: status, output, errors."""
    done = subprocess.run(
        [MAILFERRY, "intake", *words], capture_output=True, check=False,
        env={**d.env, **(env or {})}, timeout=RUN_SECONDS,
        input=mail if isinstance(mail, bytes) else mail.encode())
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def counts(d):
    with d.database() as db:
        return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                for table in ("requests", "request_mails", "outbox")]


@case
def a_mail_is_taken_once():
    with desk() as d:
        done = pipe(d, MAIL)
        equal(done, (0, "", ""), "silent")
        equal(counts(d), [1, 1, 1], "a request, its mail, the answer")
        done = pipe(d, MAIL, "--verbose")
        equal(done, (0, "taken before\n", ""), "again")
        equal(counts(d), [1, 1, 1], "nothing more")
        shown = d.command("request", "show", "1001").out
        contains(shown, "awaiting information")
        equal(d.outbox()[0][3:5], ["anna@acme.example",
                                   "[MF-1001] What is missing for your "
                                   "managed migration"], "the answer")


@case
def the_verdict_is_shown_when_asked_for():
    with desk() as d:
        done = pipe(d, MAIL.replace("anna", "tom"), "-v")
        equal(done, (0, "mail 1\ttechnical\tdone\n", ""), "Technical Contact")
        done = pipe(d, MAIL, "-v")
        equal(done, (0, "mail 2\tmay\tplaced\trequest 1001\n", ""), "Primary")


@case
def a_line_of_the_mbox_format_is_passed_over():
    with desk() as d:
        done = pipe(d, "From anna@acme.example Mon Nov 23 09:00:00 2026\n"
                    + MAIL, "-v")
        equal(done.out, "mail 1\tmay\tplaced\trequest 1001\n", done.err)


@case
def whatever_bytes_come_they_are_kept():
    with desk() as d:
        for n, mail in enumerate((b"\0", b"\xff\xfe\n\n\xff", b"\n" * 1000,
                                  b"From: \n\nx"), 1):
            done = pipe(d, mail, "-v")
            equal((done.status, done.err), (0, ""), f"{mail[:10]}")
            equal(done.out, f"mail {n}\tno-sender\ttray\n", f"{mail[:10]}")


@case
def a_mail_over_the_limit_is_read_to_its_end_and_its_sender_told():
    with desk() as d:
        done = pipe(d, MAIL.encode() + b"x" * (40 << 20), "-v")
        equal(done, (0, "mail 1\tmay\ttray\n", ""), "40 MB")
        equal([row[3:5] for row in d.outbox()],
              [["anna@acme.example", "We could not read your mail"]], "told")
        with d.database() as db:
            (size,), = db.execute("SELECT length(raw) FROM request_mails")
        check(size < 10_000, f"{size} bytes were kept")


@case
def what_may_pass_is_to_be_tried_again():
    with desk() as d:
        held = sqlite3.connect(d.data / "mailferry.db", isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        done = pipe(d, MAIL)
        equal((done.status, done.out), (75, ""), "a database that is held")
        check(done.err.startswith("mailferry: "), done.err)
        held.execute("ROLLBACK")
        held.close()
        done = pipe(d, MAIL, env={"MAILFERRY_SERVICE_DATA_DIRECTORY":
                                  str(d.dir / "nowhere")})
        equal(done.status, 75, done.err)
        done = pipe(d, MAIL, env={"MAILFERRY_HTTP_LISTEN": "everywhere"})
        equal(done.status, 75, "a fault in the configuration: " + done.err)
        equal(pipe(d, MAIL).status, 0, "then it is taken")


@case
def what_cannot_pass_is_said():
    with desk() as d:
        equal(pipe(d, "").status, 64, "no mail")
        equal(pipe(d, MAIL, "--no-such-option").status, 64, "no such option")
        done = pipe(d, MAIL, env={"MAILFERRY_DESK_ADDRESS": "none"})
        equal(done.status, 78, done.err)
        contains(done.err, "set desk.address")
        equal(counts(d), [0, 0, 0], "nothing was done")


@case
def many_at_once_are_one_each():
    with desk() as d:
        mails = [MAIL.replace("<1@", f"<{n % 4}@").encode() for n in range(8)]
        pipes = [subprocess.Popen([MAILFERRY, "intake"], env=d.env,
                                  stdin=subprocess.PIPE,
                                  stderr=subprocess.PIPE) for _ in mails]
        for process, mail in zip(pipes, mails):
            process.stdin.write(mail)
            process.stdin.close()
        for process in pipes:
            said = process.stderr.read().decode()
            equal(process.wait(timeout=RUN_SECONDS), 0, said)
        equal(counts(d)[1], 4, "mails")


if __name__ == "__main__":
    main()
