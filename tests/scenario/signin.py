#!/usr/bin/env python3
"""Getting in where a server makes it hard: what is said, with which remedy,
and that nothing is made worse."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from odd import *  # noqa: E402,F403


def without(options, *names):
    """The options but those, each of which has a value."""
    kept, words = [], iter(options)
    for word in words:
        if word in names:
            next(words)
        else:
            kept.append(word)
    return kept


def accounts_of(pair, *numbers):
    """A file of accounts; the passwords are in the other import file."""
    rows = [line.split(",") for line in
            pair.passwords_csv.read_text().splitlines()[1:]]
    file = pair.dir / "accounts"
    file.write_text("UserName,Password\n" + "".join(
        f"{row[1]},{row[2]}\n" for row in rows
        if row[0] in [user(n) for n in numbers]))
    file.chmod(0o600)
    return without(pair.options(), "--source-admin",
                   "--source-password-file") + ["--source-accounts", str(file)]


def with_wrong_password(pair):
    file = pair.dir / "wrong"
    file.write_text("not-the-password\n")
    file.chmod(0o600)
    return without(pair.options(), "--source-password-file") + [
        "--source-password-file", str(file)]


def refused(pair, *texts, options=None, status=3):
    done = pair.migrate(options=options)
    equal(done.status, status, f"exit status: {done.out}{done.err}")
    for text in texts:
        contains(done.out + done.err, text)
    equal(pair.counters("destination")["requests.UploadItems"], 0, "uploads")
    return done


@case
def a_login_that_locks():
    """A dozen failures lock it: a wrong password is tried once a run, and a
    locked login is told as what it may be, and not tried on."""
    with Pair(4, 4, options=["--lockout=3"]) as pair:
        refused(pair, "refuses the user name or the password",
                "locked for some minutes", options=with_wrong_password(pair))
        equal(pair.counters("source")["refused.401"], 1, "tries of one run")
        # So nothing is locked, and the right one opens at once.
        equal(pair.mailferry("check").status, 0, "the right password")
        for _ in range(3):
            refused(pair, "password", options=with_wrong_password(pair))
        before = pair.counters("source")["refused.401"]
        refused(pair, "locked for some minutes")
        equal(pair.counters("source")["refused.401"] - before, 1,
              "tries of a locked login")
        pair.control("source", "/lab/unlock")
        equal(pair.migrate().status, 0, "when it is over")
        pair.assert_moved()


@case
def extended_protection():
    """NTLM to its end, and a 401: more than a wrong password may be why."""
    with Pair(1, 4, options=["source:--extended-protection=require"]) as pair:
        refused(pair, "Extended Protection", "locked for some minutes")
    with Pair(1, 4, options=["source:--auth=basic"]) as pair:
        done = refused(pair, "password", options=with_wrong_password(pair))
        check("Extended Protection" not in done.out + done.err,
              "Basic has nothing to do with it")


@case
def a_password_that_expired():
    """Said with its own cause; found out once, not by each mailbox."""
    for code, text in (("ErrorPasswordExpired", "password has expired"),
                       ("ErrorPasswordChangeRequired", "must change its")):
        with Pair(3, 3) as pair:
            pair.faults("source", f"soap:code={code}")
            refused(pair, code, text, "set a new password",
                    "administrator@contoso.example")
            equal(pair.counters("source")["requests"], 1, f"{code}: requests")
            pair.faults("source")
            equal(pair.migrate().status, 0, "with a new one")
            pair.assert_moved()


@case
def an_account_that_is_disabled():
    with Pair(2, 2) as pair:
        pair.faults("source", "soap:code=ErrorAccountDisabled")
        refused(pair, "ErrorAccountDisabled", "is disabled", "enable it")


@case
def an_account_without_the_right_to_a_mailbox():
    """The next one is asked for that mailbox; each works by its own rights."""
    grants = [f"source:--full-access={user(who)}={user(whose)}"
              for who, whose in ((5, 1), (5, 2), (6, 3), (6, 4))]
    with Pair(6, 8, options=["source:--no-impersonation", *grants]) as pair:
        options = accounts_of(pair, 5, 6)
        done = pair.migrate("--json", "--mailboxes", 3, options=options)
        equal(done.status, 0, f"migrate: {done.out[-3000:]}{done.err}")
        equal(set(ends(done).values()), {"verified"}, "states")
        pair.assert_moved()
        counters = pair.counters("source")
        shares = [counters[f"mailbox.{user(n)}.requests"] for n in (5, 6)]
        check(min(shares) * 3 > max(shares), f"shares are {shares}")
        done = pair.migrate("--json", options=options)
        equal((done.status, copied(done)), (0, 0), "run again")
    with Pair(6, 1, options=["source:--no-impersonation", *grants[:3]]) as pair:
        done = pair.migrate("--json", options=accounts_of(pair, 5, 6))
        equal(done.status, 2, f"migrate: {done.out[-3000:]}{done.err}")
        equal(sorted(who for who, state in ends(done).items()
                     if state == "verified"),
              [user(n) for n in (1, 2, 3, 5, 6)], "mailboxes")
        contains(done.out, "none of the 2 accounts may")
        contains(done.out, "docs/exchange-permissions.md")


@case
def a_form_in_front_of_ews():
    with Pair(1, 2, options=["source:--forms-login"]) as pair:
        refused(pair, "a web form stands where EWS should be",
                "NTLM", "Basic")


@case
def cookies_of_a_mailbox():
    """A load balancer gives each mailbox a server: all lanes go there, and
    none with another mailbox's cookie."""
    with Pair(2, 40, options=["--affinity-cookie=X-BackEndCookie",
                              "--affinity-delay=0"]) as pair:
        done = pair.migrate("--lanes", 4)
        equal(done.status, 0, f"{done.out}{done.err}")
        for side in ("source", "destination"):
            counters = pair.counters(side)
            check(counters["cookie.right"] > 20, f"{side}: {counters}")
            check(counters["connections.most"] > 3, "one connection a side")
            equal((counters["cookie.missing"], counters["cookie.foreign"]),
                  (2, 0), f"{side}: requests without, or with another's")
        pair.assert_moved()


if __name__ == "__main__":
    main()
