"""Many listeners to a service's events, looked after by one thread."""
import resource
import selectors
import socket
import time

from harness import check, equal

# Beside those of the listeners.
FILES = 256


def allow_files(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < n + FILES:
        check(hard == resource.RLIM_INFINITY or hard >= n + FILES,
              f"{n} sockets are more than this system allows (ulimit -Hn)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (n + FILES, hard))


class Listener:
    """One of them; heard: its events' data, each with when it came."""

    def __init__(self, service, cookie):
        self.heard, self.rest, self.ended = [], b"", False
        self.socket = self.connect(service.port)
        self.socket.sendall(
            f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
            f"Cookie: {cookie}\r\n\r\n".encode())

    @staticmethod
    def connect(port):
        return socket.create_connection(("127.0.0.1", port))

    def answered(self):
        """Its status line, once its headers are read."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            check(byte, f"no answer: {head}")
            head += byte
        return head.split(b"\r\n")[0].decode()

    def take(self):
        data = self.socket.recv(65536)
        now = time.monotonic()
        self.ended = not data
        *lines, self.rest = (self.rest + data).split(b"\n")
        self.heard += [(line[6:].rstrip(b"\r").decode(), now)
                       for line in lines if line.startswith(b"data: ")]


class SlowListener(Listener):
    """It takes nothing, and small buffers lie between it and the service."""

    @staticmethod
    def connect(port):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        s.connect(("127.0.0.1", port))
        return s


class Crowd:
    """All of them have been answered, and listen."""

    def __init__(self, service, cookie):
        self.service, self.cookie, self.all = service, cookie, []
        self.selector = selectors.DefaultSelector()

    def grow(self, n):
        """To so many."""
        allow_files(n)
        while len(self.all) < n:
            one = Listener(self.service, self.cookie)
            equal(one.answered(), "HTTP/1.1 200 OK", "listener")
            self.selector.register(one.socket, selectors.EVENT_READ, one)
            self.all.append(one)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.selector.close()
        for listener in self.all:
            listener.socket.close()

    def look(self, seconds):
        """Take what has come, or comes within that time."""
        for key, _ in self.selector.select(seconds):
            key.data.take()
            check(not key.data.ended, "a listener was sent away")

    def until(self, is_so, what, seconds=120):
        end = time.monotonic() + seconds
        while not all(map(is_so, self.all)):
            check(time.monotonic() < end, f"waited in vain: {what}")
            self.look(0.5)
