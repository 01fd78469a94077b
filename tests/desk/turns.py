#!/usr/bin/env python3
"""Each wrong turn that a request can take: the mail that goes out, where the
request stands then, and what the audit trail says of it."""
import contextlib
import http.server
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from desk_play import *  # noqa: E402,F403 pylint: disable=all
from desk import multipart  # noqa: E402

TOM = "tom@contoso.example"
MISSING = "What is missing for your managed migration"
WORD = "Please send no passwords by mail"
STRANGER = "eve@elsewhere.example"
SENT = ["mail.sent"] * 2
FORGED = ("Authentication-Results: mx.provider.example;"
          " dmarc=fail header.from=contoso.example\n")


class Turn(Play):
    def __enter__(self):
        super().__enter__()
        self.service.command("contact", "add", TOM, "--account", "P-1001",
                             "--role", "technical")
        return self

    def trail(self):
        """What was done about mails and requests, in its order."""
        got = answer_json(self.service.ask("GET", "/api/v1/audit",
                                           cookie=self.service.cookie()))
        return [line["action"] for line in got["items"]
                if line["action"].startswith(("mail.", "request."))]

    def ends_with(self, verdict):
        """There is no request, and the trail says why."""
        want = [verdict, *SENT]
        until(f"{want} on the trail", lambda: self.trail() == want)
        equal(self.requests(), [], "requests")

    def requests(self):
        return self.service.command("request", "list").out.splitlines()

    def only_mail(self, to, subject):
        """What went out: that, and a word on passwords, for they had sent
        some; to that address alone."""
        texts = [self.mail(one).body("plain") for one in (subject, WORD)]
        equal([m.to for m in self.server.mails], [[to]] * 2, "mails")
        return texts[0]

    def missing(self):
        return [piece["piece"] for piece in self.request()["missing"]]


def turn(**more):
    """A case that has a desk: each its own, over labs that they share."""
    def made(function):
        def wrapped():
            with Pair(mailboxes=2, items=4) as pair, Turn(pair, **more) as t:
                function(t)
        wrapped.__name__ = function.__name__
        return case(wrapped)
    return made


# ---- who may not -------------------------------------------------------------

@turn()
def a_technical_contact(t):
    t.send(t.pair.passwords_csv.read_bytes(), sender=TOM)
    text = t.only_mail(TOM, "needs your Primary or Primary Billing Contact")
    contains(text, "Primary Contact")
    t.ends_with("mail.technical")


@turn()
def somebody_unknown(t):
    t.send(t.pair.passwords_csv.read_bytes(), sender=STRANGER)
    text = t.only_mail(STRANGER, "Your mail about a managed migration")
    contains(text.lower(), "billing")
    check("Contoso Ltd" not in text, "the account is told")
    t.ends_with("mail.unknown")


@turn(INTAKE_AUTHSERV_ID="mx.provider.example")
def somebody_in_a_contacts_name(t):
    t.send(t.pair.passwords_csv.read_bytes(), head=FORGED)
    t.only_mail(ANNA, "A mail in your name about a managed migration")
    t.ends_with("mail.forged")
    contains(t.service.command("request", "tray").out, "forged")


@turn()
def a_partner_id_of_somebody_else(t):
    t.send(t.pair.passwords_csv.read_bytes(), partner="P-9999")
    t.only_mail(ANNA, "Partner ID and domain, once more")
    t.ends_with("mail.wrong-pair")


# ---- what is missing ---------------------------------------------------------

@turn()
def no_owa_url(t):
    t.send(t.pair.passwords_csv.read_bytes(), owa="")
    text = t.only_mail(ANNA, "What is missing")
    contains(text, "OWA")
    equal(t.missing(), ["owa-url"], "missing")
    t.stands("awaiting information", "open")


class Plain(http.server.BaseHTTPRequestHandler):
    """A web server with nothing of an Exchange."""

    def do_GET(self):
        body = b"<html>hello</html>"
        self.send_response(404 if self.command == "POST" else 200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def plain_server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    server.socket = KEYS.context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}/owa"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def ca_of_both(pair):
    """The labs' certificates, and the web server's."""
    both = pathlib.Path(pair.env["CA_FILE"]).with_name("both.pem")
    both.write_bytes(pathlib.Path(pair.env["CA_FILE"]).read_bytes()
                     + pathlib.Path(KEYS.cert).read_bytes())
    return both


@case
def an_owa_url_that_is_no_exchange():
    with Pair(mailboxes=2, items=4) as pair, plain_server() as url, \
            Turn(pair, ENGINE_CA_FILE=ca_of_both(pair)) as t:
        t.send(pair.passwords_csv.read_bytes(), owa=url)
        text = t.mail("What is missing").body("plain")
        contains(text, "no Exchange could be reached")
        contains(text, f"no EWS at \"{url.replace('/owa', '/EWS/')}")
        contains(text, "at which users open Outlook on the web")
        equal(t.missing(), ["owa-url-unreachable"], "missing")
        t.stands("awaiting information", "open", "lacks")
        # it was told before any mailbox was tried, and so once
        equal(t.service.command("migration", "list").out.count("contoso"), 0,
              "migrations")
        t.send(message_id="2@contoso.example",
               subject="Re: [MF-1001] the right address")
        t.mail("Quote for")
        equal(t.subjects().count(MISSING), 1, "mails")
        t.stands("quoted", "open", "lacks", "mail", "migration", "complete")


@turn()
def an_owa_url_that_nobody_answers_at_with_more_missing(t):
    t.send(owa="https://owa.contoso.invalid/owa")
    mail = t.mail("What is missing")
    text = mail.body("plain")
    contains(text, "check how the address is spelt")
    contains(text, "The import file")
    equal(mail.message["In-Reply-To"], "<1@contoso.example>", "the answer")
    equal(t.missing(), ["owa-url-unreachable", "import-file", "credentials"],
          "missing")
    # one that is no better is told with all the rest as well
    faults = t.pair.passwords_csv.read_bytes().replace(b"user2@", b"user2 at ")
    t.send(faults, owa="https://mail.contoso.invalid/owa",
           message_id="2@contoso.example", subject="Re: [MF-1001] once more")
    until("an answer to it", lambda: t.subjects().count(MISSING) == 2, 240)
    mail = t.mail("What is missing")
    contains(mail.body("plain"), "check how the address is spelt")
    contains(mail.body("plain"), "line 3")
    equal(mail.message["In-Reply-To"], "<2@contoso.example>", "the answer")
    time.sleep(3)  # it is looked at, and left alone
    equal(t.subjects().count(MISSING), 2, "mails")


@turn()
def a_good_owa_url_with_more_missing(t):
    t.send()
    text = t.mail("What is missing").body("plain")
    contains(text, "The import file")
    check("OWA" not in text, text)
    equal(t.missing(), ["import-file", "credentials"], "missing")
    time.sleep(3)  # it is looked at, and left alone
    equal(t.subjects().count(MISSING), 1, "mails")


@turn(start=False)
def an_answer_that_waits_for_a_probe_outlives_a_restart(t):
    t.send(owa="https://owa.contoso.invalid/owa")
    equal(t.subjects(), [], "mails")
    t.service.start()
    contains(t.mail("What is missing").body("plain"),
             "check how the address is spelt")
    equal(t.subjects().count(MISSING), 1, "mails")


@turn(start=False)
def our_own_exchange_that_refuses_us(t):
    wrong = t.service.dir / "wrong"
    wrong.write_text("not the password")
    wrong.chmod(0o600)
    t.service.env["MAILFERRY_DESK_DESTINATION_PASSWORD_FILE"] = str(wrong)
    t.service.start()
    rows = [line.split(",") for line in
            t.pair.passwords_csv.read_text().splitlines()]
    for row in rows[1:]:
        row[4] = row[5] = ""
    t.send("\n".join(",".join(row) for row in rows).encode())
    t.mail("needs an operator")
    equal([m.to for m in t.server.mails if "What is missing" in
           m.message["Subject"]], [], "mails to the partner")
    equal(t.state(), "received", "state")


@turn()
def a_file_with_faults_and_then_a_corrected_one(t):
    file = t.pair.passwords_csv.read_text()
    t.send(file.replace("user2@", "user2 at ", 1).encode())
    text = t.mail("What is missing").body("plain")
    contains(text, "line 3")
    equal(t.missing(), ["import-file-faults"], "missing")
    t.stands("awaiting information", "open", "lacks")
    t.send(file.encode(), message_id="2@contoso.example",
           subject="Re: [MF-1001] the right file")
    t.mail("Quote for")
    t.stands("quoted", "open", "lacks", "mail", "migration", "complete")


@turn()
def placeholders_in_place_of_passwords(t):
    lines = t.pair.passwords_csv.read_text().splitlines()
    rows = [line.split(",") for line in lines[1:]]
    for row in rows:
        row[2] = row[5] = "<password>"
    rows[1][5] = "<passwrod>"
    t.send("\n".join([lines[0], *(",".join(row) for row in rows)]).encode())
    text = t.mail("What is missing").body("plain")
    contains(text, "placeholder")
    equal(t.missing(), ["import-file-faults", "credentials"], "missing")
    t.stands("awaiting information", "open", "lacks")


@turn(DESK_PRICE_LIST="none")
def no_price_list(t):
    t.send(t.pair.passwords_csv.read_bytes())
    until("it is checked", lambda: "no price list" in t.service.text())
    shown = t.service.command("request", "show", "1001").out
    contains(shown, "a price list, to quote it by (operator: set"
                    " desk.price-list")
    got = answer_json(t.service.ask("GET", "/api/v1/requests/1001",
                                    cookie=t.service.cookie()))
    equal(got["waits"], t.request()["waits"],
          "what the service says, and the command")
    equal((got["state"], got["waits"]["for"]), ("received", "operator"),
          "waits")
    t.service.stop()
    t.service.env["MAILFERRY_DESK_PRICE_LIST"] = str(
        t.service.dir / "prices.ini")
    t.service.start()
    t.mail("Quote for")
    equal(t.request()["waits"]["for"], "contact", "waits")


# ---- more than one mail ------------------------------------------------------

@turn()
def the_file_first_and_the_request_later(t):
    t.send(t.pair.passwords_csv.read_bytes(), owa="", subject="the file")
    t.mail("What is missing")
    t.send(message_id="2@contoso.example")
    t.mail("Quote for")
    equal(len(t.requests()), 1, "requests")
    t.stands("quoted", "open", "mail", "migration", "complete")


@turn()
def two_requests_for_one_domain(t):
    for n in (1, 2):
        t.send(t.pair.passwords_csv.read_bytes(),
               message_id=f"{n}@contoso.example")
    t.mail("Quote for")
    equal(len(t.requests()), 1, "requests")
    t.stands("quoted", "open", "mail", "migration", "complete")


# ---- on the pages ------------------------------------------------------------

def filled_in(t, cookie, **pieces):
    """Opened on the pages, and the pieces saved one after the other."""
    api = "/api/v1/requests"
    got = t.service.ask("POST", api, {"domain": "contoso.example"},
                        cookie=cookie)
    equal(got.status, 201, got.text)
    for name, value in pieces.items():
        got = t.service.ask("PATCH", f"{api}/1001", {name: value},
                            cookie=cookie)
        equal(got.status, 200, got.text)


@turn()
def who_leaves_the_pages_half_way_is_asked_once(t):
    filled_in(t, t.sign_in(), owaUrl=t.pair.env["SOURCE_URL"])
    for minutes in (5, 9):
        t.set_clock(60 * minutes)
        time.sleep(3)  # it is looked at, and left alone
    equal((t.state(), t.subjects().count(MISSING)),
          ("awaiting information", 0), "while it is filled in")
    t.set_clock(60 * 11)
    text = t.mail(MISSING).body("plain")
    contains(text, "The import file")
    check("OWA" not in text, text)
    t.set_clock(60 * 60)
    time.sleep(3)
    equal(t.subjects().count(MISSING), 1, "mails")


@turn()
def who_supplies_everything_on_the_pages_is_asked_for_nothing(t):
    cookie = t.sign_in()
    filled_in(t, cookie, owaUrl=t.pair.env["SOURCE_URL"])
    body, headers = multipart(("users.csv",
                               t.pair.passwords_csv.read_bytes()))
    got = t.service.ask("POST", "/api/v1/requests/1001/files", body, headers,
                        cookie)
    equal(got.status, 200, got.text)
    t.mail("Quote for")
    t.set_clock(60 * 60)
    time.sleep(3)
    equal(t.subjects().count(MISSING), 0, "mails")


@turn()
def what_an_operator_opens_is_asked_for_once_with_what_was_found(t):
    """By the API, with an address at which there is nothing."""
    cookie = t.service.cookie()
    account, = answer_json(t.service.ask("GET", "/api/v1/accounts",
                                         cookie=cookie))["items"]
    got = t.service.ask("POST", "/api/v1/requests", {
        "account": account["id"], "domain": "contoso.example",
        "owaUrl": "https://owa.contoso.invalid/owa"}, cookie=cookie)
    equal(got.status, 201, got.text)
    until(f"it was tried: {t.missing()}",
          lambda: "owa-url-unreachable" in t.missing(), 240)
    equal(t.subjects(), [], "mails while it is filled in")
    t.set_clock(60 * 11)
    text = t.mail(MISSING).body("plain")
    for line in ("no Exchange could be reached", "The import file",
                 "cannot be resolved", "check how the address is spelt"):
        contains(text, line)
    t.set_clock(60 * 60)
    time.sleep(3)  # it is looked at, and left alone
    equal(t.subjects(), [MISSING], "mails")


# ---- the link ----------------------------------------------------------------

@turn()
def an_approval_link_that_is_used_twice(t):
    t.send(t.pair.passwords_csv.read_bytes())
    quote = t.mail("Quote for")
    equal(t.press(quote, "approve").status, 200, "approve")
    path = re.search(rf"{URL}(/approve/\S+)", quote.body("plain"))[1]
    again = t.service.ask("POST", path, "", {"Origin": URL})
    equal(again.status, 410, again.text)
    t.mail("Approved")
    equal(t.subjects().count("Approved: your managed migration"), 1, "mails")
    equal(t.trail().count("request.approve"), 1, "approvals on the trail")


@turn()
def an_approval_link_in_the_hands_of_a_former_contact(t):
    t.send(t.pair.passwords_csv.read_bytes())
    quote = t.mail("Quote for")
    t.service.command("contact", "change", ANNA, "--account", "P-1001",
                      "--role", "technical")
    path = re.search(rf"{URL}(/approve/\S+)", quote.body("plain"))[1]
    got = t.service.ask("POST", path, "", {"Origin": URL})
    equal(got.status, 403, got.text)
    t.stands("quoted", "open", "migration", "complete")


# ---- the end of it -----------------------------------------------------------

@turn()
def cancelled_half_way(t):
    t.send(t.pair.passwords_csv.read_bytes())
    equal(t.press(t.mail("Quote for"), "approve").status, 200, "approve")
    t.mail("has begun")
    t.service.command("request", "cancel", "1001", "--reason", "they stay")
    t.mail("is cancelled")
    t.stands("cancelled", "open", "migration", "complete", "approve",
             "schedule", "start", "cancel", "closed")
    until("secrets gone", lambda: "secrets of its migration destroyed" in
          t.service.command("request", "show", "1001").out, 120)
    contains(t.service.command("request", "show", "1001").out, "they stay")
    contains(t.service.command("audit", "verify").out, "hold together")


if __name__ == "__main__":
    main()
