"""One lab server and a small EWS client, for the tests of the lab itself.

The client shares no code with mailferry: it writes its XML by hand and reads
the answers with ElementTree."""
import base64
import http.client
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET

import harness
from harness import ROOT, Failure, check, run

LAB = os.environ.get("MAILFERRY_LAB", str(ROOT / "build" / "mailferry-lab"))
NS = {
    "s": "http://schemas.xmlsoap.org/soap/envelope/",
    "t": "http://schemas.microsoft.com/exchange/services/2006/types",
    "m": "http://schemas.microsoft.com/exchange/services/2006/messages",
    "e": "http://schemas.microsoft.com/exchange/services/2006/errors",
}
DECLARED = " ".join(f'xmlns:{p}="{u}"' for p, u in NS.items())
ADMIN = "administrator@contoso.example"
USER1, USER2 = "user1@contoso.example", "user2@contoso.example"


def certificate(folder):
    """A self-signed one for 127.0.0.1: its own authority."""
    done = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-days", "3650", "-subj",
               "/CN=localhost", "-addext",
               "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
               folder / "key.pem", "-out", folder / "cert.pem")
    harness.equal(done.status, 0, f"openssl: {done.err}")


class Lab:
    """A server with its state in memory, on a port of its own."""

    def __init__(self, *options, mailboxes=2, items=20, tls=True):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-lab-"))
        self.accounts_file = self.dir / "accounts"
        command = [LAB, "serve", "--state", "memory", "--mailboxes",
                   str(mailboxes), "--items", str(items), "--accounts-file",
                   str(self.accounts_file), *options]
        if tls:
            certificate(self.dir)
            command += ["--tls-cert", self.dir / "cert.pem", "--tls-key",
                        self.dir / "key.pem"]
        else:
            command.append("--plain-http")
        self.process = subprocess.Popen(
            [str(c) for c in command], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            said = self.process.communicate()[1]
            shutil.rmtree(self.dir)
            raise Failure(f"the lab does not start: {said}")
        lines = self.accounts_file.read_text().split()
        self.passwords = {login: password for _, login, password in
                          (line.split(",") for line in lines)}
        self.ews = self.url + "/EWS/Exchange.asmx"
        self.ca = self.dir / "cert.pem"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        status = self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
        check(status == 0, f"the lab ended with status {status}")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=60)[1]
        check(not said, f"the lab said: {said}")
        return self.process.returncode

    def connect(self):
        parts = urllib.parse.urlparse(self.url)
        if parts.scheme == "http":
            return http.client.HTTPConnection(parts.hostname, parts.port,
                                              timeout=60)
        context = ssl.create_default_context(cafile=self.ca)
        return http.client.HTTPSConnection(parts.hostname, parts.port,
                                           context=context, timeout=60)

    def control(self, method, path, body=None):
        connection = self.connect()
        connection.request(method, path, body)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        check(answer.status == 200, f"{path}: {answer.status} {text}")
        return text

    def counters(self):
        lines = self.control("GET", "/lab/counters").splitlines()
        return {name: int(value) for name, value in
                (line.split() for line in lines)}

    def faults(self, *rules):
        self.control("POST", "/lab/faults", "\n".join(rules).encode())

    def curl(self, *words, user=ADMIN, password=None, body=None):
        """curl with its own idea of authentication; status is its own."""
        command = ["curl", "--silent", "--show-error", "--cacert", self.ca,
                   "--write-out", "\n%{http_code} %{num_connects}"]
        if user is not None:
            password = password or self.passwords.get(user, "none")
            command += ["--user", f"{user}:{password}"]
        if body is not None:
            command += ["--header", "Content-Type: text/xml; charset=utf-8",
                        "--data-binary", "@-"]
        return run(*command, *words, stdin=body)


class Answer:
    """One answer, read."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body
        self.root = ET.fromstring(body) if body.startswith("<?xml") else None

    def all(self, path):
        return self.root.findall(".//" + path, NS)

    def messages(self):
        found = self.root.find(".//m:ResponseMessages", NS)
        return list(found) if found is not None else []

    def codes(self):
        """The ResponseCode of each message, or of the fault."""
        if self.root.find(".//s:Fault", NS) is not None:
            fault = self.root.find(".//faultcode").text.split(":")[-1]
            inner = self.root.find(".//e:ResponseCode", NS)
            return ["fault", inner.text if inner is not None else fault]
        return [m.find("m:ResponseCode", NS).text for m in self.messages()]

    def ids(self, element="t:ItemId"):
        return [e.get("Id") for e in self.all(element)]

    def text(self, path):
        return [e.text or "" for e in self.all(path)]

    def value(self, name):
        """<t:Value Name="..."> of MessageXml."""
        for e in self.all("t:Value"):
            if e.get("Name") == name:
                return e.text
        return None


class Client:
    """A kept connection, signed in by Basic."""

    def __init__(self, lab, user=ADMIN, acting_as=USER1,
                 version="Exchange2010_SP1", sid="PrimarySmtpAddress"):
        self.lab, self.connection = lab, lab.connect()
        pair = f"{user}:{lab.passwords[user]}".encode()
        self.headers = {
            "Authorization": "Basic " + base64.b64encode(pair).decode(),
            "Content-Type": "text/xml; charset=utf-8",
        }
        self.acting_as, self.version, self.sid = acting_as, version, sid

    def envelope(self, body):
        header = ""
        if self.version:
            header += f'<t:RequestServerVersion Version="{self.version}"/>'
        if self.acting_as:
            header += (f"<t:ExchangeImpersonation><t:ConnectingSID><t:{self.sid}>"
                       f"{self.acting_as}</t:{self.sid}></t:ConnectingSID>"
                       "</t:ExchangeImpersonation>")
        return ('<?xml version="1.0" encoding="utf-8"?>'
                f"<s:Envelope {DECLARED}><s:Header>{header}</s:Header>"
                f"<s:Body>{body}</s:Body></s:Envelope>")

    def post(self, text):
        self.connection.request("POST", "/EWS/Exchange.asmx", text.encode(),
                                self.headers)
        answer = self.connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())

    def __call__(self, body):
        return self.post(self.envelope(body))

    # ---- what the tests ask ------------------------------------------

    def get_folder(self, *ids, shape="IdOnly"):
        return self("<m:GetFolder><m:FolderShape><t:BaseShape>" + shape +
                    "</t:BaseShape></m:FolderShape><m:FolderIds>" +
                    "".join(folder(i) for i in ids) +
                    "</m:FolderIds></m:GetFolder>")

    def folder_id(self, name):
        return self.get_folder(name).ids("t:FolderId")[0]

    def sync(self, where, state="", most=512, scope="", shape="IdOnly",
             extra=""):
        scope = scope and f"<m:SyncScope>{scope}</m:SyncScope>"
        state = state and f"<m:SyncState>{state}</m:SyncState>"
        extra = extra and ("<t:AdditionalProperties>" + extra +
                           "</t:AdditionalProperties>")
        return self("<m:SyncFolderItems><m:ItemShape><t:BaseShape>" + shape +
                    "</t:BaseShape>" + extra + "</m:ItemShape><m:SyncFolderId>"
                    + folder(where) + "</m:SyncFolderId>" + state +
                    f"<m:MaxChangesReturned>{most}</m:MaxChangesReturned>" +
                    scope + "</m:SyncFolderItems>")

    def get_item(self, *ids, shape="AllProperties", extra=""):
        extra = extra and ("<t:AdditionalProperties>" + extra +
                           "</t:AdditionalProperties>")
        return self("<m:GetItem><m:ItemShape><t:BaseShape>" + shape +
                    "</t:BaseShape>" + extra + "</m:ItemShape><m:ItemIds>" +
                    items(ids) + "</m:ItemIds></m:GetItem>")

    def export(self, *ids):
        return self("<m:ExportItems><m:ItemIds>" + items(ids) +
                    "</m:ItemIds></m:ExportItems>")

    def upload(self, parent, *payloads, action="CreateNew", ids=(),
               associated=False):
        ids = ids or [None] * len(payloads)
        hidden = ' IsAssociated="true"' if associated else ""
        return self("<m:UploadItems><m:Items>" + "".join(
            f'<t:Item CreateAction="{action}"{hidden}>'
            f'<t:ParentFolderId Id="{parent}"/>' +
            (f'<t:ItemId Id="{i}"/>' if i else "") +
            f"<t:Data>{data}</t:Data></t:Item>"
            for i, data in zip(ids, payloads)) + "</m:Items></m:UploadItems>")

    def delete(self, *ids, how="SoftDelete", more='SendMeetingCancellations='
               '"SendToNone" AffectedTaskOccurrences="AllOccurrences"'):
        return self(f'<m:DeleteItem DeleteType="{how}" {more}><m:ItemIds>' +
                    items(ids) + "</m:ItemIds></m:DeleteItem>")

    def create_folder(self, parent, *names, element="Folder", inside=""):
        return self("<m:CreateFolder><m:ParentFolderId>" + folder(parent) +
                    "</m:ParentFolderId><m:Folders>" + "".join(
                        f"<t:{element}>{inside}<t:DisplayName>{n}"
                        f"</t:DisplayName></t:{element}>" for n in names) +
                    "</m:Folders></m:CreateFolder>")


def folder(which):
    """An id of either kind; (name, address) for somebody else's."""
    if isinstance(which, tuple):
        return (f'<t:DistinguishedFolderId Id="{which[0]}"><t:Mailbox>'
                f"<t:EmailAddress>{which[1]}</t:EmailAddress></t:Mailbox>"
                "</t:DistinguishedFolderId>")
    if re.fullmatch("[a-z]+", which):
        return f'<t:DistinguishedFolderId Id="{which}"/>'
    return f'<t:FolderId Id="{which}"/>'


def items(ids):
    return "".join(f'<t:ItemId Id="{i}"/>' for i in ids)
