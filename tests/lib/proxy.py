"""A small HTTP proxy on loopback that knows CONNECT and nothing else, counts,
and refuses when it is told to."""
import base64
import selectors
import socket
import threading


class Proxy:
    """aliases: "host:port" as clients name it -> (host, port) where it is.
    A server that is known only by such a name cannot be reached around."""

    def __init__(self, user=None, password=None, refuse=None, aliases=None):
        self.wanted = None
        if user is not None:
            pair = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.wanted = f"Basic {pair}"
        self.refuse, self.aliases = refuse, aliases or {}
        self.lock = threading.Lock()
        self.tunnels, self.asked, self.bytes = 0, [], 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # Wakes accept(), which a mere close() would not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,),
                             daemon=True).start()

    def _serve(self, client):
        with client:
            try:
                while True:
                    head = self._head(client)
                    if not head or self._answer(client, head):
                        return
            except OSError:
                pass  # whoever hung up needs no answer

    def _head(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(4096)
            if not piece:
                return ""
            head += piece
        return head.decode("latin-1")

    def _answer(self, client, head):
        """True when the connection is over."""
        method, target, _ = head.split("\r\n")[0].split(" ")
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:]
                      if ": " in line)
        with self.lock:
            self.asked.append(target)
        if self.refuse == "silence":
            client.recv(1)  # until the client gives up
            return True
        if method != "CONNECT" or self.refuse is not None:
            status = self.refuse or "405 Method Not Allowed"
            client.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n"
                           "Connection: close\r\n\r\n".encode())
            return True
        if self.wanted and fields.get("Proxy-Authorization") != self.wanted:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                           b"Proxy-Authenticate: Basic realm=\"way out\"\r\n"
                           b"Content-Length: 0\r\n\r\n")
            return False
        host, port = target.rsplit(":", 1)
        where = self.aliases.get(target, (host, int(port)))
        with socket.create_connection(where) as server:
            with self.lock:
                self.tunnels += 1
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pump(client, server)
        return True

    def _pump(self, client, server):
        with selectors.DefaultSelector() as waiting:
            waiting.register(client, selectors.EVENT_READ, server)
            waiting.register(server, selectors.EVENT_READ, client)
            while True:
                for key, _ in waiting.select():
                    piece = key.fileobj.recv(65536)
                    if not piece:
                        return
                    key.data.sendall(piece)
                    with self.lock:
                        self.bytes += len(piece)
