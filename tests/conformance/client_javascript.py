#!/usr/bin/env python3
"""ews-javascript-api does real work against the lab: what it reads back is
what it wrote, and what the lab's digest says.

npm installs what package-lock.json names, once, beside the lab's binary; the
source tree stays as it is."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading

from client import (CLIENT_SECONDS, LAB, OAUTH_ID, OAUTH_SECRET, RESULTS, ROOT,
                    Office, Report, run)

HERE = pathlib.Path(__file__).resolve().parent / "client_javascript"
VERSIONS = ["2016", "2013_SP1", "2010_SP2"]
MISSING = """node or npm is not there.
They are Debian's packages nodejs and npm; packaging/install-packages
installs them."""


def install():
    """A folder with node_modules as the lock file has them; or why not."""
    folder = RESULTS / "javascript"
    lock = (HERE / "package-lock.json").read_bytes()
    mark = folder / "installed"
    wanted = hashlib.sha256(lock).hexdigest()
    if mark.exists() and mark.read_text() == wanted:
        return folder, ""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for source in (HERE / "package.json", HERE / "package-lock.json",
                   ROOT / ".npmrc"):
        shutil.copy(source, folder)
    done = run("npm", "ci", "--ignore-scripts", "--prefix", folder,
               env={"npm_config_cache": os.environ.get(
                   "npm_config_cache", str(folder / "cache"))})
    if done.status != 0:
        return folder, f"npm ci: {done.out}{done.err}"
    mark.write_text(wanted)
    return folder, ""


def work(report, office, folder, chosen):
    """Run the program and tell what it tells."""
    environment = {
        **os.environ, "NODE_PATH": str(folder / "node_modules"),
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
    if not (shutil.which("node") and shutil.which("npm")):
        report.bail(MISSING)
    folder, why = install()
    if why:
        report.bail(why)
    chosen = sys.argv[1:]
    for version in [v for v in VERSIONS if v in chosen] or VERSIONS:
        report.at = f"Exchange {version}"
        with report.part("lab"), Office(version=version, items=40) as office:
            work(report, office, folder,
                 [word for word in chosen if word not in VERSIONS])
            report.schema(office)
    report.end()


if __name__ == "__main__":
    main()
