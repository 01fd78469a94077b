"""Migrations of the service for tests: a database, workers on it, and what the
program says of both."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from harness import MAILFERRY, check, equal, run
from service import ADMIN, Service, answer_json, until

# Far more than anything here needs; a test that hangs must end.
WAIT_SECONDS = 240

# A database outlives a fleet, and so must the key of what is sealed in it.
KEYS = tempfile.TemporaryDirectory(prefix="mailferry-keys-")


class Listed:
    """The only worker there is, as the API of a service lists it."""

    def __init__(self, service):
        self.service, self.cookie = service, service.cookie()
        until("a worker", self.all)
        self.name = self.one()["name"]

    def all(self):
        return answer_json(self.service.ask(
            "GET", "/api/v1/workers", cookie=self.cookie))["items"]

    def one(self):
        found = self.all()
        equal(len(found), 1, f"workers: {found}")
        return found[0]

    def drain(self, yes):
        done = self.service.ask(
            "POST", f"/api/v1/workers/{self.name}/actions", {"drain": yes},
            cookie=self.cookie)
        equal(done.status, 204, done.text)

    def beats(self, n):
        """Until it has said so often that it lives."""
        for _ in range(n):
            last = self.one()["seen"]
            until("a beat", lambda: self.one()["seen"] != last, WAIT_SECONDS)


class Fleet:
    """A database in a folder of its own, or that of postgres.py, and workers.

    Everything is told by the environment, as on many machines: the sealing
    key is the same file."""

    def __init__(self, pair, database=None, **config):
        self.pair = pair
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-fleet-"))
        self.data = self.dir / "data"
        self.workers = {}
        config = {"WORKER_LEASE": "3s", "ENGINE_CA_FILE": pair.env["CA_FILE"],
                  "ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8", **config}
        if database:
            config["STORE_DATABASE"] = database
            config["KEY_FILE"] = pathlib.Path(KEYS.name) / "sealing.key"
        self.env = {**os.environ,
                    "MAILFERRY_SERVICE_DATA_DIRECTORY": str(self.data),
                    **{f"MAILFERRY_{key}": str(value)
                       for key, value in config.items()}}

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        for name in list(self.workers):
            self.kill(name)
        if failed is not None:
            for log in sorted(self.dir.glob("*.log")):
                print(f"--- {log.name}\n{log.read_text()[-3000:]}")
        shutil.rmtree(self.dir, ignore_errors=True)

    def command(self, *words, status=0):
        done = run(MAILFERRY, *words, env=self.env)
        equal(done.status, status, f"{words}: {done.out}{done.err}")
        return done

    def add(self, options="{}", file=None):
        """A migration of the pair's mailboxes, each with its own password."""
        done = self.command(
            "migration", "add", file or self.pair.passwords_csv, "--source",
            self.pair.env["SOURCE_URL"], "--destination",
            self.pair.env["DESTINATION_URL"], "--options", options)
        return done.out.split()[1]

    def migration(self, action, number, *more):
        return self.command("migration", action, number, *more).out

    def mailboxes(self, number):
        """State of the mailbox and of its last job, by its source address."""
        lines = self.migration("mailboxes", number).splitlines()
        return {line.split("\t")[1]: tuple(line.split("\t")[3:5])
                for line in lines}

    def wait(self, what, is_so, seconds=WAIT_SECONDS):
        until(what, is_so, seconds)

    def wait_done(self, number):
        self.wait("all jobs done", lambda: all(
            job == "done" for _, job in self.mailboxes(number).values()))

    def served(self, *options):
        """Its database in a service that can be signed in to."""
        service = Service(*options, start=False, operators=False)
        service.env, service.log = self.env, self.dir / "service.log"
        service.command("operator", "add", ADMIN, "--password-file",
                        service.password_file)
        service.start()
        return service

    def own_worker_is_drained_and_goes_on(self, service, number):
        """While it is idle, and while it has a mailbox under way.  service:
        with one place; number: a migration of two that has not begun."""
        worker = Listed(service)

        def jobs():
            return sorted(job for _, job in self.mailboxes(number).values())

        worker.drain(True)
        self.migration("start", number)
        worker.beats(3)
        equal(jobs(), ["queued", "queued"], "drained while it was idle")
        worker.drain(False)
        self.wait("one goes on", lambda: "running" in jobs())
        worker.drain(True)
        check("queued" in jobs(), f"it was too late: {jobs()}")
        self.wait("its end", lambda: jobs() == ["done", "queued"])
        worker.beats(3)
        equal(jobs(), ["done", "queued"], "drained while it had one")
        worker.drain(False)
        self.wait_done(number)

    # ---- workers ------------------------------------------------------------

    def text(self, name):
        log = self.dir / f"{name}.log"
        return log.read_text() if log.exists() else ""

    def start(self, name, *options, command="worker"):
        with open(self.dir / f"{name}.log", "a") as log:
            self.workers[name] = subprocess.Popen(
                [MAILFERRY, command, *map(str, options)], env=self.env,
                stdout=log, stderr=log)
        self.wait(f"{name} at work",
                  lambda: " at once" in self.text(name) or
                  self.workers[name].poll() is not None)
        check(self.workers[name].poll() is None, self.text(name))
        return self.workers[name]

    def signal(self, name, number):
        self.workers[name].send_signal(number)

    def kill(self, name):
        process = self.workers.pop(name)
        if process.poll() is None:
            process.kill()
        process.wait()

    def stop(self, name):
        process = self.workers.pop(name)
        process.send_signal(signal.SIGTERM)
        equal(process.wait(timeout=60), 0, f"{name}: {self.text(name)[-2000:]}")
