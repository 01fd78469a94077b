#!/usr/bin/env python3
"""The state file meets what files meet: full disks, other programs, damage.
mailferry says what is wrong with which file and what to do, makes nothing
worse, and goes on once that has been done."""
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import add_large  # noqa: E402

NOTHING_DONE = 3


def state_of(pair):
    return pathlib.Path(f"{pair.admin_csv}.mailferry")


def files_of(pair):
    """The state file and its log, byte by byte; looking leaves an empty log."""
    return {path.name: path.read_bytes() for path in
            pair.path.glob("*.mailferry*") if path.stat().st_size > 0
            and not path.name.endswith(("-lock", "-shm"))}


def refused(pair, *wanted, command="migrate", options=None):
    """Nothing was done, the message has those words, the files are as
    before."""
    before = files_of(pair)
    done = pair.mailferry(command, options=options)
    equal(done.status, NOTHING_DONE, f"exit status: {done.out}{done.err}")
    for words in (state_of(pair).name, *wanted):
        contains(done.err, words, "message")
    equal(sorted(files_of(pair)), sorted(before), "files")
    check(files_of(pair) == before, "the state file is not as it was")
    return done


def goes_on(pair, *more):
    done = pair.migrate("--json", "--verify", "full", *more)
    equal(done.status, 0, f"afterwards: {done.out[-2000:]}{done.err}")
    pair.assert_moved()
    again = pair.migrate("--json", *more)
    equal((again.status, copied(again)), (0, 0), "run again")
    return copied(done)


def begun(pair, at="record:6"):
    """A run that died in the middle of its work."""
    died = pair.migrate(env={"MAILFERRY_DIE_AT": at})
    equal(died.status, -signal.SIGKILL, f"the first run: {died.err}")


def migrated(pair):
    equal(pair.migrate().status, 0, "the first run")


def on_small_disk(pair, size, what, *command):
    """Run a command with a file system of that size on the folder what; what
    is in there afterwards comes back."""
    keep = pair.dir / "kept"
    shutil.rmtree(keep, ignore_errors=True)
    script = (f'mount -t tmpfs -o size={size} none "$0" && '
              'cp -a "$1/." "$0/" && shift && "$@"; s=$?; '
              f'mkdir "{keep}" && cp -a "$0/." "{keep}/"; exit $s')
    before = pair.dir / "before"
    shutil.rmtree(before, ignore_errors=True)
    shutil.copytree(what, before)
    done = run("unshare", "-m", "sh", "-c", script, what, before, *command)
    if "Operation not permitted" in done.err:
        raise Skip("no file system can be mounted here")
    shutil.copytree(keep, what, dirs_exist_ok=True)
    return done


def migrate_words(pair, *more):
    return [MAILFERRY, "migrate", pair.admin_csv, *pair.options(),
            "--doubt-wait", "1", *more]


# ---- full disks ----------------------------------------------------------------

@case
def disk_full_for_the_state_file():
    """A little more room each time, so that it ends at many places."""
    with Pair(1, 60) as pair:
        folder = pair.dir / "small"
        folder.mkdir()
        full = 0
        for kib in (20, 120, 200, 280, 360):
            done = on_small_disk(
                pair, f"{kib}k", folder,
                *migrate_words(pair, "--state", folder / "state"))
            if done.status == 0:
                break
            full += 1
            check(done.status in (1, 2, 3), f"{kib}: {done.status}: {done.err}")
            text = done.out + done.err
            contains(text, "no space is left", f"{kib} KiB")
            contains(text, "state", f"{kib} KiB")
            contains(text, "free some space", f"{kib} KiB")
        check(full >= 3, "the disk was large enough: it proves nothing")
        goes_on(pair, "--state", folder / "state")


@case
def disk_full_for_reports():
    with Pair(1, 20) as pair:
        migrated(pair)
        out = pair.dir / "reports"
        out.mkdir()
        done = on_small_disk(pair, "4k", out, MAILFERRY, "report",
                             pair.admin_csv, "--out", out)
        check(done.status not in (0, 64), f"status {done.status}")
        contains(done.err, "cannot be written")
        contains(done.err, str(out))
        contains(done.err, "No space left")
        equal(run(MAILFERRY, "report", pair.admin_csv, "--out",
                  out).status, 0, "with room")


@case
def disk_full_for_spool_files():
    """An item that fits into no memory has nowhere to go: it alone fails, by
    name and with what to do, and comes once there is room."""
    with Pair(1, 10) as pair:
        add_large(pair)
        spool, reports = pair.dir / "spool", pair.dir / "reports"
        spool.mkdir()
        done = on_small_disk(pair, "1m", spool, "env", f"TMPDIR={spool}",
                             *migrate_words(pair))
        equal(done.status, 1, f"exit status: {done.err}")
        contains(done.err, "No space left")
        contains(done.err.replace("\n", "").replace(" ", ""), str(spool))
        equal(len(pair.digest("destination")), 10, "items beside it")
        equal(run(MAILFERRY, "report", pair.admin_csv, "--out",
                  reports).status, 0, "report")
        failures = (reports / "failures.csv").read_text()
        for wanted in ("large", str(spool), "No space left", "make room there"):
            contains(failures, wanted, "failures.csv")
        equal(goes_on(pair), 1, "copied with room")


# ---- other programs ------------------------------------------------------------

@case
def two_writers():
    """The second one is told who the first is; reading works meanwhile."""
    with Pair(1, 60, options=["--latency=60"]) as pair:
        first = subprocess.Popen(
            [str(word) for word in migrate_words(pair)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        while (pair.counters("destination")["requests.UploadItems"] < 1 and
               first.poll() is None):
            time.sleep(0.02)
        second = pair.migrate()
        equal(second.status, NOTHING_DONE, f"second: {second.err}")
        contains(second.err, f"process {first.pid}")
        contains(second.err, os.uname().nodename)
        contains(second.err, state_of(pair).name)
        for command in ("status", "report"):
            more = ["--out", pair.dir / "r"] if command == "report" else []
            seen = run(MAILFERRY, command, pair.admin_csv, *more)
            check(seen.status in (0, 1), f"{command}: {seen.err}")
        error = first.communicate()[1]
        equal(first.returncode, 0, f"the first one: {error}")
        pair.assert_moved()


@case
def locked_by_another_program():
    with Pair(1, 20) as pair:
        begun(pair)
        other = sqlite3.connect(state_of(pair), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        done = pair.migrate()
        equal(done.status, NOTHING_DONE, f"exit status: {done.err}")
        contains(done.err, "is held by another process")
        contains(done.err, state_of(pair).name)
        equal(run(MAILFERRY, "status", pair.admin_csv).status in (0, 1), True,
              "status meanwhile")
        other.execute("ROLLBACK")
        other.close()
        goes_on(pair)


@case
def written_by_a_newer_version():
    with Pair(1, 10) as pair:
        migrated(pair)
        with sqlite3.connect(state_of(pair)) as db:
            known = db.execute("PRAGMA user_version").fetchone()[0]
            db.execute(f"PRAGMA user_version = {known + 1}")
        db.close()
        for command in ("migrate", "verify", "settings"):
            refused(pair, f"version {known + 1}", "newer one",
                    command=command)
        done = run(MAILFERRY, "status", pair.admin_csv)
        equal(done.status, NOTHING_DONE, f"status: {done.out}{done.err}")
        contains(done.err, f"version {known + 1}")


@case
def not_ours():
    with Pair(1, 10) as pair:
        state_of(pair).write_text("Source Email,Destination Email\n" * 200)
        refused(pair, "is not a state file", "name another file")
        state_of(pair).unlink()
        with sqlite3.connect(state_of(pair)) as db:
            db.execute("CREATE TABLE notes (text)")
            db.execute("INSERT INTO notes VALUES ('mine')")
        db.close()
        refused(pair, "another program", "name another file")
        state_of(pair).unlink()
        state_of(pair).mkdir()
        done = pair.migrate()
        equal(done.status, NOTHING_DONE, f"a folder: {done.err}")
        contains(done.err, "no file")


@case
def folder_that_cannot_be_written():
    with Pair(1, 10) as pair:
        folder = pair.dir / "fixed"
        folder.mkdir()
        done = run("unshare", "-m", "sh", "-c",
                   'mount -t tmpfs -o ro none "$0" && exec "$@"', folder,
                   *migrate_words(pair, "--state", folder / "state"))
        if "Operation not permitted" in done.err:
            raise Skip("no file system can be mounted here")
        equal(done.status, NOTHING_DONE, f"exit status: {done.out}{done.err}")
        contains(done.err, str(folder / "state"))
        contains(done.err, "Read-only file system")
        equal(pair.digest("destination"), [], "items at the destination")


# ---- damage --------------------------------------------------------------------

def damaged(how, *wanted):
    """After a run; a new state file and --adopt go on from there."""
    with Pair(1, 40) as pair:
        migrated(pair)
        pair.add(5)
        whole = state_of(pair).read_bytes()
        state_of(pair).write_bytes(how(whole))
        done = refused(pair, *wanted)
        contains(done.err, "backup", "message")
        contains(done.err, "--adopt", "message")
        equal(goes_on(pair, "--state", pair.dir / "new", "--adopt"), 5,
              "copied by a new beginning")
        # And a backup goes on where it was.
        state_of(pair).write_bytes(whole)
        goes_on(pair, "--adopt")


@case
def header_overwritten():
    damaged(lambda whole: b"\0" * 100 + whole[100:])


@case
def truncated():
    damaged(lambda whole: whole[:len(whole) // 3 // 4096 * 4096], "damaged")


@case
def pages_in_the_middle_overwritten():
    def overwrite(whole):
        page = 4096
        return (whole[:2 * page] + b"\xa5" * (len(whole) - 3 * page) +
                whole[-page:])
    damaged(overwrite, "damaged")


@case
def write_ahead_log_lost():
    """What was only in there is forgotten, and found at the destination."""
    with Pair(1, 40) as pair:
        begun(pair, "record:12")
        wal = pathlib.Path(f"{state_of(pair)}-wal")
        check(wal.stat().st_size > 0, "there is no log: it proves nothing")
        wal.unlink()
        pathlib.Path(f"{state_of(pair)}-shm").unlink(missing_ok=True)
        goes_on(pair, "--adopt")


@case
def write_ahead_log_of_another_file():
    """SQLite takes any WAL: it is refused, or there was nothing in it."""
    with Pair(1, 40) as pair, Pair(1, 20, seed=9) as other:
        begun(other, "record:3")
        migrated(pair)
        pair.add(5)
        shutil.copy(f"{state_of(other)}-wal", f"{state_of(pair)}-wal")
        done = pair.migrate("--json")
        if done.status != 0:
            contains(done.err, "state file")
            goes_on(pair, "--state", pair.dir / "new", "--adopt")
        else:
            goes_on(pair)


if __name__ == "__main__":
    main()
