"""What the benchmarks share: two labs, a run of a program with what it cost,
and curl as the floor."""
import contextlib
import csv
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import lab as labs
import large
from harness import MAILFERRY

# Nothing of the labs but the work itself.
PLAIN = ("--policy", "none", "--request-limit", "200000000")
# One client that asks as much as many would.
NO_LIMITS = {"MAILFERRY_LIMITS_ADDRESS": "1000000",
             "MAILFERRY_LIMITS_PRINCIPAL": "1000000"}


@dataclasses.dataclass
class Cost:
    """What a process took."""
    wall: float
    cpu: float
    out: str


def cost_of(*command, env=None, stdin=None):
    """Run it to its end."""
    with tempfile.TemporaryFile() as out:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(c) for c in command], stdout=out, stderr=subprocess.STDOUT,
            stdin=stdin or subprocess.DEVNULL,
            env={**os.environ, **(env or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode(errors="replace")
    if process.returncode != 0:
        raise SystemExit(f"{command[0]}: status {process.returncode}\n"
                         f"{said[-2000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, said)


def spent_by(pid):
    """Seconds of processor that a process has used until now."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    return sum(map(int, fields.split()[11:13])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def postgres():
    """The URL of a database with nothing in it, on a disk, synchronised."""
    program = pathlib.Path(labs.__file__).parent / "postgres.py"
    with subprocess.Popen(
            [sys.executable, program, "--durable", "sh", "-c",
             'echo "$MAILFERRY_TEST_POSTGRES"; cat'], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        url = server.stdout.readline().strip()
        if not url.startswith("postgresql:"):
            raise SystemExit(f"PostgreSQL does not start: {url}")
        try:
            yield url
        finally:
            server.stdin.close()


class Sides:
    """A filled source, and an empty destination that can be had anew."""

    def __init__(self, mailboxes, items, *options, source=()):
        """options: of both labs; source: of that one alone."""
        self.mailboxes, self.options = mailboxes, options
        self.stack = contextlib.ExitStack()
        self.dir = pathlib.Path(self.stack.enter_context(
            tempfile.TemporaryDirectory(prefix="mailferry-bench-")))
        self.source = self.stack.enter_context(
            labs.Lab(*PLAIN, *options, *source, mailboxes=mailboxes,
                     items=items))
        self.destination = None
        self.runs = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.destination is not None:
            self.destination.__exit__()
        self.stack.close()

    def anew(self, *options):
        """An empty destination."""
        if self.destination is not None:
            self.destination.__exit__()
        # another seed: ids of its own, as those of another organisation
        self.destination = labs.Lab(*PLAIN, *self.options, *options,
                                    "--seed", "2",
                                    mailboxes=self.mailboxes, items=0)

    def _secret(self, lab, name):
        path = self.dir / name
        path.write_text(lab.passwords[labs.ADMIN] + "\n")
        path.chmod(0o600)
        return path

    def arguments(self):
        """The import file and the options of a migration between them."""
        path = self.dir / f"import-{self.runs}.csv"
        addresses = [f"user{n + 1}@contoso.example"
                     for n in range(self.mailboxes)]
        with path.open("w", newline="") as out:
            table = csv.writer(out)
            table.writerow(["Source Email", "Source UserName",
                            "Source Password", "Destination Email",
                            "Destination UserName", "Destination Password",
                            "Flags"])
            table.writerows([a, "", "", a, "", "", 0] for a in addresses)
        ca = self.dir / "ca.pem"
        ca.write_text(self.source.ca.read_text() +
                      self.destination.ca.read_text())
        return [path, "--source", self.source.url, "--destination",
                self.destination.url, "--source-admin", labs.ADMIN,
                "--destination-admin", labs.ADMIN, "--source-password-file",
                self._secret(self.source, "source"),
                "--destination-password-file",
                self._secret(self.destination, "destination"),
                "--ca-file", ca, "--json"]

    def command(self, *more, again=False):
        """A migration; with a new state file unless it is the same again."""
        if not again:
            self.runs += 1
        return [MAILFERRY, "migrate", *self.arguments(), *more]

    def migrate(self, *more):
        """What it cost."""
        return cost_of(*self.command(*more))


def events(out, kind):
    """Of that kind, in what a run with --json printed."""
    return [e for e in map(json.loads, out.splitlines())
            if e["event"] == kind]


def decoded(text):
    """Bytes of a base64 text's content."""
    return len(text) * 3 // 4 - text[-2:].count("=")


def all_ids(client):
    """Of every visible item of a mailbox, folder by folder."""
    found = client("<m:FindFolder Traversal=\"Deep\"><m:FolderShape>"
                   "<t:BaseShape>IdOnly</t:BaseShape></m:FolderShape>"
                   "<m:ParentFolderIds><t:DistinguishedFolderId "
                   "Id=\"msgfolderroot\"/></m:ParentFolderIds>"
                   "</m:FindFolder>")
    ids = []
    for folder in found.ids("t:FolderId"):
        state, last = "", "false"
        while last == "false":
            answer = client.sync(folder, state)
            ids += answer.ids()
            state = answer.text("m:SyncState")[0]
            last = answer.text("m:IncludesLastItemInRange")[0]
    return ids


def batches(sized, limit):
    """Lists of ids, none of more bytes than that (but by its last)."""
    batch, size = [], 0
    for item, bytes_ in sized:
        batch.append(item)
        size += bytes_
        if size >= limit:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class Floor:
    """curl that fetches and sends the same bytes over TLS, and does nothing
    with them."""

    BATCH = 8_000_000

    def __init__(self, lab, mailbox=labs.USER1):
        self.client = labs.Client(lab, acting_as=mailbox)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-floor-"))
        self.lab, self.bytes = lab, 0
        self.down, self.up = [], []
        head = [f'header = "{name}: {value}"'
                for name, value in self.client.headers.items()]
        self.head = [f'url = "{lab.ews}"', f'cacert = "{lab.ca}"',
                     'output = "/dev/null"', *head]
        sizes = []
        ids = all_ids(self.client)
        for start in range(0, len(ids), 20):
            some = ids[start:start + 20]
            texts = self.client.export(*some).text("m:Data")
            sizes += [(i, decoded(t)) for i, t in zip(some, texts)]
        for batch in batches(sizes, self.BATCH):
            self._keep(batch)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir)

    def _keep(self, ids):
        number = len(self.down)
        down = self.dir / f"down-{number}"
        down.write_text(self.client.envelope(
            "<m:ExportItems><m:ItemIds>" + labs.items(ids) +
            "</m:ItemIds></m:ExportItems>"))
        texts = self.client.post(down.read_text()).text("m:Data")
        self.bytes += sum(map(decoded, texts))
        up = self.dir / f"up-{number}"
        parent = self.client.folder_id("inbox")
        # an update stores nothing new: it can be sent any number of times
        up.write_text(self.client.envelope(
            "<m:UploadItems><m:Items>" + "".join(
                f'<t:Item CreateAction="Update"><t:ParentFolderId '
                f'Id="{parent}"/><t:ItemId Id="{i}"/><t:Data>{d}</t:Data>'
                "</t:Item>" for i, d in zip(ids, texts)) +
            "</m:Items></m:UploadItems>"))
        self.down.append(down)
        self.up.append(up)

    def _curl(self, files):
        config = self.dir / "config"
        config.write_text("\nnext\n".join(
            "\n".join([*self.head, f'data-binary = "@{f}"']) for f in files))
        return cost_of("curl", "--silent", "--show-error", "--fail",
                       "--config", config)

    def cpu(self):
        """Seconds of processor a gigabyte of decoded payload, both ways."""
        used = self._curl(self.down).cpu + self._curl(self.up).cpu
        return used / self.bytes * 1e9


def add_large(lab, count, size, mailbox=labs.USER1):
    """Items of that size in a folder "Large"."""
    client = labs.Client(lab, acting_as=mailbox)
    parent = client.create_folder("inbox", "Large").ids("t:FolderId")[0]
    for _ in range(count):
        answer = large.add_large(client, parent, size)
        if answer.codes() != ["NoError"]:
            raise SystemExit(f"upload: {answer.codes()}")
