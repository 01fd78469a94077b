#!/usr/bin/env python3
"""The configuration of the service: who outranks whom, and every fault named
with file, line and key."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all

FAULTY = """\
[http]
listn = 127.0.0.1:8080
threads = 0
[lgo]
level = debug
[log]
level = inof
level = info
nonsense
"""


@contextlib.contextmanager
def config_file(text):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "mailferry.conf"
        file.write_text(text)
        yield file


@case
def every_fault_has_its_line_and_key():
    with config_file(FAULTY) as file:
        done = run(MAILFERRY, "config", "check", file)
        equal((done.status, done.out), (3, ""), done.err)
        equal([line.removeprefix(f"{file}:") for line in
               done.err.splitlines()], [
            '2: unknown key "listn" in [http]; did you mean "listen"?',
            '3: http.threads: "0" is not a whole number from 1 to 64',
            "4: unknown section [lgo]; did you mean [log]?",
            '7: log.level: "inof" is none of error, warning, info, debug; '
            'did you mean "info"?',
            "8: log.level is given twice; first on line 7",
            "9: neither [section] nor key = value nor a comment",
        ], "faults")


@case
def a_good_file_is_silent():
    with config_file("[log]\nformat = json\n") as file:
        equal(run(MAILFERRY, "config", "check", file), Run(0, "", ""), "check")


@case
def a_missing_file_is_named():
    done = run(MAILFERRY, "config", "check", "/nowhere/mailferry.conf")
    equal(done.status, 3, done.err)
    contains(done.err, "/nowhere/mailferry.conf")


@case
def the_environment_outranks_the_file():
    with config_file("[http]\nthreads = 2\n[log]\nlevel = debug\n") as file:
        done = run(MAILFERRY, "config", "show", env={
            "MAILFERRY_CONFIG": str(file), "MAILFERRY_HTTP_THREADS": "9"})
        equal(done.status, 0, done.err)
        contains(done.out, "# environment variable MAILFERRY_HTTP_THREADS\n"
                 "threads = 9\n")
        contains(done.out, f"# {file}:4\nlevel = debug\n")
        contains(done.out, "# default\nlisten = 127.0.0.1:8080\n")


@case
def a_misspelt_variable_is_found():
    done = run(MAILFERRY, "config", "check",
               env={"MAILFERRY_HTTP_LISTNE": "127.0.0.1:1"})
    equal(done.status, 3, done.err)
    contains(done.err, "MAILFERRY_HTTP_LISTNE: no key has this name; "
             "did you mean MAILFERRY_HTTP_LISTEN?")


if __name__ == "__main__":
    main()
