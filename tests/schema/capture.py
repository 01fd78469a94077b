#!/usr/bin/env python3
"""Every request of a whole migration, and every answer of the lab, is valid
by Microsoft's schema.

EWS_SCHEMA_DIR names the folder with envelope.xsd; else it is looked for
beside the checkout; without one the test is skipped."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

# Answers under injected faults are wrong on purpose; these runs have none.
BATCH = 200


def schema_dir():
    named = os.environ.get("EWS_SCHEMA_DIR")
    return pathlib.Path(named) if named else ROOT.parent / "shared/ews-schema"


def validate(files):
    """Run xmllint over many files at a time; returns what it refused."""
    refused = []
    for at in range(0, len(files), BATCH):
        done = run("xmllint", "--huge", "--noout", "--schema",
                   schema_dir() / "envelope.xsd", *files[at:at + BATCH])
        refused += [line for line in done.err.splitlines()
                    if not line.endswith(" validates")]
    return refused


@case
def whole_migration():
    for version in ("Exchange2010_SP2", "Exchange2016"):
        with tempfile.TemporaryDirectory(prefix="mailferry-test-") as folder:
            conversation(version, pathlib.Path(folder))


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
    refused = validate(files)
    check(not refused, f"{version}: " + "\n".join(refused[:20]))


if __name__ == "__main__":
    if not (schema_dir() / "envelope.xsd").exists():
        print(f"1..0 # SKIP no schema in {schema_dir()}: set EWS_SCHEMA_DIR")
        sys.exit(0)
    main()
