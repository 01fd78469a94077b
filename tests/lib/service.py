"""A service of mailferry's on loopback, in a folder of its own."""
import base64
import collections
import contextlib
import hashlib
import hmac
import http.client
import itertools
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from harness import MAILFERRY, RUN_SECONDS, check, equal, run

PASSWORD = "correct-horse-battery-1"
ADMIN, OPERATOR = "alice@example.com", "bob@example.com"
JSON = {"Content-Type": "application/json"}
Answer = collections.namedtuple("Answer", "status headers text")


def answer_json(answer):
    return json.loads(answer.text)


class Service:
    """A service on loopback, in a folder of its own."""

    def __init__(self, *options, env=None, operators=True, start=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-serve-"))
        self.data = self.dir / "data"
        self.log = self.dir / "log"
        self.password_file = self.dir / "password"
        self.password_file.write_text(PASSWORD + "\n")
        self.password_file.chmod(0o600)
        self.env = {**os.environ, **(env or {}),
                    "MAILFERRY_SERVICE_DATA_DIRECTORY": str(self.data)}
        self.options = [str(o) for o in options]
        self.process = None
        self.tls = None
        self.around = []  # words of a command that ends as the service
        if operators:
            self.command("operator", "add", ADMIN, "--password-file",
                         self.password_file)
            self.command("operator", "add", OPERATOR, "--role", "operator",
                         "--password-file", self.password_file)
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    def command(self, *words, status=0):
        done = run(MAILFERRY, *words, env=self.env)
        equal(done.status, status, f"{words}: {done.out}{done.err}")
        return done

    def start(self):
        before = len(self.text())
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [*self.around, MAILFERRY, "serve", "--listen", "127.0.0.1:0",
                 *self.options],
                env=self.env, stdout=log, stderr=log)
        while "ready: " not in self.text()[before:]:
            check(self.process.poll() is None, f"ended: {self.text()}")
            time.sleep(0.02)
        ready = [line for line in self.text()[before:].splitlines()
                 if "ready: " in line][0]
        self.port = int(ready.rsplit(" ", 1)[1].rstrip('"}'))

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)

    def text(self):
        return self.log.read_text() if self.log.exists() else ""

    def connection(self):
        if self.tls is not None:
            return http.client.HTTPSConnection("localhost", self.port,
                                               timeout=60, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method, path, body=None, headers=None, cookie=None,
            token=None):
        headers = dict(headers or {})
        if cookie:
            headers["Cookie"] = cookie
            headers.setdefault("Sec-Fetch-Site", "same-origin")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if isinstance(body, dict):
            body = json.dumps(body)
            headers = {**JSON, **headers}
        with contextlib.closing(self.connection()) as c:
            c.request(method, path, body=body, headers=headers)
            got = c.getresponse()
            return Answer(got.status, got.headers, got.read().decode())

    def sign_in(self, name=ADMIN, password=PASSWORD, **more):
        return self.ask("POST", "/api/v1/session",
                        {"name": name, "password": password, **more})

    def cookie(self, name=ADMIN, **more):
        got = self.sign_in(name, **more)
        equal(got.status, 201, got.text)
        return got.headers["Set-Cookie"].split(";")[0]

    def token(self, scopes, cookie, label="test"):
        got = self.ask("POST", "/api/v1/tokens",
                       {"label": label, "scopes": scopes}, cookie=cookie)
        equal(got.status, 201, got.text)
        return answer_json(got)["token"]


def totp(secret, at=None):
    """RFC 6238, by Python's own hmac."""
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"),
                      hashlib.sha1).digest()
    where = digest[-1] & 15
    value = int.from_bytes(digest[where:where + 4], "big") & 0x7fffffff
    return f"{value % 10**6:06d}"


def problem(got, status, slug):
    equal(got.status, status, got.text)
    equal(got.headers["Content-Type"], "application/problem+json", "type")
    told = answer_json(got)
    equal((told["status"], told["type"]),
          (status, f"urn:mailferry:problem:{slug}"), "problem")
    return told


DATABASES = itertools.count(1)


def database_of_its_own():
    """Under postgres.py a new one there; else the service's own file."""
    server = os.environ.get("MAILFERRY_TEST_POSTGRES")
    if server is None:
        return {}
    name = f"service_{os.getpid()}_{next(DATABASES)}"
    done = run(pathlib.Path(os.environ["PG_TEST_BIN"]) / "createdb",
               f"--maintenance-db={server}", name)
    equal(done.status, 0, f"createdb: {done.err}")
    return {"MAILFERRY_STORE_DATABASE":
            f"{server.rsplit('/', 1)[0]}/{name}"}


def serving(pair, *options, **config):
    """A service that may reach that pair of labs."""
    return Service(*options, env={
        **database_of_its_own(),
        "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
        "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8",
        "MAILFERRY_WORKER_LEASE": "3s", **config})


def until(what, is_so, seconds=RUN_SECONDS):
    end = time.monotonic() + seconds
    while not is_so():
        check(time.monotonic() < end, f"waited in vain: {what}")
        time.sleep(0.1)


class Front:
    """An address that stays while the service behind it comes and goes: a
    connection ends at once where there is none."""

    def __init__(self, service):
        self.service = service
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                asking, _ = self.socket.accept()
                threading.Thread(target=self.join, args=(asking,),
                                 daemon=True).start()

    def join(self, asking):
        with asking, contextlib.suppress(OSError):
            with socket.create_connection(
                    ("127.0.0.1", self.service.port)) as behind:
                threading.Thread(target=self.copy, args=(asking, behind),
                                 daemon=True).start()
                self.copy(behind, asking)

    @staticmethod
    def copy(source, destination):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                destination.sendall(data)
        for end in (source, destination):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Stream:
    """A listener to the events."""

    def __init__(self, service, cookie, last_id=None):
        self.connection = service.connection()
        headers = {"Cookie": cookie}
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection.request("GET", "/api/v1/events", headers=headers)
        self.answer = self.connection.getresponse()
        equal(self.answer.status, 200, "events")

    def until(self, wanted):
        """The lines up to one that contains it, or to the end."""
        lines = []
        while True:
            line = self.answer.readline().decode()
            if not line:
                return lines
            lines.append(line.rstrip("\n"))
            if wanted and wanted in line:
                return lines

    def close(self):
        self.connection.close()
