#!/usr/bin/env python3
"""The configuration of the service: who outranks whom, and every fault named
with file, line and key."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

FAULTY = """\
[http]
listn = 127.0.0.1:8080
threads = 0
[lgo]
level = debug
[log]
level = inof
level = info
nonsense
"""


@contextlib.contextmanager
def config_file(text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "mailferry.conf"
        file.write_text(text)
        yield file


@case
def every_fault_has_its_line_and_key():
    with config_file(FAULTY) as file:
        done = run(MAILFERRY, "config", "check", file)
        equal((done.status, done.out), (3, ""), done.err)
        equal([line.removeprefix(f"{file}:") for line in
               done.err.splitlines()], [
            '2: unknown key "listn" in [http]; did you mean "listen"?',
            '3: http.threads: "0" is not a whole number from 1 to 64',
            "4: unknown section [lgo]; did you mean [log]?",
            '7: log.level: "inof" is none of error, warning, info, debug; '
            'did you mean "info"?',
            "8: log.level is given twice; first on line 7",
            "9: neither [section] nor key = value nor a comment",
        ], "faults")


@case
def a_good_file_is_silent():
    with config_file("[log]\nformat = json\n") as file:
        equal(run(MAILFERRY, "config", "check", file), Run(0, "", ""), "check")


@case
def a_missing_file_is_named():
    done = run(MAILFERRY, "config", "check", "/nowhere/mailferry.conf")
    equal(done.status, 3, done.err)
    contains(done.err, "/nowhere/mailferry.conf")


@case
def the_environment_outranks_the_file():
    with config_file("[http]\nthreads = 2\n[log]\nlevel = debug\n") as file:
        done = run(MAILFERRY, "config", "show", env={
            "MAILFERRY_CONFIG": str(file), "MAILFERRY_HTTP_THREADS": "9"})
        equal(done.status, 0, done.err)
        contains(done.out, "# environment variable MAILFERRY_HTTP_THREADS\n"
                 "threads = 9\n")
        contains(done.out, f"# {file}:4\nlevel = debug\n")
        contains(done.out, "# default\nlisten = 127.0.0.1:8080\n")


@case
def a_misspelt_variable_is_found():
    done = run(MAILFERRY, "config", "check",
               env={"MAILFERRY_HTTP_LISTNE": "127.0.0.1:1"})
    equal(done.status, 3, done.err)
    contains(done.err, "MAILFERRY_HTTP_LISTNE: no key has this name; "
             "did you mean MAILFERRY_HTTP_LISTEN?")


PRICES = """\
[price-list]
currency = euro
digits = 2
minimum = 150.00
allowance = 5G
per-gb = 1.505
valid-days = 30

[tiers]
1-10 = 25.00
12- = 15.00
"""


@case
def faults_of_the_price_list_have_its_lines():
    with config_file("") as file:
        prices = file.parent / "prices.ini"
        prices.write_text(PRICES)
        file.write_text(f"[desk]\nprice-list = {prices}\n")
        done = run(MAILFERRY, "config", "check", file)
        equal((done.status, done.out), (3, ""), done.err)
        equal([line.removeprefix(f"{prices}:") for line in
               done.err.splitlines() if not line.startswith("  ")], [
            '2: "euro" is not a currency',
            '6: "1.505" is not an amount',
            "11: no tier has mailbox 11",
        ], "faults")
        prices.write_text(PRICES.replace("euro", "EUR").replace("1.505", "1.50")
                          .replace("12-", "11-"))
        equal(run(MAILFERRY, "config", "check", file), Run(0, "", ""), "mended")


@case
def the_price_list_of_the_guide_is_one():
    guide = pathlib.Path(__file__).resolve().parents[2] / "docs/guide/desk.md"
    shown = [block.split("\n```")[0] for block in
             guide.read_text().split("```ini\n")[1:]]
    prices = [block for block in shown if "[price-list]" in block
              and "[tiers]" in block]
    equal(len(prices), 1, "price lists in the guide")
    with config_file("") as file:
        (file.parent / "prices.ini").write_text(prices[0])
        file.write_text(f"[desk]\nprice-list = {file.parent}/prices.ini\n")
        equal(run(MAILFERRY, "config", "check", file), Run(0, "", ""), "check")


@case
def a_price_list_that_is_not_there_is_named_with_its_key():
    with config_file("[desk]\nprice-list = /nowhere/prices.ini\n") as file:
        done = run(MAILFERRY, "config", "check", file)
        equal(done.status, 3, done.err)
        contains(done.err, f"{file}:2: desk.price-list: ")
        contains(done.err, "/nowhere/prices.ini")


@case
def a_fault_of_a_template_has_its_file_and_line():
    with config_file("") as file:
        folder = file.parent / "templates"
        folder.mkdir()
        file.write_text(f"[desk]\ntemplates = {folder}\n")
        equal(run(MAILFERRY, "config", "check", file), Run(0, "", ""),
              "an empty folder")
        (folder / "quote.txt").write_text("Subject: Hi\n\nHello {{nobody}}\n")
        done = run(MAILFERRY, "config", "check", file)
        equal(done.status, 3, done.err)
        contains(done.err, f"{file}:2: desk.templates: {folder}/quote.txt:3: ")


@case
def a_mail_server_that_cannot_be_used_is_told():
    desk = "[http]\npublic-url = https://a.example\n" \
        "[desk]\naddress = desk@provider.example\n[mail]\n"
    with config_file("") as file:
        loose = file.parent / "password"
        loose.write_text("secret\n")
        loose.chmod(0o644)
        for text, says in (
                ("[mail]\nserver = smtp://mail.example\n",
                 ":2: mail.server: it is not known whom its mails come from"),
                (desk + "server = http://mail.example\n",
                 ":6: mail.server: mail server: its URL is not one"),
                (desk + "server = smtp://mail.example\nuser = desk\n",
                 ":6: mail.server: a user without a password"),
                (desk + "server = smtp://mail.example\n"
                 f"password-file = {loose}\nuser = desk\n",
                 ":7: mail.password-file: "),
                (desk + "server = smtp://mail.example\n"
                 "ca-file = /nowhere/ca.pem\n", ":7: mail.ca-file: "),
                (desk + "server = smtps://mail.example\n"
                 "tls = opportunistic\n", None)):
            file.write_text(text)
            done = run(MAILFERRY, "config", "check", file)
            equal(done.status, 0 if says is None else 3, done.err)
            contains(done.err, says or "")
            check("secret" not in done.err, "a password in an error")


@case
def an_application_that_cannot_be_used_is_told():
    mailbox = "[intake]\nimap-url = imaps://mail.example\n"
    client = "oauth-client = 8d2a4c06\n"
    whole = client + "oauth-tenant = old.example\noauth-secret-file = s\n"
    with config_file("") as file:
        for text, says in (
                (mailbox + whole, None),
                (mailbox + whole + "password-file = p\n",
                 ":3: intake.oauth-client: the mailbox is opened by a password"),
                (mailbox + whole + "user = desk\n", None),
                ("[intake]\news-url = https://mail.example\n" + whole
                 + "user = desk\n", ":6: intake.user: on Exchange no user"),
                (mailbox + "ews-url = https://mail.example\n",
                 ":2: intake.imap-url: the mailbox is on Exchange already"),
                (mailbox + client + "oauth-tenant = t\n",
                 ":3: intake.oauth-client: its secret is missing"),
                (mailbox + client + "oauth-secret-file = s\n",
                 ":3: intake.oauth-client: it needs either a tenant or"),
                (mailbox + whole + "oauth-token-url = https://x.example/t\n",
                 ":3: intake.oauth-client: it needs either a tenant or"),
                (mailbox + client + "oauth-secret-file = s\n"
                 "oauth-token-url = http://x.example/t\n",
                 ":5: intake.oauth-token-url: this is no address by https"),
                (mailbox + "oauth-scope = all/.default\n",
                 ":3: intake.oauth-scope: it is of an application that is")):
            file.write_text(text)
            done = run(MAILFERRY, "config", "check", file)
            equal(done.status, 0 if says is None else 3, done.err)
            equal(done.err.count(f"{file}:"), 0 if says is None else 1,
                  done.err)
            contains(done.err, says or "")


if __name__ == "__main__":
    main()
