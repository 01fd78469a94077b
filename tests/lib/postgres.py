#!/usr/bin/env python3
"""Run a command beside a PostgreSQL server of its own.

  postgres.py [--durable] COMMAND [ARGUMENT...]

The server has an empty data directory and a socket in a temporary folder, and
listens on no network.  PostgreSQL refuses to run as root: then it runs as the
user "postgres", or "nobody".  The command finds it by the environment:
MAILFERRY_TEST_POSTGRES (a URL), and PG_TEST_DATA and PG_TEST_BIN for tests
that restart it by "postgres.py --restart".

Where there is no PostgreSQL the exit status is 77, which Meson counts as
skipped.  What is tested is not the disk: fsync is off.  --durable is for what
measures: synchronised, vacuumed, and in the current folder.
"""
import contextlib
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile


def bin_folder():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    which = shutil.which("initdb")
    return pathlib.Path(which).parent if which else None


def server_user():
    """Whom to be, when we are root: PostgreSQL will not be root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    return None


def as_user(user, command):
    if user is None:
        return command
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}",
            "--clear-groups", *command]


def run(user, *command, around=()):
    done = subprocess.run([*around, *as_user(user, [str(c) for c in command])],
                          cwd="/", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"postgres.py: {command[0]}: {done.stdout}")


def restart(mode):
    """Called by a test: the server goes down hard and comes back."""
    user = server_user()
    run(user, pathlib.Path(os.environ["PG_TEST_BIN"]) / "pg_ctl", "restart",
        "-w", "-s", "-m", mode, "-D", os.environ["PG_TEST_DATA"],
        "-l", os.environ["PG_TEST_DATA"] + "/log")


QUICK = " -c fsync=off -c autovacuum=off"


@contextlib.contextmanager
def serving(top, more=QUICK, around=()):
    """A server in that folder, which is the user's, until the end; started by
    the command `around`, if any.  What tells of it."""
    folder, user = bin_folder(), server_user()
    data = pathlib.Path(top) / "data"
    run(user, folder / "initdb", "-D", data, "-U", "mailferry", "-A",
        "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = (f"-c listen_addresses='' -c unix_socket_directories={top}"
               f" -c max_connections=60 -c log_min_messages=fatal{more}")
    run(user, folder / "pg_ctl", "start", "-w", "-s", "-D", data, "-l",
        data / "log", "-o", options, around=around)
    try:
        socket = str(top).replace("/", "%2F")
        yield {"PG_TEST_DATA": str(data), "PG_TEST_BIN": str(folder),
               "MAILFERRY_TEST_POSTGRES":
               f"postgresql://mailferry@{socket}/postgres"}
    finally:
        run(user, folder / "pg_ctl", "stop", "-w", "-s", "-m", "immediate",
            "-D", data)


@contextlib.contextmanager
def folder_of_servers(where=None):
    """A new one, which is the user's and short enough for a socket."""
    user = server_user()
    with tempfile.TemporaryDirectory(prefix="mf-pg-", dir=where) as top:
        if user is not None:
            os.chown(top, user.pw_uid, user.pw_gid)
        os.chmod(top, 0o755)
        yield pathlib.Path(top)


def main():
    command = sys.argv[1:]
    if command[:1] == ["--restart"]:
        restart(command[1])
        return 0
    durable = command[:1] == ["--durable"]
    if durable:
        command = command[1:]
    if bin_folder() is None:
        print("1..0 # SKIP there is no PostgreSQL")
        return 77
    with folder_of_servers(os.getcwd() if durable else None) as top, \
            serving(top, "" if durable else QUICK) as told:
        return subprocess.run(command, env={**os.environ, **told},
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
