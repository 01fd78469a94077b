"""Autodiscover, the schemes, whose rights, and being told to wait."""
import socket
import struct
import threading
import time

import exchangelib
import urllib3.util.connection
from exchangelib import errors
from exchangelib.autodiscover import autodiscover_cache
from exchangelib.autodiscover.discovery.pox import PoxAutodiscovery
from exchangelib.autodiscover.discovery.soap import SoapAutodiscovery
from exchangelib.autodiscover.protocol import AutodiscoverProtocol

from client import (ADMIN, NAMES, OAUTH_ID, OAUTH_SECRET, USER1, USER2, check,
                    equal, same)
import exl

MAJOR_MINOR = {"2016": (15, 1), "2013_SP1": (15, 0), "2010_SP2": (14, 2)}


class Names:
    """The organisation's names, on loopback, for this process alone: a DNS
    server that says 127.0.0.1 to all, and port 443 led to the lab's."""

    def __init__(self, port):
        self.port = port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.connect = urllib3.util.connection.create_connection
        self.attributes = PoxAutodiscovery.DNS_RESOLVER_ATTRS

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        urllib3.util.connection.create_connection = self.lead
        for kind in (PoxAutodiscovery, SoapAutodiscovery):
            kind.DNS_RESOLVER_KWARGS = {"configure": False}
            kind.DNS_RESOLVER_ATTRS = {
                "nameservers": ["127.0.0.1"], "timeout": 5,
                "port": self.socket.getsockname()[1]}
        return self

    def __exit__(self, *_):
        urllib3.util.connection.create_connection = self.connect
        self.socket.close()

    def lead(self, address, *words, **more):
        host, port = address
        if host in NAMES and port == 443:
            return self.connect(("127.0.0.1", self.port), *words, **more)
        return self.connect(address, *words, **more)

    def serve(self):
        while True:
            try:
                asked, whom = self.socket.recvfrom(512)
            except OSError:
                return
            end = asked.index(b"\0", 12) + 5
            kind = struct.unpack(">H", asked[end - 4:end - 2])[0]
            has = 1 if kind == 1 else 0
            answer = asked[:2] + struct.pack(">HHHHH", 0x8180, 1, has, 0, 0)
            answer += asked[12:end]
            if has:
                answer += b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4)
                answer += socket.inet_aton("127.0.0.1")
            self.socket.sendto(answer, whom)


def found(desk, kind):
    """One discovery, and that what it has found is usable."""
    autodiscover_cache.clear()
    credentials = exchangelib.Credentials(USER1, desk.office.passwords[USER1])
    with Names(desk.office.port):
        answer, protocol = kind(USER1, credentials).discover()
        equal(answer.autodiscover_smtp_address, USER1, "address")
        check(protocol.service_endpoint.lower().endswith(
            "/ews/exchange.asmx"), protocol.service_endpoint)
        account = exchangelib.Account(
            USER1, autodiscover=False, access_type=exchangelib.DELEGATE,
            config=exchangelib.Configuration(
                service_endpoint=protocol.service_endpoint,
                credentials=credentials, auth_type=exchangelib.NTLM))
        equal(account.inbox.name, "Inbox", "by the URL that it found")
        want = MAJOR_MINOR[desk.office.version]
        same(account.version.build,
             {"major_version": want[0], "minor_version": want[1]})
    return answer


def autodiscover(report, desk):
    AutodiscoverProtocol.TIMEOUT = 10
    with report("Autodiscover", "POX, by the domain's name"):
        answer = found(desk, PoxAutodiscovery)
        check(answer.user.display_name, "no display name")
        check(answer.user.legacy_dn.startswith("/o="), answer.user.legacy_dn)
    with report("Autodiscover", "SOAP GetUserSettings"):
        found(desk, SoapAutodiscovery)
    with report("Autodiscover", "the account finds its own server"):
        autodiscover_cache.clear()
        with Names(desk.office.port):
            account = exchangelib.Account(
                USER1, autodiscover=True, access_type=exchangelib.DELEGATE,
                credentials=exchangelib.Credentials(
                    USER1, desk.office.passwords[USER1]))
            equal(account.primary_smtp_address, USER1, "address")
            equal(account.inbox.name, "Inbox", "Inbox")
    with report("Autodiscover", "an address that is nobody's is refused"):
        autodiscover_cache.clear()
        refused(errors.EWSError, lambda: nobody(desk))


def nobody(desk):
    with Names(desk.office.port):
        return PoxAutodiscovery(
            "nobody@contoso.example", exchangelib.Credentials(
                USER1, desk.office.passwords[USER1])).discover()


def refused(kind, function):
    """What function does is refused with that kind of error."""
    try:
        got = function()
    except kind:
        return
    check(False, f"not refused: {got}")


class LabTokens(exchangelib.OAuth2Credentials):
    """Client credentials at the lab's own token endpoint."""
    url = ""
    token_url = property(lambda self: self.url)


class LabPasswords(exchangelib.OAuth2LegacyCredentials):
    """A user's password for a token at the lab's own token endpoint."""
    url = ""
    token_url = property(lambda self: self.url)


def token_account(desk, credentials, access):
    return exchangelib.Account(
        USER1, autodiscover=False, access_type=access,
        config=exchangelib.Configuration(
            service_endpoint=desk.office.ews, credentials=credentials,
            auth_type=exchangelib.OAUTH2))


def tokens(report, desk):
    url = desk.office.url + "/contoso.example/oauth2/v2.0/token"
    LabTokens.url = LabPasswords.url = url
    office = desk.office
    with report("sign in", "OAuth: client credentials, impersonating"):
        account = token_account(desk, LabTokens(
            client_id=OAUTH_ID, client_secret=OAUTH_SECRET,
            tenant_id="contoso.example",
            identity=exchangelib.Identity(primary_smtp_address=USER1)),
            exchangelib.IMPERSONATION)
        equal(account.inbox.name, "Inbox", "Inbox")
    with report("sign in", "OAuth: password grant, one's own mailbox"):
        account = token_account(desk, LabPasswords(
            username=USER1, password=office.passwords[USER1],
            client_id=OAUTH_ID, client_secret=OAUTH_SECRET,
            tenant_id="contoso.example"), exchangelib.DELEGATE)
        equal(account.inbox.name, "Inbox", "Inbox")
    with report("sign in", "OAuth: a wrong secret is refused"):
        refused(Exception, lambda: token_account(desk, LabTokens(
            client_id=OAUTH_ID, client_secret="wrong",
            tenant_id="contoso.example",
            identity=exchangelib.Identity(primary_smtp_address=USER1)),
            exchangelib.IMPERSONATION).inbox)


def schemes(report, desk):
    for scheme in (exchangelib.NTLM, exchangelib.BASIC):
        with report("sign in", scheme):
            exl.forget()
            account = desk.account(auth_type=scheme)
            equal(account.inbox.name, "Inbox", "Inbox")
    with report("sign in", "the scheme that the server prefers"):
        exl.forget()
        config = exchangelib.Configuration(
            service_endpoint=desk.office.ews,
            credentials=exchangelib.Credentials(
                USER1, desk.office.passwords[USER1]))
        account = exchangelib.Account(USER1, config=config,
                                      access_type=exchangelib.DELEGATE,
                                      autodiscover=False)
        equal(account.protocol.auth_type, exchangelib.NTLM, "scheme")
        equal(account.inbox.name, "Inbox", "Inbox")
    with report("sign in", "NTLM with the domain's name"):
        exl.forget()
        config = exchangelib.Configuration(
            service_endpoint=desk.office.ews, auth_type=exchangelib.NTLM,
            credentials=exchangelib.Credentials(
                "CONTOSO\\user1", desk.office.passwords[USER1]))
        account = exchangelib.Account(USER1, config=config,
                                      access_type=exchangelib.DELEGATE,
                                      autodiscover=False)
        equal(account.inbox.name, "Inbox", "Inbox")
    for scheme in (exchangelib.NTLM, exchangelib.BASIC):
        with report("sign in", f"{scheme}: a wrong password is refused"):
            exl.forget()
            refused(errors.UnauthorizedError, lambda s=scheme: desk.account(
                auth_type=s, password="wrong").inbox.total_count)
    exl.forget()


def version_found(report, desk):
    with report("sign in", "the server's version is recognised"):
        account = desk.account()
        want = MAJOR_MINOR[desk.office.version]
        same(account.version.build,
             {"major_version": want[0], "minor_version": want[1]})


def rights(report, desk):
    with report("impersonation", "an administrator acts as a user"):
        account = desk.account(USER1, ADMIN, exchangelib.IMPERSONATION)
        equal(account.inbox.name, "Inbox", "Inbox")
        made = exchangelib.Message(account=account, folder=account.drafts,
                                   subject="by impersonation").save()
        own = desk.account().drafts.get(subject="by impersonation")
        equal(own.id, made.id, "the same item")
        own.delete()
    with report("impersonation", "a user without the right is refused"):
        account = desk.account(USER2, USER1, exchangelib.IMPERSONATION)
        refused(errors.ErrorImpersonateUserDenied,
                lambda: account.inbox.total_count)
    with report("full access", "an administrator opens a user's folders"):
        account = desk.account(USER1, ADMIN)
        equal(account.inbox.name, "Inbox", "Inbox")
        check(account.inbox.all().count() > 0, "nothing in it")
    with report("full access", "a user without the right is refused"):
        account = desk.account(USER2, USER1)
        refused(errors.EWSError, lambda: account.drafts.total_count)
    with report("full access", "an address without a mailbox is refused"):
        account = desk.account("nobody@contoso.example", ADMIN)
        refused(errors.ErrorNonExistentMailbox,
                lambda: account.inbox.total_count)


class Patience(exchangelib.FaultTolerance):
    """exchangelib reads how long to wait from faults alone."""
    DEFAULT_BACKOFF = 1


def throttled(report, desk):
    office = desk.office
    for kind, least in (("busy", 1.5), ("busy-inside", 1)):
        with report("ErrorServerBusy", f"{kind}: waits, and goes on"):
            exl.forget()
            account = desk.account(retry_policy=Patience(max_wait=30))
            equal(account.inbox.name, "Inbox", "before")
            office.faults(f"{kind}:op=FindItem,times=1,ms=1500")
            begun = time.monotonic()
            check(account.inbox.all().count() > 0, "nothing found")
            waited = time.monotonic() - begun
            fired = office.counters().get(f"fault.{kind}", 0)
            check(fired >= 1, "was never busy")
            check(waited >= least, f"it went on after {waited:.1f} s")
            office.faults()
    with report("ErrorServerBusy", "fails at once where asked to"):
        exl.forget()
        account = desk.account(retry_policy=exchangelib.protocol.FailFast())
        equal(account.inbox.name, "Inbox", "before")
        office.faults("busy:op=FindItem,times=1,ms=1500")
        refused(errors.ErrorServerBusy, lambda: account.inbox.all().count())
        office.faults()
    exl.forget()


def run(report, desk):
    for step in (schemes, version_found, tokens, rights, throttled,
                 autodiscover):
        with report.part(step.__name__):
            step(report, desk)
    desk.office.faults()
    exl.forget()


