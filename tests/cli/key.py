#!/usr/bin/env python3
"""The key that seals: made once and for its owner alone, told by its id,
rotated without losing what the old one opens; never printed."""
import base64
import hashlib
import pathlib
import stat
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all


def keys(file):
    return [base64.b64decode(line.split()[1], validate=True)
            for line in file.read_text().splitlines()]


def key_id(key):
    """As src/base/seal.c has it, by Python's own BLAKE2b."""
    return hashlib.blake2b(b"mailferry key id", key=key,
                           digest_size=16).hexdigest()[:16]


def key(action, file, **kwargs):
    done = run(MAILFERRY, "key", action, "--key-file", file, **kwargs)
    if file.exists():
        for one in keys(file):
            check(base64.b64encode(one).decode() not in done.out + done.err,
                  f"key {action} shows a key")
    return done


@contextlib.contextmanager
def place():
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder) / "sealing.key"


@case
def a_new_key_is_its_owners_alone_and_stays():
    with place() as file:
        done = key("new", file)
        equal(done.status, 0, done.err)
        equal(stat.S_IMODE(file.stat().st_mode), 0o600, "mode")
        [one] = keys(file)
        equal(len(one), 32, "bytes of the key")
        contains(done.out, key_id(one))
        before = file.read_text()
        again = key("new", file)
        equal(again.status, 3, again.out)
        contains(again.err, "File exists")
        equal(file.read_text(), before, "the key file")


@case
def rotating_keeps_the_old_key_behind_the_new():
    with place() as file:
        equal(key("new", file).status, 0, "new")
        [old] = keys(file)
        done = key("rotate", file)
        equal(done.status, 0, done.err)
        new, behind = keys(file)
        equal(behind, old, "the old key")
        check(new != old, "the key is the same")
        equal(key("show-id", file).out,
              f"{key_id(new)} seals\n{key_id(old)} opens only\n", "show-id")
        equal(stat.S_IMODE(file.stat().st_mode), 0o600, "mode")
        third = key("rotate", file)
        equal(third.status, 3, third.out)
        contains(third.err, f"key {key_id(old)} has not been retired yet")
        equal(keys(file), [new, old], "keys")


@case
def a_key_that_others_can_read_is_refused():
    with place() as file:
        equal(key("new", file).status, 0, "new")
        file.chmod(0o640)
        for action in ("show-id", "rotate"):
            done = key(action, file)
            equal(done.status, 3, done.out)
            contains(done.err, "can be read by other users")


@case
def the_configuration_says_where_it_is():
    with place() as file:
        done = run(MAILFERRY, "key", "new", env={
            "MAILFERRY_SERVICE_DATA_DIRECTORY": str(file.parent)})
        equal(done.status, 0, done.err)
        check(file.exists(), "no file in the data directory")


if __name__ == "__main__":
    main()
