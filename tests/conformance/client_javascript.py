#!/usr/bin/env python3
"""ews-javascript-api does real work against the lab: what it reads back is
what it wrote, and what the lab's digest says.

npm installs what package-lock.json names, once, beside the lab's binary; the
source tree stays as it is."""
import json
import os
import pathlib
import subprocess
import sys
import threading

from client import (CLIENT_SECONDS, LAB, OAUTH_ID, OAUTH_SECRET, RESULTS,
                    Office, Report)
# client has shown where the tests' library is
# pylint: disable=wrong-import-order
import npm  # noqa: E402
from harness import Failure, Skip  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent / "client_javascript"
VERSIONS = ["2016", "2013_SP1", "2010_SP2"]
MODULES = RESULTS / "javascript"


def work(report, office, chosen):
    """Run the program and tell what it tells."""
    environment = {
        **os.environ, "NODE_PATH": str(MODULES / "node_modules"),
        "NODE_EXTRA_CA_CERTS": str(office.ca), "TZ": "UTC",
        "OFFICE": json.dumps({
            "lab": LAB, "state": str(office.state), "version": office.version,
            "url": office.url.replace("127.0.0.1", "localhost"),
            "ews": office.ews.replace("127.0.0.1", "localhost"),
            "passwords": office.passwords,
            "oauth": [OAUTH_ID, OAUTH_SECRET]})}
    with subprocess.Popen(["node", HERE / "conformance.js", *chosen],
                          env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=office.dir.joinpath("node").open("w")) as node:
        timer = threading.Timer(CLIENT_SECONDS, node.kill)
        timer.start()
        for line in node.stdout:
            if line.startswith("{"):
                report.tell(**json.loads(line))
        status = node.wait()
        timer.cancel()
    if status != 0:
        report.tell("node", "runs to its end",
                    office.dir.joinpath("node").read_text() or f"{status}")


def main():
    report = Report("ews-javascript-api")
    try:
        npm.install(HERE, MODULES)
    except (Skip, Failure) as why:
        report.bail(str(why))
    chosen = sys.argv[1:]
    for version in [v for v in VERSIONS if v in chosen] or VERSIONS:
        report.at = f"Exchange {version}"
        with report.part("lab"), Office(version=version, items=40) as office:
            work(report, office,
                 [word for word in chosen if word not in VERSIONS])
            report.schema(office)
    report.end()


if __name__ == "__main__":
    main()
