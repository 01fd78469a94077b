#!/usr/bin/env python3
"""A state file of 100,000 items moves to PostgreSQL: killed in the middle, again
from the beginning, and no second time."""
import contextlib
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

TESTS = pathlib.Path(__file__).resolve().parents[1]
POSTGRES = TESTS / "lib/postgres.py"
OLDER = TESTS / "store/version-2.sql"
ITEMS = size(100_000, 10_000)
SUMS = ("SELECT count(*), sum(id), sum(size), sum(length(source)),"
        " sum(length(change_key)) FROM items")


def made(path):
    """Of today's version, with so many items more."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(OLDER.read_text())
    # it opens the file as a writer does, and then cannot reach the other
    equal(run(MAILFERRY, "store", "move", path,
              "postgresql://u@%2Fnowhere/x").status, 3, "nowhere")
    with contextlib.closing(sqlite3.connect(path)) as db:
        folder, first = db.execute("SELECT id, n_items FROM folders"
                                   " ORDER BY id LIMIT 1").fetchone()
        db.execute("INSERT INTO items (id, state, class, size, received,"
                   " source, change_key, search_key) WITH RECURSIVE n (i) AS"
                   " (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?2)"
                   " SELECT (?1 << 24) + ?3 + i, 0, 0, i, i,"
                   " CAST(printf('%c%08d', 0, i) AS BLOB),"
                   " CAST(printf('%c%020d', 0, i) AS BLOB), 'search' FROM n",
                   (folder, ITEMS, first))
        db.execute("UPDATE folders SET n_items = n_items + ?2,"
                   " n_listed = n_listed + ?2 WHERE id = ?1", (folder, ITEMS))
        db.commit()
        return db.execute(SUMS).fetchone()


def psql():
    return [str(pathlib.Path(os.environ["PG_TEST_BIN"]) / "psql"), "-XAtq",
            os.environ["MAILFERRY_TEST_POSTGRES"]]


def asked(sql):
    return run(*psql(), "-c", sql).out.strip()


def kill_in_the_middle(command):
    """All items are there, and what comes after them has to wait."""
    with subprocess.Popen(psql(), text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as holder:
        holder.stdin.write("BEGIN; LOCK TABLE item_texts; SELECT 'held';\n")
        holder.stdin.flush()
        equal(holder.stdout.readline(), "held\n", "lock")
        with subprocess.Popen([str(word) for word in command]) as process:
            while asked("SELECT count(*) FROM pg_locks"
                        " WHERE NOT granted") == "0":
                check(process.poll() is None, "it did not wait")
            process.kill()
        holder.stdin.close()


@case
def killed_in_the_middle_and_moved_again():
    where = os.environ["MAILFERRY_TEST_POSTGRES"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "state.mailferry"
        sums = "|".join(map(str, made(path)))
        move = [MAILFERRY, "store", "move", path, where]
        made_tables = run(MAILFERRY, "migration", "list", env={
            "MAILFERRY_STORE_DATABASE": where,
            "MAILFERRY_SERVICE_DATA_DIRECTORY": folder})
        equal(made_tables.status, 0, made_tables.err)
        kill_in_the_middle(move)
        equal(asked("SELECT count(*) FROM items"), "0", "items of half a move")
        done = run(*move)
        equal(done.status, 0, done.err)
        contains(done.out, f"items {sums.split('|')[0]} rows, the same")
        equal(asked(SUMS), sums, "items")
        equal(run(MAILFERRY, "store", "check", where).out,
              "nothing is wrong with it\n", "check")
        again = run(*move)
        equal(again.status, 3, "again")
        contains(again.err, "is in use already")
        contains(again.err, "createdb")
        equal(asked(SUMS), sums, "items afterwards")


if __name__ == "__main__":
    if "MAILFERRY_TEST_POSTGRES" not in os.environ:
        os.execv(sys.executable, [sys.executable, str(POSTGRES),
                                  sys.executable, *sys.argv])
    main()
