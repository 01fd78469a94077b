#!/usr/bin/env python3
"""x500.csv: the old organisation's names of everybody who was moved, with
the cmdlets, held against the lab's directory."""
import csv
import pathlib
import re
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from by_hand import ews, mailbox_of  # noqa: E402 pylint: disable=all
from harness import *  # noqa: E402,F403 pylint: disable=all

CMDLET = "Cmdlet"
CMDLET_2007 = "Cmdlet for Exchange 2007"


def directory(pair):
    """legacyExchangeDN in lower case: mailbox address; the lab's own word."""
    with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                         uri=True) as state:
        return {dn.lower(): address for dn, address in state.execute(
            "SELECT legacy_dn, address FROM mailbox WHERE archive_of = 0")}


def report(pair, file=None):
    out = pair.dir / "reports"
    done = run(MAILFERRY, "report", file or pair.admin_csv, "--out", out)
    equal(done.status, 0, f"report: {done.err}")
    contains(done.out, "x500.csv")
    with open(out / "x500.csv", encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def mapped(rows):
    return {row["Legacy Exchange DN"].lower(): row for row in rows
            if row["Status"] == "map"}


def unquote(text):
    """What PowerShell makes of a string in single quotes."""
    check(text[0] == "'" and text[-1] == "'", f"no quoted string: {text}")
    return re.sub(r"(['\u2018-\u201b])\1", r"\1", text[1:-1])


def check_cmdlets(row):
    dn, mailbox = row["Legacy Exchange DN"], row["New Mailbox"]
    now = re.fullmatch(r"Set-Mailbox ('.*') -EmailAddresses @\{add=('.*')\}",
                       row[CMDLET])
    check(now, row[CMDLET])
    equal([unquote(part) for part in now.groups()], [mailbox, "X500:" + dn],
          "what the cmdlet says")
    then = re.fullmatch(r"\$m = Get-Mailbox ('.*'); \$m\.EmailAddresses\.Add\("
                        r"('.*')\); Set-Mailbox -Instance \$m",
                        row[CMDLET_2007])
    check(then, row[CMDLET_2007])
    equal([unquote(part) for part in then.groups()], [mailbox, "X500:" + dn],
          "what the cmdlet of 2007 says")


@case
def items_that_travel_as_mime_name_people_too():
    """Whom they name by the old directory's name alone the source's own
    directory knows."""
    old = ["source:--version=Exchange2007_SP1",
           "destination:--version=Exchange2007_SP1"]
    with Pair(1, 60, options=old) as pair:
        equal(pair.migrate().status, 0, "migrate")
        lab = directory(pair)
        found = mapped(report(pair))
        check(found, "nobody was found")
        for dn, row in found.items():
            equal(lab.get(dn), row["Old Address"].lower(), dn)
        check(pair.counters("source")["requests.ResolveNames"] > 0,
              "the directory was not asked")


@case
def everybody_who_was_moved_has_a_row():
    with Pair(3, 60) as pair:
        equal(pair.migrate().status, 0, "migrate")
        rows = report(pair)
        lab = directory(pair)
        found = mapped(rows)
        for dn, address in lab.items():
            check(dn in found, f"no row for {address}: {dn}\n{rows}")
            equal(found[dn]["Old Address"].lower(), address, "address")
            equal(found[dn]["New Mailbox"].lower(), address, "new mailbox")
            check_cmdlets(found[dn])
        for dn in found:
            check(dn in lab, f"a name that nobody has: {dn}")
        equal([row for row in rows if row["Status"] == "no old name seen"], [],
              "people without a name")
        # They are once each, however many items name them.
        names = [row["Legacy Exchange DN"].lower() for row in rows]
        equal(len(names), len(set(names)), "rows twice")
        equal(report(pair), rows, "the same report again")
        equal(pair.migrate().status, 0, "once more")
        equal(report(pair), rows, "nothing new after a delta")


# Nothing is so new: no item tells anybody's name.
NO_ITEMS = ["--since", "2099-01-01"]
HEADING = "does not tell what its directory calls the mailbox"


@case
def autodiscover_tells_whom_no_item_names():
    with Pair(3, 20) as pair:
        lab = directory(pair)
        before = pair.counters("source")
        equal(pair.migrate(*NO_ITEMS).status, 0, "migrate")
        asked = pair.counters("source") - before
        found = mapped(report(pair))
        equal({dn: row["Old Address"].lower() for dn, row in found.items()},
              lab, "the directory's names")
        for row in found.values():
            check_cmdlets(row)
        equal(asked["requests.autodiscover"], 3, "once a mailbox")
        equal(pair.migrate().status, 0, "migrate")
        equal((pair.counters("source") - before)["requests.autodiscover"], 3,
              "not again")
        equal(pair.counters("destination")["requests.autodiscover"], 0,
              "the destination is not asked")


@case
def check_asks_and_the_copying_need_not():
    with Pair(2, 20) as pair:
        done = pair.mailferry("check")
        equal(done.status, 0, done.err)
        check(HEADING not in done.out, f"all is well:\n{done.out}")
        equal(pair.counters("source")["requests.autodiscover"], 2, "check")
        equal(pair.migrate(*NO_ITEMS).status, 0, "migrate")
        equal(pair.counters("source")["requests.autodiscover"], 2, "migrate")
        equal(set(mapped(report(pair))), set(directory(pair)), "rows")


@case
def an_alias_in_the_import_file_is_still_the_mailbox():
    """Its items name the primary address, the row another one."""
    with Pair(1, 20) as pair:
        text = pair.admin_csv.read_text()
        mine = list(directory(pair).values())[0]
        with sqlite3.connect(f"file:{pair.path}/source.db?mode=ro",
                             uri=True) as state:
            (alias,) = state.execute("SELECT address FROM alias").fetchone()
        pair.admin_csv.write_text(text.replace(f"{mine},,,", f"{alias},,,", 1))
        equal(pair.migrate().status, 0, "migrate")
        rows = mapped(report(pair))
        check(set(rows) >= set(directory(pair)), f"the own name: {rows}")


def counter(name):
    return name.replace("__", ".").replace("_", "-")


def check_not_told(pair, why, **counted):
    """Said in check and in the report, with what to do; nothing fails."""
    done = pair.mailferry("check")
    equal(done.status, 0, done.err)
    said = " ".join(done.out.split())
    contains(said, HEADING)
    contains(said, why)
    contains(said, "Get-Mailbox USER | Format-List LegacyExchangeDN")
    for name, n in counted.items():
        equal(pair.counters("source")[counter(name)], n, name)
    equal(pair.migrate(*NO_ITEMS).status, 0, "migrate")
    for name, n in counted.items():
        equal(pair.counters("source")[counter(name)], 2 * n,
              f"{name} after another run")
    equal([row["Status"] for row in report(pair)], ["no old name seen"] * 3,
          "rows")
    contains(" ".join((pair.dir / "reports" / "report.html").read_text()
                      .split()), "its legacyExchangeDN is not known: ")
    # Once the items tell them, there is nothing to say any more.
    done = pair.migrate("--json")
    equal(done.status, 0, "migrate")
    check(HEADING not in done.out, f"a note that is not true:\n{done.out}")
    equal(set(mapped(report(pair))), set(directory(pair)), "rows")


@case
def no_autodiscover_is_no_failure():
    """One question a run in each form, however many mailboxes there are."""
    with Pair(3, 60, options=["source:--no-autodiscover"]) as pair:
        check_not_told(pair, "no Autodiscover at",
                       requests__autodiscover=2)


@case
def an_autodiscover_that_refuses_is_asked_once():
    """Each further try would be a failed logon of the one account."""
    with Pair(3, 60) as pair:
        pair.faults("source", "refuse-login:op=Autodiscover")
        check_not_told(pair, "refuses the user name or the password",
                       fault__refuse_login=1)


CONTACT = """<m:CreateItem><m:SavedItemFolderId><t:DistinguishedFolderId
Id="contacts"/></m:SavedItemFolderId><m:Items><t:Contact><t:FileAs>{name}
</t:FileAs><t:EmailAddresses><t:Entry Key="EmailAddress2" {routing}>{dn}
</t:Entry></t:EmailAddresses></t:Contact></m:Items></m:CreateItem>"""


def add_contact(pair, dn, version="Exchange2010_SP1"):
    """As Outlook keeps whom somebody has picked out of the directory."""
    routing = 'RoutingType="EX"' if version != "Exchange2007_SP1" else ""
    ews(pair, "source", mailbox_of(pair),
        CONTACT.format(name=dn[-6:], dn=dn, routing=routing)
        .replace("\n</t:", "</t:"), version)


def names_in(pair):
    return {row["Legacy Exchange DN"].lower(): row["Old Address"].lower()
            for row in report(pair)}


def contacts_name_people(options, version):
    with Pair(2, 20, options=options) as pair:
        equal(pair.migrate().status, 0, "migrate")
        before = pair.counters("source")["requests.ResolveNames"]
        # of nobody's mailbox: no address by chance
        gone = "/o=First Organization/ou=Gone/cn=Recipients/cn=nobody"
        add_contact(pair, gone, version)
        equal(pair.migrate().status, 0, "migrate")
        found = names_in(pair)
        equal(found.get(gone.lower()), "", f"whom a contact names: {found}")
        asked = pair.counters("source")["requests.ResolveNames"] - before
        check(asked >= 1, "the directory was not asked")
        # Nobody's name is not asked for again, whoever names it.
        before = pair.counters("source")["requests.ResolveNames"]
        add_contact(pair, gone, version)
        equal(pair.migrate().status, 0, "migrate")
        equal(pair.counters("source")["requests.ResolveNames"], before,
              "asked again")
        add_contact(pair, gone + "2", version)
        equal(pair.migrate().status, 0, "migrate")
        equal(pair.counters("source")["requests.ResolveNames"], before + 1,
              "asked for another name")


@case
def contacts_name_people_too():
    contacts_name_people([], "Exchange2010_SP1")


@case
def contacts_that_travel_by_properties_too():
    contacts_name_people(["source:--version=Exchange2007_SP1"],
                         "Exchange2007_SP1")


@case
def a_name_of_nobody_is_asked_for_a_week_later():
    with Pair(1, 20) as pair:
        gone = "/o=First Organization/ou=Gone/cn=Recipients/cn=nobody"
        add_contact(pair, gone)
        equal(pair.migrate().status, 0, "migrate")
        state = pathlib.Path(str(pair.admin_csv) + ".mailferry")
        with sqlite3.connect(state) as db:
            week = 7 * 24 * 3600 * 10**6
            db.execute("UPDATE exchange_names SET asked_us = asked_us - ? "
                       "WHERE asked_us <> 0", (week,))
        before = pair.counters("source")["requests.ResolveNames"]
        add_contact(pair, gone)
        equal(pair.migrate().status, 0, "migrate")
        check(pair.counters("source")["requests.ResolveNames"] > before,
              "not asked again")


@case
def others_of_the_organisation_are_listed_apart():
    """Nobody maps their names, and replies to them bounce too."""
    with Pair(3, 40) as pair:
        equal(pair.migrate().status, 0, "migrate")
        lab = directory(pair)
        one, two, three = sorted(lab.values())
        state = pathlib.Path(str(pair.admin_csv) + ".mailferry")
        # As if two of the three had been moved by somebody else.
        with sqlite3.connect(state) as db:
            db.execute("UPDATE mailboxes SET source = 'else-' || source, "
                       "legacy_dn = NULL WHERE source <> ?", (one,))
            db.execute("UPDATE exchange_names SET address = NULL WHERE "
                       "address = ?", (three,))
        rows = report(pair)
        equal({lab[dn] for dn in mapped(rows)}, {one}, "mapped")
        status = {row["Legacy Exchange DN"].lower(): row["Status"]
                  for row in rows}
        for dn, address in lab.items():
            equal(status[dn], {one: "map", two: "not in this migration",
                               three: "not in this migration, address unknown"}
                  [address], f"status of {address}")
        equal(sorted(row["Old Address"] for row in rows
                     if row["Status"] == "no old name seen"),
              [f"else-{two}", f"else-{three}"], "people without a name")
        # The lab's colleagues are of an organisation before that.
        elsewhere = [row for row in rows
                     if row["Status"] == "another organisation"]
        check(elsewhere, "nobody of another organisation")
        for row in rows:
            check(row["Status"] == "map" or not row[CMDLET], f"cmdlet: {row}")


@case
def new_addresses_that_need_quotes():
    """The destination's addresses are the import file's; odd ones too."""
    with Pair(1, 40) as pair:
        equal(pair.migrate().status, 0, "migrate")
        state = pathlib.Path(str(pair.admin_csv) + ".mailferry")
        odd = "o'brien\u2019s-gr\u00f6\u00dfe@new.example"
        with sqlite3.connect(state) as db:
            db.execute("UPDATE mailboxes SET destination = ?", (odd,))
            db.execute("INSERT INTO exchange_names (migration, number, dn, "
                       "address) SELECT 1, 1001, ?, source FROM mailboxes",
                       ('/o=Old/cn=O\u2018Brien "x" \u00fc, $(calc)',))
            db.execute("INSERT INTO exchange_names (migration, number, dn, "
                       "address) VALUES (1, 1002, '/o=Old/cn=x', "
                       "'=cmd|x!A1')")
        rows = report(pair)
        check(len(mapped(rows)) >= 2, "rows")
        for row in mapped(rows).values():
            equal(row["New Mailbox"], odd, "new mailbox")
            check_cmdlets(row)
        text = (pair.dir / "reports" / "x500.csv").read_text()
        for row in csv.reader(text.splitlines()):
            for cell in row:
                check(cell[:1] not in ("=", "+", "-", "@"),
                      f"a spreadsheet would run {cell}")


if __name__ == "__main__":
    main()
