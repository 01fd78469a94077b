#!/usr/bin/env python3
"""Import files hold aliases; and one mailbox twice is refused, however it is
spelled."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

HEADER = ("Source Email,Source UserName,Source Password,Destination Email,"
          "Destination UserName,Destination Password,Flags\n")


def with_option(options, name, value):
    at = options.index(name)
    return options[:at + 1] + [str(value)] + options[at + 2:]


def alias_of(pair, address):
    """From the lab's own state: the mailbox's other address."""
    with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                         uri=True) as state:
        rows = state.execute(
            "SELECT alias.address FROM alias JOIN mailbox ON mailbox.key = "
            "alias.mailbox WHERE mailbox.address = ?",
            (address,)).fetchall()
    check(rows, f"the lab gives {address} no alias")
    return rows[0][0]


def rows_file(pair, *rows):
    path = pair.dir / "rows.csv"
    path.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows))
    return path


def one_lab(pair):
    """Both sides are the source's lab, by two of its names."""
    url = pair.env["SOURCE_URL"]
    other = url.replace("127.0.0.1", "localhost")
    check(other != url, f"no second name for {url}")
    options = with_option(pair.options(), "--destination", other)
    options = with_option(options, "--destination-admin",
                          pair.env["SOURCE_ADMIN"])
    return with_option(options, "--destination-password-file",
                       pair.env["SOURCE_PASSWORD_FILE"])


@case
def aliases_in_the_file():
    with Pair(1, 20) as pair:
        address = pair.admin_csv.read_text().splitlines()[1].split(",")[0]
        alias = alias_of(pair, address)
        done = pair.migrate(file=rows_file(
            pair, (alias, "", "", alias, "", "", "0")))
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        pair.assert_moved()


def refused(pair, source, destination):
    before = pair.digest("source")
    done = pair.migrate(file=rows_file(
        pair, (source, "", "", destination, "", "", "0")),
        options=one_lab(pair))
    check(done.status in (2, 3), f"exit {done.status}: {done.out}{done.err}")
    contains(done.out + done.err, "same mailbox")
    equal(pair.digest("source"), before, "the mailbox")
    equal(pair.counters("source")["requests.UploadItems"], 0, "uploads")


@case
def one_mailbox_by_two_urls():
    with Pair(1, 20) as pair:
        address = pair.admin_csv.read_text().splitlines()[1].split(",")[0]
        refused(pair, address, address)


@case
def one_mailbox_by_its_alias():
    with Pair(1, 20) as pair:
        address = pair.admin_csv.read_text().splitlines()[1].split(",")[0]
        refused(pair, address, alias_of(pair, address))


@case
def one_mailbox_by_impersonation_and_full_access():
    with Pair(1, 20) as pair:
        lines = pair.passwords_csv.read_text().splitlines()[1].split(",")
        path = pair.dir / "rows.csv"
        path.write_text(HEADER + ",".join(lines[:3] + [lines[0], "", "", "0"])
                        + "\n")
        done = pair.migrate(file=path, options=one_lab(pair))
        check(done.status in (2, 3), f"exit {done.status}: {done.err}")
        contains(done.out + done.err, "same mailbox")


if __name__ == "__main__":
    main()
