#!/usr/bin/env python3
"""How the server is found, and that a credential goes nowhere else: small
servers on loopback write down what reached them."""
import base64
import fcntl
import http.server
import os
import pathlib
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

POX = ('<?xml version="1.0"?><Autodiscover xmlns="http://schemas.microsoft.com/'
       'exchange/autodiscover/responseschema/2006"><Response xmlns="http://'
       'schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/'
       '2006a"><Account>{}</Account></Response></Autodiscover>')
POX_PATH = "/autodiscover/autodiscover.xml"
SOAP_PATH = "/autodiscover/autodiscover.svc"
EWS_PATH = "/EWS/Exchange.asmx"
PASSWORD = "correct horse"


def names_ews(url):
    return POX.format(f"<Protocol><Type>EXPR</Type><EwsUrl>{url}</EwsUrl>"
                      "</Protocol>")


def redirects(url):
    return POX.format(f"<Action>redirectUrl</Action><RedirectUrl>{url}"
                      "</RedirectUrl>")


class Server:
    """Answers by path; what needs a sign-in answers 401 without one."""

    def __init__(self, folder=None, host="127.0.0.1", port=0):
        self.seen = []  # (method, path, Authorization or None)
        self.open = {}  # path: (status, headers, body), for everybody
        self.signed = {}  # the same, for who signs in
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                self.rfile.read(length)
                given = self.headers.get("Authorization")
                path = self.path.partition("?")[0]
                outer.seen.append((self.command, path, given))
                status, headers, body = outer.choose(path, given)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                data = body.encode()
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer((host, port), Handler)
        self.port = self.http.server_address[1]
        if folder is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
            self.http.socket = context.wrap_socket(self.http.socket,
                                                   server_side=True)
        self.thread = threading.Thread(target=self.http.serve_forever,
                                       daemon=True)
        self.thread.start()

    def choose(self, path, given):
        if path in self.open:
            return self.open[path]
        if path not in self.signed:
            return 404, {}, ""
        if given is None:
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, ""
        return self.signed[path]

    def has_ews(self):
        self.signed[EWS_PATH] = (200, {}, "")
        return self

    def says(self, body, path=POX_PATH):
        self.signed[path] = (200, {"Content-Type": "text/xml"}, body)
        return self

    def moves(self, path, url, status=302):
        self.open[path] = (status, {"Location": url}, "")
        return self

    def signed_in(self):
        return [path for _, path, given in self.seen if given is not None]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


def certificate(folder, names="DNS:localhost,IP:127.0.0.1"):
    done = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
               "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj",
               "/CN=test", "-addext", f"subjectAltName={names}", "-keyout",
               folder / "key.pem", "-out", folder / "cert.pem")
    equal(done.status, 0, f"openssl: {done.err}")


class Place:
    """A folder with a certificate and a password, for the tests' servers."""

    def __enter__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="mailferry-test-"))
        self.password = self.dir / "password"
        self.password.write_text(PASSWORD + "\n")
        self.password.chmod(0o600)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.dir, ignore_errors=True)

    def discover(self, where, *more):
        return run(MAILFERRY, "discover", where, "--email", "ann@old.example",
                   "--source-password-file", self.password, "--ca-file",
                   self.dir / "cert.pem", *more)


@contextlib.contextmanager
def two_servers():
    """The one that is given, and another; both with a good certificate."""
    with Place() as place:
        certificate(place.dir)
        with Server(place.dir) as given, Server(place.dir) as other:
            yield (place, given, other, f"https://127.0.0.1:{given.port}",
                   f"https://localhost:{other.port}")


def stays_at_home(leads):
    """leads(given, url of the other) makes the given host point there."""
    with two_servers() as (place, given, other, url, other_url):
        other.has_ews().says(names_ews(other_url + EWS_PATH))
        leads(given, other_url)
        refused = place.discover(url + "/owa")
        equal(refused.status, 3, f"exit: {refused.out}{refused.err}")
        contains(refused.err, f"localhost:{other.port}")
        contains(refused.err, "--allow-host")
        equal(other.signed_in(), [], "credentials that reached the other host")
        allowed = place.discover(url + "/owa", "--allow-host",
                                 f"localhost:{other.port}")
        equal(allowed.status, 0, f"exit: {allowed.out}{allowed.err}")
        contains(allowed.out, other_url + EWS_PATH)


@case
def autodiscover_redirects():
    stays_at_home(lambda given, url: given.says(redirects(url + POX_PATH)))


@case
def autodiscover_moves():
    stays_at_home(lambda given, url: given.moves(POX_PATH, url + POX_PATH))


@case
def ews_moves():
    stays_at_home(lambda given, url: given.moves(EWS_PATH, url + EWS_PATH, 307))


@case
def owa_moves():
    stays_at_home(lambda given, url: given.moves("/owa", url + "/owa"))


@case
def soap_autodiscover_redirects():
    def leads(given, url):
        given.says(
            '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
            "<s:Body><GetUserSettingsResponseMessage><Response><ErrorCode>"
            "NoError</ErrorCode><UserResponses><UserResponse><ErrorCode>"
            f"RedirectUrl</ErrorCode><RedirectTarget>{url}{POX_PATH}"
            "</RedirectTarget></UserResponse></UserResponses></Response>"
            "</GetUserSettingsResponseMessage></s:Body></s:Envelope>",
            SOAP_PATH)
    stays_at_home(leads)


@case
def never_over_http():
    with two_servers() as (place, given, _, url, _):
        with Server() as plain:
            given.says(redirects(f"http://127.0.0.1:{plain.port}{POX_PATH}"))
            done = place.discover(url, "--allow-host",
                                  f"127.0.0.1:{plain.port}")
            equal(done.status, 3, f"exit: {done.out}{done.err}")
            equal(plain.seen, [], "requests over http")


@case
def its_own_autodiscover_names_another_host():
    """That is its own word, over a connection that proved who it is."""
    with two_servers() as (place, given, other, url, other_url):
        given.says(names_ews(other_url + EWS_PATH))
        other.has_ews()
        done = place.discover(url)
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        contains(done.out, other_url + EWS_PATH)
        equal(given.signed_in(), [POX_PATH], "signed in at")
        text = base64.b64decode(given.seen[-1][2].split()[1]).decode()
        equal(text, f"ann@old.example:{PASSWORD}", "the credential")


@case
def circles_end():
    with two_servers() as (place, given, other, url, other_url):
        given.says(redirects(other_url + POX_PATH))
        other.says(redirects(url + POX_PATH))
        done = place.discover(url, "--allow-host", f"localhost:{other.port}")
        equal(done.status, 3, f"exit: {done.out}{done.err}")
        contains(done.err, "circles")
        check(len(given.seen) + len(other.seen) < 20, "it goes on and on")


@case
def what_was_asked_is_shown_in_order():
    with two_servers() as (place, given, other, url, other_url):
        given.says(names_ews(other_url + EWS_PATH))
        other.has_ews()
        done = place.discover(url + "/owa", "--json")
        equal(done.status, 0, f"exit: {done.err}")
        shown = [step["asked"].split(" as ")[0] for step in
                 json.loads(done.out)["asked"]]
        # What the servers wrote down, without curl's own first look that
        # some schemes need.
        wrote = [f"{method} {url}{path}" for method, path, _ in given.seen]
        equal([line.split("/v1.0/")[0] for line in shown if url in line],
              [line.split("/v1.0/")[0] for line in wrote], "asked")
        lost = place.discover("https://127.0.0.1:1/owa", "--json")
        equal(lost.status, 3, "nobody there")
        answer = json.loads(lost.out)
        equal(answer["ews_url"], None, "ews_url")
        contains(answer["asked"][0]["answered"], "connect")
        check(PASSWORD not in done.out + done.err, "the password is shown")


@case
def redirected_in_the_middle():
    """A server that begins to send its clients elsewhere gets no further."""
    with Place() as place, Pair(1, 20) as pair:
        certificate(place.dir)
        with Server(place.dir) as other:
            pair.faults("source", "redirect:op=SyncFolderItems,to="
                        f"https://localhost:{other.port}{EWS_PATH}")
            done = pair.migrate()
            check(done.status != 0, "a redirect was taken for an answer")
            equal(other.seen, [], "requests that followed the redirect")


@case
def lab_by_autodiscover():
    """Where EWS is at no usual path, its own Autodiscover knows."""
    for version in ("2016", "2010_SP2"):
        with Pair(1, 20, options=[f"source:--version={version}",
                                  "source:--ews-path=/services/ews.asmx"]
                  ) as pair:
            done = pair.migrate()
            equal(done.status, 0, f"{version}: {done.out}{done.err}")
            pair.assert_moved()


# ---- a mail domain: in a network of its own -------------------------------

DOMAIN = "old.example"
NAMES = {
    "127.0.0.2": [DOMAIN],
    "127.0.0.3": [f"autodiscover.{DOMAIN}"],
    "127.0.0.4": [f"mail.{DOMAIN}"],
    "127.0.0.5": ["mail.hoster.example"],
}
ALL_NAMES = ",".join(f"DNS:{name}" for names in NAMES.values()
                     for name in names)


class Dns:
    """SRV records, by UDP; everything else is unknown (NXDOMAIN)."""

    def __init__(self, records):
        self.records = records  # name: (host, port)
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    @staticmethod
    def pack(name):
        return b"".join(bytes([len(part)]) + part.encode()
                        for part in name.split(".")) + b"\0"

    def serve(self):
        while True:
            question, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(question), client)

    def answer(self, question):
        at, parts = 12, []
        while question[at]:
            parts.append(question[at + 1:at + 1 + question[at]].decode())
            at += 1 + question[at]
        asked = question[12:at + 5]
        kind = struct.unpack(">H", asked[-4:-2])[0]
        name = ".".join(parts).lower()
        self.asked.append((name, kind))
        found = self.records.get(name) if kind == 33 else None
        head = question[:2] + struct.pack(
            ">HHHHH", 0x8180 if found else 0x8183, 1, 1 if found else 0, 0, 0)
        if found is None:
            return head + asked
        data = struct.pack(">HHH", 0, 0, found[1]) + self.pack(found[0])
        return head + asked + b"\xc0\x0c" + struct.pack(
            ">HHIH", 33, 1, 60, len(data)) + data


def lo_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        # struct ifreq: the name, then IFF_UP | IFF_RUNNING
        fcntl.ioctl(s, 0x8914, struct.pack("16sh14x", b"lo", 0x41))


def own_network(folder):
    """Inside of unshare: an interface, and our own idea of names."""
    lo_up()
    texts = {
        "/etc/hosts": "".join(f"{ip} {' '.join(names)}\n"
                              for ip, names in NAMES.items())
                      + "127.0.0.1 localhost\n",
        "/etc/resolv.conf": "nameserver 127.0.0.1\noptions timeout:1\n",
        "/etc/nsswitch.conf": "hosts: files dns\n",
    }
    for path, text in texts.items():
        mine = folder / path.rsplit("/", 1)[1]
        mine.write_text(text)
        done = run("mount", "--bind", mine, path)
        equal(done.status, 0, f"mount {path}: {done.err}")


def inside(function):
    """Run a test by itself where it has the whole network."""
    @case
    def outside():
        if run("unshare", "-Urnm", "true").status != 0:
            raise Skip("namespaces are not to be had here (unshare -Urnm)")
        done = run("unshare", "-Urnm", sys.executable, __file__, "--inside",
                   function.__name__)
        equal(done.status, 0, f"{function.__name__}: {done.out}{done.err}")
    outside.__name__ = function.__name__
    INSIDE[function.__name__] = function
    CASES[-1] = outside
    return function


INSIDE = {}


@contextlib.contextmanager
def network():
    with Place() as place:
        own_network(place.dir)
        certificate(place.dir, ALL_NAMES)
        yield place


def ask_domain(place, *more):
    return place.discover(f"autodiscover:{DOMAIN}", *more)


@inside
def domain_itself():
    with network() as place, Server(place.dir, "127.0.0.2", 443) as web, \
            Server(place.dir, "127.0.0.4", 443) as mail:
        web.says(names_ews(f"https://mail.{DOMAIN}{EWS_PATH}"))
        mail.has_ews()
        done = ask_domain(place)
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        contains(done.out, f"https://mail.{DOMAIN}{EWS_PATH}")
        contains(done.out, "mail domain")


@inside
def domain_host_autodiscover():
    with network() as place, Server(place.dir, "127.0.0.2", 443) as web, \
            Server(place.dir, "127.0.0.3", 443) as auto:
        auto.says(names_ews(f"https://autodiscover.{DOMAIN}{EWS_PATH}"))
        auto.has_ews()
        done = ask_domain(place)
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        equal(web.signed_in(), [], "signed in at a web server that asks for "
                                   "nothing")


@inside
def domain_redirect_over_http():
    target = "mail.hoster.example"
    with network() as place, Server(None, "127.0.0.3", 80) as plain, \
            Server(place.dir, "127.0.0.5", 443) as hoster:
        Dns({})
        plain.moves(POX_PATH, f"https://{target}{POX_PATH}")
        hoster.says(names_ews(f"https://{target}{EWS_PATH}")).has_ews()
        refused = ask_domain(place)
        equal(refused.status, 3, f"exit: {refused.out}{refused.err}")
        contains(refused.out, f"302 to https://{target}")
        contains(refused.err, target)
        contains(refused.err, "--allow-host")
        equal(hoster.seen, [], "requests to where http leads")
        done = ask_domain(place, "--allow-host", target)
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        contains(done.out, f"https://{target}{EWS_PATH}")
        equal(plain.signed_in(), [], "credentials over http")


@inside
def domain_srv_record():
    service = f"_autodiscover._tcp.{DOMAIN}"
    with network() as place, \
            Server(place.dir, "127.0.0.4", 8443) as mail:
        dns = Dns({service: (f"mail.{DOMAIN}", 8443)})
        mail.says(names_ews(f"https://mail.{DOMAIN}:8443{EWS_PATH}")).has_ews()
        done = ask_domain(place)
        equal(done.status, 0, f"exit: {done.out}{done.err}")
        check((service, 33) in dns.asked, f"asked: {dns.asked}")
        contains(done.out, f"SRV {service}")
        contains(done.out, f"mail.{DOMAIN}:8443")
        # A record that leads out of the domain is shown, and not followed.
        dns.records[service] = ("mail.hoster.example", 443)
        with Server(place.dir, "127.0.0.5", 443) as hoster:
            hoster.says(names_ews("https://mail.hoster.example" + EWS_PATH))
            refused = ask_domain(place)
            equal(refused.status, 3, f"exit: {refused.out}{refused.err}")
            contains(refused.err, "mail.hoster.example")
            contains(refused.err, "--allow-host")
            equal(hoster.seen, [], "requests to where the DNS leads")


@inside
def domain_is_looked_at_only_when_asked_for():
    with network() as place, Server(place.dir, "127.0.0.3", 443) as auto, \
            Server(place.dir, "127.0.0.4", 443) as mail:
        dns = Dns({f"_autodiscover._tcp.{DOMAIN}": (f"mail.{DOMAIN}", 443)})
        auto.says(names_ews(f"https://mail.{DOMAIN}{EWS_PATH}"))
        done = place.discover(f"https://mail.{DOMAIN}/owa")
        equal(done.status, 3, f"exit: {done.out}{done.err}")
        equal(auto.seen, [], "asked beside the host that was given")
        equal(dns.asked, [], "questions to the DNS")
        check(mail.seen, "the host that was given was not asked")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        INSIDE[sys.argv[2]]()
    else:
        main()
