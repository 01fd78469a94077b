#!/usr/bin/env python3
"""mailferry dies at every step of a run that carries settings over, and is
started again: the destination has what the source has, nothing twice, and a
run after that writes nothing.

The oracle is what both servers tell a client that shares no code with
mailferry, and the lab's counters."""
import base64
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from both import client_of, nothing_was_sent, people  # noqa: E402
from owned import *  # noqa: E402,F403

WRITES = ("UpdateFolder", "AddDelegate", "UpdateDelegate", "RemoveDelegate",
          "UpdateInboxRules", "SetUserOofSettings", "CreateUserConfiguration",
          "UpdateUserConfiguration", "SetUserPhoto")
SHARED = ("msgfolderroot", "inbox", "calendar", "contacts")
LIST = (b'<?xml version="1.0"?><categories xmlns="CategoryList.xsd">'
        b'<category name="Work" color="1" guid="{2B7FC69C-7046-44A2-8FF3-'
        b'007D7467DC82}"/><category name="Home" color="-1"/></categories>')


# More than there are steps: each round dies over a mailbox of its own.
MAILBOXES = 90


def client(pair, side, who):
    return client_of(pair, side, who, "Exchange2016")


def set_up(pair, who):
    """A mailbox with some of each setting."""
    bob, dan = people(pair)[0][0], people(pair)[1][0]
    there = client(pair, "source", who)
    for name in SHARED[:2]:
        grant(there, name, ("Default", "None"), ("Anonymous", "None"),
              (bob, "Reviewer"), (dan, "Author"))
    grant(there, "calendar", ("Default", "Reviewer"), ("Anonymous", "None"),
          (bob, "Author"))
    for one in (bob, dan):
        add_delegate(there, who, one, (("Tasks", "Editor"),),
                     deliver="DelegatesOnly")
    for number, name in enumerate(("File", "Mark", "Mark", "Flag"), 1):
        # Two are alike: both are meant.
        add_rule(there, name, number, subject(name),
                 '<t:MoveToFolder><t:FolderId Id="' +
                 folder_id(there, "drafts") + '"/></t:MoveToFolder>')
    set_reply(there, who, "Enabled", "away")
    configure(there, "OWA.UserOptions", "root", "<t:Dictionary>" +
              option("signaturehtml", "String", "Ann") + "</t:Dictionary>")
    configure(there, "CategoryList", "calendar", "<t:XmlData>" +
              base64.b64encode(LIST).decode() + "</t:XmlData>")
    set_photo(there, who, b"a face")


def state(pair, side, who):
    """All of it, ids apart."""
    here = client(pair, side, who)
    drafts = folder_id(here, "drafts")
    listed, deliver = delegates(here, who)
    return {
        "rights": {name: granted(here, name) for name in SHARED},
        "delegates": (sorted(listed, key=str), deliver),
        "rules": [(name, on, values, [(a, "drafts" if v == drafts else v)
                                      for a, v in actions])
                  for name, on, values, actions in rules(here)],
        "replies": reply(here, who),
        "options": options(here),
        "categories": categories(here),
        "photo": photo(here, who),
    }


def run_over(pair, who, **kwargs):
    """A migration of that mailbox alone, with a state file of its own."""
    file = pair.dir / f"{who}.csv"
    head, *rows = pair.admin_csv.read_text().splitlines()
    file.write_text("\n".join([head] + [row for row in rows
                                        if row.startswith(who + ",")]) + "\n")
    return pair.migrate("--settings", "all", "--verify", "nothing", file=file,
                        **kwargs)


def assert_whole(pair, who, what):
    there = state(pair, "destination", who)
    for part, value in state(pair, "source", who).items():
        equal(there[part], value, f"{what}: {part}")
    before = pair.counters("destination")
    done = run_over(pair, who)
    equal(done.status, 0, f"{what}: again: {done.out}{done.err}")
    asked = pair.counters("destination") - before
    equal({w: asked[f"requests.{w}"] for w in WRITES
           if asked[f"requests.{w}"]}, {}, f"{what}: writes of a further run")


def steps_of(pair, who):
    """How many steps of each name an undisturbed run takes."""
    log = pair.dir / "steps"
    done = run_over(pair, who, env={"MAILFERRY_STEP_LOG": str(log)})
    equal(done.status, 0, f"counting run: {done.out}{done.err}")
    names = [line.split()[1] for line in log.read_text().splitlines()]
    return collections.Counter(n for n in names if n in (*WRITES, "setting"))


@case
def every_step():
    with Pair(MAILBOXES, 1) as pair:
        unused = iter([source for source, _ in people(pair)[2:]])
        first = next(unused)
        set_up(pair, first)
        steps = steps_of(pair, first)
        for name in ("UpdateFolder", "AddDelegate", "UpdateInboxRules",
                     "SetUserOofSettings", "SetUserPhoto", "setting"):
            check(steps[name] > 0, f"there is no step {name}: {steps}")
        assert_whole(pair, first, "undisturbed")
        for name, count in sorted(steps.items()):
            for at in range(1, count + 1):
                what, who = f"killed at {name}:{at}", next(unused)
                set_up(pair, who)
                died = run_over(pair, who,
                                env={"MAILFERRY_DIE_AT": f"{name}:{at}"})
                equal(died.status, -signal.SIGKILL, what)
                done = run_over(pair, who)
                equal(done.status, 0, f"{what}: {done.out}{done.err}")
                assert_whole(pair, who, what)
        nothing_was_sent(pair)


if __name__ == "__main__":
    sys.exit(main())
