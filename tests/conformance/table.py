#!/usr/bin/env python3
"""The table client × operation, from what the clients' last runs have told.

    tests/conformance/table.py build/conformance              print it
    tests/conformance/table.py build/conformance GUIDE.md     put it there

Each client's run leaves NAME.json in that folder and refreshes table.md in it.
In a guide it stands between two marks."""
import json
import os
import pathlib
import sys

BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
# The order of the columns; others follow.
CLIENTS = ["exchangelib", "ews-javascript-api", "DavMail", "curl"]


def results(folder):
    """Every check of the last runs."""
    return [row for path in sorted(pathlib.Path(folder).glob("*.json"))
            for row in json.loads(path.read_text(encoding="utf-8"))]


def cell(rows):
    """How many checks passed, and of how many when not all did."""
    passed = sum(row["ok"] for row in rows)
    if not rows:
        return ""
    return str(passed) if passed == len(rows) else f"**{passed} of {len(rows)}**"


def group(operation):
    """Sign-in first, then EWS by name, then what DavMail speaks."""
    return (operation[:1].isupper() and " " not in operation,
            " " in operation and operation[:1].isupper(), operation.lower())


def table(rows):
    """Lines of Markdown."""
    found = {row["client"] for row in rows}
    clients = [c for c in CLIENTS if c in found]
    clients += sorted(found - set(clients))
    lines = ["| operation | " + " | ".join(clients) + " |",
             "| --- " * (len(clients) + 1) + "|"]
    for operation in sorted({row["operation"] for row in rows}, key=group):
        cells = [cell([row for row in rows if row["operation"] == operation
                       and row["client"] == client]) for client in clients]
        lines.append(f"| {operation} | " + " | ".join(cells) + " |")
    cells = [cell([row for row in rows if row["client"] == client])
             for client in clients]
    return lines + ["| all | " + " | ".join(cells) + " |"]


def details(rows):
    """Every check by name, once for all versions."""
    lines, seen = [], set()
    for row in rows:
        what = row["what"].rsplit(" (Exchange ", 1)[0]
        line = f"- {row['client']}: {row['operation']}: {what}"
        if line not in seen:
            seen.add(line)
            lines.append(line)
    return lines


def refresh(folder):
    """Write table.md into the folder; whole, whoever writes beside us."""
    rows = results(folder)
    text = "\n".join([*table(rows), "", *details(rows), ""])
    part = pathlib.Path(folder) / f"table.md.{os.getpid()}"
    part.write_text(text, encoding="utf-8")
    part.replace(pathlib.Path(folder) / "table.md")


def put(guide, lines):
    """Replace what stands between the marks."""
    text = guide.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, mark, tail = rest.partition(END)
    if not mark:
        sys.exit(f"{guide}: no marks {BEGIN} and {END}")
    guide.write_text("\n".join([head + BEGIN, *lines, END]) + tail,
                     encoding="utf-8")


def main():
    """Print, or put into a guide; a failed check is not put anywhere."""
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    rows = results(sys.argv[1])
    if not rows:
        sys.exit(f"{sys.argv[1]}: no client has run yet")
    if len(sys.argv) == 2:
        print("\n".join(table(rows)))
        return
    failed = [row for row in rows if not row["ok"]]
    if failed:
        sys.exit(f"{len(failed)} checks have failed; the guide stays as it is")
    put(pathlib.Path(sys.argv[2]), table(rows))


if __name__ == "__main__":
    main()
