"""Disks without room, and a database that somebody has made read-only."""
import contextlib
import errno
import os
import pathlib
import subprocess

import postgres
from harness import Failure, Skip, equal, run


def on_small_disk(service, folder, size):
    """Start a service whose folder is a file system of that size, with what
    was in there; that as it is seen from here.  Commands outside of the
    service see what was there before."""
    script = ('cp -a "$0" "$0.before" && '
              f'mount -t tmpfs -o size={size} none "$0" && '
              'cp -a "$0.before/." "$0/" && exec "$@"')
    service.around = ["unshare", "-m", "sh", "-c", script, folder]
    try:
        service.start()
    except Failure:
        if "ermi" in service.text():
            raise Skip("no file system can be mounted here") from None
        raise
    return pathlib.Path(f"/proc/{service.process.pid}/root{folder}")


@contextlib.contextmanager
def kept(folder, size):
    """A file system of that size over a folder, with what was in there, which
    outlives who uses it: the words that a command begins with to see it, and
    the folder as it is seen from here."""
    script = ('cp -a "$0" "$0.before" && '
              f'mount -t tmpfs -o size={size} none "$0" && '
              'cp -a "$0.before/." "$0/" && echo mounted && '
              'exec sleep infinity')
    with subprocess.Popen(["unshare", "-m", "sh", "-c", script, folder],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as keeper:
        try:
            said = keeper.stdout.readline()
            if "ermi" in said:
                raise Skip("no file system can be mounted here")
            equal(said, "mounted\n", "what mounts")
            yield (["nsenter", "-t", str(keeper.pid), "-m", "-w"],
                   pathlib.Path(f"/proc/{keeper.pid}/root{folder}"))
        finally:
            keeper.kill()


@contextlib.contextmanager
def small_tablespace(size):
    """A server beside that of postgres.py: the URL of a database whose tables
    have a file system of that size to themselves, and its folder."""
    with postgres.folder_of_servers() as top, contextlib.ExitStack() as stack:
        space = top / "space"
        space.mkdir()
        user = postgres.server_user()
        if user is not None:
            os.chown(space, user.pw_uid, user.pw_gid)
        around, disk = stack.enter_context(kept(space, size))
        told = stack.enter_context(postgres.serving(top, around=around))
        where = told["MAILFERRY_TEST_POSTGRES"]
        sql(where, f"CREATE TABLESPACE small LOCATION '{space}'")
        sql(where, "CREATE DATABASE small TABLESPACE small")
        yield where.rsplit("/", 1)[0] + "/small", disk


def resize(service, folder, size):
    done = run("nsenter", "-t", service.process.pid, "-m", "mount", "-o",
               f"remount,size={size}", folder)
    equal(done.status, 0, done.err)


def fill(path):
    """Up to the last byte."""
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while True:
                file.write(bytes(1 << 16))
        try:
            while True:
                file.write(b"0")
        except OSError as why:
            equal(why.errno, errno.ENOSPC, "what filled it")


def sql(where, text):
    done = run(pathlib.Path(os.environ["PG_TEST_BIN"]) / "psql", "-d", where,
               "-v", "ON_ERROR_STOP=1", "-c", text)
    equal(done.status, 0, f"{text}: {done.err}")
    return done.out


def make(where, how):
    """Of all sessions from now on, and there are no others."""
    server, name = os.environ["MAILFERRY_TEST_POSTGRES"], where.rsplit("/")[-1]
    sql(server, f"ALTER DATABASE {name} {how}")
    sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'")
