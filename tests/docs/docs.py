#!/usr/bin/env python3
"""What the documents show is what the program does: every command in them is
one that it takes, every link leads somewhere, generated pages are fresh."""
import pathlib
import re
import shlex
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LAB = os.environ.get("MAILFERRY_LAB", str(ROOT / "build" / "mailferry-lab"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.M | re.S)
SHOWN_BY = re.compile(r'\| `((?:src|tests)/[^`]+)`: ("[^|]+") \|')
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def shell_lines(text):
    """The commands of a document's shell blocks, continued lines joined."""
    for kind, body in FENCE.findall(text):
        if kind not in ("sh", "shell", "console"):
            continue
        for line in body.replace("\\\n", " ").splitlines():
            line = line.strip().removeprefix("$ ")
            if line and not line.startswith("#"):
                yield line


def help_of(program, words):
    """The help that governs a command line."""
    command = next((w for w in words if not w.startswith("-")), None)
    binary = MAILFERRY if program == "mailferry" else LAB
    asked = [binary, command, "--help"] if command else [binary, "--help"]
    done = run(*asked)
    equal(done.status, 0, f"{program} {command} --help: {done.err}")
    return done.out


def check_command(where, line):
    line = line.split(" | ")[0].split(" > ")[0]
    try:
        words = shlex.split(line, comments=True)
    except ValueError as why:
        raise Failure(f"{where}: {line}: {why}") from why
    program = pathlib.Path(words[0]).name
    if program not in ("mailferry", "mailferry-lab"):
        return False
    text = help_of(program, words[1:])
    for word in words[1:]:
        option = word.split("=")[0]
        if option.startswith("--") and option not in ("--help", "--version"):
            check(re.search(re.escape(option) + r"\b", text),
                  f"{where}: {line}: no option {option}")
    return True


@case
def every_command_shown_is_taken():
    checked = 0
    for document in DOCUMENTS:
        for line in shell_lines(document.read_text()):
            checked += check_command(document.name, line)
    check(checked >= 10, f"only {checked} commands found in the documents")


@case
def every_link_leads_somewhere():
    checked = 0
    for document in DOCUMENTS:
        for target, _ in LINK.findall(document.read_text()):
            if "://" not in target:
                checked += 1
                check((document.parent / target).exists(),
                      f"{document.name}: no {target}")
    check(checked >= 5, f"only {checked} links found")


@case
def every_test_that_is_named_is_there():
    checked = 0
    for document in DOCUMENTS:
        for name, tests in SHOWN_BY.findall(document.read_text()):
            text = (ROOT / name).read_text()
            for test in re.findall(r'"([^"]+)"', tests):
                checked += 1
                check(f'"{test}"' in text or f"def {test}(" in text,
                      f"{document.name}: {name} has no test {test}")
    check(checked >= 20, f"only {checked} tests are named in the documents")


@case
def every_promise_names_a_test():
    """Of the service's table: none stands there without."""
    text = (ROOT / "docs" / "guide" / "desk.md").read_text()
    table = text.split("| promise | shown by |\n| --- | --- |\n")[1]
    rows = table.split("\n\n")[0].splitlines()
    for row in rows:
        check(SHOWN_BY.search(row), f"no test shows: {row}")
    check(len(rows) >= 40, f"only {len(rows)} promises")


@case
def make_targets_shown_exist():
    makefile = (ROOT / "Makefile").read_text()
    for document in DOCUMENTS:
        for line in shell_lines(document.read_text()):
            words = line.split()
            if words[0] == "make" and len(words) > 1 and "=" not in words[1]:
                check(re.search(rf"\b{re.escape(words[1])}\b", makefile),
                      f"{document.name}: no target {words[1]}")


@case
def the_error_page_is_fresh():
    done = run(MAILFERRY, "errors")
    equal(done.status, 0, done.err)
    equal((ROOT / "docs" / "errors.md").read_text(), done.out,
          "docs/errors.md (make it anew: mailferry errors)")


@case
def the_page_of_the_configuration_is_fresh():
    done = run(MAILFERRY, "config", "document")
    equal(done.status, 0, done.err)
    equal((ROOT / "docs" / "guide" / "configuration.md").read_text(), done.out,
          "docs/guide/configuration.md (make it anew: mailferry config "
          "document)")


@case
def the_page_of_faults_is_fresh():
    done = run(LAB, "faults")
    equal(done.status, 0, done.err)
    equal((ROOT / "docs" / "guide" / "lab-faults.md").read_text(), done.out,
          "docs/guide/lab-faults.md (make it anew: mailferry-lab faults)")


def cases_of(program):
    """The names that a scenario program reports."""
    text = (ROOT / "tests" / "scenario" / program).read_text()
    return {name.replace("_", " ") for name in
            re.findall(r"^@case\ndef (\w+)\(", text, re.M)}


@case
def the_page_of_odd_servers_names_what_there_is():
    """Each row a test that exists; each fault of the lab in some row."""
    text = (ROOT / "docs" / "guide" / "odd-servers.md").read_text()
    options = run(LAB, "serve", "--help").out
    faults = set(re.findall(r"^\| `([a-z-]+)` \|", run(LAB, "faults").out, re.M))
    shown, rows = set(), 0
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        named = re.fullmatch(r"`(\w+\.py)` ([a-z0-9 ]+)", cells[-1].strip())
        if not line.startswith("| ") or cells[0] in ("---",
                                                     "what the server does"):
            continue
        rows += 1
        equal(len(cells), 4, f"cells of: {line}")
        check(named, f"no test is named in: {line}")
        program, name = named.groups()
        check(name in cases_of(program), f"{program} has no test {name!r}")
        for word in re.findall(r"`([a-z-]+)`", cells[1]):
            known = word in faults or (word.startswith("--")
                                       and re.search(word + r"\b", options))
            check(known, f"the lab has no {word}: {line}")
            shown.add(word)
    check(rows >= 55, f"only {rows} rows")
    # Those that a client cannot tell from a sound server's ways.
    beside = {"item", "upload", "expire-sync"}
    equal(faults - shown - beside, set(), "faults without a row")


@case
def the_template_can_be_filled_in():
    with tempfile.TemporaryDirectory() as folder:
        for more in ([], ["--passwords"]):
            text = run(MAILFERRY, "template", *more).out
            text = text.replace("<password>", "Correct-Horse-1")
            file = pathlib.Path(folder) / "users.csv"
            file.write_text(text)
            done = run(MAILFERRY, "validate", file)
            equal(done.status, 0, f"{done.out}{done.err}")


@case
def benchmarks_that_were_not_run_keep_their_tables():
    sys.path.insert(0, str(ROOT / "bench"))
    import figures
    page = (ROOT / "docs" / "benchmarks.md").read_text()
    tables = re.findall(r"^## (\w+)$", page, re.M)
    check(len(tables) > 1, f"too few to tell: {tables}")
    equal(figures.page([], tables, page), page, "nothing was run")
    new = {"name": tables[0], "about": "About it.", "command": "bench/run it",
           "date": "today", "machine": "a machine",
           "figures": [figures.Figure("what", [1.0], "s").as_dict()]}
    begin = page.index(f"\n## {tables[0]}\n")
    end = page.index(f"\n## {tables[1]}\n")
    got = figures.page([new], tables, page)
    check(got.startswith(page[:begin]) and got.endswith(page[end:]),
          "another table is not as it was")
    contains(got, "| what | 1.00 s |", "the new table")
    contains(got, "About it.", "the new table")
    check(page[begin:end] not in got, "the old table is still there")


if __name__ == "__main__":
    main()
