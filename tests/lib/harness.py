"""What the scenario, crash and schema tests share: a pair of labs, runs of
mailferry against it, and a small TAP reporter.

The oracle is the lab's own `digest`, written apart from the engine's, and its
counters; never mailferry's own report.
"""
import collections
import contextlib
import difflib
import itertools
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import tempfile
import traceback
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAILFERRY = os.environ.get("MAILFERRY", str(ROOT / "build" / "mailferry"))
PAIR = str(ROOT / "lab" / "pair")
# Sanitized builds are some times slower: fewer items say the same.
SMALL = os.environ.get("SCENARIO_SIZE") == "small"
# Far more than anything here needs; a test that hangs must end.
RUN_SECONDS = 300


def size(usual, small):
    return small if SMALL else usual


Run = collections.namedtuple("Run", "status out err")


class Failure(AssertionError):
    """A check that did not hold."""


class Skip(Exception):
    """What a test needs is not on this machine."""


def check(condition, what):
    if not condition:
        raise Failure(what)


def equal(got, want, what):
    if got == want:
        return
    if all(isinstance(s, str) and s.count("\n") > 20 for s in (got, want)):
        differ = difflib.unified_diff(want.splitlines(), got.splitlines(),
                                      "want", "got", n=1, lineterm="")
        raise Failure(f"{what}:\n" + "\n".join(itertools.islice(differ, 60)))
    raise Failure(f"{what}: got {got!r}, want {want!r}")


def contains(text, wanted, what="output"):
    """In whatever lines a long text was laid out."""
    if (wanted.lower() not in text.lower()
            and wanted.lower() not in " ".join(text.lower().split())):
        raise Failure(f"{what} lacks {wanted!r}:\n{text}")


def run(*command, env=None, stdin=None, seconds=RUN_SECONDS):
    done = subprocess.run([str(word) for word in command], text=True,
                          errors="replace", capture_output=True, check=False,
                          env={**os.environ, **(env or {})}, input=stdin,
                          timeout=seconds)
    return Run(done.returncode, done.stdout, done.stderr)


class Pair:
    """Two labs, a filled source and an empty destination.

    Whatever happens between them, neither has sent anything to anybody at
    the end; a test that lets one send something empties its tray."""

    def __init__(self, mailboxes=1, items=60, seed=1, options=(), beside=()):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-test-"))
        self.path = self.dir / "pair"
        command = [PAIR, "start", self.path, "--mailboxes", mailboxes,
                   "--items", items, "--seed", seed, *beside]
        if options:
            command += ["--", *options]
        started = run(*command)
        if started.status != 0:
            shutil.rmtree(self.dir, ignore_errors=True)
            raise Failure(f"lab/pair start: {started.out}{started.err}")
        self.env = self._read_env()
        self.admin_csv = self.path / "import-admin.csv"
        self.passwords_csv = self.path / "import-passwords.csv"

    def __enter__(self):
        return self

    def __exit__(self, failed, *_):
        try:
            if failed is None:
                self.assert_nothing_sent()
        finally:
            run(PAIR, "stop", self.path)
            if os.environ.get("KEEP") is None:
                shutil.rmtree(self.dir, ignore_errors=True)

    def assert_nothing_sent(self):
        for side in ("source", "destination"):
            # a test may have stopped them: its pair says so
            if (self.path / f"{side}.pid").exists():
                equal(self.control(side, "/lab/tray", method="GET"), "",
                      f"sent by the {side}")

    def _read_env(self):
        """The shell lines of DIR/env, as a shell reads them."""
        names = ["SOURCE_URL", "DESTINATION_URL", "CA_FILE", "SOURCE_ADMIN",
                 "DESTINATION_ADMIN", "SOURCE_PASSWORD_FILE",
                 "DESTINATION_PASSWORD_FILE", "MIGRATE_OPTIONS"]
        script = f'. "{self.path}/env"\n' + "".join(
            f'printf "%s\\0" "${name}"\n' for name in names)
        done = run("sh", "-c", script)
        return dict(zip(names, done.out.split("\0")))

    def options(self):
        return self.env["MIGRATE_OPTIONS"].split()

    def mailferry(self, command, *more, file=None, env=None, options=None):
        """Run a command on the pair; its options are the pair's own."""
        file = file or self.admin_csv
        options = self.options() if options is None else options
        return run(MAILFERRY, command, file, *options, *more, env=env)

    def migrate(self, *more, **kwargs):
        return self.mailferry("migrate", "--doubt-wait", "1", *more, **kwargs)

    def add(self, items, seed=7):
        done = run(PAIR, "add", self.path, "--items", items, "--seed", seed)
        equal(done.status, 0, f"lab/pair add: {done.err}")

    def digest(self, side, *more):
        done = run(PAIR, "digest", self.path, side, *more)
        equal(done.status, 0, f"lab/pair digest {side}: {done.err}")
        return done.out.splitlines()

    def counters(self, side):
        done = run(PAIR, "counters", self.path, side)
        equal(done.status, 0, f"lab/pair counters {side}: {done.err}")
        return collections.Counter(
            {name: int(value) for name, value in
             (line.split() for line in done.out.splitlines() if line)})

    def control(self, side, path, body=b"", method="POST"):
        """Ask a lab's control endpoint; see docs/guide/lab.md."""
        url = self.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0] + path
        context = ssl.create_default_context(cafile=self.env["CA_FILE"])
        request = urllib.request.Request(
            url, data=body if method == "POST" else None, method=method)
        with urllib.request.urlopen(request, context=context) as answer:
            return answer.read().decode()

    def faults(self, side, *rules):
        self.control(side, "/lab/faults", "\n".join(rules).encode())

    def hidden(self, side, *more):
        """Digest lines of what is not visible."""
        visible = collections.Counter(self.digest(side, *more))
        return collections.Counter(self.digest(side, "--all", *more)) - visible

    def assert_views_moved(self, *more):
        """Of the hidden items the views alone have come along, each once."""
        views = collections.Counter({
            line: n for line, n in self.hidden("source", *more).items()
            if ".NamedView\t" in line})
        check(views, "the source has no views: the test would prove nothing")
        equal(self.hidden("destination", *more), views, "hidden items")

    def assert_moved(self, *more):
        """Both sides hold the same items, no more and no less; more: options
        of digest, for what lies beside the mailbox."""
        source = self.digest("source", *more)
        destination = self.digest("destination", *more)
        check(source, "the source is empty: the test would prove nothing")
        missing = collections.Counter(source) - collections.Counter(destination)
        extra = collections.Counter(destination) - collections.Counter(source)
        check(not missing and not extra,
              f"{sum(missing.values())} missing, {sum(extra.values())} extra "
              f"or altered, of {len(source)}:\n"
              + "\n".join([*(f"- {line}" for line in list(missing)[:5]),
                           *(f"+ {line}" for line in list(extra)[:5])]))


def events(finished):
    """The objects of a run with --json."""
    return [json.loads(line) for line in finished.out.splitlines() if line]


def copied(finished):
    """How many items a run with --json says it copied."""
    return sum(event["copied"] for event in events(finished)
               if event["event"] == "end")


def ends(finished):
    return {event["mailbox"]: event["state"] for event in events(finished)
            if event["event"] == "end"}


CASES = []


def case(function):
    """Make a function a test of this program."""
    CASES.append(function)
    return function


def chosen_cases(words):
    """Those named; with --part K/N each N-th, from the K-th on; else all."""
    if words[:1] == ["--part"]:
        part, parts = map(int, words[1].split("/"))
        return CASES[part - 1::parts]
    unknown = set(words) - {c.__name__ for c in CASES}
    if unknown:
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; there are "
                 + ", ".join(c.__name__ for c in CASES))
    return [c for c in CASES if not words or c.__name__ in words]


def main():
    chosen = chosen_cases(sys.argv[1:])
    print("TAP version 13")
    print(f"1..{len(chosen)}", flush=True)
    failed = 0
    for number, function in enumerate(chosen, 1):
        name = function.__name__.replace("_", " ")
        try:
            with contextlib.redirect_stdout(sys.stderr):
                function()
        except Skip as why:
            print(f"ok {number} - {name} # SKIP {why}")
        except Exception:  # whatever went wrong, the next test has its turn
            failed += 1
            print(f"not ok {number} - {name}")
            # Where meson repeats it at the end of a run.
            print(f"{name}:\n{traceback.format_exc()}", file=sys.stderr,
                  flush=True)
        else:
            print(f"ok {number} - {name}")
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
