"""A service with a desk: an account with its people, and requests as the desk
leaves them behind."""
import base64
import contextlib
import hashlib
import json
import os
import re
import sqlite3
import time

from harness import equal
from service import Service, until

DAY = 86_400_000_000
STATES = ["received", "awaiting information", "quoted", "approved",
          "scheduled", "running", "ready for cutover", "cut over",
          "completed", "refused", "cancelled", "expired"]
PURPOSES = ["approve", "supply", "cutover", "certificate"]
PEOPLE = {"anna": "primary", "bill": "billing", "tom": "technical"}
QUOTE = {
    "currency": "EUR", "digits": 2, "lines": [
        {"text": "Mailboxes 1 to 10", "count": 10, "each": 2500,
         "amount": 25000},
        {"text": "Mailboxes 11 to 12", "count": 2, "each": 2000,
         "amount": 4000}],
    "total": 29000, "tax": "plus 19 % VAT", "mailboxes": 12,
    "bytes": 4_000_000_000, "made": 0, "until": 0}
PUBLIC = "https://desk.provider.example"


def now_us():
    return int(time.time() * 1_000_000)


def hash_of(token):
    return hashlib.blake2b(token.encode(), digest_size=32).digest()


def quote(until=None, **more):
    return json.dumps({**QUOTE, "made": now_us(),
                       "until": until or now_us() + DAY, **more})


def multipart(file=None, **texts):
    """A form's body, and the header that says so."""
    parts = [(f'name="{name}"', "", text.encode())
             for name, text in texts.items()]
    if file is not None:
        name, content = file
        parts.append((f'name="file"; filename="{name}"',
                      "Content-Type: text/csv\r\n", content))
    body = b"".join(
        f"--XyZ\r\nContent-Disposition: form-data; {head}\r\n{more}\r\n"
        .encode() + content + b"\r\n" for head, more, content in parts)
    return body + b"--XyZ--\r\n", {
        "Content-Type": "multipart/form-data; boundary=XyZ"}


class Desk(Service):
    """Acme is P-1001 with Anna (primary), Bill (billing) and Tom (technical);
    Other is P-2002 with Olga (primary)."""

    def __init__(self, *options, env=None, **more):
        super().__init__(*options, env={
            "MAILFERRY_DESK_ADDRESS": "desk@provider.example",
            "MAILFERRY_HTTP_PUBLIC_URL": PUBLIC,
            **(env or {})}, **more)

    def start(self):
        if not hasattr(self, "peopled"):
            self.peopled = True
            self.people()
        super().start()

    def people(self):
        self.command("account", "add", "P-1001", "--name", "Acme",
                     "--verified-domain", "acme.example")
        self.command("account", "add", "P-2002", "--name", "Other",
                     "--verified-domain", "other.example")
        for name, role in PEOPLE.items():
            self.command("contact", "add", f"{name}@acme.example",
                         "--account", "P-1001", "--role", role)
        self.command("contact", "add", "olga@other.example",
                     "--account", "P-2002", "--role", "primary")

    @contextlib.contextmanager
    def database(self):
        db = sqlite3.connect(self.data / "mailferry.db", timeout=30)
        try:
            with db:
                yield db
        finally:
            db.close()

    def insert(self, table, **columns):
        with self.database() as db:
            marks = ", ".join("?" * len(columns))
            done = db.execute(
                f"INSERT INTO {table} ({', '.join(columns)})"
                f" VALUES ({marks})", list(columns.values()))
            return done.lastrowid

    def request(self, state="received", **columns):
        """One as it would stand there; its number."""
        now = now_us()
        if state in STATES[2:9]:
            columns.setdefault("quote", quote())
            columns.setdefault("quote_until_us", now + DAY)
        with self.database() as db:
            (number,), = db.execute("UPDATE request_numbers SET last_id ="
                                    " last_id + 1 RETURNING last_id")
        return self.insert("requests", **{
            "id": number, "state": STATES.index(state), "account": 1,
            "opened_by": "anna@acme.example", "partner": "P-1001",
            "domain": "acme.example", "created_us": now, "changed_us": now,
            **columns})

    def mail(self, message_id, request=None, place="placed", **columns):
        return self.insert("request_mails", **{
            "request": request, "message_id": message_id,
            "sender": "anna@acme.example",
            "subject": "Managed Migration Request", "digest": "00ff",
            "verdict": "opens a request",
            "place": ["placed", "tray", "done"].index(place), "redacted": 0,
            "received_us": now_us(), "raw": b"From: anna\r\n\r\nHello\r\n",
            **columns})

    def link(self, purpose, request, contact=1, **columns):
        """A link as a letter would have it; its token."""
        token = "mfl_" + base64.urlsafe_b64encode(
            os.urandom(32)).decode().rstrip("=")
        now = now_us()
        self.insert("request_links", **{
            "hash": hash_of(token), "request": request, "contact": contact,
            "purpose": PURPOSES.index(purpose), "created_us": now,
            "expires_us": now + DAY, **columns})
        return token

    def row(self, request):
        """What stands there of a request, by column."""
        with self.database() as db:
            db.row_factory = sqlite3.Row
            return dict(db.execute("SELECT * FROM requests WHERE id = ?",
                                   [request]).fetchone())

    def state(self, request):
        return STATES[self.row(request)["state"]]

    def trail(self, request):
        with self.database() as db:
            return db.execute(
                "SELECT actor, action, detail FROM audit WHERE subject = ?"
                " ORDER BY id", [f"request {request}"]).fetchall()

    def press(self, path, body=None, headers=None):
        """A form's button, as a browser sends it."""
        return self.ask("POST", path, body, {"Origin": PUBLIC,
                                             **(headers or {})})

    def fill_in(self, path, file=None, **texts):
        """A form with a file, as a browser sends it."""
        return self.press(path, *multipart(file, **texts))

    def upload(self, path, cookie, content, name="users.csv", **texts):
        """The same of who is signed in."""
        return self.ask("POST", path, *multipart((name, content), **texts),
                        cookie)

    def outbox(self):
        return [line.split("\t") for line in
                self.command("outbox", "list").out.splitlines()]

    def contact(self, address):
        """The cookie of a contact who signs in by the link of a mail."""
        before = len(self.outbox())
        got = self.ask("POST", "/api/v1/links", {"address": address})
        equal(got.status, 202, got.text)
        until("the mail with the link",
              lambda: len(self.outbox()) > before)
        text = self.command("outbox", "show", self.outbox()[-1][0]).out
        path = re.search(r"https?://[^/]+(/sign-in/\S+)", text).group(1)
        got = self.ask("POST", path, None, {"Origin": PUBLIC})
        equal(got.status, 200, got.text)
        return got.headers["Set-Cookie"].split(";")[0]
