#!/usr/bin/env python3
"""The page that leads the first operator to a finished trial run."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all
from browser import *  # noqa: E402,F403 pylint: disable=all


@case
def from_nothing_to_a_finished_trial():
    with Pair(mailboxes=2, items=8) as pair, over_tls(
            Service, "--at-once", 2, env={
                "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
                "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8",
            }) as service:
        browse(service, "start", "trial", {"admin": service.cookie()},
               env=str(pair.path / "env"), file=str(pair.passwords_csv))
        pair.assert_moved()


if __name__ == "__main__":
    main()
