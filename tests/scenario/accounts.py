#!/usr/bin/env python3
"""Accounts and their contacts, at the command line beside a running service
and over HTTP: who they are, how they get in, what they then see."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all


@case
def commands_work_while_the_service_runs():
    with Service() as service:
        command = service.command
        command("account", "add", "P-1001", "--name", "Contoso",
                "--domain", "contoso.example",
                "--verified-domain", "sure.example")
        command("contact", "add", "pat@contoso.example", "--account", "p-1001",
                "--role", "primary,technical", "--name", "Pat")
        command("operator", "add", "dora@example.com", "--password-file",
                service.password_file)
        # the service knows at once
        equal(service.sign_in("dora@example.com").status, 201, "sign in")
        equal(command("account", "list").out,
              "1\tP-1001\tContoso\tcontoso.example, sure.example (verified)\n",
              "accounts")
        equal(command("contact", "list", "--account", "P-1001").out,
              "1\taccount 1\tpat@contoso.example\tPat\tprimary,technical\n",
              "contacts")
        command("account", "change", "P-1001", "--verified-domain",
                "contoso.example", "--remove-domain", "sure.example",
                "--partner", "P-7")
        equal(command("account", "list", "P-7").out,
              "1\tP-7\tContoso\tcontoso.example (verified)\n", "changed")
        command("contact", "change", "pat@contoso.example", "--account", "P-7",
                "--disable", "--role", "billing")
        equal(command("contact", "list").out,
              "1\taccount 1\tpat@contoso.example\tPat\tbilling\tdisabled\n",
              "changed")
        trail = answer_json(service.ask(
            "GET", "/api/v1/audit", cookie=service.cookie()))["items"]
        equal([one["action"] for one in trail if one["actor"] == "command line"],
              ["operator.add", "operator.add", "account.add", "contact.add",
               "operator.add", "account.change", "contact.change"], "trail")
        contains(command("audit", "verify").out, "lines hold together")
        command("contact", "remove", "pat@contoso.example", "--account", "P-7")
        command("account", "remove", "P-7")
        equal(command("account", "list").out, "", "none left")


@case
def what_is_wrong_is_said():
    with Service(start=False) as service:
        service.command("account", "add", "P-1", "--name", "One")
        for words, says, status in (
                (["account", "add", "p-1", "--name", "x"],
                 'an account of Partner ID "p-1" already', 3),
                (["account", "add", "P-2"], "--name is missing", 64),
                (["account", "add", "P-2", "--name", "x", "--domain",
                  "localhost"], '"localhost" is not a mail domain', 3),
                (["account", "change", "P-9", "--name", "x"],
                 'no account of Partner ID "P-9"', 3),
                (["contact", "add", "pat", "--account", "P-1", "--role",
                  "primary"], '"pat" is not an email address', 3),
                (["contact", "add", "pat@a.example", "--account", "P-1"],
                 "a role is missing", 3),
                (["contact", "add", "pat@a.example"], "--account is missing",
                 64),
                (["contact", "change", "pat@a.example", "--account", "P-1",
                  "--enable"], 'has no contact "pat@a.example"', 3)):
            done = service.command(*words, status=status)
            contains(done.err, says, f"{words}")


if __name__ == "__main__":
    main()
