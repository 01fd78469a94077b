#!/usr/bin/env python3
"""python3-exchangelib does real work against the lab, in several versions of
Exchange: what it reads back is what it wrote, and what the lab's digest says.

Run by any Python: looks for one that has exchangelib (Debian's own)."""
import os
import subprocess
import sys

DEBIAN_PYTHON = "/usr/bin/python3"
VERSIONS = ["2016", "2013_SP1", "2010_SP2"]
MISSING = """exchangelib cannot be imported by python3 nor by /usr/bin/python3.
It is Debian's package python3-exchangelib; packaging/install-packages
installs it."""


def go_on_elsewhere():
    """Become a Python that has exchangelib; returns when none has it."""
    for python in ("python3", DEBIAN_PYTHON):
        try:
            found = subprocess.run([python, "-c", "import exchangelib"],
                                   stderr=subprocess.DEVNULL, check=False)
        except OSError:
            continue
        if found.returncode == 0:
            # Marked: one that then fails must not go in circles.
            os.environ["EXCHANGELIB_PYTHON"] = python
            os.execvp(python, [python, *sys.argv])


def main():
    """All parts in each version; arguments choose versions and parts."""
    # pylint: disable=import-outside-toplevel
    import client
    try:
        import exl
    except ImportError as why:
        if "EXCHANGELIB_PYTHON" not in os.environ:
            go_on_elsewhere()
        client.Report("exchangelib").bail(f"{MISSING}\n{why}")
    report = client.Report("exchangelib")
    chosen = sys.argv[1:]
    for version in [v for v in VERSIONS if v in chosen] or VERSIONS:
        exl.all_parts(report, version,
                      [name for name in chosen if name not in VERSIONS])
    report.end()


if __name__ == "__main__":
    main()
