#!/usr/bin/env python3
"""What "store" prints, and how it exits."""
import pathlib
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

OLDER = pathlib.Path(__file__).resolve().parents[1] / "store/version-2.sql"
NOWHERE = "postgresql://u:hunter2@%2Fnowhere/x"


def state(folder):
    """A state file of today's version; and what it took to make it so."""
    path = pathlib.Path(folder) / "state.mailferry"
    db = sqlite3.connect(path)
    db.executescript(OLDER.read_text())
    db.close()
    # It opens the file as a writer does, and then cannot reach the other.
    return path, run(MAILFERRY, "store", "move", str(path), NOWHERE)


@case
def a_database_out_of_reach_leaves_the_file_and_tells_no_password():
    with tempfile.TemporaryDirectory() as folder:
        _, moved = state(folder)
        equal(moved.status, 3, moved.err)
        contains(moved.err, "postgresql:///nowhere/x", "which database")
        check("hunter2" not in moved.err + moved.out, moved.err)


@case
def check_says_what_is_wrong():
    with tempfile.TemporaryDirectory() as folder:
        path, _ = state(folder)
        done = run(MAILFERRY, "store", "check", str(path))
        equal((done.status, done.out), (0, "nothing is wrong with it\n"),
              done.err)
        db = sqlite3.connect(path)
        db.execute("UPDATE folders SET n_listed = n_listed + 1 WHERE id = 1")
        db.commit()
        db.close()
        done = run(MAILFERRY, "store", "check", str(path))
        equal((done.status, done.out),
              (1, "1 folders whose number of waiting items is not how many "
                  "wait\n"), done.err)


@case
def a_backup_takes_the_place_of_nothing():
    with tempfile.TemporaryDirectory() as folder:
        path, _ = state(folder)
        copy = str(path) + ".copy"
        done = run(MAILFERRY, "store", "backup", str(path), copy)
        equal((done.status, done.out, done.err), (0, "", ""), "backup")
        done = run(MAILFERRY, "store", "check", copy)
        equal(done.status, 0, done.out + done.err)
        done = run(MAILFERRY, "store", "backup", str(path), copy)
        equal(done.status, 3, "again")
        contains(done.err, "File exists", "again")


@case
def what_is_missing_is_named():
    for words, says in ((["backup", "x"], "TO is missing"),
                        (["move", "x"], "TO is missing"),
                        (["check", "x", "y"], "check takes no TO"),
                        (["check"], "FROM")):
        done = run(MAILFERRY, "store", *words)
        equal(done.status, 64, words)
        contains(done.err, says, words)
    done = run(MAILFERRY, "store", "check", "/nowhere/x")
    equal(done.status, 3, done.err)
    done = run(MAILFERRY, "store", "move", "/nowhere/x", "/nowhere/y")
    equal(done.status, 3, done.err)
    contains(done.err, "only to PostgreSQL", "where to")


if __name__ == "__main__":
    main()
