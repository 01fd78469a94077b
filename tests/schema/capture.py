#!/usr/bin/env python3
"""Every request of a whole migration, and every answer of the lab, is valid
by Microsoft's schema.

EWS_SCHEMA_DIR names the folder with envelope.xsd; else it is looked for
beside the checkout; without one the test is skipped."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from schema import *  # noqa: E402,F403


@case
def whole_migration():
    for version in ("Exchange2010_SP2", "Exchange2016"):
        with tempfile.TemporaryDirectory(prefix="mailferry-test-") as folder:
            conversation(version, pathlib.Path(folder))


# Answers under injected faults are wrong on purpose; these runs have none.
def conversation(version, folder):
    options = [f"--version={version}"]
    for side in ("source", "destination"):
        (folder / side).mkdir()
        options.append(f"{side}:--capture={folder / side}")
    with Pair(2, 40, options=options) as pair:
        equal(pair.migrate("--verify", "full").status, 0, "migrate")
        pair.add(5)
        equal(pair.migrate().status, 0, "delta")
        equal(pair.mailferry("check").status, 0, "check")
        equal(pair.mailferry("verify").status, 0, "verify")
    files = sorted(folder.rglob("*.xml"))
    requests = [f for f in files if "request" in f.name]
    answers = [f for f in files if "answer" in f.name]
    check(len(requests) > 30 and len(answers) > 30,
          f"{len(requests)} requests and {len(answers)} answers captured")
    lines = refused(files)
    check(not lines, f"{version}: " + "\n".join(lines[:20]))


if __name__ == "__main__":
    if schema_missing():
        sys.exit(0)
    main()
