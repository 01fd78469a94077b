#!/usr/bin/env python3
"""A certificate says what the labs hold, and anybody can check it: with our
command, and with OpenSSL and Python alone."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from fleet import Fleet  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all

OPTIONS = '{"doubt-wait":1,"verify":"full"}'
DER = bytes.fromhex("302a300506032b6570032100")  # SubjectPublicKeyInfo, RFC 8410


def verdicts(certificate):
    return certificate["totals"]["verdicts"]


def openssl_checks(file, key, folder):
    """As docs/guide/desk.md describes it; nothing of ours takes part."""
    whole = json.loads(file.read_text())
    plain = json.dumps(whole["certificate"], sort_keys=True,
                       separators=(",", ":"), ensure_ascii=False)
    (folder / "plain").write_bytes(
        b"mailferry-certificate-1\n" + plain.encode())
    (folder / "value").write_bytes(bytes.fromhex(whole["signature"]["value"]))
    (folder / "key.der").write_bytes(DER + bytes.fromhex(key))
    done = run("openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER",
               "-inkey", folder / "key.der", "-rawin", "-in", folder / "plain",
               "-sigfile", folder / "value")
    return done.status == 0


@case
def what_was_lost_stands_in_it_and_what_is_altered_shows():
    with Pair(mailboxes=2, items=12) as pair, Fleet(pair) as fleet:
        number = fleet.add(OPTIONS)
        file = fleet.dir / "certificate.json"
        contains(fleet.command("certificate", "make", number, status=3).err,
                 "has been verified yet")
        fleet.migration("start", number)
        fleet.start("worker", "--at-once", 2)
        fleet.wait_done(number)
        moved = len(pair.digest("destination", "--all"))
        file.write_text(fleet.command("certificate", "make", number).out)
        whole = json.loads(file.read_text())["certificate"]
        equal(verdicts(whole).get("verified"), moved, "equal items")
        check("missing" not in verdicts(whole), "missing")
        equal([m["content"]["items"] for m in whole["mailboxes"]],
              [m["verdicts"]["verified"] for m in whole["mailboxes"]],
              "digests")
        key = fleet.command("key", "show").out.split()[0]
        done = fleet.command("certificate", "verify", file, "--key", key)
        contains(done.out, f"2 mailboxes: {moved} items equal")
        check(openssl_checks(file, key, fleet.dir), "OpenSSL refuses it")
        contains(fleet.command("certificate", "html", file).out,
                 "No item was found missing")

        pair.control("destination", "/lab/change?delete=1")
        fleet.migration("start", number, "--pass", "verify")
        fleet.wait_done(number)
        lost = moved - len(pair.digest("destination", "--all"))
        check(lost > 0, "nothing was deleted")
        file.write_text(fleet.command("certificate", "make", number).out)
        whole = json.loads(file.read_text())["certificate"]
        equal(verdicts(whole).get("missing"), lost, "missing items")
        told = [d["verdict"] for m in whole["mailboxes"]
                for d in m["differences"]]
        equal(told, ["missing"] * lost, "differences")
        contains(fleet.command("certificate", "html", file).out,
                 "What is not equal")

        published = fleet.dir / "published"
        published.write_text(fleet.command("key", "show").out)
        done = fleet.command("certificate", "verify", file, "--key", published)
        contains(done.out, f"{lost} missing")
        file.write_text(file.read_text().replace(
            f'"missing": {lost}', '"missing": 0'))
        contains(fleet.command("certificate", "verify", file, "--key",
                               published, status=1).err, "altered")
        check(not openssl_checks(file, key, fleet.dir), "OpenSSL takes it")


@case
def who_signed_is_not_learnt_from_the_file():
    with Pair(mailboxes=1, items=4) as pair, Fleet(pair) as fleet:
        number = fleet.add(OPTIONS)
        fleet.migration("start", number)
        fleet.start("worker", "--at-once", 1)
        fleet.wait_done(number)
        fleet.stop("worker")
        file = fleet.dir / "certificate.json"
        file.write_text(fleet.command("certificate", "make", number).out)
        old = fleet.command("key", "show").out.split()[0]
        fleet.command("certificate", "verify", file, status=64)
        contains(fleet.command("certificate", "verify", file, "--key",
                               "0" * 64, status=1).err, "another key")
        contains(fleet.command("certificate", "verify", file, "--key",
                               file, status=3).err, "no public key")
        # a rotated key signs anew; the old one still checks what it signed
        fleet.command("key", "rotate")
        fleet.command("key", "retire")
        new = fleet.command("key", "show").out.split()[0]
        check(new != old, "the same public key")
        fleet.command("certificate", "verify", file, "--key", old)
        file.write_text(fleet.command("certificate", "make", number).out)
        fleet.command("certificate", "verify", file, "--key", old, status=1)
        fleet.command("certificate", "verify", file, "--key", new)


if __name__ == "__main__":
    main()
