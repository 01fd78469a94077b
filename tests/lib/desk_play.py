"""A desk between two labs and a mail server that others wrote: real mails
into the pipe, real mails out of it."""
import base64
import json
import os
import pathlib
import re

from harness import *  # noqa: F403 pylint: disable=all
from service import *  # noqa: F403
from mail_server import Keys, MailServer

ANNA = "anna@contoso.example"
URL = "https://m.provider.example"
CLOCK = os.environ.get("TEST_CLOCK_LIBRARY", str(
    ROOT / "build" / "tests" / "libtest_clock.so"))
KEYS = Keys()
DAY = 86400
PRICES = """[price-list]
currency = EUR
digits = 2
minimum = 10.00
allowance = 5G
per-gb = 1.50
valid-days = 30
[tiers]
1- = 25.00
"""


class Play:
    """Two labs, a mail server, and a service with a desk between them."""

    def __init__(self, pair, start=True, **config):
        self.pair = pair
        self.server = MailServer(KEYS)
        self.service = service = Service(start=False, operators=False)
        (service.dir / "prices.ini").write_text(PRICES)
        self.clock = service.dir / "clock"
        self.clock.write_text("0")
        password = service.dir / "destination"
        password.write_text(pathlib.Path(
            pair.env["DESTINATION_PASSWORD_FILE"]).read_text())
        password.chmod(0o600)
        service.env.update({
            **database_of_its_own(),
            "LD_PRELOAD": CLOCK, "TEST_CLOCK": str(self.clock),
            "ASAN_OPTIONS": "verify_asan_link_order=0:detect_leaks=0",
            **{f"MAILFERRY_{key}": str(value) for key, value in {
                "HTTP_PUBLIC_URL": URL,
                "DESK_ADDRESS": "desk@provider.example",
                "DESK_ALERTS": "ops@provider.example",
                "DESK_PRICE_LIST": service.dir / "prices.ini",
                "DESK_DESTINATION": pair.env["DESTINATION_URL"],
                "DESK_DESTINATION_USER": pair.env["DESTINATION_ADMIN"],
                "DESK_DESTINATION_PASSWORD_FILE": password,
                "MAIL_SERVER": self.server.url,
                "MAIL_CA_FILE": KEYS.cert,
                "ENGINE_CA_FILE": pair.env["CA_FILE"],
                "ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8",
                "WORKER_LEASE": "3s", **config}.items()}})
        self.starts = start

    def __enter__(self):
        self.server.__enter__()
        self.service.command("operator", "add", ADMIN, "--password-file",
                             self.service.password_file)
        self.service.command("account", "add", "P-1001", "--name",
                             "Contoso Ltd", "--verified-domain",
                             "contoso.example")
        self.service.command("contact", "add", ANNA, "--account", "P-1001",
                             "--role", "primary")
        if self.starts:
            self.service.start()
        return self

    def __exit__(self, failed, *what):
        if failed is not None:
            print(self.service.text()[-6000:])
            print("mails:", [m.message["Subject"] for m in self.server.mails])
        self.service.__exit__(failed, *what)
        self.server.__exit__(failed, *what)

    def set_clock(self, seconds):
        beside = self.clock.with_suffix(".new")
        beside.write_text(str(seconds))
        beside.rename(self.clock)

    # ---- the partner -----------------------------------------------------------

    def send(self, file=None, owa=None, message_id="1@contoso.example",
             subject="Managed Migration Request", sender=ANNA, head="",
             partner="P-1001"):
        """owa: "" leaves the line out."""
        owa = self.pair.env["SOURCE_URL"] if owa is None else owa
        mail = (f"{head}From: Anna <{sender}>\nTo: desk@provider.example\n"
                f"Message-ID: <{message_id}>\nSubject: {subject}\n"
                "MIME-Version: 1.0\n"
                'Content-Type: multipart/mixed; boundary="b"\n\n'
                "--b\nContent-Type: text/plain\n\n"
                f"Partner ID: {partner}\nDomain: contoso.example\n"
                + (f"OWA URL: {owa}\n" if owa else "") + "\n")
        if file is not None:
            mail += ("--b\nContent-Type: text/csv; name=users.csv\n"
                     "Content-Transfer-Encoding: base64\n\n"
                     + base64.encodebytes(file).decode() + "\n")
        mail += "--b--\n"
        done = run(MAILFERRY, "intake", "-v", env=self.service.env, stdin=mail)
        equal(done.status, 0, done.err)
        return done.out

    def mail(self, subject):
        """The latest mail of that subject; waits for it."""
        def found():
            return [m for m in self.server.mails
                    if subject in m.message["Subject"]]
        until(f"a mail \"{subject}\"", found, 240)
        return found()[-1]

    def sign_in(self):
        """Her cookie, by the link of a mail."""
        got = self.service.ask("POST", "/api/v1/links", {"address": ANNA})
        equal(got.status, 202, got.text)
        link = re.search(rf"{URL}(/sign-in/\S+)",
                         self.mail("Your link to sign in").body("plain"))[1]
        got = self.service.ask("POST", link, None, {"Origin": URL})
        equal(got.status, 200, got.text)
        return got.headers["Set-Cookie"].split(";")[0]

    def press(self, mail, path):
        """The button behind the link of a mail."""
        link = re.search(rf"{URL}(/{path}/\S+)", mail.body("plain"))[1]
        got = self.service.ask("GET", link)
        equal(got.status, 200, got.text)
        return self.service.ask("POST", link, "", {"Origin": URL})

    # ---- what is seen ------------------------------------------------------------

    def request(self):
        return json.loads(self.service.command("request", "show", "1001",
                                               "--json").out)

    def state(self):
        return self.request()["state"]

    def until_state(self, state):
        until(f"{state}: {self.request()}", lambda: self.state() == state, 240)

    def stands(self, state, *steps):
        """Where the request stands, and what was done about it, by the audit
        trail, in its order: mails that went out are not of it."""
        want = [f"request.{step}" for step in steps]
        cookie, done = self.service.cookie(), []

        def agrees():
            got = answer_json(self.service.ask("GET", "/api/v1/audit",
                                               cookie=cookie))
            done[:] = [line["action"] for line in got["items"]
                       if line["action"].startswith("request.")]
            return done == want

        equal(self.state(), state, "state")
        try:
            until(f"{want} on the trail", agrees, 60)
        except Failure as cause:
            raise Failure(f"{cause}: there is {done}") from None

    def subjects(self):
        return [m.message["Subject"].replace("[MF-1001] ", "")
                for m in self.server.mails if m.to == [ANNA]]
