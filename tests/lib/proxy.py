"""A small HTTP proxy on loopback that knows CONNECT and nothing else, counts,
and refuses when it is told to."""
import base64
import selectors
import socket
import ssl
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
                    if not self._pass_on(key.fileobj, key.data):
                        return

    def _pass_on(self, source, to):
        """What has come, and what TLS has decrypted beside it: no select()
        tells of that.  False when it was the end."""
        while True:
            piece = source.recv(65536)
            if not piece:
                return False
            to.sendall(piece)
            with self.lock:
                self.bytes += len(piece)
            if not isinstance(source, ssl.SSLSocket) or not source.pending():
                return True


class TlsProxy(Proxy):
    """The same behind a TLS connection of its own."""

    def __init__(self, certificate, key, **kwargs):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        super().__init__(**kwargs)

    @property
    def url(self):
        return f"https://localhost:{self.port}"

    def _serve(self, client):
        try:
            wrapped = self.context.wrap_socket(client, server_side=True)
        except OSError:
            client.close()  # whoever does not trust us hangs up
            return
        super()._serve(wrapped)


class SocksProxy(Proxy):
    """SOCKS5 (RFC 1928, RFC 1929).  asked: names as they were given to us;
    an address that the client has looked up itself is not to come."""

    @property
    def url(self):
        return f"socks5h://127.0.0.1:{self.port}"

    def _exactly(self, client, n):
        got = b""
        while len(got) < n:
            piece = client.recv(n - len(got))
            if not piece:
                raise OSError("hung up")
            got += piece
        return got

    def _text(self, client):
        return self._exactly(client, self._exactly(client, 1)[0])

    def _head(self, client):
        """The target; "" when the client was sent away."""
        _, n = self._exactly(client, 2)
        methods = self._exactly(client, n)
        method = 2 if self.wanted else 0
        if method not in methods:
            client.sendall(b"\x05\xff")
            return ""
        client.sendall(bytes([5, method]))
        if self.wanted:
            self._exactly(client, 1)
            pair = base64.b64encode(
                self._text(client) + b":" + self._text(client)).decode()
            good = f"Basic {pair}" == self.wanted
            client.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return ""
        _, _, _, kind = self._exactly(client, 4)
        host = self._text(client).decode() if kind == 3 else \
            socket.inet_ntop(*{
                1: lambda: (socket.AF_INET, self._exactly(client, 4)),
                4: lambda: (socket.AF_INET6, self._exactly(client, 16)),
            }[kind]())
        return f"{host}:{int.from_bytes(self._exactly(client, 2), 'big')}"

    def _answer(self, client, head):
        with self.lock:
            self.asked.append(head)
        host, port = head.rsplit(":", 1)
        where = self.aliases.get(head, (host, int(port)))
        with socket.create_connection(where) as server:
            with self.lock:
                self.tunnels += 1
            client.sendall(b"\x05\x00\x00\x01" + bytes(6))
            self._pump(client, server)
        return True
