#!/usr/bin/env python3
"""The walk through docs/guide/service.md, its own commands as they stand
there: an import by curl, its progress, a crash, and the end."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

HEADING = "## From an import file to a verified migration"


def commands():
    text = (ROOT / "docs" / "guide" / "service.md").read_text()
    section = text.split(HEADING, 1)[1].split("\n## ", 1)[0]
    return "".join(re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S))


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


def walk(folder):
    """What the shell says; whatever happens nothing of it stays behind."""
    (folder / "lab").symlink_to(ROOT / "lab")
    text = commands().replace("127.0.0.1:8080", f"127.0.0.1:{free_port()}")
    env = {**os.environ, "MAILFERRY_LAB": os.environ.get(
        "MAILFERRY_LAB", str(ROOT / "build" / "mailferry-lab")),
        "PATH": f"{pathlib.Path(MAILFERRY).parent}:{os.environ['PATH']}"}
    shell = subprocess.Popen(
        ["bash", "-u"], cwd=folder, env=env, text=True, start_new_session=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    try:
        return shell.communicate(text, timeout=RUN_SECONDS)[0]
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(shell.pid, signal.SIGKILL)
        run(PAIR, "stop", folder / "play")


@case
def every_command_of_it():
    for tool in ("bash", "curl", "jq", "openssl"):
        if shutil.which(tool) is None:
            raise Skip(f"{tool} is not installed")
    with tempfile.TemporaryDirectory(prefix="mailferry-play-") as top:
        folder = pathlib.Path(top)
        told = walk(folder)
        lines = told.splitlines()
        contains(told, '{"id":1,"mailboxes":4,"faults":[]}')
        contains(told, '{"jobs":4}')
        contains(told, "event: progress")
        numbers = [int(line) for line in lines if line.strip().isdigit()]
        equal(len(numbers), 2, f"counts of items:\n{told}")
        equal(numbers[1], 240, "items in the end")
        check(numbers[0] < 240, "all was there already when it was killed")
        for name in ("source", "destination"):
            equal(len((folder / "play" / name).read_text().splitlines()), 240,
                  name)
        equal((folder / "play" / "destination").read_text(),
              (folder / "play" / "source").read_text(), "both sides")
        equal(sum('"verified",60,' in line for line in lines), 4,
              "mailboxes that are verified")
        contains(told, "lines hold together")
        equal((folder / "play" / "log").read_text().count("ready: "), 2,
              "starts of the service")


if __name__ == "__main__":
    main()
