#!/usr/bin/env python3
"""Answers to what writes are lost: before the server did it, after, while it is
still at it, and where it did it twice.  For each operation of the endpoint
interface that writes; after that nothing is missing, nothing there twice.

A round alone: ROUND=delta:MoveItem:late python3 tests/crash/lost.py"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from dying import TALLY, at_once  # noqa: E402
from scenes import SCENES  # noqa: E402

# Of struct endpoint_ops: what has no effect at the server ...
READS = {"open", "folders", "changes", "fetch", "describe", "tree", "hidden",
         "large", "quota", "keys", "resolve", "permissions", "delegates",
         "rules", "auto_reply", "options", "categories", "photo",
         "own_name"}
# ... and what has: in which scene, by which requests.
WRITES = {
    "make_folder": [("first", "CreateFolder")],
    "make_folders": [("first", "CreateFolder")],
    "put": [("first", "UploadItems"), ("portable", "CreateItem"),
            ("portable", "CreateAttachment"),
            ("portable", "DeleteAttachment"), ("portable", "UpdateItem"),
            ("portable", "DeleteItem"), ("trial", "UploadItems"),
            ("delta", "UploadItems"), ("portable-delta", "CreateItem")],
    "remove": [("delta", "DeleteItem"), ("portable-delta", "DeleteItem")],
    "mark_read": [("delta", "UpdateItem")],
    "move": [("delta", "MoveItem")],
    "change_folder": [("delta", "MoveFolder"), ("delta", "UpdateFolder")],
    "remove_folder": [("delta", "DeleteFolder")],
    "purge_folder": [("trial", "DeleteFolder")],
    "set_permissions": [("settings", "UpdateFolder")],
    "add_delegate": [("settings", "AddDelegate")],
    "update_delegate": [("settings-again", "UpdateDelegate")],
    "set_delivery": [("settings", "UpdateDelegate")],
    "put_rule": [("settings", "UpdateInboxRules")],
    "remove_rule": [("settings", "UpdateInboxRules")],
    "set_auto_reply": [("settings", "SetUserOofSettings")],
    "put_options": [("settings", "CreateUserConfiguration")],
    "add_categories": [("settings", "CreateUserConfiguration")],
    "set_photo": [("settings", "SetUserPhoto")],
}
# The first answer, and one in the middle of the work.
FAULTS = {
    "before": ("drop-before:op={},times=1", "drop-before:op={},skip=2,times=1"),
    "after": ("drop-after:op={},times=1", "drop-after:op={},skip=2,times=1"),
    "late": ("late:op={},ms=300,times=2",),
    "twice": ("twice:op={},times=1",),
}
BY_NAME = {scene.name: scene for scene in SCENES}


@case
def each_operation_is_known():
    """A new one has its rounds, or this fails."""
    text = (ROOT / "src/endpoint/endpoint.h").read_text()
    body = re.search(r"struct endpoint_ops \{(.*?)\n\};", text, re.S).group(1)
    found = set(re.findall(r"int \(\*(\w+)\)", body))
    check(len(found) > 30, f"only {sorted(found)}")
    equal(found - READS - set(WRITES), set(), "neither reads nor writes")
    equal((READS | set(WRITES)) - found, set(), "not in the interface")


@case
def each_request_is_known():
    """The same of the requests that write, as the program counts them."""
    pairs = {pair for pairs in WRITES.values() for pair in pairs}
    for scene in SCENES:
        scene.rehearse_once()
        made = {name for name in scene.steps if name[0].isupper()}
        tried = {request for name, request in pairs if name == scene.name}
        check(tried <= made, f"{scene.name}: never made: {tried - made}")
    every = {name for scene in SCENES for name in scene.steps
             if name[0].isupper()}
    equal(every - {request for _, request in pairs}, set(), "without a round")


def lost_round(scene, request, how):
    scene.rehearse_once()
    with scene.make() as pair:
        pair.faults("destination",
                    *(rule.format(request) for rule in FAULTS[how]))
        scene.run(pair)
        kinds = ("fault.drop-before", "fault.drop-after", "fault.late",
                 "fault.twice")
        fired = pair.counters("destination")
        scene.died(sum(fired[kind] for kind in kinds) > 0)
        pair.faults("destination")
        scene.finish(pair, f"{scene.name}:{request}:{how}")


@case
def each_answer_is_lost():
    rounds = sorted({pair for pairs in WRITES.values() for pair in pairs})
    at_once([(f"{name}:{request}:{how}",
              lambda name=name, request=request, how=how:
              lost_round(BY_NAME[name], request, how))
             for name, request in rounds for how in FAULTS])
    print(TALLY)


if __name__ == "__main__":
    main()
