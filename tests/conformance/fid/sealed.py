"""Signed and encrypted mail, made by openssl and opened by openssl: a
signature holds for bytes, and a key opens nothing else."""
import collections
import email
import email.policy
import pathlib

from exchangelib import UTC, EWSDateTime, Message

from client import USER1, Failure, check, equal, run
from fid.props import x

# Blanks that reformatting would eat, a line that mail servers escape, one
# that is a protocol's end, umlauts as they are, and a line as long as may be.
TEXT = ("Two  blanks, and at the end  \r\n\tFrom a tab\r\nFrom the start\r\n.\r\n"
        "Grüße aus łódź \U0001f40c\r\n\r\n" + "long " * 190 + "\r\n\r\n").encode()
PLAIN = (b"Content-Type: text/plain; charset=utf-8\r\n"
         b"Content-Transfer-Encoding: 8bit\r\n\r\n" + TEXT)
MIXED = (b'Content-Type: multipart/mixed; boundary="inside"\r\n\r\n'
         b"--inside\r\n" + PLAIN + b"\r\n--inside\r\n"
         b'Content-Type: application/octet-stream; name="a.bin"\r\n'
         b"Content-Transfer-Encoding: base64\r\n"
         b'Content-Disposition: attachment; filename="a.bin"\r\n\r\n'
         b"AAECAwQFBgcICQoLDA0ODw==\r\n--inside--\r\n")
HEAD = ("From: Zoe <zoe@fabrikam.example>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        "Date: Tue, 05 Mar 2019 08:09:10 +0100\r\n"
        "Message-ID: <sealed-{at}@fabrikam.example>\r\n")
CLEAR, OPAQUE = "IPM.Note.SMIME.MultipartSigned", "IPM.Note.SMIME"
READ = 0x1

# what openssl makes of the content, from the inside to the outside
Sealed = collections.namedtuple("Sealed", "subject item_class content steps")
DETACHED, WHOLE, TO_ONE = ["-sign"], ["-sign", "-nodetach"], ["-encrypt"]
MAILS = [
    Sealed("sealed: signed", CLEAR, PLAIN, [DETACHED]),
    Sealed("sealed: signed, with a file", CLEAR, MIXED, [DETACHED]),
    Sealed("sealed: signed as a whole", OPAQUE, MIXED, [WHOLE]),
    Sealed("sealed: encrypted", OPAQUE, MIXED, [TO_ONE]),
    Sealed("sealed: signed, then encrypted", OPAQUE, PLAIN, [DETACHED, TO_ONE]),
]
ATTACHED = "sealed: one that is attached"


def lines(data):
    """Each ended as in mail: what openssl signs, it signs like that."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def body(data):
    return data.split(b"\r\n\r\n", 1)[1]


def same_type(got, want, what):
    """The content's type and each parameter of it; in whatever folding."""
    found = [sorted(email.message_from_bytes(
        one, policy=email.policy.default)["content-type"].params.items())
        for one in (got, want)]
    kinds = [email.message_from_bytes(one).get_content_type()
             for one in (got, want)]
    equal(kinds[0], kinds[1], f"{what}: content type")
    equal(found[0], found[1], f"{what}: parameters of the content type")


class Seals:
    """A person's key and certificate, and the mails that were made of them."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.key, self.certificate = self.dir / "zoe.key", self.dir / "zoe.pem"
        done = run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                   "-days", "3650", "-subj", "/CN=Zoe/emailAddress=zoe@"
                   "fabrikam.example", "-addext", "extendedKeyUsage="
                   "emailProtection", "-keyout", self.key, "-out",
                   self.certificate)
        equal(done.status, 0, f"openssl req: {done.err}")
        self.made = {one.subject: self._make(at, one)
                     for at, one in enumerate(MAILS)}
        self._bites()

    def _openssl(self, what, data, *more):
        """What it makes of data; None where it refuses."""
        before, after = self.dir / "before", self.dir / "after"
        before.write_bytes(data)
        after.unlink(missing_ok=True)
        done = run("openssl", "cms", *what, "-in", before, "-out", after,
                   *more)
        return after.read_bytes() if done.status == 0 else None

    def _step(self, what, data):
        if what is TO_ONE:
            more = ["-aes256", self.certificate]
        else:
            more = ["-signer", self.certificate, "-inkey", self.key]
        done = self._openssl(what, data, *more)
        check(done, f"openssl cms {what} makes nothing")
        return lines(done)

    def _make(self, at, one):
        data = one.content
        for what in one.steps:
            data = self._step(what, data)
        return HEAD.format(to=USER1, subject=one.subject,
                           at=at).encode() + data

    def _open(self, what, data):
        """The content that was sealed in one step, or None."""
        if what is TO_ONE:
            return self._openssl(["-decrypt"], data, "-recip",
                                 self.certificate, "-inkey", self.key)
        return self._openssl(["-verify"], data, "-CAfile", self.certificate)

    def opened(self, one, data):
        for what in reversed(one.steps):
            data = self._open(what, data)
            check(data is not None, f"{one.subject!r}: openssl cms refuses "
                  f"what {what} has made")
            data = lines(data)
        return data

    def _bites(self):
        """openssl does refuse what somebody has reformatted."""
        for one in MAILS[:2]:
            changed = self.made[one.subject].replace(b"Two  blanks",
                                                     b"Two blanks")
            try:
                self.opened(one, changed)
            except Failure:
                continue
            raise Failure(f"{one.subject!r}: openssl takes anything")

    def save(self, account):
        """Into the inbox, as if they had come."""
        around = (HEAD.format(to=USER1, subject=ATTACHED, at="around") +
                  'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; '
                  'boundary="around"\r\n\r\n--around\r\nContent-Type: '
                  "text/plain\r\n\r\nsee below\r\n--around\r\nContent-Type: "
                  "message/rfc822\r\n\r\n").encode()
        mails = [*self.made.values(),
                 around + self.made[MAILS[0].subject] + b"\r\n--around--\r\n"]
        for data in mails:
            Message(account=account, folder=account.inbox, mime_content=data,
                    **x(message_flags=READ,
                        received_date=EWSDateTime(2019, 3, 5, 7, 9, 12,
                                                  tzinfo=UTC))).save()

    def check(self, one, found):
        """One of them, as a mailbox has it now."""
        got, want = found.mime_content, self.made[one.subject]
        equal(found.item_class, one.item_class, f"{one.subject!r}: class")
        same_type(got, want, repr(one.subject))
        if one.item_class == CLEAR:
            equal(body(got).rstrip(b"\r\n"), body(want).rstrip(b"\r\n"),
                  f"{one.subject!r}: bytes")
        else:
            equal(*(email.message_from_bytes(data).get_payload(decode=True)
                    for data in (got, want)), f"{one.subject!r}: bytes")
        equal(self.opened(one, got), lines(one.content),
              f"{one.subject!r}: what was sealed")

    def check_attached(self, account):
        """The first of them, attached to a mail."""
        inside, = account.inbox.get(subject=ATTACHED).attachments
        self.check(MAILS[0], inside.item)
