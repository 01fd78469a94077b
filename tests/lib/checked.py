"""A lab whose answers are held against Microsoft's schema when it has ended,
where that is at hand (EWS_SCHEMA_DIR, else beside the checkout)."""
import contextlib
import pathlib
import tempfile

from harness import check
from lab import Lab
from schema import refused, schema_dir


@contextlib.contextmanager
def checked_lab(*options, **more):
    with tempfile.TemporaryDirectory() as folder:
        with Lab("--capture", folder, *options, **more) as lab:
            yield lab
        files = sorted(pathlib.Path(folder).glob("*-answer.xml"))
        check(files, "nothing was captured")
        if (schema_dir() / "envelope.xsd").exists():
            bad = refused(files)
            check(not bad, "\n".join(bad[:12]))
