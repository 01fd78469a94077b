#!/usr/bin/env python3
"""Where the administrators' passwords come from, as the whole program takes
them.  No server is needed: the addresses lead nowhere, and the exit status
says how far it came."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from terminal import Terminal  # noqa: E402

SECRET = "Correct-Horse-1"
QUESTION = "Password of OLD\\admin (source): "
# Nothing listens on these ports; the connection is refused at once.
NOWHERE = ["--source", "https://127.0.0.1:9/owa", "--destination",
           "https://127.0.0.1:19/owa", "--source-admin", "OLD\\admin",
           "--destination-admin", "new@x.y"]
VARIABLES = ("MAILFERRY_SOURCE_PASSWORD", "MAILFERRY_DESTINATION_PASSWORD",
             "CREDENTIALS_DIRECTORY")


class Asked(Terminal):
    """"check" of the template's mailboxes."""

    def __init__(self, folder):
        file = pathlib.Path(folder) / "users.csv"
        file.write_text(run(MAILFERRY, "template").out)
        super().__init__(MAILFERRY, "check", file, *NOWHERE,
                         forgotten=VARIABLES)


def without_terminal(*more, env=None):
    """Run "check" in a session that has no terminal."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "users.csv"
        file.write_text(run(MAILFERRY, "template").out)
        clean = {k: v for k, v in os.environ.items() if k not in VARIABLES}
        done = subprocess.run([MAILFERRY, "check", file, *NOWHERE, *more],
                              text=True, capture_output=True, check=False,
                              start_new_session=True,
                              stdin=subprocess.DEVNULL,
                              env={**clean, **(env or {})})
        return Run(done.returncode, done.stdout, done.stderr)


@case
def the_question_hides_the_answer():
    with tempfile.TemporaryDirectory() as folder:
        terminal = Asked(folder)
        terminal.expect(QUESTION)
        check(not terminal.echoes(), "the terminal echoes")
        terminal.type(SECRET + "\n")
        equal(terminal.end(), 3, f"exit status: {terminal.shown}")
        contains(terminal.shown, "source \"https://127.0.0.1:9/owa\": ",
                 "it went on to the server")
        check(SECRET not in terminal.shown, "the password was shown")


@case
def control_c_ends_cleanly():
    with tempfile.TemporaryDirectory() as folder:
        terminal = Asked(folder)
        terminal.expect(QUESTION)
        # Held open, so that the terminal outlives the program.
        keep = os.open(os.readlink(f"/proc/{terminal.child}/fd/0"),
                       os.O_RDWR | os.O_NOCTTY)
        terminal.type("\x03")
        _, status = os.waitpid(terminal.child, 0)
        equal(os.waitstatus_to_exitcode(status), 130, "exit status")
        check(terminal.echoes(), "the terminal was left without echo")
        os.close(keep)
        os.close(terminal.fd)


@case
def nobody_to_ask():
    done = without_terminal()
    equal(done.status, 3, f"exit status: {done.err}")
    contains(done.err, "password of the source account \"OLD\\admin\": there "
             "is no terminal to ask for it\n  give it by "
             "--source-password-file, MAILFERRY_SOURCE_PASSWORD or the "
             "systemd credential source-password\n", "what was said")


@case
def from_a_file_that_others_can_read():
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "password"
        file.write_text(SECRET + "\n")
        file.chmod(0o644)
        done = without_terminal("--source-password-file", file)
        equal(done.status, 3, "exit status")
        contains(done.err, "can be read by other users")


@case
def from_file_variable_and_credential():
    """Whichever way: no question, on to the server; nothing is told."""
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "source-password"
        file.write_text(SECRET + "\n")
        file.chmod(0o600)
        for more, env in ((["--source-password-file", file], {}),
                          ([], {"MAILFERRY_SOURCE_PASSWORD": SECRET}),
                          ([], {"CREDENTIALS_DIRECTORY": folder})):
            done = without_terminal(*more, env=env)
            equal(done.status, 3, "exit status")
            contains(done.err, "source \"https://127.0.0.1:9/owa\": ",
                     "it went on to the server")
            check("no terminal" not in done.err, done.err)
            check(SECRET not in done.out + done.err, "the password was told")


if __name__ == "__main__":
    main()
