#!/usr/bin/env python3
"""What "template" and "validate" print, to the letter, and how they exit."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

HEADER = ("Source Email,Source UserName,Source Password,"
          "Destination Email,Destination UserName,Destination Password,Flags\n")
DESCRIBED = ["--domain", "x.y", "--source", "https://mail.x.y/owa",
             "--destination", "mail.x.y", "--destination-admin", "boss"]

# One file with every fault that a row can have, and two good rows.
EVERY_FAULT = (
    "Source Email,Source UserName,Source Password,Destination Email,"
    "Destination UserName,Destination Password,Flags,Comment\n"
    "good1@x.y,good1,s3cret,new1@x.y,,,0,fine\n"
    ",u,p,,v,q,0,\n"
    "no-at.x.y,u,p,two@@x.y,v,q,0,\n"
    "a@other.z,u,p,b@x.y.z,v,q,0,\n"
    "twin@x.y,u,p,c1@x.y,v,q,0,\n"
    "TWIN@x.y,u,p,c2@x.y,v,q,0,\n"
    "d1@x.y,u,p,d@x.y,v,q,0,\n"
    "d2@x.y,u,p,d@x.y,v,q,0,\n"
    "same@x.y,u,p,same@x.y,v,q,0,\n"
    "half1@x.y,u,,half3@x.y,,q,0,\n"
    "place1@x.y,u,<password>,place2@x.y,v,<PassWrod>,0,\n"
    "none1@x.y,,,none2@x.y,,,0,\n"
    "flag1@x.y,u,p,flag2@x.y,v,q,65664,\n"
    "flag3@x.y,u,p,flag4@x.y,v,q,DoNotMigrateMial|AskSourceOwner,\n"
    "few@x.y,u,p\n"
    "many@x.y,u,p,q,many@x.y,v,q,0,,\n"
    "nul@x.y,u,p\0q,nul2@x.y,v,q,0,\n"
    "blank@x.y,u, p,blank2@x.y,v,q,0,\n"
    "long@x.y,u," + "p" * 257 + ",long2@x.y,v,q,0,\n"
    "mojibake@x.y,u,p\ufffd,mojibake2@x.y,v,q,0,\n"
    "open@x.y,u,\"p,open2@x.y,v,q,0,\n"
    "good2@x.y,good2,\"s3cret, \"\"too\"\"\",new2@x.y,,,4096,\n")

# line:column severity name: text
EVERY_ANSWER = """\
1:8: warning: Comment: no column "Comment" is known
3:1: error: Source Email: there is no address
3:4: error: Destination Email: there is no address
4:1: error: Source Email: "no-at.x.y" is not a mail address: there is no "@"
4:4: error: Destination Email: "two@@x.y" is not a mail address: there is more than one "@"
5:1: error: Source Email: "a@other.z" is not in the domain "x.y"
5:4: error: Destination Email: "b@x.y.z" is not in the domain "x.y"
6:1: error: Source Email: "twin@x.y" is on line 7 again
7:1: error: Source Email: "TWIN@x.y" is on line 6 already
8:4: error: Destination Email: "d@x.y" is on line 9 again
9:4: error: Destination Email: "d@x.y" is on line 8 already
10:4: error: Destination Email: "same@x.y" is the source too, on the same server "mail.x.y:443"
11:2: error: Source UserName: there is a user name and no password
11:6: error: Destination Password: there is a password and no user name
12:3: error: Source Password: the template's placeholder is still there
12:6: error: Destination Password: the template's placeholder is still there
13:2: error: Source UserName: there are no credentials, and the source has no administrative account
14:7: error: Flags: no flag has the bits 65664
15:7: error: Flags: no flag is called "DoNotMigrateMial"; "DoNotMigrateMail" is
16: error: there are 3 fields; the header has 8
17: error: there are 10 fields; the header has 8
18:3: error: Source Password: there is a NUL byte in it
19:3: error: Source Password: there is a blank before or after the password
20:3: error: Source Password: it is 257 characters long; at most 256 are taken
21:3: error: Source Password: there is a character in it that cannot be read
22:3: error: a quote is not closed, or text follows it
23:7: warning: Flags: "AskSourceOwner" does nothing without the managed service (1 row)
"""


def write(folder, data, name="users.csv"):
    file = pathlib.Path(folder) / name
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return file


def validate(data, *more):
    """The run, with the file's folder taken out of what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        file = write(folder, data)
        done = run(MAILFERRY, "validate", file, *more)
        return Run(done.status, done.out.replace(folder + "/", ""),
                   done.err.replace(folder + "/", ""))


@case
def template_for_administrators():
    done = run(MAILFERRY, "template")
    equal(done, Run(0, HEADER + "user1@domain.com,,,user1@domain.com,,,0\n"
                    "user2@domain.com,,,user2@domain.com,,,0\n", ""), "run")


@case
def template_with_passwords():
    row = "user{0}@domain.com,user{0}@domain.com,<password>"
    lines = [f"{row},{row},0\n".format(n) for n in (1, 2)]
    done = run(MAILFERRY, "template", "--passwords")
    equal(done, Run(0, HEADER + "".join(lines), ""), "run")


@case
def template_filled_in_is_accepted():
    text = run(MAILFERRY, "template", "--passwords").out
    equal(validate(text).status, 3, "placeholders left")
    done = validate(text.replace("<password>", "s3cret"),
                    "--domain", "domain.com")
    equal(done.out, "users.csv: 2 rows, 2 good, 0 faulty; errors: 0, "
          "warnings: 0 (UTF-8, comma)\n"
          "not checked: that equal addresses are on different servers "
          "(--source, --destination)\n", "output")
    equal((done.status, done.err), (0, ""), "status")


@case
def a_good_file_with_everything_known():
    done = validate(HEADER + "a@x.y,u,p,b@x.y,,,0\n", *DESCRIBED)
    equal(done, Run(0, "users.csv: 1 row, 1 good, 0 faulty; errors: 0, "
                    "warnings: 0 (UTF-8, comma)\n", ""), "run")


@case
def what_is_not_checked_is_said():
    done = validate(HEADER + "a@x.y,,,a@x.y,,,0\n")
    equal(done.out.splitlines()[1:], [
        "not checked: that every address is in the customer's domain "
        "(--domain)",
        "not checked: that equal addresses are on different servers "
        "(--source, --destination)",
        "not checked: that rows without source credentials have an "
        "administrative account (--source, --source-admin)",
        "not checked: that rows without destination credentials have an "
        "administrative account (--destination, --destination-admin)",
    ], "left out")
    equal(done.status, 0, "status")


@case
def every_fault_in_one_run():
    done = validate(EVERY_FAULT, *DESCRIBED)
    lines = done.out.splitlines()
    summary = lines.pop()
    faults, remedies = lines[0::2], lines[1::2]
    want = ["users.csv:" + line for line in EVERY_ANSWER.splitlines()]
    for got, wanted in zip(faults, want):
        equal(got, wanted, "fault")
    equal(len(faults), len(want), "number of faults")
    check(all(r.startswith("    ") and r.strip() for r in remedies),
          f"each fault has its remedy: {remedies}")
    equal(summary, "users.csv: 22 rows, 2 good, 20 faulty; errors: 25, "
          "warnings: 2 (UTF-8, comma)", "summary")
    equal((done.status, done.err), (2, ""), "status")
    check("s3cret" not in done.out, "a password was printed")


@case
def every_fault_as_json():
    done = validate(EVERY_FAULT, *DESCRIBED, "--json")
    objects = events(done)
    summary = objects.pop()
    text = validate(EVERY_FAULT, *DESCRIBED).out.splitlines()[:-1]
    for o, line, remedy in zip(objects, text[0::2], text[1::2]):
        place = ":".join(str(n) for n in (o["line"], o["column"]) if n)
        name = f"{o['name']}: " if o["name"] else ""
        equal(f"{o['file'].split('/')[-1]}:{place}: {o['severity']}: "
              f"{name}{o['found']}", line, "the same in text and JSON")
        equal(o["remedy"], remedy.strip(), "remedy")
    equal({o["event"] for o in objects}, {"fault"}, "events")
    equal({o["kind"] for o in objects if o["line"] == 10}, {"same-mailbox"},
          "kind")
    del summary["file"]
    equal(summary, {"event": "summary", "rows": 22, "good": 2, "faulty": 20,
                    "errors": 25, "warnings": 2, "encoding": "UTF-8",
                    "delimiter": "comma", "not_checked": []}, "summary")
    equal(done.status, 2, "status")


@case
def files_that_cannot_be_used():
    rows = [
        ("empty", b"", "users.csv: error: the file is empty\n"),
        ("no header", b"a@x.y,,,b@x.y,,,0\n",
         "users.csv:1: error: there is no header: the first line is a mailbox "
         "already\n"),
        ("no destination", b"Source Email\na@x.y\n",
         "users.csv:1: error: there is no column \"Destination Email\"\n"),
        ("no rows", HEADER.encode(),
         "users.csv: error: there is no row after the header\n"),
        ("over 10 MB", HEADER.encode() + b"\n" * (10 * 1024 * 1024),
         "users.csv: error: the file is over 10 MB\n"),
    ]
    for name, data, first in rows:
        done = validate(data)
        equal(done.status, 3, f"{name}: status")
        equal(done.out.splitlines(True)[0], first, name)


@case
def over_fifty_thousand_rows():
    rows = "".join(f"a{n}@x.y,,,a{n}@x.y,,,0\n" for n in range(50001))
    done = validate(HEADER + rows)
    equal(done.out.splitlines()[0], "users.csv:50002: error: there are more "
          "than 50000 rows; the rest is not read", "fault")
    contains(done.out, "50000 rows, 50000 good, 0 faulty")
    equal(done.status, 2, "status")


@case
def a_file_that_is_not_there():
    done = validate("", "--domain", "x.y")
    with tempfile.TemporaryDirectory() as folder:
        done = run(MAILFERRY, "validate", f"{folder}/users.csv")
        equal(done, Run(3, "", f"mailferry: import file \"{folder}/users.csv\""
                        ": No such file or directory\n"), "run")


@case
def standard_input():
    done = run(MAILFERRY, "validate", "-", stdin=HEADER + "x,,,b@x.y,,,0\n")
    equal(done.out.splitlines()[0], "-:2:1: error: Source Email: \"x\" is not "
          "a mail address: there is no \"@\"", "fault")
    equal(done.status, 3, "status")


@case
def encodings_and_delimiters():
    text = "source login name;source password;source email;destination email"
    text += "\r\nJ\u00f6rg;\u20ac;a@x.y;b@x.y\r\n"
    rows = [("UTF-8", text.encode("utf-8-sig")),
            ("UTF-16LE", text.encode("utf-16-le")),
            ("UTF-16BE", b"\xfe\xff" + text.encode("utf-16-be")),
            ("Windows-1252", text.encode("cp1252"))]
    for name, data in rows:
        for delimiter, byte in (("semicolon", b";"), ("tab", b"\t"),
                                ("comma", b",")):
            done = validate(data.replace(b";", byte), "--json")
            told = events(done)[-1]
            equal((told["encoding"], told["delimiter"], told["good"]),
                  (name, delimiter, 1), f"{name}, {delimiter}")


@case
def usage():
    rows = [
        ([], "mailferry validate: argument FILE is missing\n"),
        (["f", "g"], "mailferry validate: unexpected argument \"g\"\n"),
        (["f", "--jsn"], "mailferry validate: unknown option \"--jsn\"; did "
         "you mean \"--json\"?\n"),
        (["f", "--domain"], "mailferry validate: option \"--domain\" needs a "
         "value: --domain DOMAIN\n"),
        (["f", "--domain", "a@b.c"], "mailferry validate: option \"--domain\":"
         " \"a@b.c\" is not a domain: the domain has a character that is not "
         "allowed\n"),
    ]
    for words, first in rows:
        done = run(MAILFERRY, "validate", *words)
        equal(done, Run(64, "", first + "  \"mailferry validate --help\" says "
                        "more\n"), f"{words}")
    done = run(MAILFERRY, "validate", "f", "--source", "ftp://x.y/")
    equal((done.status, done.out), (64, ""), "a URL that is none")
    contains(done.err, 'option "--source": ')


@case
def options_from_the_environment():
    done = run(MAILFERRY, "validate", "-", stdin=HEADER + "a@x.y,,,a@x.y,,,\n",
               env={"MAILFERRY_SOURCE": "mail.x.y",
                    "MAILFERRY_DESTINATION": "mail.x.y",
                    "MAILFERRY_SOURCE_ADMIN": "boss"})
    equal([line for line in done.out.splitlines() if ": error: " in line], [
        "-:2:4: error: Destination Email: \"a@x.y\" is the source too, on the "
        "same server \"mail.x.y:443\"",
        "-:2:5: error: Destination UserName: there are no credentials, and "
        "the destination has no administrative account"], "faults")


if __name__ == "__main__":
    main()
