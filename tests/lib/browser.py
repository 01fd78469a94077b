"""A running service's pages in Debian's Chromium.

A test program of tests/browser/ starts a service and says in Python how
things stand; browse() then runs one named case of a script beside it
(tests/browser/*.mjs, which import lib.mjs), and hands back what that found:

    with over_tls(Desk) as desk:
        number = desk.request("quoted")
        found = browse(desk, "plain", "approve",
                       cookies={"anna": desk.contact("anna@acme.example")},
                       token=desk.link("approve", number))
        equal(desk.state(number), "approved", "state")

Whatever happens, a case fails on an error in the console, an exception of the
page, a violation of its Content-Security-Policy, a request to another host,
and an answer of 400 and above that it did not announce.  Pictures that it
takes lie in build/shots/."""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import tempfile
import threading
import urllib.parse

import npm
from harness import MAILFERRY, ROOT, RUN_SECONDS, Failure, Skip
from lab import certificate

HERE = ROOT / "tests" / "browser"
BUILD = pathlib.Path(MAILFERRY).resolve().parent
MODULES = BUILD / "browser"
SHOTS = BUILD / "shots"
PUBLIC = "https://desk.provider.example"
KEYS = tempfile.TemporaryDirectory(prefix="mailferry-browser-")


def tls_options():
    """Options of serve that make it speak TLS, as its pages need it."""
    folder = pathlib.Path(KEYS.name)
    if not (folder / "cert.pem").exists():
        certificate(folder)
    return ["--tls-cert", str(folder / "cert.pem"),
            "--tls-key", str(folder / "key.pem")]


def over_tls(kind, *options, env=None, **more):
    """A Service or a Desk as people have it: TLS, and a name of its own."""
    service = kind("--at-once", 0, *tls_options(), *options, env={
        "MAILFERRY_HTTP_PUBLIC_URL": PUBLIC, **(env or {})}, **more)
    service.tls = ssl.create_default_context(
        cafile=pathlib.Path(KEYS.name) / "cert.pem")
    return service


@contextlib.contextmanager
def listening(hooks):
    """Where a case in the browser calls these functions, in between."""
    class Ask(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            hook = hooks.get(self.path.removeprefix("/"))
            status = 204 if hook else 404
            try:
                if hook:
                    hook()
            except Exception as why:  # told by the case that has asked
                status = 500
                print(f"{self.path}: {why}")
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ask) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def browse(service, script, name, cookies=None, hooks=None,
           seconds=RUN_SECONDS, **facts):
    """Run the case name of tests/browser/SCRIPT.mjs; what it returned.

    SCRIPT may be one of another folder, by its path.
    cookies: sessions by the name that the case opens pages as; the first is
    the usual one.  hooks: functions that the case calls by name, with
    browser.tell(), where something has to happen in between."""
    chromium = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if not chromium:
        raise Skip("chromium is not there: packaging/install-packages "
                   "installs Debian's")
    npm.install(HERE, MODULES)
    url = service.env.get("MAILFERRY_HTTP_PUBLIC_URL",
                          f"http://127.0.0.1:{service.port}")
    told = {"case": name, "url": url, "port": service.port,
            "host": urllib.parse.urlsplit(url).hostname,
            "cookies": cookies or {}, "chromium": chromium,
            "modules": str(MODULES), "shots": str(SHOTS),
            "script": pathlib.Path(script).name, "facts": facts,
            "root": os.geteuid() == 0}
    with listening(hooks or {}) as told["hooks"]:
        status, out, err = _node(HERE / f"{script}.mjs", told, seconds)
    try:
        answer = json.loads(out)
    except ValueError:
        raise Failure(f"{script} {name}: node ended with {status}\n"
                      f"{out}{err}") from None
    if "failed" in answer:
        raise Failure(f"{script} {name}: {answer['failed']}\n{err}")
    return answer["found"]


def _node(script, told, seconds):
    # a session of its own, so that whatever it started ends with it
    with subprocess.Popen(["node", script], text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True) as node:
        try:
            out, err = node.communicate(json.dumps(told), timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(node.pid, signal.SIGKILL)
            out, err = node.communicate()
            raise Failure(f"{script.name} did not end: {out}{err}") from None
        return node.returncode, out, err
