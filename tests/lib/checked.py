"""A lab whose answers are held against Microsoft's schema when it has ended,
where that is at hand (EWS_SCHEMA_DIR, else beside the checkout)."""
import contextlib
import os
import pathlib
import tempfile

from harness import ROOT, check, run
from lab import Lab


def schema_dir():
    named = os.environ.get("EWS_SCHEMA_DIR")
    return pathlib.Path(named) if named else ROOT.parent / "shared/ews-schema"


@contextlib.contextmanager
def checked_lab(*options, **more):
    with tempfile.TemporaryDirectory() as folder:
        with Lab("--capture", folder, *options, **more) as lab:
            yield lab
        envelope = schema_dir() / "envelope.xsd"
        files = sorted(pathlib.Path(folder).glob("*-answer.xml"))
        check(files, "nothing was captured")
        if envelope.exists():
            done = run("xmllint", "--huge", "--noout", "--schema", envelope,
                       *files)
            bad = [line for line in done.err.splitlines()
                   if not line.endswith(" validates")]
            check(not bad, "\n".join(bad[:12]))
