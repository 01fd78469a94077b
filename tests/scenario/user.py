#!/usr/bin/env python3
"""What belongs to a mailbox's user is carried over: rules, automatic replies,
signature and options, categories, photo; nothing is sent.

The oracle is what both servers tell a client that shares no code with
mailferry."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import client_of, nothing_was_sent, people  # noqa: E402
from owned import *  # noqa: E402,F403

WRITES = ("UpdateInboxRules", "SetUserOofSettings", "CreateUserConfiguration",
          "UpdateUserConfiguration", "SetUserPhoto")


def written(pair, before):
    asked = pair.counters("destination") - before
    return {w: asked[f"requests.{w}"] for w in WRITES
            if asked[f"requests.{w}"]}


def set_rules(client, bob):
    add_rule(client, "File", 1, subject("a &amp; b"),
             '<t:MoveToFolder><t:FolderId Id="' +
             folder_id(client, "drafts") + '"/></t:MoveToFolder>'
             "<t:StopProcessingRules>true</t:StopProcessingRules>",
             "<t:FromAddresses>" + address(bob) + "</t:FromAddresses>")
    add_rule(client, "On to Bob", 2, subject("x"),
             "<t:ForwardToRecipients>" + address(bob) +
             "</t:ForwardToRecipients>")
    add_rule(client, "Mark", 3, subject("y"),
             "<t:MarkAsRead>true</t:MarkAsRead>")


def expected_rules(there, new_bob, forwarding):
    return [
        ("File", "true", ["a & b", new_bob, "SMTP"],
         [("FolderId", folder_id(there, "drafts")),
          ("StopProcessingRules", "true")]),
        ("On to Bob", forwarding, ["x"], [("EmailAddress", new_bob)]),
        ("Mark", "true", ["y"], [("MarkAsRead", "true")]),
    ]


USERS = ("--settings", "rules,replies,options,categories,photo")


LIST = (b'<?xml version="1.0"?><categories default="Work" '
        b'xmlns="CategoryList.xsd"><category name="Work" color="1" guid="{'
        b'2B7FC69C-7046-44A2-8FF3-007D7467DC82}"/><category name="Home" '
        b'color="-1" keyboardShortcut="2"/></categories>')


@case
def carried_over_once():
    with Pair(2, 20) as pair:
        (ann, new_ann), (bob, new_bob) = people(pair)
        source = client_of(pair, "source", ann, "Exchange2016")
        there = client_of(pair, "destination", new_ann, "Exchange2016")
        set_rules(source, bob)
        set_reply(source, ann, "Enabled", "&lt;b&gt;away&lt;/b&gt;")
        configure(source, "OWA.UserOptions", "root", "<t:Dictionary>" +
                  option("signaturehtml", "String", "&lt;i&gt;Ann&lt;/i&gt;") +
                  option("autoaddsignature", "Boolean", "True") +
                  option("navigationbarwidth", "Integer32", "300") +
                  "</t:Dictionary>")
        set_photo(source, ann, b"a face")
        configure(source, "CategoryList", "calendar", "<t:XmlData>" +
                  base64.b64encode(LIST).decode() + "</t:XmlData>")
        done = pair.migrate(*USERS)
        equal(done.status, 0, f"exit status: {done.out}{done.err}")

        equal(rules(there), expected_rules(there, new_bob, "false"), "rules")
        equal(reply(there, new_ann),
              ["Enabled", "Known", "<b>away</b>", "out"], "replies")
        equal(options(there), {"signaturehtml": "<i>Ann</i>",
                               "autoaddsignature": "true"}, "options")
        got = categories(there)
        equal((got.get("Work"), got.get("Home")), ("1", "-1"), "categories")
        equal(photo(there, new_ann), [b"a face"], "photo")
        nothing_was_sent(pair)

        # Ann is back, and nobody sends her away again.
        set_reply(there, new_ann, "Disabled", "back")
        before = pair.counters("destination")
        done = pair.mailferry("settings", *USERS)
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        equal(written(pair, before), {}, "writes of a second run")
        equal(reply(there, new_ann)[0], "Disabled", "replies")

        # After cutover.
        done = pair.mailferry("settings", "--settings", "rules",
                              "--enable-forwarding")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        equal(rules(there), expected_rules(there, new_bob, "true"), "rules")
        nothing_was_sent(pair)


@case
def died_in_between():
    """The answer to a rule is lost after the server made it: it is not made
    again."""
    with Pair(2, 20) as pair:
        (ann, new_ann), (bob, new_bob) = people(pair)
        there = client_of(pair, "destination", new_ann, "Exchange2016")
        set_rules(client_of(pair, "source", ann, "Exchange2016"), bob)
        equal(pair.migrate().status, 0, "exit status")
        for step in ("setting", "setting:2"):
            pair.mailferry("settings", "--settings", "rules",
                           env={"MAILFERRY_DIE_AT": step})
        done = pair.mailferry("settings", "--settings", "rules")
        equal(done.status, 0, f"exit status: {done.out}{done.err}")
        equal(rules(there), expected_rules(there, new_bob, "false"), "rules")


SENDING = ("ForwardToRecipients", "RedirectToRecipients",
           "ForwardAsAttachmentToRecipients")


@case
def what_sends_mail_waits_and_nothing_is_sent():
    """Round after round, with rules of every kind that sends, rights that
    are nobody's level, and mail that such a rule would take."""
    with Pair(2, 20) as pair:
        (ann, new_ann), (bob, new_bob) = people(pair)
        source = client_of(pair, "source", ann, "Exchange2016")
        there = client_of(pair, "destination", new_ann, "Exchange2016")
        for n, action in enumerate(SENDING, 1):
            # whatever comes has an "e" in its subject
            add_rule(source, action, n, subject("e"),
                     f"<t:{action}>{address(bob)}</t:{action}>")
        grant(source, "inbox", ("Default", "None"), ("Anonymous", "None"),
              (bob, "Custom", CUSTOM))
        parts = ("--settings", "rules,permissions")
        states = []
        for more in ((), (), ("--enable-forwarding",), ()):
            pair.add(10, seed=10 + len(states))
            equal(pair.migrate().status, 0, "migrate")
            done = pair.mailferry("settings", *parts, *more)
            equal(done.status, 0, f"exit status: {done.out}{done.err}")
            nothing_was_sent(pair)
            states.append([enabled for _, enabled, _, _ in rules(there)])
        equal(states, [["false"] * 3] * 2 + [["true"] * 3] * 2,
              "enabled when a person says so, and left so")
        equal([(name, to) for name, _, _, [(_, to)] in rules(there)],
              [(action, new_bob) for action in SENDING], "what they do")
        rights = granted(source, "inbox")[bob]
        check(isinstance(rights, dict), f"the test's custom rights: {rights}")
        equal(granted(there, "inbox")[new_bob], rights, "rights")


def alias_at(pair, side, address):
    """A mailbox's other address, from the lab's own state."""
    with sqlite3.connect(f"file:{pair.path}/{side}.db?mode=ro",
                         uri=True) as state:
        return state.execute(
            "SELECT alias.address FROM alias JOIN mailbox ON mailbox.key = "
            "alias.mailbox WHERE mailbox.address = ?", (address,)).fetchone()[0]


@case
def mail_that_is_sent_on_to_the_other_side():
    """From the old mailbox to the new one and back: check says so, and the
    settings do not make it a circle."""
    with Pair(1, 20) as pair:
        [(ann, new_ann)] = people(pair)
        new = alias_at(pair, "destination", new_ann)
        text = pair.admin_csv.read_text().replace(f",,,{new_ann},,,",
                                                  f",,,{new},,,")
        check(new in text, f"the import file: {text}")
        pair.admin_csv.write_text(text)
        source = client_of(pair, "source", ann, "Exchange2016")
        there = client_of(pair, "destination", new_ann, "Exchange2016")
        equal(pair.migrate().status, 0, "migrate")
        done = pair.mailferry("check", "--json")
        check('"forwarded"' not in done.out, f"nothing yet: {done.out}")
        add_rule(source, "Over", 1, subject("x"),
                 f"<t:RedirectToRecipients>{address(new)}"
                 "</t:RedirectToRecipients>")
        done = pair.mailferry("check")
        equal(done.status, 0, done.err)
        said = " ".join(done.out.split())
        contains(said, f'the source\'s rule "Over" sends mail on to {new}')
        contains(said, "Disable-InboxRule RULE -Mailbox USER")

        done = pair.mailferry("settings", "--settings", "rules",
                              "--enable-forwarding")
        contains(" ".join(done.out.split()), "not mapped")
        equal(rules(there), [], "no rule that would send in a circle")
        equal(pair.counters("destination")["requests.UpdateInboxRules"], 0,
              "writes")
        nothing_was_sent(pair)


@case
def servers_without():
    """What a version lacks is said, and is no failure."""
    for more in (["--version", "2007_SP1"],
                 ["--lacks", "GetInboxRules,GetUserPhoto,SetUserPhoto"]):
        with Pair(2, 10, options=more) as pair:
            (ann, new_ann), _ = people(pair)
            source = client_of(pair, "source", ann, "Exchange2007_SP1")
            there = client_of(pair, "destination", new_ann,
                              "Exchange2007_SP1")
            set_reply(source, ann, "Enabled", "away")
            done = pair.migrate(*USERS)
            equal(done.status, 0, f"{more}: {done.out}{done.err}")
            contains(done.out, "left out", str(more))
            equal(reply(there, new_ann)[0], "Enabled", f"{more}: replies")
            nothing_was_sent(pair)


if __name__ == "__main__":
    sys.exit(main())
