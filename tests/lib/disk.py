"""Disks without room, and a database that somebody has made read-only."""
import contextlib
import errno
import os
import pathlib

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


def make(where, how):
    """Of all sessions from now on, and there are no others."""
    server, name = os.environ["MAILFERRY_TEST_POSTGRES"], where.rsplit("/")[-1]
    sql(server, f"ALTER DATABASE {name} {how}")
    sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'")
