#!/usr/bin/env python3
"""Pages behind the links of the desk's letters, as people and as mail
scanners open them."""
import html.parser
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

VOID = {"meta", "link", "input", "br"}


class Page(html.parser.HTMLParser):
    """Its words, and that it is well formed and calls for nothing foreign."""

    def __init__(self, got):
        super().__init__()
        self.open, self.words, self.tags = [], [], []
        self.fields = {}
        equal(got.headers["Content-Type"], "text/html; charset=utf-8", "type")
        policy = got.headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "style-src 'self'",
                     "frame-ancestors 'none'", "form-action 'self'"):
            contains(policy, part)
        equal(got.headers["Referrer-Policy"], "same-origin", "referrer")
        equal(got.headers["Cache-Control"], "no-store", "caches")
        self.feed(got.text)
        self.close()
        equal(self.open, [], "elements left open")
        equal(self.tags.count("h1"), 1, "headings")
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        names = [name for name, _ in attrs]
        check(tag not in ("script", "style"), tag)
        check(not any(n.startswith("on") or n == "style" for n in names),
              f"{tag}: {names}")
        if tag not in VOID:
            self.open.append(tag)
        if tag in ("input", "textarea"):
            self.fields[dict(attrs)["name"]] = dict(attrs)

    def handle_endtag(self, tag):
        equal(self.open.pop(), tag, "closed")

    def handle_data(self, data):
        self.words.append(data)


def see(got, status, *words):
    equal(got.status, status, got.text)
    page = Page(got)
    for part in words:
        contains(page.text, part)
    return page


# ---- a quote ---------------------------------------------------------------

@case
def a_quote_is_approved_by_the_button_alone():
    with Desk("--at-once", 0) as desk:
        number = desk.request("quoted")
        path = "/approve/" + desk.link("approve", number)
        for _ in range(3):  # as scanners of mail do
            page = see(desk.ask("GET", path), 200, "Your quote",
                       f"Request {number} of Acme, acme.example",
                       "Mailboxes 1 to 10 10 25.00 250.00",
                       "Mailboxes 11 to 12 2 20.00 40.00",
                       "Total 290.00 EUR", "plus 19 % VAT",
                       "can be approved until", "What happens next",
                       "Approve for 290.00 EUR", "anna@acme.example")
            equal(page.tags.count("button"), 1, "buttons")
        equal(desk.state(number), "quoted", "looking approves nothing")
        equal(desk.ask("POST", path, None,
                       {"Sec-Fetch-Site": "cross-site"}).status, 403,
              "a page of another site")
        equal(desk.ask("POST", path, None,
                       {"Origin": "https://evil.example"}).status, 403,
              "the same")
        equal(desk.state(number), "quoted", "nor do others")
        see(desk.press(path), 200, "Thank you", "290.00 EUR")
        equal(desk.state(number), "approved", "state")
        actor, action, detail = desk.trail(number)[-1]
        equal((actor, action),
              ("contact anna@acme.example by link", "request.approve"),
              "trail")
        contains(detail, "290.00 EUR")
        mails = [row for row in desk.outbox() if f"[MF-{number}]" in row[4]]
        equal([row[3] for row in mails], ["anna@acme.example"], "mails")
        contains(desk.command("outbox", "show", mails[0][0]).out,
                 "anna@acme.example")
        for ask in (desk.ask("GET", path), desk.press(path)):
            see(ask, 410, "This link was used already")
        equal(len(desk.trail(number)), 1, "nothing twice")
        token = path.rsplit("/", 1)[1]
        check(token not in desk.text(), "a token in the log")


@case
def a_link_that_does_not_work_says_why():
    with Desk("--at-once", 0) as desk:
        number = desk.request("quoted")
        used = desk.link("approve", number, used_us=1)
        late = desk.link("approve", number, expires_us=now_us() - 1)
        technical = desk.link("approve", number, contact=3)
        foreign = desk.link("approve", number, contact=4)
        supply = desk.link("supply", number)
        for what, token, status, title in (
                ("used", used, 410, "used already"),
                ("too old", late, 410, "too old"),
                ("of a Technical Contact", technical, 403, "not yours"),
                ("of another account's", foreign, 403, "not yours"),
                ("of another purpose", supply, 404, "does not work"),
                ("no token", "x", 404, "does not work"),
                ("nobody's", "mfl_" + "A" * 43, 404, "does not work")):
            for got in (desk.ask("GET", f"/approve/{token}"),
                        desk.press(f"/approve/{token}")):
                page = see(got, status, title)
                check("Acme" not in page.text, f"{what}: tells of the account")
                check("button" not in page.tags, f"{what}: a button")
        equal(desk.state(number), "quoted", "nothing was approved")
        # who was disabled meanwhile, and one whose quote was taken back
        good = desk.link("approve", number)
        desk.command("contact", "change", "anna@acme.example", "--account",
                     "P-1001", "--disable")
        see(desk.press(f"/approve/{good}"), 403, "not yours")
        desk.command("contact", "change", "anna@acme.example", "--account",
                     "P-1001", "--enable")
        with desk.database() as db:
            db.execute("UPDATE requests SET quote = ''")
        good = desk.link("approve", number)
        see(desk.press(f"/approve/{good}"), 409, "nothing to approve")
        with desk.database() as db:
            db.execute("UPDATE requests SET quote = ?, quote_until_us = 5",
                       [quote()])
        see(desk.press(f"/approve/{good}"), 410, "too old")
        equal(desk.state(number), "quoted", "nothing was approved")


@case
def what_others_wrote_is_text():
    evil = '<script>alert(1)</script>"&'
    with Desk("--at-once", 0) as desk:
        desk.command("account", "change", "P-1001", "--name", evil)
        number = desk.request("quoted", domain=evil, quote=quote(tax=evil))
        page = see(desk.ask("GET", "/approve/" + desk.link("approve", number)),
                   200, evil)
        check("script" not in page.tags, "an element of theirs")


@case
def two_at_once_approve_once():
    with Desk("--at-once", 0) as desk:
        number = desk.request("quoted")
        path = "/approve/" + desk.link("approve", number)
        got = []
        threads = [threading.Thread(
            target=lambda: got.append(desk.press(path).status))
            for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        equal(got.count(200), 1, f"{got}")
        equal(got.count(410), 5, f"{got}")
        equal(len(desk.trail(number)), 1, "trail")


@case
def without_a_desk_no_link_works():
    with Service("--at-once", 0) as service:
        see(service.ask("GET", "/approve/" + "mfl_" + "A" * 43), 404,
            "does not work")


# ---- what is missing --------------------------------------------------------

HEADER = (b"Source Email,Source UserName,Source Password,Destination Email,"
          b"Destination UserName,Destination Password,Flags\n")
GOOD = HEADER + b"u@acme.example,,,u@acme.example,,,0\n"
FAULTY = (GOOD + b"v@acme.example,,,nobody,,,0\n"
          b"w@acme.example,w,<password>,w@acme.example,,,0\n")
SECRET = "planted-s3cret-of-acme"


def waiting(desk, missing, **columns):
    columns = {"owa_url": "https://mail.acme.example/owa", **columns}
    number = desk.request("awaiting information",
                          missing="\n".join(missing), **columns)
    return number, "/supply/" + desk.link("supply", number)


@case
def just_what_is_missing_is_asked_for():
    with Desk("--at-once", 0) as desk:
        for missing, fields in (
                (["owa-url"], ["owa"]), (["owa-url-unreachable"], ["owa"]),
                (["import-file"], ["file"]), (["credentials"], ["admin", "password"]),
                (["date"], ["start", "cutover"]),
                (["partner-id", "domain"], ["partner", "domain"]),
                (["owa-url", "import-file", "credentials"],
                 ["owa", "file", "admin", "password"])):
            number, path = waiting(desk, missing)
            page = see(desk.ask("GET", path), 200, "What is missing",
                       f"Request {number} of Acme")
            equal(list(page.fields), fields, f"{missing}")
            if "password" in fields:
                equal(page.fields["password"]["type"], "password", "type")
            equal(desk.trail(number), [], "looking does nothing")
        number = desk.request("running", missing="import-file")
        path = "/supply/" + desk.link("supply", number)
        see(desk.ask("GET", path), 409, "Nothing is asked for now")
        see(desk.fill_in(path, ("a.csv", GOOD)), 409, "Nothing is asked for")


@case
def what_was_approved_takes_credentials_alone():
    with Desk("--at-once", 0) as desk:
        for state in ("quoted", "approved", "scheduled"):
            number = desk.request(state, missing="credentials-refused")
            path = "/supply/" + desk.link("supply", number)
            page = see(desk.ask("GET", path), 200, "the current Exchange "
                       "refused those that we have")
            equal(list(page.fields), ["admin", "password"], state)
            see(desk.fill_in(path, ("a.csv", GOOD)), 409,
                "nothing of the sort is asked for")
            equal(desk.trail(number), [], f"{state}: nothing was taken")
            see(desk.fill_in(path, admin="admin", password="planted-1"), 200,
                "Your quote stands as it is")
            equal((desk.state(number), desk.row(number)["missing"]),
                  (state, None), "request")


@case
def what_is_supplied_is_taken_and_the_link_ends_with_the_last_piece():
    with Desk("--at-once", 0) as desk:
        number, path = waiting(desk, ["owa-url", "import-file", "credentials"],
                               owa_url=None)
        equal(desk.fill_in(path, owa="mail.acme.example/owa",
                           ).status, 422, "the rest is missing")
        equal(desk.row(number)["owa_url"], "https://mail.acme.example/owa",
              "with a scheme")
        page = see(desk.ask("GET", path), 200)
        equal(list(page.fields), ["file", "admin", "password"], "the rest")
        page = see(desk.fill_in(path, ("users.csv", FAULTY)), 422,
                   "Of 3 mailboxes in your file 1 can be used")
        contains(page.text, "3 Destination Email")
        contains(page.text, "4 Source Password")
        equal(list(page.fields), ["file", "admin", "password"], "again")
        # they stand there as long as they are not mended
        contains(see(desk.ask("GET", path), 200).text, "3 Destination Email")
        got = desk.fill_in(path, ("users.csv", GOOD), admin="acme\\admin",
                           password="")
        see(got, 422, "password")
        got = desk.fill_in(path, admin="acme\\admin", password=SECRET)
        see(got, 200, "Thank you")
        row = desk.row(number)
        equal((desk.state(number), row["missing"], row["admin"]),
              ("awaiting information", None, "acme\\admin"), "all there")
        shown = json.loads(desk.command("request", "show", number,
                                        "--json").out)
        equal(([one["name"] for one in shown["files"]],
               shown["file"] == shown["files"][1]["id"],
               shown["hasPassword"]), (["users.csv"] * 2, True, True), "kept")
        equal([(one["actor"], one["action"]) for one in shown["timeline"]],
              [("contact anna@acme.example by link", "request.supply")] * 4,
              "trail")
        see(desk.fill_in(path, owa="x"), 410, "used already")
        contains(desk.outbox()[-1][4], f"[MF-{number}]")
        # the password is nowhere but sealed
        check(SECRET not in got.text, "echoed")
        check(SECRET not in json.dumps(shown), "shown")
        check(SECRET not in desk.text(), "in the log")
        for file in desk.data.iterdir():
            check(SECRET.encode() not in file.read_bytes(), file.name)


@case
def what_is_wrong_stands_where_it_was_typed():
    evil = '"><script>alert(1)</script>'
    with Desk("--at-once", 0) as desk:
        number, path = waiting(desk, ["partner-id", "domain", "owa-url",
                                      "import-file", "date", "credentials"],
                               partner=None, domain=None, owa_url=None)
        page = see(desk.fill_in(
            path, ("mail.zip", b"PK\x03\x04" + b"\0" * 60), partner="P-2002",
            domain="other.example", owa=evil, start="2027-02-30",
            cutover="soon", admin="a" * 300, password=SECRET), 422,
            "This is not the Partner ID on file",
            "This domain is not on file", "This is no address of a web page",
            "This is no date", "This is an archive", "This is too long")
        check("script" not in page.tags, "an element of theirs")
        equal(page.fields["owa"]["value"], evil, "typed again")
        check("value" not in page.fields["password"], "a password is shown")
        row = desk.row(number)
        equal([row[name] for name in ("partner", "domain", "owa_url", "admin",
                                      "start_day", "file")], [None] * 6,
              "nothing of it was taken")
        got = desk.fill_in(path, partner="p-1001", domain="ACME.example",
                           start="2099-01-05")
        equal(got.status, 422, got.text)
        row = desk.row(number)
        equal([row[name] for name in ("partner", "domain", "start_day")],
              ["P-1001", "acme.example", "2099-01-05"], "taken")


@case
def what_is_no_form_is_refused():
    with Desk("--at-once", 0) as desk:
        number, path = waiting(desk, ["owa-url"], owa_url=None)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        parts = {"Content-Type": "multipart/form-data; boundary=XyZ"}
        for what, status, body, headers in (
                ("nothing", 400, None, {}),
                ("JSON", 400, '{"owa": "x"}',
                 {"Content-Type": "application/json"}),
                ("cut off", 400, b'--XyZ\r\nContent-Disposition: form-data; '
                 b'name="owa"\r\n\r\nmail', parts),
                ("too long", 400, "owa=" + "x" * 9000, form),
                ("too many", 400, "&".join(f"f{i}=x" for i in range(40)),
                 form),
                ("no UTF-8", 400, "owa=%ff%fe", form),
                ("a NUL", 400, "owa=a%00b", form),
                ("another site's", 403, "owa=x",
                 {**form, "Origin": "https://evil.example"})):
            equal(desk.press(path, body, headers).status, status, what)
        equal(desk.trail(number), [], "nothing was done")
        see(desk.press(path, "owa=https%3A%2F%2Fmail.acme.example", form),
            422, "file")
        equal(desk.row(number)["owa_url"], "https://mail.acme.example",
              "a plain form is one too")


# ---- cutover ---------------------------------------------------------------

@case
def cutover_is_said_by_the_button_alone():
    with Desk("--at-once", 0) as desk:
        number = desk.request("ready for cutover")
        path = "/cutover/" + desk.link("cutover", number)
        see(desk.ask("GET", path), 200, "Users have moved", "MX")
        equal(desk.state(number), "ready for cutover", "looking does nothing")
        see(desk.press(path), 200, "Thank you")
        equal(desk.state(number), "cut over", "state")
        see(desk.press(path), 410, "used already")
        early = desk.request("running")
        path = "/cutover/" + desk.link("cutover", early)
        see(desk.press(path), 409, "not possible now",
            "it is not ready for cutover")
        equal(desk.state(early), "running", "state")


# ---- the style -------------------------------------------------------------

@case
def the_style_is_one_file_of_ours():
    with Desk("--at-once", 0) as desk:
        got = desk.ask("GET", "/assets/pages.css")
        equal((got.status, got.headers["Content-Type"]),
              (200, "text/css; charset=utf-8"), "style")
        check("url(" not in got.text and "@import" not in got.text,
              "it calls for something else")


@case
def who_opens_a_link_too_often_is_told_so_by_a_page():
    with Desk("--at-once", 0, "--limit-address", 30) as desk:
        path = "/approve/" + desk.link("approve", desk.request("quoted"))
        cookie = desk.cookie()
        for _ in range(31):
            got = desk.ask("GET", path)
            if got.status == 429:
                break
        see(got, 429, "Too many tries for now", "your link still works")
        check(int(got.headers["Retry-After"]) > 0, "when to come back")
        # programs hear it as they hear all else
        got = desk.ask("GET", "/api/v1/requests", cookie=cookie)
        equal((got.status, got.headers["Content-Type"]),
              (429, "application/problem+json"), "the API")


@case
def what_is_no_form_of_ours_is_told_by_a_page():
    with Desk("--at-once", 0) as desk:
        path = "/supply/" + desk.link(
            "supply", desk.request("awaiting information", missing="owa-url"))
        see(desk.ask("POST", path, "x", {
            "Origin": "https://evil.example",
            "Content-Type": "application/x-www-form-urlencoded"}),
            403, "not sent from our page", "another site")


if __name__ == "__main__":
    main()
