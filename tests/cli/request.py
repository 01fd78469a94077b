#!/usr/bin/env python3
"""Requests at the command line, for an operator without a browser."""
import csv
import io
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from desk import *  # noqa: E402,F403 pylint: disable=all


@contextlib.contextmanager
def desk():
    """Without a service that runs: only what lies in the database."""
    with Desk(start=False, operators=False) as d:
        d.people()
        yield d


def fields(text):
    return [line.split("\t") for line in text.splitlines()]


@case
def the_list_is_filtered():
    with desk() as d:
        d.request()
        d.request("quoted", domain="quoted.example")
        d.request("awaiting information", account=2, partner="P-2002",
                  opened_by="olga@other.example", domain=None)
        rows = fields(d.command("request", "list").out)
        equal([row[:5] for row in rows], [
            ["1001", "received", "P-1001", "acme.example",
             "anna@acme.example"],
            ["1002", "quoted", "P-1001", "quoted.example",
             "anna@acme.example"],
            ["1003", "awaiting information", "P-2002", "-",
             "olga@other.example"]], "all")
        for words, want in (
                (["--state", "quoted,awaiting-information"],
                 ["1002", "1003"]),
                (["--account", "p-2002"], ["1003"]),
                (["--find", "OLGA@"], ["1003"]),
                (["--find", "quoted.ex", "--state", "received"], [])):
            rows = fields(d.command("request", "list", *words).out)
            equal([row[0] for row in rows], want, f"{words}")
        shown = json.loads(d.command("request", "list", "--json").out)
        equal([one["state"] for one in shown],
              ["received", "quoted", "awaiting information"], "as JSON")
        contains(d.command("request", "list", "--account", "P-9",
                           status=3).err, 'no account of Partner ID "P-9"')


@case
def one_is_shown_with_all_that_belongs_to_it():
    with desk() as d:
        number = d.request("awaiting information", owa_url=None,
                           missing="owa-url\ncredentials",
                           start_day="2027-01-04")
        d.mail("one@acme.example", number, redacted=1)
        d.command("request", "note", number, "called them")
        text = d.command("request", "show", number).out
        for part in (f"Request {number}: awaiting information",
                     "anna@acme.example", "P-1001", "2027-01-04",
                     "opens a request: Managed Migration Request "
                     "(passwords taken out)", "command line",
                     "request.note: called them"):
            contains(text, part)
        missing = text.split("Missing:\n")[1].split("\n\n")[0].splitlines()
        equal(len(missing), 2, "missing")
        shown = json.loads(d.command("request", "show", number,
                                     "--json").out)
        equal([one["piece"] for one in shown["missing"]],
              ["owa-url", "credentials"], "missing")
        equal([one["messageId"] for one in shown["mails"]],
              ["one@acme.example"], "mails")
        equal([(one["action"], one["detail"]) for one in shown["timeline"]],
              [("request.note", "called them")], "timeline")
        equal((shown["quote"], shown["migration"], shown["hasPassword"]),
              (None, None, False), "what is not there")
        contains(d.command("audit", "verify").out, "lines hold together")


@case
def a_quote_is_shown_line_by_line():
    with desk() as d:
        number = d.request("quoted")
        text = d.command("request", "show", number).out
        contains(text, "  Mailboxes 1 to 10: 10 at 25.00 = 250.00\n")
        contains(text, "  Mailboxes 11 to 12: 2 at 20.00 = 40.00\n")
        contains(text, "  Total: 290.00 EUR, plus 19 % VAT\n")
        # one that was taken back
        with d.database() as db:
            db.execute("UPDATE requests SET quote = ''")
        check("Quote" not in d.command("request", "show", number).out,
              "a quote that is none is shown")


@case
def a_mail_of_the_tray_is_seen_to_once():
    with desk() as d:
        number = d.request()
        a = d.mail("a@x", place="tray", sender="", verdict="no-sender")
        b = d.mail("b@x", place="tray", verdict="wrong-pair")
        d.mail("c@x", number)
        rows = fields(d.command("request", "tray").out)
        equal([(row[0], row[2], row[3]) for row in rows],
              [(str(a), "-", "no-sender"),
               (str(b), "anna@acme.example", "wrong-pair")], "tray")
        equal([one["id"] for one in
               json.loads(d.command("request", "tray", "--json").out)],
              [a, b], "as JSON")
        equal(d.command("request", "mail", a).out,
              "From: anna\r\n\r\nHello\r\n".replace("\r\n", "\n"), "raw")
        d.command("request", "place", a, "--request", number,
                  "--reason", "she said so on the telephone")
        d.command("request", "done", b)
        equal(d.command("request", "tray").out, "", "nothing is left")
        done = d.command("request", "done", a, status=3)
        contains(done.err, f"mail {a} is not in the tray")
        contains(done.err, "somebody has seen to it already")
        shown = json.loads(d.command("request", "show", number,
                                     "--json").out)
        equal([one["id"] for one in shown["mails"]], [a, 3], "mails")
        equal(shown["timeline"][-1]["detail"],
              f"mail {a}: she said so on the telephone", "trail")


@case
def the_invoice_is_of_what_was_approved():
    with desk() as d:
        number = d.request("completed")
        rows = list(csv.DictReader(io.StringIO(
            d.command("request", "invoice", number).out)))
        equal([(row["Partner ID"], row["Account"], row["Count"], row["Each"],
                row["Amount"], row["Currency"]) for row in rows],
              [("P-1001", "Acme", "10", "25.00", "250.00", "EUR"),
               ("P-1001", "Acme", "2", "20.00", "40.00", "EUR")], "lines")
        lines = json.loads(d.command("request", "invoice", number,
                                     "--json").out)
        equal((lines["total"], lines["request"]), (29000, number), "JSON")
        for state in ("quoted", "refused", "cancelled"):
            other = d.request(state, quote=quote())
            done = d.command("request", "invoice", other, status=3)
            contains(done.err, f"request {other} is {state}: nothing of it "
                     "is billed")
        # cancelled after it had begun
        with d.database() as db:
            db.execute("INSERT INTO audit (id, at_us, actor, action, subject,"
                       " hash) VALUES (99, 1, 'desk', 'request.start', ?,"
                       " zeroblob(32))", [f"request {other}"])
        contains(d.command("request", "invoice", other).out, "250.00")


@case
def what_is_decided_stands_on_the_trail():
    with desk() as d:
        for words, state, then, action, detail in (
                (["refuse", "--reason", "not yours", "--remedy", "prove it"],
                 "received", "refused", "request.refuse", "not yours"),
                (["cancel", "--reason", "they called"], "scheduled",
                 "cancelled", "request.cancel", "they called"),
                (["approve-by-hand", "--reason", "signed on paper"], "quoted",
                 "approved", "request.approve", "signed on paper"),
                (["schedule", "--start", "2099-01-05"], "approved",
                 "scheduled", "request.schedule", "scheduled"),
                (["schedule", "--start", "2099-01-06", "--cutover",
                  "2099-01-09"], "scheduled", "scheduled",
                 "request.reschedule", None)):
            number = d.request(state)
            d.command("request", words[0], number, *words[1:])
            equal(d.state(number), then, f"{words}")
            actor, what, told = d.trail(number)[-1]
            equal((actor, what), ("command line", action), f"{words}")
            contains(told or "", detail or "")
            mail = d.outbox()[-1]
            equal(mail[3], "anna@acme.example", "who is told")
            contains(mail[4], f"[MF-{number}]")
        equal((d.row(number)["start_day"], d.row(number)["cutover_day"]),
              ("2099-01-06", "2099-01-09"), "days")


@case
def what_is_too_early_or_late_says_what_comes_first():
    with desk() as d:
        for words, state, says, remedy in (
                (["approve-by-hand", "--reason", "x"], "received",
                 'cannot take "approve"', "ask for a quote"),
                (["refuse", "--reason", "x"], "running",
                 'cannot take "refuse"', "can only be cancelled"),
                (["cancel"], "cut over", 'cannot take "cancel"',
                 "its mailboxes are in use"),
                (["schedule", "--start", "2099-01-05"], "quoted",
                 'cannot take "schedule"', "has to be approved first"),
                (["schedule", "--start", "2020-01-05"], "approved",
                 "is over", "a later day"),
                (["schedule", "--start", "05.01.2099"], "approved",
                 "a date is none", "2026-12-01")):
            number = d.request(state)
            done = d.command("request", words[0], number, *words[1:],
                             status=3)
            contains(done.err, says, f"{words}")
            contains(done.err, remedy, f"{words}")
            equal((d.state(number), d.trail(number)), (state, []),
                  "nothing was done")
        equal(d.outbox(), [], "mails")


@case
def what_is_wrong_is_said():
    with desk() as d:
        for words, says, status in (
                (["show"], "argument ID is missing", 64),
                (["show", "x"], '"x" is no number', 64),
                (["show", "99"], "there is no request 99", 3),
                (["invoice", "99"], "there is no request 99", 3),
                (["note", "99"], "argument TEXT is missing", 64),
                (["note", "99", "x"], "request 99", 3),
                (["list", "1", "x"], 'a text is for "note" alone', 64),
                (["place", "1"], "--request is missing", 64),
                (["mail", "99"], "there is no mail 99", 3),
                (["refuse", "99"], "--reason is missing", 64),
                (["approve-by-hand", "99"], "--reason is missing", 64),
                (["schedule", "99"], "--start is missing", 64),
                (["cancel", "99"], "there is no request 99", 3),
                (["done", "99"], "mail 99", 3),
                (["list", "--state", "open"], '"open"', 64)):
            done = d.command("request", *words, status=status)
            contains(done.err, says, f"{words}")


if __name__ == "__main__":
    main()
