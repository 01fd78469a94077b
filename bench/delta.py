"""What a further run costs when next to nothing has changed: a mailbox of
100,000 items in 200 folders is copied, then run again with nothing changed,
then with 100 mixed changes (20 edits, 30 read marks, 10 moves, 30 touches by
an assistant, 10 deletions), then again. Requests by the labs' counters, seconds by
the clock, with both labs on the same machine; a run with nothing changed is
held to 10 requests beside the one for each folder (the default folders count).
Both digests are equal at the end.
"""
import os
import pathlib
import time

import harness
import lab as labs
from figures import Figure

ITEMS = int(os.environ.get("DELTA_ITEMS", "100000"))
FOLDERS = 200
MORE_REQUESTS = 10
SECONDS = 2.0
# A request to fill with: as many items as a server takes at once.
BATCH = 250
CHANGES = {"edit": 20, "read": 30, "move": 10, "touch": 30, "delete": 10}


class Source:
    """The pair's source, as the tests' own EWS client wants a lab."""

    def __init__(self, pair):
        self.url = pair.env["SOURCE_URL"].rsplit("/owa", 1)[0]
        self.ca = pair.env["CA_FILE"]
        admin = pair.env["SOURCE_ADMIN"]
        secret = pathlib.Path(pair.env["SOURCE_PASSWORD_FILE"]).read_text()
        self.passwords = {admin: secret.strip()}

    connect = labs.Lab.connect


def message(number):
    return (f"<t:Message><t:Subject>item {number}</t:Subject>"
            f'<t:Body BodyType="Text">Text of item {number}.</t:Body>'
            "<t:ExtendedProperty><t:ExtendedFieldURI PropertyTag=\"0x0E07\" "
            "PropertyType=\"Integer\"/><t:Value>1</t:Value>"
            "</t:ExtendedProperty></t:Message>")


def fill(pair):
    client = labs.Client(Source(pair), user=pair.env["SOURCE_ADMIN"])
    made = client.create_folder("msgfolderroot", *(
        f"Folder {n}" for n in range(FOLDERS))).ids("t:FolderId")
    for at, folder in enumerate(made):
        mine = range(at * ITEMS // FOLDERS, (at + 1) * ITEMS // FOLDERS)
        for first in range(mine.start, mine.stop, BATCH):
            some = range(first, min(first + BATCH, mine.stop))
            answer = client(
                '<m:CreateItem MessageDisposition="SaveOnly">'
                f"<m:SavedItemFolderId>{labs.folder(folder)}"
                "</m:SavedItemFolderId><m:Items>" +
                "".join(map(message, some)) + "</m:Items></m:CreateItem>")
            if set(answer.codes()) != {"NoError"}:
                raise SystemExit(f"CreateItem: {answer.codes()[:3]}")


def requests(pair):
    counters = {side: pair.counters(side)
                for side in ("source", "destination")}
    return (sum(c["requests"] for c in counters.values()),
            counters["source"]["requests.SyncFolderItems"])


def run(pair, *more):
    """One migration: its seconds, and requests beside those for folders."""
    before, begun = requests(pair), time.monotonic()
    done = harness.run(harness.MAILFERRY, "migrate", pair.admin_csv,
                       *pair.options(), "--json", *more, seconds=3600)
    seconds, after = time.monotonic() - begun, requests(pair)
    if done.status != 0:
        raise SystemExit(f"migrate: {done.out[-2000:]}{done.err}")
    every = after[0] - before[0]
    return seconds, every, every - (after[1] - before[1])


def one_round(found):
    with harness.Pair(1, 0) as pair:
        fill(pair)
        found["first"].append(run(pair))
        found["nothing"].append(run(pair))
        words = "&".join(f"{name}={n}" for name, n in CHANGES.items())
        pair.control("source", f"/lab/change?{words}")
        found["changes"].append(run(pair, "--propagate-deletes"))
        found["again"].append(run(pair, "--propagate-deletes"))
        pair.assert_moved()


def measure(rounds):
    found = {name: [] for name in ("first", "nothing", "changes", "again")}
    for _ in range(rounds):
        one_round(found)

    def column(name, at):
        return [row[at] for row in found[name]]
    return [
        Figure("everything", column("first", 0), "s"),
        Figure("nothing changed", column("nothing", 0), "s", goal=SECONDS),
        Figure("nothing changed: requests", column("nothing", 1), ""),
        Figure("nothing changed: beside one for each folder",
               column("nothing", 2), "requests", goal=MORE_REQUESTS),
        Figure("100 changes", column("changes", 0), "s"),
        Figure("100 changes: requests", column("changes", 1), ""),
        Figure("nothing changed again", column("again", 0), "s", goal=SECONDS),
    ]
