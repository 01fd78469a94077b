"""What the conformance clients share: a lab organisation with a state file,
and a reporter whose every check is a test of its own.

A client's program asserts what the client itself has read back against what
it has written, and against the lab's own `digest`.
"""
import collections
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

import table

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
# pylint: disable=wrong-import-position
from harness import ROOT, Failure, check, equal, run  # noqa: E402,F401
from lab import ADMIN, LAB, USER1, USER2, Lab  # noqa: E402,F401

USER3 = "user3@contoso.example"
# The application that every lab here knows for OAuth.
OAUTH_ID, OAUTH_SECRET = "conformance", "a secret of its own"
# A client that hangs must end: far more than any of them needs.
CLIENT_SECONDS = 600
# Every name of the organisation; the certificate is good for all of them.
NAMES = ("contoso.example", "autodiscover.contoso.example",
         "exchange.contoso.example", "localhost")
# Microsoft's schema, which is no part of the tree.
SCHEMA = pathlib.Path(os.environ.get(
    "EWS_SCHEMA_DIR", ROOT.parent / "shared/ews-schema")) / "envelope.xsd"
# As many files as one command line holds.
BATCH = 200
RESULTS = pathlib.Path(LAB).resolve().parent / "conformance"


def certificate(folder):
    """A self-signed one, its own authority, that Java accepts as well."""
    names = ",".join(f"DNS:{name}" for name in NAMES)
    done = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
               "-days", "3650", "-subj", "/CN=localhost", "-addext",
               f"subjectAltName={names},IP:127.0.0.1", "-keyout",
               folder / "key.pem", "-out", folder / "cert.pem")
    equal(done.status, 0, f"openssl: {done.err}")


class Office(Lab):
    """A lab with its state in a file, so that `digest` can read it.

    LAB_OPTIONS in the environment: more options for it (--capture FOLDER)."""

    def __init__(self, *options, mailboxes=3, items=0, version="2016",
                 fill=()):
        # pylint: disable=super-init-not-called
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-office-"))
        self.state = self.dir / "office.db"
        accounts = self.dir / "accounts"
        done = run(LAB, "fill", self.state, "--mailboxes", mailboxes,
                   "--items", items, "--accounts-file", accounts, *fill)
        equal(done.status, 0, f"fill: {done.err}")
        certificate(self.dir)
        (self.dir / "capture").mkdir()
        self.log = open(self.dir / "log", "w+", encoding="utf-8")
        self.passwords = {
            login: password for _, login, password in
            (line.split(",") for line in accounts.read_text().split())}
        self.ca = self.dir / "cert.pem"
        self._serve(version, *options)

    def _serve(self, version, *options):
        self.version = version
        self.process = subprocess.Popen(
            [LAB, "serve", "--state", self.state, "--version", version,
             "--tls-cert", self.dir / "cert.pem", "--tls-key",
             self.dir / "key.pem", "--capture", self.dir / "capture",
             "--oauth-client", f"{OAUTH_ID}:{OAUTH_SECRET}",
             *map(str, options), *os.environ.get("LAB_OPTIONS", "").split()],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.url = self.process.stdout.readline().strip()
        check(self.url, f"the lab does not start: {self.said()}")
        self.port = int(self.url.rsplit(":", 1)[1])
        self.ews = self.url + "/EWS/Exchange.asmx"

    def restart(self, version, *options):
        """The same mailboxes, as another version serves them."""
        self.process.terminate()
        self.process.communicate(timeout=60)
        self._serve(version, *options)

    def tray(self):
        """(kind, from, recipients, subject) of what would have been sent."""
        return [tuple(line.split("\t")[1:]) for line in
                self.control("GET", "/lab/tray").splitlines()]

    def answers(self):
        """Files with what the lab has answered to EWS requests."""
        found = self.dir / "capture"
        return sorted([*found.glob("*-answer.xml"),
                       *found.glob("*-injected.xml")])

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=60)
        said = self.said()
        self.log.close()
        check(not said, f"the lab said: {said}")
        return self.process.returncode

    def digest(self, mailbox=USER1):
        """(path, class, digest) of each visible item."""
        done = run(LAB, "digest", self.state, mailbox)
        equal(done.status, 0, f"digest: {done.err}")
        return [tuple(line.split("\t")[1:]) for line in done.out.splitlines()]

    def classes(self, path, mailbox=USER1):
        """How many items of each class the store has in a folder."""
        return dict(collections.Counter(
            kind for where, kind, _ in self.digest(mailbox) if where == path))


class Report:
    """TAP on standard output, and the results as JSON beside the lab."""

    def __init__(self, client, tabled=True):
        self.client, self.results, self.at = client, [], ""
        self.tabled = tabled  # in the table client by operation
        self.lines = 0
        print("TAP version 13", flush=True)

    @contextlib.contextmanager
    def __call__(self, operation, what):
        """One check: what is inside must not fail."""
        begun, why = time.monotonic(), ""
        try:
            with contextlib.redirect_stdout(sys.stderr):
                yield
        except Exception:  # pylint: disable=broad-exception-caught
            why = traceback.format_exc()
        if os.environ.get("TIMES"):
            print(f"# {time.monotonic() - begun:.2f} s")
        self.tell(operation, what, why)

    def schema(self, office):
        """Every answer of an office so far is valid by Microsoft's schema."""
        files, refused = office.answers(), []
        if not SCHEMA.exists():
            self.tell("schema", "answers are valid # SKIP no schema: set "
                      "EWS_SCHEMA_DIR")
            return
        for at in range(0, len(files), BATCH):
            done = run("xmllint", "--huge", "--noout", "--schema", SCHEMA,
                       *files[at:at + BATCH])
            refused += [line for line in done.err.splitlines()
                        if not line.endswith(" validates")]
        if not files:
            refused = ["no answer was captured"]
        self.tell("schema", f"all of {len(files)} answers are valid",
                  "\n".join(refused[:60]))

    def tell(self, operation, what, why=""):
        """One result that is known already; why: empty when it is good."""
        self.lines += 1
        what, mark, skipped = what.partition(" # SKIP")
        if self.at:
            what += f" ({self.at})"
        if skipped:
            print(f"ok - {self.client}: {operation}: {what}{mark}{skipped}")
            return
        self.results.append({"client": self.client, "operation": operation,
                             "what": what, "ok": not why})
        print(f"{'not ok' if why else 'ok'} - {self.client}: {operation}: "
              f"{what}".replace("#", r"\#"))
        for line in why.splitlines():
            print(f"# {line}")
        sys.stdout.flush()

    @contextlib.contextmanager
    def part(self, name):
        """What fails outside of a check is one failed check."""
        try:
            yield
        except Exception:  # pylint: disable=broad-exception-caught
            self.tell(name, "runs to its end", traceback.format_exc())

    def end(self):
        """The plan, the artefact, the exit status."""
        print(f"1..{self.lines}", flush=True)
        if self.tabled:
            RESULTS.mkdir(parents=True, exist_ok=True)
            (RESULTS / f"{self.client}.json").write_text(
                json.dumps(self.results, indent=1), encoding="utf-8")
            table.refresh(RESULTS)
        sys.exit(0 if all(r["ok"] for r in self.results) else 1)

    def bail(self, why):
        """The client is not on this machine: the set-up is at fault."""
        self.tell("set-up", "the client is there", why)
        self.end()


def same(got, want, what="value"):
    """Each attribute or key of got that want names is as in want."""
    for name, value in want.items():
        found = got[name] if isinstance(got, dict) else getattr(got, name)
        equal(found, value, f"{what}: {name}")
