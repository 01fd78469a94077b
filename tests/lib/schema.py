"""Microsoft's schema of EWS, which is not part of the tree: EWS_SCHEMA_DIR names
the folder with envelope.xsd; else it is looked for beside the checkout."""
import os
import pathlib

from harness import ROOT, run

BATCH = 200


def schema_dir():
    named = os.environ.get("EWS_SCHEMA_DIR")
    return pathlib.Path(named) if named else ROOT.parent / "shared/ews-schema"


def schema_missing():
    """Whether it is not at hand; then the line is out that skips a program."""
    if (schema_dir() / "envelope.xsd").exists():
        return False
    print(f"1..0 # SKIP no schema in {schema_dir()}: set EWS_SCHEMA_DIR")
    return True


def refused(files):
    """What xmllint says of those that do not validate."""
    lines = []
    for at in range(0, len(files), BATCH):
        done = run("xmllint", "--huge", "--noout", "--schema",
                   schema_dir() / "envelope.xsd", *files[at:at + BATCH])
        lines += [line for line in done.err.splitlines()
                  if not line.endswith(" validates")]
    return lines
