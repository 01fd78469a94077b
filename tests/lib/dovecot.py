"""A small IMAP server that others wrote (Dovecot), on loopback, with one
mailbox of Maildir, in a folder of its own."""
import grp
import imaplib
import os
import pathlib
import pwd
import shutil
import ssl
import subprocess
import tempfile

from harness import Failure, Skip
from service import until
from mail_server import free_port

USER, PASSWORD = "desk@provider.example", "tr0ub4dor-of-the-box"

CONFIG = """
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{dir}/home/mail
mail_plugins =
namespace inbox {{
  inbox = yes
}}
ssl = required
ssl_cert = <{cert}
ssl_key = <{key}
disable_plaintext_auth = yes
imap_capability = {capability}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
{oauth}
passdb {{
  driver = passwd-file
  args = scheme=plain {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home
}}
"""


OAUTH = """
auth_mechanisms = plain oauthbearer xoauth2
passdb {{
  driver = oauth2
  mechanisms = oauthbearer xoauth2
  args = {dir}/oauth2
}}
"""


class Dovecot:
    """keys: of mail_server.py; capability: what it says it can, or all;
    introspection: the URL where it asks about a token, or none is taken."""

    def __init__(self, keys, capability="", introspection=None):
        self.program = shutil.which("dovecot", path=os.environ["PATH"]
                                    + ":/usr/sbin:/usr/local/sbin")
        if not self.program:
            raise Skip("dovecot is not there: packaging/install-packages "
                       "installs it")
        self.keys = keys
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-imapd-"))
        self.dir.chmod(0o755)
        self.port, self.tls_port = free_port(), free_port()
        root = os.geteuid() == 0
        # as root it drops its rights, else there are none to drop
        me = pwd.getpwuid(os.geteuid()).pw_name
        group = grp.getgrgid(os.getegid()).gr_name
        self.owner = ((65534, 65534) if root
                      else (os.geteuid(), os.getegid()))
        (self.dir / "home").mkdir()
        os.chown(self.dir / "home", *self.owner)
        (self.dir / "users").write_text(f"{USER}:{PASSWORD}\n")
        (self.dir / "oauth2").write_text(
            f"introspection_mode = get\nintrospection_url = {introspection}\n"
            "active_attribute = active\nactive_value = true\n")
        self.config = self.dir / "dovecot.conf"
        self.config.write_text(CONFIG.format(
            dir=self.dir, cert=keys.cert, key=keys.key, port=self.port,
            tls_port=self.tls_port, capability=capability,
            oauth=OAUTH.format(dir=self.dir) if introspection else "",
            internal="dovecot" if root else me,
            internal_group="dovecot" if root else group,
            login="dovenull" if root else me,
            uid=self.owner[0], gid=self.owner[1]))

    @property
    def url(self):
        return f"imaps://127.0.0.1:{self.tls_port}"

    @property
    def starttls_url(self):
        return f"imap://127.0.0.1:{self.port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            [self.program, "-F", "-c", str(self.config)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        try:
            until("the IMAP server answers", self.answers)
        except Failure as why:
            self.__exit__()
            raise Failure(f"{why}\n{self.log()}") from None
        return self

    def __exit__(self, *_):
        self.process.terminate()
        said = self.process.communicate(timeout=60)[1]
        if said:
            print(said)
        shutil.rmtree(self.dir, ignore_errors=True)

    def log(self):
        log = self.dir / "log"
        return log.read_text() if log.exists() else ""

    def client(self):
        context = ssl.create_default_context(cafile=self.keys.cert)
        client = imaplib.IMAP4_SSL("127.0.0.1", self.tls_port,
                                   ssl_context=context)
        client.login(USER, PASSWORD)
        return client

    def answers(self):
        if self.process.poll() is not None:
            raise Failure(f"it has ended: {self.process.stderr.read()}")
        try:
            self.client().logout()
        except (OSError, imaplib.IMAP4.error):
            return False
        return True

    def put(self, text):
        client = self.client()
        client.append("INBOX", None, None, text.encode())
        client.logout()

    def mails(self, folder):
        """{Message-ID: is it marked as deleted?}, or None: no such folder."""
        client = self.client()
        if client.select(f'"{folder}"', readonly=True)[0] != "OK":
            client.logout()
            return None
        found = {}
        for number in client.search(None, "ALL")[1][0].split():
            answer = client.fetch(
                number, "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
            found[answer[0][1].decode().split(":", 1)[1].strip()] = \
                b"\\Deleted" in answer[0][0] + answer[-1]
        client.logout()
        return found
