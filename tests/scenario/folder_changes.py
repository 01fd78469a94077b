#!/usr/bin/env python3
"""What users do to folders between two runs follows, whichever way items
travel: a folder that is renamed or moved is the same folder with the same
items, and one that is deleted goes only where that is asked for."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import folders  # noqa: E402
from both import client_of, people  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all

ITEMS = 20


def there(pair, side):
    """How many items of each class a folder holds."""
    return collections.Counter(
        tuple(line.split("\t")[1:3]) for line in pair.digest(side))


def below(counted, path):
    """Those that lie in a folder or below it."""
    return {key for key in counted
            if key[0] == path or key[0].startswith(path + "/")}


def followed(pair, *more):
    """Nothing is copied, and no folder made anew."""
    before = pair.counters("destination")
    done = pair.migrate("--json", "--verify", "full", *more)
    equal(done.status, 0, f"exit status: {done.out[-2000:]}{done.err}")
    equal(set(ends(done).values()), {"verified"}, "states")
    asked = pair.counters("destination") - before
    equal({op: asked[f"requests.{op}"] for op in
           ("CreateFolder", "CreateItem", "UploadItems", "MoveItem")
           if asked[f"requests.{op}"]}, {}, "what was made anew")


def renamed_moved_and_deleted(*options, version="Exchange2010_SP1"):
    with Pair(1, ITEMS, options=options) as pair:
        client = client_of(pair, "source", people(pair)[0][0], version)
        inbox = client.folder_id("inbox")
        old, roaming, doomed = folders.folders_with_a_note(
            client, inbox, "Old name", "Roaming", "Doomed")
        for parent in (old, roaming, doomed):
            folders.folders_with_a_note(client, parent, "Below")
        equal(pair.migrate().status, 0, "first run")
        equal(there(pair, "destination"), there(pair, "source"), "at first")

        folders.rename(client, old, "New ü name")
        folders.move(client, roaming, old)
        followed(pair)
        equal(there(pair, "destination"), there(pair, "source"), "followed")
        check(below(there(pair, "destination"), "Inbox/New ü name/Roaming"),
              "the test's folders are not where they should be")

        # Back to where it was, under another's old name.
        folders.move(client, roaming, inbox)
        folders.rename(client, roaming, "Old name")
        followed(pair, "--propagate-deletes")
        equal(there(pair, "destination"), there(pair, "source"), "and back")

        folders.delete(client, doomed)
        before = there(pair, "destination")
        followed(pair)
        equal(there(pair, "destination"), before, "nobody asked for it to go")
        followed(pair, "--propagate-deletes")
        gone = below(before, "Inbox/Doomed")
        equal(len(gone), 2, "what is to go")
        equal(there(pair, "destination"),
              {key: n for key, n in before.items() if key not in gone},
              "gone, and nothing else")
        equal(there(pair, "destination"), there(pair, "source"), "in the end")


@case
def as_whole_items():
    renamed_moved_and_deleted()


@case
def as_mime_and_properties():
    renamed_moved_and_deleted("--lacks=ExportItems,UploadItems")


@case
def from_the_oldest_server():
    renamed_moved_and_deleted("source:--version=Exchange2007_SP1",
                              version="Exchange2007_SP1")


if __name__ == "__main__":
    main()
