#!/usr/bin/env python3
"""DavMail stands between the lab and clients of IMAP, POP, SMTP, CalDAV and
CardDAV: what these write and read back agrees, and with the lab's digest.

Needs Debian's package davmail-server: packaging/install-packages."""
import base64
import contextlib
import email
import email.policy
import imaplib
import poplib
import re
import smtplib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.message import EmailMessage

from client import (USER1, USER2, Failure, Office, Report, check,
                    equal, run)

JAR = "/usr/share/davmail/davmail.jar"
MISSING = f"""{JAR} or java is not there.
It is Debian's package davmail-server; packaging/install-packages
installs it."""
# Each with schemes of its own: what DavMail can do with them alone.
VERSIONS = {"2016": "ntlm,basic", "2013_SP1": "ntlm", "2010_SP2": "basic"}
SETTINGS = """davmail.server=true
davmail.mode=EWS
davmail.url={url}
davmail.imapPort={imap}
davmail.popPort={pop}
davmail.smtpPort={smtp}
davmail.caldavPort={dav}
davmail.ldapPort={ldap}
davmail.bindAddress=127.0.0.1
davmail.allowRemote=false
davmail.disableUpdateCheck=true
davmail.server.certificate.hash={hash}
davmail.logFilePath={log}
davmail.imapAutoExpunge=false
davmail.caldavPastDelay=0
davmail.smtpSaveInSent=true
log4j.rootLogger=WARN
log4j.logger.davmail={level}
"""
SECONDS_TO_START = 120
BINARY = bytes(range(256)) * 30


def free_ports(count):
    """That many ports nobody listens on at the moment."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class DavMail:
    """The gateway in front of an office."""

    def __init__(self, office, url=None):
        self.office = office
        names = ("imap", "pop", "smtp", "dav", "ldap")
        self.ports = dict(zip(names, free_ports(len(names))))
        self.log = office.dir / "davmail.log"
        mark = run("openssl", "x509", "-in", office.ca, "-noout",
                   "-fingerprint", "-sha1").out.strip().split("=")[1]
        settings = office.dir / "davmail.properties"
        settings.write_text(SETTINGS.format(
            url=url or office.ews.replace("127.0.0.1", "localhost"),
            hash=mark, log=self.log, level="DEBUG" if "-v" in sys.argv
            else "WARN", **self.ports), encoding="utf-8")
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-Xmx256m", "-jar", JAR,
             "-server", settings], cwd=office.dir,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        until = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < until and self.process.poll() is None:
            with contextlib.suppress(OSError):
                for port in self.ports.values():
                    socket.create_connection(("127.0.0.1", port), 5).close()
                return self
            time.sleep(0.1)
        self.process.kill()
        raise Failure(f"DavMail does not listen: {self.said()}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(60)
        if "-v" in sys.argv:
            sys.stderr.write(self.said())

    def said(self):
        return self.log.read_text(errors="replace") if self.log.exists() \
            else ""

    @contextlib.contextmanager
    def imap(self, user=USER1, password=None):
        with imaplib.IMAP4("127.0.0.1", self.ports["imap"],
                           timeout=60) as imap:
            imap.login(user, password or self.office.passwords[user])
            yield imap

    def dav(self, method, path, body=None, depth=None, kind=None,
            user=USER1):
        """(status, body) of a request for a path of the user's."""
        pair = f"{user}:{self.office.passwords[user]}".encode()
        headers = {"Authorization":
                   "Basic " + base64.b64encode(pair).decode()}
        if depth is not None:
            headers["Depth"] = str(depth)
        if body is not None:
            headers["Content-Type"] = kind or "text/xml; charset=utf-8"
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['dav']}/users/{user}/{path}",
            data=body.encode() if body is not None else None,
            headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode(errors="replace")


def done(answer, what):
    """The data of an IMAP answer that is OK."""
    equal(answer[0], "OK", f"{what}: {answer[1]}")
    return answer[1]


def letter(subject, text, attachment=None, to=USER1):
    made = EmailMessage()
    made["From"] = "Zoë Ærø <zoe@fabrikam.example>"
    made["To"], made["Cc"] = to, "third@fabrikam.example"
    made["Subject"] = subject
    made["Date"] = "Tue, 05 Mar 2019 08:09:10 +0100"
    made["Message-ID"] = f"<{abs(hash(subject))}@fabrikam.example>"
    made.set_content(text)
    if attachment is not None:
        made.add_attachment(attachment, maintype="application",
                            subtype="octet-stream", filename="größe.bin")
    return made


def fetched(imap, number):
    """A message of the selected folder, read."""
    data = done(imap.fetch(str(number), "(BODY.PEEK[])"), "FETCH")
    return email.message_from_bytes(data[0][1], policy=email.policy.default)


def found(imap, *words):
    data = done(imap.search(None, *words), f"SEARCH {words}")
    return [int(n) for n in data[0].split()]


def select(imap, name):
    return int(done(imap.select(f'"{name}"'), f"SELECT {name}")[0])


def same_letter(got, want):
    for name in ("Subject", "From", "To", "Cc", "Message-ID"):
        equal(str(got[name] or "").replace('"', ""),
              str(want[name] or "").replace('"', ""), name)
    equal(got["Date"].datetime.timestamp(), want["Date"].datetime.timestamp(),
          "Date")
    text = want.get_body(("plain",)).get_content().split()
    equal(got.get_body(("plain",)).get_content().split(), text, "text")
    equal({p.get_filename(): p.get_content() for p in got.iter_attachments()},
          {p.get_filename(): p.get_content()
           for p in want.iter_attachments()}, "attachments")


# ---- IMAP ------------------------------------------------------------


def sign_in(report, davmail):
    with report("IMAP LOGIN", "with the password, and not with another"):
        with davmail.imap() as imap:
            done(imap.noop(), "NOOP")
        try:
            with davmail.imap(password="wrong"):
                pass
        except imaplib.IMAP4.error:
            pass
        else:
            check(False, "a wrong password was taken")


def folders(report, davmail):
    office = davmail.office
    with davmail.imap() as imap:
        with report("IMAP LIST", "the folders that the digest has"):
            lines = [line.decode() for line in done(imap.list(), "LIST")]
            names = {re.search(r'"([^"]*)"$', line).group(1)
                     for line in lines}
            check({"INBOX", "Drafts", "Sent", "Trash"} <= names, f"{names}")
            mail = {path for path, kind, _ in office.digest()
                    if kind == "IPM.Note" and path.isascii()
                    and "%" not in path}
            ours = {"Inbox": "INBOX", "Sent Items": "Sent",
                    "Deleted Items": "Trash", "Junk E-Mail": "Junk"}
            want = {ours.get(p.split("/")[0], p.split("/")[0]) +
                    p[len(p.split("/")[0]):] for p in mail}
            check(want <= names, f"LIST lacks {want - names}")
        with report("IMAP SELECT", "counts as the digest has them"):
            for name, path in (("INBOX", "Inbox"), ("Sent", "Sent Items"),
                               ("Trash", "Deleted Items")):
                equal(select(imap, name), sum(
                    1 for p, _, _ in office.digest() if p == path), name)
        with report("IMAP FETCH", "every message of the Inbox is MIME"):
            count = select(imap, "INBOX")
            for number in range(1, count + 1):
                check(fetched(imap, number)["Subject"] is not None,
                      f"message {number} has no subject")
        with report("IMAP CREATE", "a folder, renamed and deleted"):
            done(imap.create('"Made &AOY-"'), "CREATE")
            done(imap.rename('"Made &AOY-"', '"Renamed"'), "RENAME")
            names = " ".join(line.decode() for line in
                             done(imap.list(), "LIST"))
            check('"Renamed"' in names and "Made" not in names, names)
            done(imap.delete('"Renamed"'), "DELETE")
            names = " ".join(line.decode() for line in
                             done(imap.list(), "LIST"))
            check('"Renamed"' not in names, names)


def append(report, davmail):
    office = davmail.office
    plain = letter("Grüße æøå", "Hello\nWörld\n")
    laden = letter("laden", "with a file\n", BINARY)
    with davmail.imap() as imap:
        done(imap.create("Appended"), "CREATE")
        with report("IMAP APPEND", "a message, and its date and flags"):
            done(imap.append("Appended", r"(\Seen)",
                             '"05-Mar-2019 09:10:11 +0100"',
                             plain.as_bytes()), "APPEND")
            equal(select(imap, "Appended"), 1, "messages")
            same_letter(fetched(imap, 1), plain)
            data = str(done(imap.fetch("1", "(FLAGS INTERNALDATE)"), "FETCH"))
            check(r"\\Seen" in data, data)
            equal(office.classes("Appended"), {"IPM.Note": 1}, "digest")
        with report("IMAP APPEND", "a message with a file"):
            done(imap.append("Appended", "", None, laden.as_bytes()),
                 "APPEND")
            equal(select(imap, "Appended"), 2, "messages")
            same_letter(fetched(imap, found(imap, "SUBJECT", "laden")[0]),
                        laden)
        with report("IMAP FETCH", "headers, structure and size"):
            number = str(found(imap, "SUBJECT", "laden")[0])
            data = done(imap.fetch(number, "(RFC822.SIZE ENVELOPE "
                                   "BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS "
                                   "(SUBJECT)])"), "FETCH")
            text = str(data)
            check("Subject: laden" in text, text)
            check("OCTET-STREAM" in text.upper(), text)
        search(report, imap)
        flags(report, imap)
        copy(report, office, imap)


def search(report, imap):
    with report("IMAP SEARCH", "by header, flag, date and text"):
        select(imap, "Appended")
        one, two = (found(imap, "SUBJECT", s)[0] for s in ("Hello", "laden")) \
            if found(imap, "SUBJECT", "Hello") else \
            (3 - found(imap, "SUBJECT", "laden")[0],
             found(imap, "SUBJECT", "laden")[0])
        rows = {("ALL",): [one, two], ("SEEN",): [one], ("UNSEEN",): [two],
                ("FROM", "Zo"): [one, two],
                ("TO", USER1): [one, two], ("SUBJECT", "nothing"): [],
                ("HEADER", "Message-ID", f"<{abs(hash('laden'))}"
                 "@fabrikam.example>"): [two],
                ("SINCE", "01-Jan-2010"): [one, two],
                ("BEFORE", "01-Jan-2010"): [],
                ("NOT", "SEEN"): [two]}
        for words, want in rows.items():
            equal(sorted(found(imap, *words)), sorted(want), f"{words}")


def flags(report, imap):
    with report("IMAP STORE", "flags, and they are there afterwards"):
        number = str(found(imap, "SUBJECT", "laden")[0])
        for flag in (r"\Seen", r"\Flagged", r"\Answered"):
            done(imap.store(number, "+FLAGS", flag), "STORE")
            select(imap, "Appended")
            data = str(done(imap.fetch(number, "(FLAGS)"), "FETCH"))
            check(flag.replace("\\", r"\\") in data, f"{flag}: {data}")
        done(imap.store(number, "-FLAGS", r"\Flagged"), "STORE")
        done(imap.store(number, "-FLAGS", r"\Seen"), "STORE")
        select(imap, "Appended")
        data = str(done(imap.fetch(number, "(FLAGS)"), "FETCH"))
        check("Flagged" not in data and "Seen" not in data, data)


def copy(report, office, imap):
    done(imap.create("Elsewhere"), "CREATE")
    with report("IMAP COPY", "a message is in both folders"):
        done(imap.copy("1:2", "Elsewhere"), "COPY")
        equal(office.classes("Elsewhere"), {"IPM.Note": 2}, "digest")
        equal(office.classes("Appended"), {"IPM.Note": 2}, "digest")
    with report("IMAP MOVE", "a message is in the other folder"):
        select(imap, "Elsewhere")
        uid = re.search(rb"UID (\d+)", done(imap.fetch("1", "(UID)"),
                                            "FETCH")[0]).group(1)
        imaplib.Commands.setdefault("MOVE", ("SELECTED",))
        done(imap.uid("MOVE", uid.decode(), "Appended"), "MOVE")
        equal((office.classes("Elsewhere"), office.classes("Appended")),
              ({"IPM.Note": 1}, {"IPM.Note": 3}), "digest")
    with report("IMAP EXPUNGE", "what is marked goes"):
        select(imap, "Appended")
        done(imap.store("1:3", "+FLAGS", r"\Deleted"), "STORE")
        done(imap.expunge(), "EXPUNGE")
        equal(select(imap, "Appended"), 0, "messages")
        equal(office.classes("Appended"), {}, "digest")
    for name in ("Appended", "Elsewhere"):
        done(imap.delete(name), "DELETE")


# ---- POP and SMTP ----------------------------------------------------


def pop(report, davmail):
    with report("POP RETR", "the Inbox, message by message"):
        client = poplib.POP3("127.0.0.1", davmail.ports["pop"], timeout=60)
        client.user(USER1)
        client.pass_(davmail.office.passwords[USER1])
        count, _ = client.stat()
        equal(count, sum(1 for p, _, _ in davmail.office.digest()
                         if p == "Inbox"), "messages")
        for number in range(1, min(count, 5) + 1):
            lines = client.retr(number)[1]
            check(any(line.lower().startswith(b"subject:")
                      for line in lines), f"message {number}")
        client.quit()


def smtp(report, davmail):
    with report("SMTP DATA", "it arrives, and a copy is in Sent Items"):
        item = letter("by SMTP ü", "over the gateway\n", BINARY, USER2)
        del item["Cc"], item["From"]
        item["From"] = USER1
        before = davmail.office.classes("Sent Items").get("IPM.Note", 0)
        with smtplib.SMTP("127.0.0.1", davmail.ports["smtp"],
                          timeout=60) as client:
            client.login(USER1, davmail.office.passwords[USER1])
            client.send_message(item)
        equal(davmail.office.classes("Sent Items").get("IPM.Note", 0),
              before + 1, "Sent Items")
        with davmail.imap(USER2) as imap:
            select(imap, "INBOX")
            numbers = found(imap, "SUBJECT", "SMTP")
            equal(len(numbers), 1, "arrived")
            got = fetched(imap, numbers[0])
            equal(got["Subject"], "by SMTP ü", "subject")
            equal([p.get_content() for p in got.iter_attachments()],
                  [BINARY], "attachment")


# ---- CalDAV and CardDAV ------------------------------------------------

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:STANDARD
DTSTART:19701025T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE
"""
SINGLE = """BEGIN:VEVENT
UID:conformance-single
DTSTAMP:20240301T000000Z
DTSTART;TZID=Europe/Copenhagen:20240701T093000
DTEND;TZID=Europe/Copenhagen:20240701T110000
SUMMARY:Besprechung ü
LOCATION:Raum 1
DESCRIPTION:one\\ntwo
CATEGORIES:Blue
CLASS:PUBLIC
TRANSP:OPAQUE
END:VEVENT
"""
SERIES = """BEGIN:VEVENT
UID:conformance-series
DTSTAMP:20240301T000000Z
DTSTART;TZID=Europe/Copenhagen:20240304T100000
DTEND;TZID=Europe/Copenhagen:20240304T110000
RRULE:FREQ=WEEKLY;COUNT=6;BYDAY=MO
EXDATE;TZID=Europe/Copenhagen:20240318T100000
SUMMARY:weekly
END:VEVENT
BEGIN:VEVENT
UID:conformance-series
RECURRENCE-ID;TZID=Europe/Copenhagen:20240325T100000
DTSTAMP:20240301T000000Z
DTSTART;TZID=Europe/Copenhagen:20240325T140000
DTEND;TZID=Europe/Copenhagen:20240325T150000
SUMMARY:weekly but moved
END:VEVENT
"""
DAY = """BEGIN:VEVENT
UID:conformance-day
DTSTAMP:20240301T000000Z
DTSTART;VALUE=DATE:20240510
DTEND;VALUE=DATE:20240512
SUMMARY:two days
TRANSP:TRANSPARENT
END:VEVENT
"""
TASK = """BEGIN:VTODO
UID:conformance-task
DTSTAMP:20240301T000000Z
SUMMARY:to do ü
PRIORITY:1
PERCENT-COMPLETE:40
STATUS:IN-PROCESS
DUE;VALUE=DATE:20240309
END:VTODO
"""
CARD = """BEGIN:VCARD
VERSION:3.0
UID:conformance-card
FN:Zoë Ærø
N:Ærø;Zoë;Q.;;
NICKNAME:Zo
ORG:Fabrikam;Snails
TITLE:Keeper
EMAIL;TYPE=WORK:zoe@fabrikam.example
EMAIL;TYPE=HOME:zoe@home.example
TEL;TYPE=CELL:+45 12 34 56 78
TEL;TYPE=WORK:+45 87 65 43 21
ADR;TYPE=HOME:;;Home Street 1;Town;ST;1000;Denmark
URL;TYPE=WORK:https://fabrikam.example/
BDAY:1980-02-28
NOTE:notes of hers
CATEGORIES:Friends
END:VCARD
"""


def calendar(body, zone=ZONE):
    text = ("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//conformance//EN\n" +
            zone + body + "END:VCALENDAR\n")
    return text.replace("\n", "\r\n")


def lines_of(text, kind="VEVENT"):
    """name → value of a component's lines, parameters apart."""
    text = text.replace("\r\n ", "").replace("\r", "")
    inside = re.search(f"BEGIN:{kind}\n(.*?)END:{kind}", text, re.S)
    check(inside, f"no {kind} in {text}")
    pairs = [line.split(":", 1) for line in inside.group(1).splitlines()
             if ":" in line]
    return {name.split(";")[0]: value for name, value in pairs}


def names_in(answer):
    """The last part of each href of a multistatus."""
    return {h.rstrip("/").rsplit("/", 1)[1]
            for h in re.findall(r"<[A-Za-z]*:?href>([^<]*)<", answer)}


def caldav(report, davmail):
    office = davmail.office
    with report("CalDAV PUT", "an appointment, and GET gives it back"):
        status, text = davmail.dav("PUT", "calendar/single.ics",
                                   calendar(SINGLE), kind="text/calendar")
        equal(status, 201, text)
        status, text = davmail.dav("GET", "calendar/single.ics")
        equal(status, 200, text)
        got = lines_of(text)
        for name, value in {"UID": "conformance-single",
                            "SUMMARY": "Besprechung ü", "LOCATION": "Raum 1",
                            "DTSTART": "20240701T093000",
                            "DTEND": "20240701T110000",
                            "CATEGORIES": "Blue"}.items():
            equal(got.get(name), value, name)
        check(got.get("DESCRIPTION", "").startswith("one\\ntwo"), text)
    with report("CalDAV PUT", "it is changed"):
        status, text = davmail.dav(
            "PUT", "calendar/single.ics",
            calendar(SINGLE.replace("Raum 1", "Raum 2")),
            kind="text/calendar")
        check(status in (200, 201, 204), f"{status} {text}")
        got = lines_of(davmail.dav("GET", "calendar/single.ics")[1])
        equal(got.get("LOCATION"), "Raum 2", "LOCATION")
    with report("CalDAV PUT", "a series: one day goes, one is moved"):
        status, text = davmail.dav("PUT", "calendar/series.ics",
                                   calendar(SERIES), kind="text/calendar")
        equal(status, 201, text)
        text = davmail.dav("GET", "calendar/series.ics")[1]
        got = lines_of(text)
        rule = dict(p.split("=") for p in got["RRULE"].split(";"))
        equal((rule["FREQ"], rule["COUNT"], rule["BYDAY"]),
              ("WEEKLY", "6", "MO"), "RRULE")
        check("20240318" in got.get("EXDATE", ""), text)
        moved = re.findall("BEGIN:VEVENT.*?END:VEVENT", text, re.S)
        equal(len(moved), 2, "events")
        got = lines_of(moved[1].replace("\r", "") + "\n")
        equal((got["SUMMARY"], got["DTSTART"]),
              ("weekly but moved", "20240325T140000"), "the exception")
    with report("CalDAV PUT", "two whole days"):
        status, text = davmail.dav("PUT", "calendar/day.ics",
                                   calendar(DAY, ""), kind="text/calendar")
        equal(status, 201, text)
        got = lines_of(davmail.dav("GET", "calendar/day.ics")[1])
        equal((got["DTSTART"], got["DTEND"]), ("20240510", "20240512"),
              "days")
    with report("CalDAV PROPFIND", "all of them are listed"):
        status, text = davmail.dav(
            "PROPFIND", "calendar/", '<propfind xmlns="DAV:"><prop><getetag/>'
            "</prop></propfind>", depth=1)
        equal(status, 207, text)
        # DavMail names appointments by their ids.
        listed = [n for n in names_in(text) if n.endswith(".EML")]
        equal(len(listed), office.classes("Calendar")["IPM.Appointment"],
              "listed")
        uids = {lines_of(davmail.dav("GET", f"calendar/{name}")[1])["UID"]
                for name in listed}
        check({"conformance-single", "conformance-series",
               "conformance-day"} <= uids, f"{uids}")
    with report("CalDAV DELETE", "it is gone"):
        for name in ("single.ics", "series.ics", "day.ics"):
            status, text = davmail.dav("DELETE", f"calendar/{name}")
            check(status in (200, 204), f"{status} {text}")
            equal(davmail.dav("GET", f"calendar/{name}")[0], 404, "status")


def tasks(report, davmail):
    with report("CalDAV PUT", "a task, which goes to the tasks"):
        before = davmail.office.classes("Tasks").get("IPM.Task", 0)
        status, text = davmail.dav("PUT", "calendar/task.ics",
                                   calendar(TASK, ""), kind="text/calendar")
        equal(status, 201, text)
        got = lines_of(davmail.dav("GET", "calendar/task.ics")[1], "VTODO")
        for name, value in {"SUMMARY": "to do ü", "PERCENT-COMPLETE": "40",
                            "STATUS": "IN-PROCESS", "PRIORITY": "1"}.items():
            equal(got.get(name), value, name)
        check(got.get("DUE", "").startswith("20240309"), f"{got}")
        equal(davmail.office.classes("Tasks").get("IPM.Task", 0), before + 1,
              "digest")


def carddav(report, davmail):
    office = davmail.office
    with report("CardDAV PUT", "a contact, and GET gives it back"):
        before = office.classes("Contacts").get("IPM.Contact", 0)
        status, text = davmail.dav("PUT", "contacts/card.vcf",
                                   CARD.replace("\n", "\r\n"),
                                   kind="text/vcard")
        equal(status, 201, text)
        status, text = davmail.dav("GET", "contacts/card.vcf")
        equal(status, 200, text)
        for value in ("Zoë", "Ærø", "Fabrikam", "Snails", "Keeper",
                      "zoe@fabrikam.example", "zoe@home.example",
                      "+45 12 34 56 78", "+45 87 65 43 21", "Home Street 1",
                      "Denmark", "https://fabrikam.example/", "1980-02-28",
                      "notes of hers", "Friends"):
            check(value in text.replace("\r\n ", ""), f"{value}: {text}")
        equal(office.classes("Contacts").get("IPM.Contact", 0), before + 1,
              "digest")
    with report("CardDAV PUT", "it is changed"):
        status, text = davmail.dav(
            "PUT", "contacts/card.vcf",
            CARD.replace("Keeper", "Chief").replace("\n", "\r\n"),
            kind="text/vcard")
        check(status in (200, 201, 204), f"{status} {text}")
        text = davmail.dav("GET", "contacts/card.vcf")[1]
        check("Chief" in text and "Keeper" not in text, text)
    with report("CardDAV PROPFIND", "all contacts are listed"):
        status, text = davmail.dav(
            "PROPFIND", "contacts/", '<propfind xmlns="DAV:"><prop><getetag/>'
            "</prop></propfind>", depth=1)
        equal(status, 207, text)
        listed = {n for n in names_in(text) if n != "contacts"}
        check("card.vcf" in listed, text)
        equal(len(listed), sum(office.classes("Contacts").values()), "listed")
    with report("CardDAV DELETE", "it is gone"):
        status, text = davmail.dav("DELETE", "contacts/card.vcf")
        check(status in (200, 204), f"{status} {text}")
        equal(davmail.dav("GET", "contacts/card.vcf")[0], 404, "status")


def busy(report, davmail):
    with report("CalDAV POST", "who is free and who is busy"):
        item = calendar(SINGLE.replace("20240701", "20310505").replace(
            "conformance-single", "conformance-busy"))
        davmail.dav("PUT", "calendar/busy.ics", item, kind="text/calendar")
        status, text = davmail.dav("POST", "outbox/", calendar(
            "BEGIN:VFREEBUSY\nDTSTAMP:20240301T000000Z\nUID:fb\n"
            f"ORGANIZER:mailto:{USER1}\nDTSTART:20310505T000000Z\n"
            "DTEND:20310506T000000Z\n"
            f"ATTENDEE:mailto:{USER1}\nEND:VFREEBUSY\n", "").replace(
                "VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST"),
            kind="text/calendar")
        equal(status, 200, text)
        check("FREEBUSY" in text and "20310505T0730" in text, text)
        davmail.dav("DELETE", "calendar/busy.ics")


def ldap(report, davmail):
    with report("LDAP search", "whose address begins so"):
        done = run("curl", "--silent", "--show-error", "--user",
                   f"{USER1}:{davmail.office.passwords[USER1]}",
                   f"ldap://127.0.0.1:{davmail.ports['ldap']}/ou=people"
                   f"?mail,cn?sub?(mail=user2*)")
        equal(done.status, 0, done.err)
        check(USER2 in done.out, done.out)


PARTS = (sign_in, folders, append, pop, smtp, caldav, tasks, busy, carddav, ldap)


def main():
    report = Report("DavMail")
    if run("sh", "-c", f"command -v java && test -f {JAR}").status != 0:
        report.bail(MISSING)
    chosen = [w for w in sys.argv[1:] if w != "-v"]
    for version in [v for v in VERSIONS if v in chosen] or VERSIONS:
        report.at = f"Exchange {version}"
        schemes = VERSIONS[version]
        with report.part("gateway"), Office(
                "--auth", schemes, version=version, items=30) as office, \
                DavMail(office) as davmail:
            with report("sign in", f"by {schemes.replace(',', ' or ')}"), \
                    davmail.imap() as imap:
                select(imap, "INBOX")
            for part in PARTS:
                if set(chosen) <= {*VERSIONS} or part.__name__ in chosen:
                    with report.part(part.__name__):
                        part(report, davmail)
            report.schema(office)
    report.end()


if __name__ == "__main__":
    main()
