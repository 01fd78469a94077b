#!/usr/bin/env python3
"""Recorded conversations with real servers, replayed to the lab: the same
response codes, and the same elements in the same order.

EXCHANGE_TRACES_DIR names the folder; else it is looked for beside the
checkout; without one the test is skipped."""
import email.utils
import os
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403


def traces_dir():
    named = os.environ.get("EXCHANGE_TRACES_DIR")
    if named:
        return pathlib.Path(named)
    return ROOT.parent / "shared" / "exchange-traces"


def exchanges(path):
    """Pairs of request body and answer of one trace, challenges left out."""
    conversation, current = [], None
    for line in path.read_text().splitlines():
        who, text = line[:1], line[2:]
        if who not in "<>" or not who:
            continue
        if current is None or current[0] != who:
            current = [who, []]
            conversation.append(current)
        current[1].append(text)
    asked = None
    for who, lines in conversation:
        if who == ">":
            asked = "\n".join(lines).split("\n\n", 1)[-1].strip()
            continue
        head, _, body = "\n".join(lines).partition("\n\n")
        status = int(head.split()[1])
        if status == 401:
            continue
        date = re.search(r"(?m)^Date: (.*)$", head).group(1)
        yield (email.utils.parsedate_to_datetime(date), asked,
               Answer(status, {}, body.strip()))


def outline(answer):
    """Element names with their attributes' names, depth first."""
    lines = []

    def walk(element, depth):
        name = element.tag.split("}")[-1]
        lines.append("  " * depth + " ".join([name, *sorted(element.attrib)]))
        # Who else has rights on a folder differs by mailbox.
        if name not in ("Permissions", "detail"):
            for child in element:
                walk(child, depth + 1)

    walk(answer.root.find(".//s:Body", NS), 0)
    return lines


def texts(answer):
    """What is said in words and codes, but for ids and counts."""
    return [e.text for path in ("m:ResponseCode", "m:MessageText",
                                "t:Folder/t:DisplayName", "t:TotalCount",
                                "t:ChildFolderCount", "t:Value")
            for e in answer.all(path)]


def replay(version):
    pieces = sorted(
        (piece for path in sorted((traces_dir() / version).glob("*.trace"))
         for piece in exchanges(path)), key=lambda piece: piece[0])
    check(len(pieces) > 15, f"{len(pieces)} exchanges recorded")
    known, seen = {}, set()
    with Lab("--version", version, mailboxes=1, items=0) as lab:
        client = Client(lab, user=USER1)
        for _, asked, want in pieces:
            for theirs, ours in known.items():
                asked = asked.replace(f'"{theirs}"', f'"{ours}"')
            got = client.post(asked)
            what = re.search(r"<messages:(\w+)", asked).group(1)
            said = want.codes()[-1]
            seen.add((what, said))
            about = f"{version} {what} {said}\n{asked}\n{got.body}\n"
            equal(got.status, want.status, about + "status")
            equal(got.codes(), want.codes(), about + "codes")
            equal(texts(got), texts(want), about + "texts")
            equal(outline(got), outline(want), about + "elements")
            # A trace names what another one made: ours has its own ids.
            for path, name in (("t:FolderId", "Id"),
                               ("t:FolderId", "ChangeKey")):
                for ours, theirs in zip(got.all(path), want.all(path)):
                    known[theirs.get(name)] = ours.get(name)
    return seen


@case
def exchange_2007_sp1():
    check(len(replay("Exchange2007_SP1")) > 10, "few different answers")


@case
def exchange_2010_sp2():
    check(len(replay("Exchange2010_SP2")) > 10, "few different answers")


if __name__ == "__main__":
    if not (traces_dir() / "Exchange2010_SP2").is_dir():
        print(f"1..0 # SKIP no traces in {traces_dir()}: set "
              "EXCHANGE_TRACES_DIR")
        sys.exit(0)
    main()
