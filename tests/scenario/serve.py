#!/usr/bin/env python3
"""The service over HTTP, as its users meet it: sign-in, roles and scopes,
limits, events, reload, drain, TLS; and no secret in anything it writes."""
import contextlib
import pathlib
import re
import signal
import socket
import sqlite3
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from crowd import Crowd, SlowListener  # noqa: E402
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all


@case
def it_starts_on_nothing_and_says_how_it_is():
    with Service() as service:
        for path in ("/healthz", "/readyz"):
            equal(service.ask("GET", path).text, "ok\n", path)
        equal(service.ask("HEAD", "/healthz").text, "", "HEAD")
        for name in ("mailferry.db", "sealing.key"):
            equal((service.data / name).stat().st_mode & 0o777, 0o600, name)
        got = service.ask("GET", "/api/v1/nothing")
        problem(got, 404, "no-route")
        for name, wanted in {
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "no-store",
                "Referrer-Policy": "no-referrer"}.items():
            equal(got.headers[name], wanted, name)
        contains(got.headers["Content-Security-Policy"], "default-src 'none'")
        contains(got.headers["Content-Security-Policy"],
                 "frame-ancestors 'none'")
        equal(service.stop(), 0, "exit status")
        contains(service.text(), got.headers["X-Request-Id"], "the log")


@case
def signing_in_and_out():
    with Service() as service:
        got = service.sign_in()
        equal(got.status, 201, got.text)
        for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
            contains(got.headers["Set-Cookie"], part)
        cookie = got.headers["Set-Cookie"].split(";")[0]
        me = service.ask("GET", "/api/v1/session", cookie=cookie)
        equal((me.status, answer_json(me)["name"]), (200, ADMIN), "me")
        refused = [service.sign_in(password="wrong-password-1"),
                   service.sign_in(name="nobody@example.com")]
        details = {problem(one, 401, "sign-in")["detail"] for one in refused}
        equal(len(details), 1, f"they tell who exists: {details}")
        equal(service.ask("DELETE", "/api/v1/session",
                          cookie=cookie).status, 204, "out")
        problem(service.ask("GET", "/api/v1/session", cookie=cookie), 401,
                "signed-out")
        # an old cookie is in nobody's way
        again = service.ask("POST", "/api/v1/session",
                            {"name": ADMIN, "password": PASSWORD},
                            cookie=cookie)
        equal(again.status, 201, again.text)


@case
def an_authenticators_code_is_good_once():
    with Service(start=False) as service:
        done = service.command("operator", "add", "carol@example.com",
                               "--totp", "--password-file",
                               service.password_file)
        secret = done.out.split("secret=")[1].split("&")[0]
        service.start()
        name = "carol@example.com"
        problem(service.sign_in(name), 401, "sign-in")
        problem(service.sign_in(name, code="000000"), 401, "sign-in")
        code = totp(secret)
        equal(service.sign_in(name, code=code).status, 201, "the right code")
        problem(service.sign_in(name, code=code), 401, "sign-in")
        problem(service.sign_in(name, code=totp(secret, time.time() - 300)),
                401, "sign-in")
        check(secret.encode() not in (service.data / "mailferry.db")
              .read_bytes(), "the secret is in the database")


@case
def each_role_on_each_route():
    """What the table says is what the server does, over HTTP."""
    rows = [line.split("\t") for line in
            run(MAILFERRY, "serve", "--list-routes").out.splitlines()]
    check(len(rows) >= 14, f"routes: {rows}")
    with Service("--limit-sign-in", 1000, "--limit-principal", 100000,
                 "--limit-address", 100000) as service:
        def who(name):
            cookie = service.cookie(name)
            scopes = sorted({row[3] for row in rows} - {"-"})
            return {"cookie": cookie, **{scope: service.token([scope], cookie)
                                         for scope in scopes}}
        people = {"admin": who(ADMIN), "operator": who(OPERATOR)}
        tried = 0
        for method, path, roles, scope, name, *_ in rows:
            if name in ("signOut", "streamEvents", "metrics"):
                continue  # ends the session; goes on; this machine may
            for part in ("{id}", "{name}", "{host}", "{token}"):
                path = path.replace(part, "999999")
            open_to_all = roles == "anyone"
            got = service.ask(method, path, {} if method != "GET" else None)
            check((got.status == 401) != open_to_all or name == "signIn",
                  f"{name}, nobody: {got.status}")
            for role, keys in people.items():
                for key, value in keys.items():
                    got = service.ask(
                        method, path, {} if method != "GET" else None,
                        **({"cookie": value} if key == "cookie"
                           else {"token": value}))
                    may = open_to_all or (role in roles.split(",") and
                                          key in ("cookie", scope))
                    check((got.status == 403) != may,
                          f"{name}, {role} by {key}: {got.status} {got.text}")
                    tried += 1
        check(tried > 100, f"only {tried} tried")


@case
def operators_are_managed():
    with Service() as service:
        admin = service.cookie()
        new = {"name": "dora@example.com", "role": "operator",
               "password": "another-long-password"}
        got = service.ask("POST", "/api/v1/operators", new, cookie=admin)
        equal(got.status, 201, got.text)
        where = got.headers["Location"]
        problem(service.ask("POST", "/api/v1/operators",
                            {**new, "name": "DORA@example.com"},
                            cookie=admin), 409, "taken")
        for member, value in {"name": "dora", "role": "king",
                              "password": "short", "extra": "x"}.items():
            told = problem(service.ask(
                "POST", "/api/v1/operators",
                {**new, "name": "e@example.com", member: value},
                cookie=admin), 422, "invalid")
            equal(told["field"], member, "field")
        service.command("operator", "change", "dora@example.com", "--totp")
        problem(service.sign_in("dora@example.com", "another-long-password"),
                401, "sign-in")
        told = problem(service.ask("PATCH", where, {"authenticator": True},
                                   cookie=admin), 422, "invalid")
        equal(told["field"], "authenticator", "field")
        lost = {"authenticator": False}
        problem(service.ask("PATCH", "/api/v1/operators/1", lost, cookie=admin),
                409, "wrong-state")
        problem(service.ask("PATCH", where, lost,
                            cookie=service.cookie(OPERATOR)), 403, "forbidden")
        equal(service.ask("PATCH", where, lost, cookie=admin).status, 204,
              "a lost authenticator is removed")
        line = answer_json(service.ask("GET", "/api/v1/audit?sort=-id&limit=1",
                                       cookie=admin))["items"][0]
        equal((line["action"], line["subject"], line["detail"]),
              ("operator.change", "operator dora@example.com",
               "authenticator removed"), "trail")
        hers = service.cookie("dora@example.com",
                              password="another-long-password")
        equal(service.ask("PATCH", where, {"disabled": True},
                          cookie=admin).status, 204, "disable")
        problem(service.ask("GET", "/api/v1/session", cookie=hers), 401,
                "signed-out")
        problem(service.sign_in("dora@example.com", "another-long-password"),
                401, "sign-in")
        problem(service.ask("PATCH", "/api/v1/operators/1",
                            {"disabled": True}, cookie=admin), 409,
                "wrong-state")
        problem(service.ask("PATCH", "/api/v1/operators/77",
                            {"disabled": True}, cookie=admin), 404,
                "not-found")
        names, after = [], ""
        while after is not None:
            page = answer_json(service.ask(
                "GET", f"/api/v1/operators?limit=2{after}", cookie=admin))
            check(len(page["items"]) <= 2, "limit")
            names += [one["name"] for one in page["items"]]
            after = page["next"] and f"&after={page['next']}"
        equal(names, [ADMIN, OPERATOR, "dora@example.com"], "pages")
        problem(service.ask("GET", "/api/v1/operators?after=x", cookie=admin),
                400, "page")


@case
def tokens_have_scopes_and_end():
    with Service() as service:
        cookie = service.cookie(OPERATOR)
        token = service.token(["audit:read"], cookie)
        equal(service.ask("GET", "/api/v1/audit", token=token).status, 200,
              "its scope")
        problem(service.ask("GET", "/api/v1/operators", token=token), 403,
                "forbidden")
        problem(service.ask("POST", "/api/v1/tokens", {}, token=token), 403,
                "forbidden")
        problem(service.ask("GET", "/api/v1/audit", token=token[:-1] + "x"),
                401, "signed-out")
        [row] = answer_json(service.ask("GET", "/api/v1/tokens",
                                        cookie=cookie))["items"]
        check(token not in json.dumps(row), "a token is shown again")
        problem(service.ask("DELETE", f"/api/v1/tokens/{row['id']}",
                            cookie=service.cookie()), 404, "not-found")
        equal(service.ask("DELETE", f"/api/v1/tokens/{row['id']}",
                          cookie=cookie).status, 204, "revoke")
        problem(service.ask("GET", "/api/v1/audit", token=token), 401,
                "signed-out")


@case
def a_program_gets_its_token_from_the_terminal():
    scopes = ["migrations:read", "accounts:read"]
    with Service() as service:
        def token(*words, status=0):
            return service.command("token", *words, "--operator", OPERATOR,
                                   status=status)
        every = sorted({line.split("\t")[3] for line in
                        run(MAILFERRY, "serve", "--list-routes")
                        .out.splitlines()} - {"-"})
        for wanted in (scopes, every):
            made = token("add", "billing", "--scopes", ",".join(wanted))
            told = answer_json(service.ask("GET", "/api/v1/tokens",
                                           cookie=service.cookie(OPERATOR)))
            equal(sorted(told["items"][-1]["scopes"]), sorted(wanted),
                  "scopes")
            if wanted is scopes:
                text = made.out.strip()
        equal(service.ask("GET", "/api/v1/accounts", token=text).status, 200,
              "what it is for")
        problem(service.ask("GET", "/api/v1/operators", token=text), 403,
                "forbidden")
        for line in token("list").out.splitlines():
            check(text not in line, "the list shows a token")
        token("revoke", token("list").out.split("\t")[0])
        problem(service.ask("GET", "/api/v1/accounts", token=text), 401,
                "signed-out")
        contains(token("list").out.splitlines()[0], "revoked")
        contains(token("add", "x", "--scopes", "everything", status=64).err,
                 "everything")
        contains(service.command("token", "list", "--operator", "nobody@x",
                                 status=3).err, "operator list")


@case
def whoever_lost_password_and_telephone_gets_new_ones():
    new = "another long password"
    with Service() as service:
        def change(*words, status=0):
            return service.command("operator", "change", ADMIN, *words,
                                   status=status)

        def forgotten(*words):
            return service.command("operator", "password", ADMIN, *words)
        old = service.cookie(ADMIN)
        file = service.dir / "new"
        file.write_text(new + "\n")
        file.chmod(0o600)
        secret = forgotten("--totp", "--password-file", file) \
            .out.split("secret=")[1].split("&")[0]
        problem(service.ask("GET", "/api/v1/session", cookie=old), 401,
                "signed-out")
        problem(service.sign_in(code=totp(secret)), 401, "sign-in")
        problem(service.sign_in(password=new), 401, "sign-in")
        equal(service.sign_in(password=new, code=totp(secret)).status, 201,
              "both new")
        change("--disable")
        problem(service.sign_in(password=new, code=totp(secret, time.time()
                                                        + 30)), 401, "sign-in")
        change("--enable", "--role", "operator")
        contains(service.command("operator", "list").out,
                 f"operator\t{ADMIN}\tauthenticator")
        contains(change(status=64).err, "nothing to change")
        trail = sqlite3.connect(service.data / "mailferry.db").execute(
            "SELECT detail FROM audit WHERE action = 'operator.change'")
        equal([row[0] for row in trail],
              ["password, authenticator", "disabled",
               "role operator, enabled"], "the trail")


@case
def no_key_takes_the_place_of_one_that_is_missed():
    with Service(operators=False, start=False) as service:
        def refused(*words):
            done = service.command(*words, status=3)
            check(not key.exists(), f"{words} made a key")
            return done.err
        key = service.data / "sealing.key"
        contains(refused("outbox", "list"), "operator add")
        check(not service.data.exists(), "to look made something")
        service.command("operator", "add", ADMIN, "--totp", "--password-file",
                        service.password_file)
        safe = key.rename(service.dir / "safe")
        sealed_by = service.command("key", "show-id", "--key-file",
                                    safe).out.split()[0]
        for words in (["serve", "--listen", "127.0.0.1:0"],
                      ["operator", "list"]):
            told = refused(*words)
            contains(told, sealed_by)
            contains(told, "copy it")
        contains(refused("worker"), "copy of the service's key")
        service.command("key", "new", "--key-file", key)
        contains(service.command("worker", status=3).err, sealed_by)
        service.start()
        contains(service.text(), sealed_by)
        service.stop()
        safe.rename(key)
        before = len(service.text())
        service.start()
        check(sealed_by not in service.text()[before:], "a warning is left")


@case
def another_sites_page_may_do_nothing():
    with Service() as service:
        cookie = service.cookie()
        body = {"label": "x", "scopes": ["audit:read"]}
        for headers in ({"Sec-Fetch-Site": "cross-site"},
                        {"Sec-Fetch-Site": "same-site"},
                        {"Origin": "https://evil.example",
                         "Sec-Fetch-Site": "same-origin"}):
            problem(service.ask("POST", "/api/v1/tokens", body, headers,
                                cookie=cookie), 403, "origin")
        got = service.ask("POST", "/api/v1/tokens", json.dumps(body),
                          {**JSON, "Cookie": cookie})
        problem(got, 403, "origin")
        got = service.ask("POST", "/api/v1/tokens", body,
                          {"Origin": f"http://127.0.0.1:{service.port}"},
                          cookie=cookie)
        equal(got.status, 201, got.text)
        # a name of somebody else that was made to point here
        problem(service.ask("GET", "/api/v1/session",
                            headers={"Host": "evil.example"}, cookie=cookie),
                421, "host")


@case
def what_is_no_request_is_refused():
    with Service("--body-limit", "65536") as service:
        cookie = service.cookie()

        def post(body, headers=JSON):
            return service.ask("POST", "/api/v1/tokens", body, headers,
                               cookie=cookie)
        problem(post("x" * 65537), 413, "too-large")
        problem(post(iter([b"x" * 40000, b"y" * 40000])), 413, "too-large")
        problem(post("label=x", {"Content-Type":
                                 "application/x-www-form-urlencoded"}),
                415, "media-type")
        told = problem(post('{"password": "hunter2-hunter2",}'), 400, "json")
        check("hunter2" not in json.dumps(told), "the body is quoted")
        problem(post('{"label": "a", "label": "b"}'), 400, "json")
        problem(post("[" * 60000), 400, "json")
        problem(post('"text"'), 400, "json")
        problem(post('{"label": "a\\u0000b", "scopes": ["audit:read"]}'), 400,
                "json")
        got = service.ask("DELETE", "/api/v1/audit", cookie=cookie)
        problem(got, 405, "method")
        equal(got.headers["Allow"], "GET", "Allow")
        with contextlib.closing(socket.create_connection(
                ("127.0.0.1", service.port))) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " +
                        b"y" * 100000 + b"\r\n\r\n")
            check(raw.recv(100).split()[1:2] in ([b"431"], [b"413"], []),
                  "a head of 100 kB")
        equal(service.ask("GET", "/healthz").status, 200, "afterwards")


@case
def too_often_is_too_often():
    with Service("--limit-sign-in", 3) as service:
        for _ in range(3):
            problem(service.sign_in(password="wrong-password-1"), 401,
                    "sign-in")
        got = service.sign_in()
        problem(got, 429, "too-often")
        check(int(got.headers["Retry-After"]) > 1, "Retry-After")
    with Service("--limit-address", 5) as service:
        seen = [service.ask("GET", "/healthz").status for _ in range(7)]
        equal(seen[:5] + [seen[-1]], [200] * 5 + [429], "requests")
        behind = service.ask("GET", "/healthz",
                             headers={"X-Forwarded-For": "192.0.2.7"})
        equal(behind.status, 200, "another client of the proxy here")


@case
def events_come_and_are_taken_up_again():
    with Service() as service:
        cookie = service.cookie()
        stream = Stream(service, cookie)
        equal(stream.answer.getheader("Content-Type"), "text/event-stream",
              "type")
        service.token(["audit:read"], cookie)
        lines = stream.until('"token.add"')
        last_id = [line for line in lines if line.startswith("id: ")][-1][4:]
        stream.close()
        service.ask("POST", "/api/v1/operators", {
            "name": "e@example.com", "role": "operator",
            "password": "another-long-password"}, cookie=cookie)
        again = Stream(service, cookie, last_id)
        lines = again.until("operator.add")
        check("token.add" not in "\n".join(lines), f"again: {lines}")
        again.close()
        stranger = Stream(service, cookie, "ffffffffffffffff-7")
        check("event: reset" in stranger.until("event: reset"), "reset")
        # a stream ends when the service does
        service.process.send_signal(signal.SIGTERM)
        stranger.until(None)
        equal(service.process.wait(timeout=60), 0, service.text())
        stranger.close()
        # an id of its life before, be it of an event or of none
        service.start()
        later = Stream(service, cookie, last_id)
        check("event: reset" in later.until("event: reset"), "reset")
        later.close()
        quiet = Stream(service, cookie)
        place = quiet.until("id: ")[-1][4:]
        quiet.close()
        service.stop()
        service.start()
        later = Stream(service, cookie, place)
        check("event: reset" in later.until("event: reset"), "reset")
        later.close()


@case
def listeners_cost_no_thread():
    n = size(300, 60)
    with Service("--limit-address", 100000,
                 "--limit-principal", 100000) as service:
        cookie = service.cookie()
        task = pathlib.Path(f"/proc/{service.process.pid}/task")
        before = len(list(task.iterdir()))
        streams = [Stream(service, cookie) for _ in range(n)]
        equal(len(list(task.iterdir())), before, "threads")
        service.token(["audit:read"], cookie)
        for stream in streams:
            check(stream.until('"token.add"'), "an event was not heard")
        contains(service.ask("GET", "/metrics").text,
                 f"mailferry_event_listeners {n}")
        for stream in streams:
            stream.close()


def listening(service):
    text = service.ask("GET", "/metrics").text
    return int(re.search(r"^mailferry_event_listeners (\d+)$", text,
                         re.M).group(1))


@case
def a_slow_listener_holds_nobody_up():
    """Nor is anything kept for it: what it does not take fills the buffers on
    its way, and some time later it is sent away."""
    n = size(200, 40)
    with Service("--request-time", 2, "--limit-address", 100000,
                 "--limit-principal", 100000) as service:
        cookie = service.cookie()
        slow, caused = SlowListener(service, cookie), []
        with contextlib.closing(slow.socket), Crowd(service, cookie) as crowd:
            crowd.grow(n)
            equal(listening(service), n + 1, "listeners")
            while listening(service) > n:
                for _ in range(20):
                    caused.append(f"{len(caused):0100}")
                    service.token(["audit:read"], cookie, caused[-1])
                    crowd.look(0)
            crowd.until(lambda l: len(l.heard) >= len(caused), "all events")
            told = [[json.loads(text)["subject"] for text, _ in
                     listener.heard] for listener in crowd.all]
            check(sorted(told[0]) == caused, "not each event, once")
            check(all(one == told[0] for one in told), "not all hear the same")


@case
def as_many_listen_as_may():
    with Service("--event-listeners", 1) as service:
        cookie = service.cookie()
        stream = Stream(service, cookie)
        problem(service.ask("GET", "/api/v1/events", cookie=cookie), 503,
                "listeners")
        stream.close()


@case
def the_configuration_is_read_again():
    with Service(start=False) as service:
        file = service.dir / "mailferry.conf"
        file.write_text("[log]\nlevel = info\n")
        service.options += ["--config", str(file)]
        service.start()

        def hang_up(wanted):
            service.process.send_signal(signal.SIGHUP)
            while wanted not in service.text():
                check(service.process.poll() is None, service.text())
                time.sleep(0.02)
        file.write_text("[log]\nlevel = wrong\n")
        hang_up("the one before stays in force")
        contains(service.text(), f"{file}:2: log.level")
        file.write_text("[http]\nthreads = 9\n[limits]\naddress = 2\n")
        hang_up("limits.address has changed\n")
        contains(service.text(),
                 "http.threads has changed and takes effect at the next start")
        seen = [service.ask("GET", "/healthz").status for _ in range(4)]
        check(429 in seen, f"the new limit: {seen}")


@case
def systemd_is_told():
    with Service(start=False) as service:
        path = str(service.dir / "notify")
        with contextlib.closing(socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM)) as ear:
            ear.bind(path)
            ear.settimeout(60)
            service.env.update(NOTIFY_SOCKET=path, WATCHDOG_USEC="400000")
            service.start()
            heard = []

            def until(wanted):
                while wanted not in heard:
                    heard.append(ear.recv(4096).decode().split("\n")[0])
            until("READY=1")
            until("WATCHDOG=1")
            service.process.send_signal(signal.SIGHUP)
            until("RELOADING=1")
            service.process.send_signal(signal.SIGTERM)
            until("STOPPING=1")
            equal(service.process.wait(timeout=60), 0, service.text())


@case
def it_speaks_tls_itself():
    with Service(start=False) as service:
        key, chain = service.dir / "key.pem", service.dir / "chain.pem"
        made = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                   "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key,
                   "-out", chain, "-days", "2", "-subj", "/CN=localhost",
                   "-addext", "subjectAltName=DNS:localhost")
        equal(made.status, 0, made.err)
        service.options += ["--tls-cert", str(chain), "--tls-key", str(key)]
        service.start()
        service.tls = ssl.create_default_context(cafile=chain)
        got = service.sign_in()
        equal(got.status, 201, got.text)
        contains(got.headers["Set-Cookie"], "Secure")
        check(got.headers["Set-Cookie"].startswith("__Host-"), "cookie")
        contains(got.headers["Strict-Transport-Security"], "max-age=")
        old = ssl.create_default_context(cafile=chain)
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        service.tls = old
        try:
            service.ask("GET", "/healthz")
            raise Failure("TLS 1.1 was spoken")
        except (ssl.SSLError, ConnectionError):
            pass


@case
def nobody_is_let_in_by_mistake():
    with Service(operators=False, start=False) as service:
        done = service.command("serve", "--listen", "0.0.0.0:0", status=3)
        contains(done.err, "nothing would be encrypted")
        done = service.command("serve", "--database",
                               "postgresql://u:hunter2@db/m", status=64)
        contains(done.err, "no password on the command line")
        check("hunter2" not in done.err, done.err)
        done = run(MAILFERRY, "config", "show", env={
            **service.env,
            "MAILFERRY_STORE_DATABASE": "postgresql://u:hunter2@db/m"})
        contains(done.out, "database = postgresql://u:(not shown)@db/m")
    with Service() as service:
        done = service.command("serve", "--listen",
                               f"127.0.0.1:{service.port}",
                               "--data-directory", service.dir / "other",
                               status=3)
        contains(done.err, "Address already in use")


@case
def the_trail_tells_and_tells_tampering():
    with Service() as service:
        cookie = service.cookie()
        service.token(["audit:read"], cookie)
        items = answer_json(service.ask("GET", "/api/v1/audit",
                                        cookie=cookie))["items"]
        equal([one["action"] for one in items],
              ["operator.add", "operator.add", "session.begin", "token.add"],
              "actions")
        equal(items[-1]["actor"], f"admin {ADMIN}", "who")
        service.stop()
        contains(service.text(), items[-1]["request"], "the log")
        done = service.command("audit", "verify")
        contains(done.out, "4 lines hold together; line 4 has "
                 + items[-1]["hash"])
        with contextlib.closing(sqlite3.connect(
                service.data / "mailferry.db")) as db:
            db.execute("UPDATE audit SET actor = 'x' WHERE id = 3")
            db.commit()
        done = service.command("audit", "verify", status=1)
        contains(done.err, "line 3 of the audit trail was altered")


@case
def no_secret_is_written_anywhere():
    """Passwords, tokens, cookies, codes and keys: in the log at its most
    talkative, in text and JSON, in answers, in the data directory."""
    for form in ("text", "json"):
        with Service("--log-level", "debug", "--log-format", form,
                     start=False) as service:
            done = service.command("operator", "add", "carol@example.com",
                                   "--totp", "--password-file",
                                   service.password_file)
            seed = done.out.split("secret=")[1].split("&")[0]
            service.start()
            code = totp(seed)
            got = service.sign_in("carol@example.com", code=code)
            equal(got.status, 201, got.text)
            cookie = got.headers["Set-Cookie"].split(";")[0]
            token = service.token(["audit:read"], cookie)
            service.ask("GET", f"/api/v1/audit?token={token}", token=token)
            service.ask("GET", f"/api/v1/{token}/x", token=token)
            service.sign_in("carol@example.com", "wrong-" + PASSWORD)
            service.ask("POST", "/api/v1/session", f'{{"password":'
                        f'"{PASSWORD}" oops', JSON)
            service.ask("GET", "/api/v1/session", token=token + "x")
            trail = service.ask("GET", "/api/v1/audit", token=token).text
            service.stop()
            key = (service.data / "sealing.key").read_text().split()[1]
            secrets = [PASSWORD, seed, cookie.split("=")[1], token, key]
            where = {"log": service.text(), "trail": trail}
            for file in service.data.iterdir():
                if file.name != "sealing.key":
                    where[file.name] = file.read_bytes().decode("latin-1")
            check(len(where) >= 3 and len(where["log"]) > 500, f"{where.keys()}")
            for name, text in where.items():
                for one in secrets:
                    check(one not in text, f"{form}: {one} is in {name}")
            if form == "json":
                for line in service.text().splitlines():
                    json.loads(line)


@case
def addresses_are_shortened_on_request():
    with Service("--log-addresses", "short") as service:
        service.ask("GET", "/healthz",
                    headers={"X-Forwarded-For": "192.0.2.77"})
        service.stop()
        contains(service.text(), "to 192.0.2.0,")
        check("192.0.2.77" not in service.text(), "the address")


if __name__ == "__main__":
    main()
