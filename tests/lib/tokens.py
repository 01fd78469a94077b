"""A token endpoint (RFC 6749 4.4) by TLS, and beside it what a mail server asks
whether a token is good (RFC 7662), on loopback; each in a thread."""
import http.server
import json
import threading
import urllib.parse

CLIENT, SECRET = "8d2a4c06-mailferry", "w0rds&More=Secret/7"


class Tokens:
    """user: whose mailbox the tokens open.  seconds: how long one is said to
    live; it opens the mailbox until revoke()."""

    def __init__(self, keys, user, seconds=3600):
        self.user, self.seconds = user, seconds
        self.asked, self.issued, self.good = [], [], set()
        self.lock = threading.Lock()
        self.tokens = self.listen(self.grant, keys.context)
        self.checks = self.listen(self.introspect)

    def listen(self, answer, context=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            def reply(self):
                n = int(self.headers.get("Content-Length") or 0)
                status, body = answer(self.path, self.rfile.read(n).decode())
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = reply

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            server.socket = context.wrap_socket(server.socket,
                                                server_side=True)
        return server

    def __enter__(self):
        self.threads = [threading.Thread(target=s.serve_forever)
                        for s in (self.tokens, self.checks)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        for server in (self.tokens, self.checks):
            server.shutdown()
            server.server_close()
        for thread in self.threads:
            thread.join()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.tokens.server_port}/oauth2/v2.0/token"

    @property
    def introspection(self):
        return f"http://127.0.0.1:{self.checks.server_port}/?token="

    def grant(self, _, text):
        form = dict(urllib.parse.parse_qsl(text))
        with self.lock:
            self.asked.append(form)
            if (form.get("client_id"), form.get("client_secret")) != \
                    (CLIENT, SECRET):
                return 401, {"error": "invalid_client"}
            token = f"planted-token.{len(self.issued)}"
            self.issued.append(token)
            self.good.add(token)
        return 200, {"token_type": "Bearer", "expires_in": self.seconds,
                     "access_token": token}

    def introspect(self, path, _):
        token = urllib.parse.parse_qs(path.partition("?")[2])["token"][0]
        with self.lock:
            return 200, {"active": token in self.good, "email": self.user}

    def revoke(self):
        """Those that are out; a new one is good again."""
        with self.lock:
            self.good.clear()
