#!/usr/bin/env python3
"""Help, man pages and completions say the same; the program behaves like one
among others: exit statuses, signals, a full disk, a closed pipe."""
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

# Where the build puts what the program prints about itself.
PRINTED = pathlib.Path(MAILFERRY).resolve().parent / "docs"
OPTION = re.compile(r"^  (?:-\w, )?(--[a-z-]+)(?: ([A-Z]+))?", re.M)


def commands():
    text = run(MAILFERRY, "--help").out
    found = re.findall(r"^  ([a-z]+) ", text, re.M)
    check(len(found) >= 4, f"commands in:\n{text}")
    return found


def help_text(command):
    done = run(MAILFERRY, command, "--help")
    equal((done.status, done.err), (0, ""), f"{command} --help")
    return done.out


def options(command):
    """[(name, placeholder or '')] as --help lists them."""
    return OPTION.findall(help_text(command))


def needs(program):
    if shutil.which(program) is None:
        raise Skip(f"{program} is not installed")


@case
def every_command_explains_itself():
    for command in commands():
        text = help_text(command)
        contains(text, f"Usage: mailferry {command} [OPTION]...", command)
        for part in ("\nExit status:\n  0  ", "\n  64  ", "\nExamples:\n  # ",
                     f"\n  mailferry {command}"):
            contains(text, part, f"{command} --help")
        check(all(len(line) < 80 for line in text.split("\nExamples:")[0]
                  .splitlines()), f"{command} --help is too wide")
        equal(run(MAILFERRY, "help", command).out, text, f"help {command}")


@case
def exit_statuses_are_documented_alike():
    meanings = {"0", "1", "2", "3", "64", "75", "78", "130"}
    for command in commands():
        text = help_text(command).split("\nExit status:\n")[1]
        found = set(re.findall(r"^  (\d+) ", text.split("\n\n")[0], re.M))
        check(found <= meanings, f"{command}: {found}")


@case
def man_pages_name_every_option():
    for command in commands():
        page = run(MAILFERRY, "help", "--man", command).out
        for name, placeholder in options(command):
            contains(page, name.replace("-", "\\-") +
                     (f" {placeholder}" if placeholder else ""), command)


@case
def man_pages_are_well_formed():
    needs("groff")
    for words in [[], *([c] for c in commands())]:
        page = run(MAILFERRY, "help", "--man", *words)
        equal(page.status, 0, f"{words}")
        done = run("groff", "-man", "-ww", "-Tutf8", stdin=page.out)
        equal((done.status, done.err), (0, ""), f"groff on {words}")
        # Bold is a letter struck over itself.
        contains(re.sub(".\x08", "", done.out), "EXIT STATUS", f"{words}")


@case
def the_build_made_every_page():
    if not PRINTED.is_dir():
        raise Skip(f"there is no {PRINTED}")
    made = {p.name: p.read_text() for p in PRINTED.glob("*.1")}
    wanted = {f"mailferry-{c}.1": [c] for c in commands()}
    wanted["mailferry.1"] = []
    equal(sorted(made), sorted(wanted), "pages: see docs/meson.build")
    for name, words in wanted.items():
        equal(made[name], run(MAILFERRY, "help", "--man", *words).out, name)


@case
def bash_completes():
    needs("bash")
    script = run(MAILFERRY, "completion", "bash").out

    def complete(*words):
        quoted = " ".join(f"'{w}'" for w in ("mailferry", *words))
        done = run("bash", "-c", f"{script}\ncompopt() {{ :; }}\n"
                   f"COMP_WORDS=({quoted}); COMP_CWORD={len(words)}\n"
                   "_mailferry; printf '%s\\n' \"${COMPREPLY[@]}\"")
        equal((done.status, done.err), (0, ""), f"{words}")
        return done.out.split()

    equal(sorted(complete("")),
          sorted(["--help", "--version", *commands()]), "commands")
    equal(complete("vali"), ["validate"], "beginning of a command")
    for command in commands():
        equal(sorted(complete(command, "--")),
              sorted(name for name, _ in options(command)), command)
    equal(complete("migrate", "--verify", "fu"), ["full"], "a word")
    equal(complete("migrate", "--verify", "=", "fu"), ["full"], "after =")
    equal(complete("completion", ""), ["bash", "zsh", "fish"], "an argument")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "users list.csv"
        path.touch()
        equal(complete("validate", f"{folder}/us"),
              str(path).split(), "a file with a blank in its name")
    equal(complete("validate", "--domain", ""), [], "free text")


@case
def fish_completes():
    needs("fish")
    script = run(MAILFERRY, "completion", "fish").out

    def complete(line):
        done = run("fish", "--no-config", "-c",
                   f"{script}\ncomplete -C '{line}'")
        equal((done.status, done.err), (0, ""), line)
        return [found.split("\t")[0] for found in done.out.splitlines()]

    equal(sorted(complete("mailferry ")), sorted(commands()), "commands")
    for command in commands():
        found = {n for n in complete(f"mailferry {command} --")}
        for name, placeholder in options(command):
            check(name in found or f"{name}=" in found, f"{command} {name}")
    equal(complete("mailferry migrate --verify fu"), ["full"], "a word")
    equal(complete("mailferry completion "), ["bash", "fish", "zsh"],
          "an argument")


@case
def zsh_completes():
    needs("zsh")
    script = run(MAILFERRY, "completion", "zsh").out
    # A stand-in for _arguments shows what it is told for each command.
    stub = ("compdef() { :; }\n_files() { :; }\n"
            "_describe() { print -rl -- $commands }\n"
            "_arguments() { if [[ $1 == -C ]]; then state=$WANTED; else "
            "print -rl -- \"$@\"; fi }\n")

    def told(state, words):
        done = run("zsh", "-f", "-c", f"{stub}{script}\nwords=({words})\n"
                   f"WANTED={state}\n_mailferry")
        equal((done.status, done.err), (0, ""), words)
        return done.out

    names = [line.split(":")[0] for line in told("command", "").splitlines()]
    equal(names, commands(), "commands")
    for command in commands():
        found = re.findall(r"^(--[a-z-]+)", told("argument", command), re.M)
        equal(sorted(found), sorted(n for n, _ in options(command)), command)


@case
def no_command():
    done = run(MAILFERRY)
    equal((done.status, done.out), (64, ""), "run")
    equal(done.err, run(MAILFERRY, "--help").out, "the list of commands")
    equal(run(MAILFERRY, "nonsense").status, 64, "unknown command")
    equal(run(MAILFERRY, "help", "nonsense").status, 64, "help on it")


@case
def version():
    done = run(MAILFERRY, "--version")
    equal(done.status, 0, "status")
    check(re.fullmatch(r"mailferry \d+\.\d+\.\d+\n", done.out), done.out)


@case
def every_option_is_refused_without_its_value():
    for command in commands():
        for name, placeholder in options(command):
            if placeholder:
                done = run(MAILFERRY, command, name)
                equal(done.status, 64, f"{command} {name}")
                contains(done.err, f"option \"{name}\" needs a value: {name} "
                         f"{placeholder}", command)
            elif name not in ("--help", "--version"):
                done = run(MAILFERRY, command, f"{name}=yes")
                equal(done.status, 64, f"{command} {name}=yes")


@case
def options_of_another_action_are_refused():
    for words, option, fits in (
            ("migration pause 1 --most 3", "most", "change"),
            ("migration change 1 --source https://mail.old.example/owa",
             "source", "add"),
            ("migration list --source-admin x", "source-admin", "add, change"),
            ("request show 7 --remedy x", "remedy", "refuse")):
        done = run(MAILFERRY, *words.split())
        equal(done.status, 64, words)
        contains(done.err, f'"--{option}" does not go with '
                 f'"{words.split()[1]}", but with: {fits}')
    # what the environment says is for those who want it
    done = run(MAILFERRY, "migration", "change", "1", "--config", "/nowhere",
               env={"MAILFERRY_SOURCE": "https://mail.old.example/owa"})
    contains(done.err, "/nowhere")


@case
def a_full_disk_is_no_success():
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([MAILFERRY, "template"], stdout=full,
                              stderr=subprocess.PIPE, text=True, check=False)
    equal((done.returncode, done.stderr),
          (3, "mailferry: cannot write to standard output\n"), "template")


@case
def a_reader_who_leaves_early_hears_nothing():
    for words in (["help"], ["migrate", "--help"], ["completion", "bash"]):
        done = run("sh", "-c", f"'{MAILFERRY}' {' '.join(words)} | :")
        equal((done.status, done.err), (0, ""), f"{words}")


def waiting():
    """A validate that waits for its standard input."""
    return subprocess.Popen([MAILFERRY, "validate", "-"],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


@case
def signals_end_a_command_that_only_reads():
    for number in (signal.SIGINT, signal.SIGTERM):
        child = waiting()
        # Until main() is past its own set-up, the default does the same.
        child.send_signal(number)
        child.communicate()
        equal(child.returncode, -number, f"{number}")


@case
def memory_is_never_dumped():
    child = waiting()
    try:
        limits = pathlib.Path(f"/proc/{child.pid}/limits")
        for _ in range(1000):
            line = next(l for l in limits.read_text().splitlines()
                        if l.startswith("Max core file size"))
            if line.split()[4:6] == ["0", "0"]:
                return
            time.sleep(0.01)
        raise Failure(f"core dumps are possible: {line}")
    finally:
        child.kill()
        child.communicate()


@case
def no_password_on_the_command_line():
    for command in commands():
        names = [n for n, _ in options(command) if "password" in n]
        check(all(n.endswith("-password-file") or n == "--passwords"
                  for n in names), f"{command}: {names}")


if __name__ == "__main__":
    main()
