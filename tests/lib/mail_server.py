"""A mail server that others wrote (aiosmtpd), on loopback, which says to each
command what a test wants and keeps every mail that it has answered for."""
import asyncio
import email
import email.policy
import logging
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

DEBIAN_PYTHON = "/usr/bin/python3"

try:
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult
except ImportError:
    # Debian's package is for Debian's Python: begin again as that one
    if os.path.realpath(sys.executable) == os.path.realpath(DEBIAN_PYTHON):
        raise
    os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])

USER, PASSWORD = "desk", "tr0ub4dor-of-the-desk"


# a client that goes away is what a test is about
logging.getLogger("mail.log").setLevel(logging.CRITICAL)


class Keys:
    """A certificate for 127.0.0.1 that signs itself."""

    def __init__(self):
        self.dir = tempfile.TemporaryDirectory(prefix="mailferry-smtpd-")
        self.cert = pathlib.Path(self.dir.name) / "cert.pem"
        self.key = key = pathlib.Path(self.dir.name) / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
             self.cert, "-days", "2", "-subj", "/CN=mail", "-addext",
             "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.cert, key)


class Listener(Controller):
    """Has its port from the beginning on, so that nobody else gets it, and
    takes connections from start() on, however busy the machine is."""

    def __init__(self, *args, **more):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        super().__init__(*args, port=self.socket.getsockname()[1],
                         ready_timeout=600, **more)

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker,
                                       sock=self.socket, ssl=self.ssl_context)


class MailServer:
    """says: what is answered to RCPT or to the mail (DATA) instead of 250, in
    turn; a text that is no code is how many seconds it says nothing.  The mail
    is kept all the same when it says nothing: that is what UNSURE is about."""

    def __init__(self, keys=None, tls=True, sign_in=False):
        self.keys = keys
        self.says = {"RCPT": [], "DATA": []}
        self.asked = []  # commands, in turn
        self.mails = []
        self.signed_in = []
        self.lock = threading.Lock()
        more = {}
        if keys and tls:
            more["tls_context"] = keys.context
        if sign_in:
            more.update(auth_required=True, authenticator=self.sign_in)
        self.controller = Listener(self, hostname="127.0.0.1", **more)

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.controller.port}"

    def sign_in(self, _server, _session, _envelope, _mechanism, data):
        good = (data.login, data.password) == (USER.encode(),
                                               PASSWORD.encode())
        with self.lock:
            self.signed_in.append(good)
        return AuthResult(success=good, handled=False)

    async def answer(self, command, usual):
        with self.lock:
            self.asked.append(command)
            said = self.says[command].pop(0) if self.says[command] else usual
        if not said[:3].isdigit():
            await asyncio.sleep(float(said.split()[0]))
            return usual
        return said

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        said = await self.answer("RCPT", "250 good")
        if said.startswith("250"):
            envelope.rcpt_tos.append(address)
        return said

    async def handle_DATA(self, _server, session, envelope):
        with self.lock:
            waits = self.says["DATA"] and not self.says["DATA"][0][:3].isdigit()
            good = not self.says["DATA"] or waits
            if good:
                self.mails.append(Mail(envelope, session))
        return await self.answer("DATA", "250 taken")


class Mail:
    """One as it came."""

    def __init__(self, envelope, session):
        self.sender, self.to = envelope.mail_from, list(envelope.rcpt_tos)
        self.raw = envelope.original_content
        self.tls = session.ssl is not None
        self.message = email.message_from_bytes(
            self.raw, policy=email.policy.default)

    def body(self, kind):
        return self.message.get_body((kind,)).get_content()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]
