#!/usr/bin/env python3
"""make demo-web: what it promises is there, and nothing stays behind."""
import contextlib
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from desk import STATES  # noqa: E402 pylint: disable=all

DEMO = ROOT / "lab" / "demo-web"


class Demo:
    """One under way, in a folder of its own."""

    def __init__(self, folder):
        self.folder, self.log = folder / "web", folder / "log"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.env = {**os.environ, "DEMO_WEB": str(self.folder)}
        self.tls = None
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                [DEMO, "--port", str(self.port), "--items", "120"],
                env=self.env, stdout=log, stderr=log)

    # asked as a service of the tests is
    ask, sign_in, connection = (Service.ask, Service.sign_in,
                                Service.connection)

    def __enter__(self):
        until("the demonstration is ready", self.is_ready)
        return self

    def __exit__(self, failed, *_):
        if failed is not None:
            print(self.log.read_text())
        self.end(signal.SIGKILL if failed is KeyboardInterrupt
                 else signal.SIGTERM)

    def is_ready(self):
        text = self.log.read_text()
        check(self.process.poll() is None, f"it ended: {text}")
        return "The service is ready" in text

    def end(self, number):
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=120)

    def processes(self):
        """Whatever runs with its folder in its command or environment."""
        found = []
        for one in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                text = ((one / "cmdline").read_bytes()
                        + (one / "environ").read_bytes())
                if str(self.folder).encode() in text:
                    found.append(text)
        return found

    def get(self, path, cookie):
        got = self.ask("GET", f"/api/v1/{path}", cookie=cookie)
        equal(got.status, 200, got.text)
        return answer_json(got)["items"]


def operator(demo):
    """The session of who is told there."""
    text = demo.log.read_text()
    contains(text, f"http://127.0.0.1:{demo.port}/")
    name = re.search(r"operator +(\S+)", text)[1]
    password = re.search(r"password +(\S+)", text)[1]
    got = demo.sign_in(name, password)
    equal(got.status, 201, got.text)
    return got.headers["Set-Cookie"].split(";")[0]


@case
def it_shows_everything_and_leaves_nothing():
    with tempfile.TemporaryDirectory(prefix="mailferry-demo-") as folder:
        with Demo(pathlib.Path(folder)) as demo:
            cookie = operator(demo)
            requests = demo.get("requests?limit=100", cookie)
            # nothing stays approved: the desk looks, and it has its day
            equal({r["state"] for r in requests},
                  set(STATES) - {"approved"}, "states")
            check(len(demo.get("accounts", cookie)) >= 5, "accounts")
            check(len(demo.get("contacts?limit=100", cookie)) >= 10,
                  "contacts")
            equal(len(demo.get("tray", cookie)), 1, "mails in the tray")
            running = [r["migration"] for r in requests
                       if r["state"] == "running"]
            equal(len(running), 2, "requests that run")
            until("both migrations have mailboxes under way", lambda: all(
                any(m["state"] in ("copying", "throttled", "checking")
                    for m in demo.get(f"migrations/{number}/mailboxes", cookie))
                for number in running))
            second = run(DEMO, env={"DEMO_WEB": str(demo.folder)})
            equal(second.status, 1, "a second one")
            contains(second.err, "is running in")
            check(len(demo.processes()) >= 6, "five labs and a service")
            equal(demo.end(signal.SIGINT), 0, "status")
            contains(demo.log.read_text(), "Ending what was started.")
            equal(demo.processes(), [], "left behind")


if __name__ == "__main__":
    main()
