"""The program on a terminal of its own, and what that shows."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

from harness import RUN_SECONDS, check


class Terminal:
    """A command in a session of its own; forgotten: variables that it is not
    to have."""

    def __init__(self, *words, columns=80, forgotten=()):
        self.shown = ""
        self.child, self.fd = pty.fork()
        if self.child == 0:
            for name in forgotten:
                os.environ.pop(name, None)
            os.environ["TERM"] = "xterm"
            fcntl.ioctl(0, termios.TIOCSWINSZ,
                        struct.pack("HHHH", 24, columns, 0, 0))
            os.execv(words[0], [str(w) for w in words])

    def expect(self, *texts, seconds=RUN_SECONDS):
        """Until one of them was shown."""
        end = time.monotonic() + seconds
        while not any(text in self.shown for text in texts):
            left = end - time.monotonic()
            ready, _, _ = select.select([self.fd], [], [], max(left, 0))
            check(ready, f"none of {texts!r} in {self.shown[-4000:]!r}")
            self.shown += os.read(self.fd, 4096).decode(errors="replace")

    def type(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def interrupt(self):
        os.kill(self.child, signal.SIGINT)

    def end(self):
        """The exit status, once all output has been read."""
        while True:
            try:
                chunk = os.read(self.fd, 4096)
            except OSError:  # the other end is closed
                break
            if not chunk:
                break
            self.shown += chunk.decode(errors="replace")
        _, status = os.waitpid(self.child, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
