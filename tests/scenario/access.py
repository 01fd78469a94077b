#!/usr/bin/env python3
"""Ways of getting in: tokens that end on the way, several accounts,
proxies; and what the system must allow for it."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from proxy import Proxy, SocksProxy, TlsProxy  # noqa: E402

CLIENT, SECRET = "8d2a4c06-mailferry", "w0rds&More=Secret/7"


def base(pair, side):
    return pair.env[f"{side.upper()}_URL"].rsplit("/owa", 1)[0]


def without(options, *names):
    """The options but those, each of which has a value."""
    kept = []
    words = iter(options)
    for word in words:
        if word in names:
            next(words)
        else:
            kept.append(word)
    return kept


def nothing_was_sent(pair):
    for side in ("source", "destination"):
        sent = {k: v for k, v in pair.counters(side).items()
                if k.startswith("sent.") and v > 0}
        equal(sent, {}, f"sent by the {side}")


# ---- applications ----------------------------------------------------------

def oauth_pair(*more, mailboxes=1, items=40):
    return Pair(mailboxes, items, options=[f"--oauth-client={CLIENT}:{SECRET}",
                                           "--auth=bearer", *more])


def oauth_options(pair, secret=SECRET, **urls):
    """Of both sides, in place of the administrators."""
    file = pair.dir / "client-secret"
    file.write_text(secret + "\n")
    file.chmod(0o600)
    options = without(pair.options(), "--source-admin", "--destination-admin",
                      "--source-password-file", "--destination-password-file")
    for side in ("source", "destination"):
        url = urls.get(side, base(pair, side) + "/oauth2/v2.0/token")
        options += [f"--{side}-oauth-client", CLIENT,
                    f"--{side}-oauth-token-url", url,
                    f"--{side}-oauth-secret-file", str(file)]
    return options


@case
def an_application():
    with oauth_pair(mailboxes=2) as pair:
        options = oauth_options(pair)
        done = pair.mailferry("check", "--json", options=options)
        equal(done.status, 0, f"check: {done.out}{done.err}")
        contains(done.out, '"impersonation"')
        contains(done.out, '"Bearer"')
        check('"own-name"' not in done.out, f"no old name: {done.out}")
        equal(pair.counters("source")["requests.autodiscover"], 2,
              "the token opens Autodiscover too: once a mailbox")
        before = {side: pair.counters(side)["requests.token"]
                  for side in ("source", "destination")}
        done = pair.migrate("--trace", pair.dir / "trace.log", options=options)
        equal(done.status, 0, f"migrate: {done.out}{done.err}")
        pair.assert_moved()
        for side, n in before.items():
            equal(pair.counters(side)["requests.token"] - n, 1,
                  f"tokens asked of the {side} by one run of two mailboxes")
        nothing_was_sent(pair)
        trace = (pair.dir / "trace.log").read_text()
        contains(trace, "Authorization: Bearer <redacted>")
        contains(trace, "/oauth2/v2.0/token")
        for word in (SECRET, "w0rds%26More", "w0rds&amp;More", "eyJ0eXAiOiJKV1Qi",
                     "access_token"):
            for written in (trace, done.out, done.err):
                check(word not in written, f"{word!r} was written")


@case
def tokens_that_end_on_the_way():
    items = size(150, 60)
    with oauth_pair("--token-lifetime=3", "--latency=120", items=items) as pair:
        done = pair.migrate("--lanes", "3", options=oauth_options(pair))
        equal(done.status, 0, f"migrate: {done.out}{done.err}")
        pair.assert_moved()
        for side in ("source", "destination"):
            counters = pair.counters(side)
            check(counters["requests.token"] >= 3,
                  f"the {side}'s token was never renewed: {counters}")
            # Renewed in time: the server hardly ever had to say so.
            check(counters["refused.401"] <= counters["requests.token"] + 2,
                  f"{side}: {counters['refused.401']} refusals")


@case
def a_wrong_client_secret():
    with oauth_pair(mailboxes=3) as pair:
        done = pair.migrate(options=oauth_options(pair, secret="not-it"))
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        for text in ("invalid_client", CLIENT, "token endpoint",
                     "client secret", "remedy"):
            contains(done.out + done.err, text)
        check("not-it" not in done.out + done.err, "the secret was printed")
        equal(pair.counters("source")["requests.token"], 1,
              "how often the wrong secret was sent for three mailboxes")
        equal(pair.counters("destination")["requests.UploadItems"], 0,
              "uploads")


@case
def no_token_endpoint():
    with oauth_pair() as pair:
        options = oauth_options(pair, source=base(pair, "source") + "/owa")
        done = pair.migrate(options=options)
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        contains(done.out + done.err, "no token endpoint")
        contains(done.out + done.err, "oauth2/v2.0/token")
        plain = oauth_options(pair, source="http://127.0.0.1:1/token")
        done = pair.migrate(options=plain)
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        contains(done.out + done.err, "not https")


@case
def an_application_that_may_not():
    with oauth_pair("source:--no-impersonation") as pair:
        done = pair.migrate(options=oauth_options(pair))
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        contains(done.out + done.err, "ErrorImpersonateUserDenied")
        contains(done.out + done.err, "full_access_as_app")


# ---- several accounts ------------------------------------------------------

def accounts_pair(*more, items=30):
    """Six mailboxes; the last two users may open all, by full access."""
    grants = [f"source:--full-access=user{n}@contoso.example=*"
              for n in (5, 6)]
    return Pair(6, items, options=["source:--no-impersonation", *grants, *more])


def accounts_of(pair, *numbers):
    """A file of accounts; the passwords are in the other import file."""
    rows = [line.split(",") for line in
            pair.passwords_csv.read_text().splitlines()[1:]]
    file = pair.dir / "accounts"
    file.write_text("UserName,Password\n" + "".join(
        f"{row[1]},{row[2]}\n" for row in rows
        if row[0].split("@")[0] in [f"user{n}" for n in numbers]))
    file.chmod(0o600)
    return without(pair.options(), "--source-admin",
                   "--source-password-file") + ["--source-accounts", str(file)]


def requests_of(pair, number, what="requests"):
    return pair.counters("source")[
        f"mailbox.user{number}@contoso.example.{what}"]


@case
def mailboxes_spread_over_accounts():
    with accounts_pair("source:--latency=20") as pair:
        done = pair.migrate("--mailboxes", "6", options=accounts_of(pair, 5, 6))
        equal(done.status, 0, f"migrate: {done.out}{done.err}")
        pair.assert_moved()
        shares = [requests_of(pair, n) for n in (5, 6)]
        check(min(shares) * 3 > max(shares), f"shares are {shares}")
        equal([requests_of(pair, n) for n in (1, 2, 3, 4)], [0] * 4,
              "requests with rights of others")
        for n in (5, 6):  # what Exchange from 2013 on gives an account
            check(requests_of(pair, n, "in-flight.most") <= 27,
                  f"user{n} had too much in flight")


@case
def an_account_that_is_refused_on_the_way():
    with accounts_pair("source:--auth=basic", items=size(60, 30)) as pair:
        pair.faults("source", "refuse-login:mailbox=user6@contoso.example,"
                    "skip=60")
        done = pair.migrate("--json", "--mailboxes", "6",
                            options=accounts_of(pair, 5, 6))
        equal(done.status, 0, f"migrate: {done.out[-3000:]}{done.err}")
        contains(done.out, "going on with another account")
        contains(done.out, "user6@contoso.example")
        pair.assert_moved()
        equal(copied(done), len(pair.digest("source")), "copied, once each")
        # Lanes that had a request under way hear it; nobody tries again.
        refusals = pair.counters("source")["refused.401"]
        check(refusals <= 40, f"{refusals} refusals")
        nothing_was_sent(pair)


@case
def all_accounts_refused():
    with accounts_pair("source:--auth=basic") as pair:
        pair.faults("source", "refuse-login:skip=80")
        done = pair.migrate("--mailboxes", "6", options=accounts_of(pair, 5, 6))
        check(done.status in (2, 3), f"migrate: {done.out}{done.err}")
        contains(done.out + done.err, "refuses the user name or the password")
        pair.faults("source")
        done = pair.migrate(options=accounts_of(pair, 5, 6))
        equal(done.status, 0, f"the next day: {done.out}{done.err}")
        pair.assert_moved()


# ---- proxies ---------------------------------------------------------------

def hidden(pair):
    """The servers under ports on which nobody listens: only a proxy with
    these aliases knows the way.  Options and aliases."""
    options, aliases = pair.options(), {}
    for port, side in ((1, "source"), (2, "destination")):
        real = base(pair, side).rsplit(":", 1)[1]
        at = options.index(f"--{side}") + 1
        options[at] = f"https://localhost:{port}/owa"
        aliases[f"localhost:{port}"] = ("127.0.0.1", int(real))
    return options, aliases


@case
def everything_through_the_proxy():
    with Pair(2, 30, options=["--auth=ntlm"]) as pair:
        options, aliases = hidden(pair)
        with Proxy(aliases=aliases) as proxy:
            done = pair.migrate("--proxy", proxy.url, options=options)
            equal(done.status, 0, f"migrate: {done.out}{done.err}")
            equal(set(proxy.asked), set(aliases), "who was asked for")
            check(proxy.bytes > 10000, "next to nothing went through")
        pair.assert_moved()
        requests = sum(pair.counters(side)["requests"]
                       for side in ("source", "destination"))
        check(proxy.tunnels < requests, "NTLM's connections were not kept: "
              f"{proxy.tunnels} tunnels for {requests} requests")
        nothing_was_sent(pair)


@case
def the_environments_proxy():
    with Pair(1, 20) as pair:
        options, aliases = hidden(pair)
        with Proxy(user="ann", password="pr0xy@word", aliases=aliases) as proxy:
            named = f"http://ann:pr0xy%40word@127.0.0.1:{proxy.port}"
            trace = pair.dir / "trace.log"
            done = pair.migrate("--trace", trace, options=options,
                                env={"https_proxy": named,
                                     "http_proxy": "http://127.0.0.1:1"})
            equal(done.status, 0, f"migrate: {done.out}{done.err}")
            check(proxy.tunnels > 0, "around the proxy")
            written = trace.read_text() + done.out + done.err
            contains(written, "Proxy-Authorization: Basic <redacted>")
            for secret in ("pr0xy@word", "pr0xy%40word"):
                check(secret not in written, "the proxy's password was written")
            # Exceptions hold, for loopback as for any other name.
            before = proxy.tunnels
            done = pair.mailferry("check", "--state", pair.dir / "other", env={
                "HTTPS_PROXY": named, "no_proxy": "127.0.0.0/8,a.example"})
            equal(done.status, 0, f"directly: {done.out}{done.err}")
            equal(proxy.tunnels, before, "tunnels of an exempt host")
        pair.assert_moved()


@case
def http_proxy_is_not_for_https():
    """Who set nothing else hears that it is passed over, when all goes well
    and when nothing is reached."""
    with Pair(1, 10) as pair:
        options, aliases = hidden(pair)
        with Proxy(aliases=aliases) as proxy:
            alone = {"http_proxy": proxy.url}
            done = pair.mailferry("check", env=alone)
            equal(done.status, 0, f"check: {done.out}{done.err}")
            said = " ".join(done.out.split())
            contains(said, "proxy source: directly; destination: directly "
                     "(http_proxy of the environment is not for https")
            done = pair.mailferry("check", "--json", env=alone)
            told = events(done)[-1]["summary"]["proxy"]
            equal(told, {"source": None, "destination": None,
                         "http_proxy_passed_over": True}, "in JSON")
            equal(proxy.tunnels, 0, "tunnels")

            done = pair.mailferry("check", options=options, env=alone)
            equal(done.status, 3, f"nobody listens: {done.out}{done.err}")
            contains(" ".join(done.err.split()), "set https_proxy, or give "
                     "--proxy")

            done = pair.mailferry("check", "--state", pair.dir / "other",
                                  options=options,
                                  env={**alone, "https_proxy": proxy.url})
            equal(done.status, 0, f"check: {done.out}{done.err}")
            contains(" ".join(done.out.split()),
                     f"proxy source: {proxy.url}; destination: {proxy.url}")
            check("not for https" not in done.out, done.out)
            check(proxy.tunnels > 0, "around the proxy")
        done = pair.mailferry("check")
        check("proxy" not in done.out, f"without any: {done.out}")


@case
def a_proxy_that_wants_a_password():
    with Pair(1, 10) as pair:
        file = pair.dir / "proxy-password"
        file.write_text("pr0xy@word\n")
        file.chmod(0o600)
        with Proxy(user="ann", password="pr0xy@word") as proxy:
            user = proxy.url.replace("//", "//ann@")
            done = pair.migrate("--proxy", proxy.url)
            equal(done.status, 3, f"no password: {done.out}{done.err}")
            for text in (proxy.url, "407", "--proxy-password-file"):
                contains(done.err, text)
            equal(proxy.tunnels, 0, "tunnels without a password")
            done = pair.migrate("--proxy", user.replace("ann@", "ann:x@"))
            equal(done.status, 3, "a password on the command line")
            contains(done.err, "--proxy-password-file")
            done = pair.migrate("--proxy", user, "--proxy-password-file", file)
            equal(done.status, 0, f"with it: {done.out}{done.err}")
            check(proxy.tunnels > 0, "around the proxy")
        pair.assert_moved()


def password_file(pair, text):
    file = pair.dir / "proxy-password"
    file.write_text(text + "\n")
    file.chmod(0o600)
    return file


def through(pair, proxy, options, aliases):
    """Moved through a proxy that wants a password; a wrong one is told with
    its remedy; neither is written anywhere."""
    url = proxy.url.replace("//", "//ann@")
    trace = pair.dir / "trace.log"
    wrong = pair.migrate("--proxy", url, "--proxy-password-file",
                         password_file(pair, "wr0ng@word"), "--trace", trace,
                         options=options)
    equal(wrong.status, 3, f"wrong password: {wrong.out}{wrong.err}")
    contains(wrong.err, f'proxy "{proxy.url}"')
    contains(wrong.err, "--proxy-password-file")
    equal(proxy.tunnels, 0, "tunnels with a wrong password")
    done = pair.migrate("--proxy", url, "--proxy-password-file",
                        password_file(pair, "pr0xy@word"), "--trace", trace,
                        options=options)
    equal(done.status, 0, f"migrate: {done.out}{done.err}")
    equal(set(proxy.asked), set(aliases), "who was asked for, by name")
    written = (trace.read_text() + wrong.out + wrong.err + done.out + done.err)
    for secret in ("pr0xy@word", "pr0xy%40word", "wr0ng@word", "wr0ng%40word"):
        check(secret not in written, "the proxy's password was written")
    pair.assert_moved()
    nothing_was_sent(pair)


@case
def a_proxy_behind_tls():
    with Pair(1, 20) as pair:
        options, aliases = hidden(pair)
        tls = pair.path / "tls"
        with TlsProxy(tls / "server.pem", tls / "server.key", user="ann",
                      password="pr0xy@word", aliases=aliases) as proxy:
            through(pair, proxy, options, aliases)
            # Whose authority nobody has vouched for is not believed.
            at = options.index("--ca-file")
            done = pair.migrate("--proxy", proxy.url,
                                options=options[:at] + options[at + 2:])
            equal(done.status, 3, f"untrusted: {done.out}{done.err}")
            contains(done.err, "certificate")


@case
def a_socks_proxy():
    """Names are its to look up."""
    with Pair(1, 20, options=["--auth=basic"]) as pair:
        options, aliases = hidden(pair)
        with SocksProxy(user="ann", password="pr0xy@word",
                        aliases=aliases) as proxy:
            through(pair, proxy, options, aliases)
        # And one that asks nobody who he is, from the environment.
        with SocksProxy(aliases=aliases) as proxy:
            done = pair.migrate(options=options,
                                env={"ALL_PROXY": proxy.url})
            equal(done.status, 0, f"ALL_PROXY: {done.out}{done.err}")
            equal(set(proxy.asked), set(aliases), "who was asked for, by name")


@case
def a_socks_proxy_that_ntlm_does_not_go_through():
    """With a user name for the proxy libcurl makes a new connection for each
    request, which NTLM does not survive: said before anything is tried."""
    with Pair(1, 10, options=["--auth=ntlm"]) as pair:
        options, aliases = hidden(pair)
        with SocksProxy(user="ann", password="pr0xy@word",
                        aliases=aliases) as proxy:
            url = proxy.url.replace("//", "//ann@")
            done = pair.migrate("--proxy", url, "--proxy-password-file",
                                password_file(pair, "pr0xy@word"),
                                options=options)
            equal(done.status, 3, f"exit status: {done.out}{done.err}")
            contains(done.err, "NTLM does not go through a SOCKS proxy")
            contains(done.err, "take an http:// proxy")
        for side in ("source", "destination"):
            counted = pair.counters(side)
            equal((counted["refused.401"], counted["requests"]), (0, 0),
                  f"credentials shown to the {side}")
        # Where it asks nobody who he is all is well.
        with SocksProxy(aliases=aliases) as proxy:
            done = pair.migrate("--proxy", proxy.url, options=options)
            equal(done.status, 0, f"migrate: {done.out}{done.err}")


@case
def a_proxy_that_refuses():
    with Pair(1, 10) as pair:
        host = base(pair, "source").split("//")[1]
        for refuse, texts in (
                ("403 Forbidden", ("403", "let CONNECT")),
                ("502 Bad Gateway", ("502", "cannot reach the server"))):
            with Proxy(refuse=refuse) as proxy:
                done = pair.migrate("--proxy", proxy.url)
                equal(done.status, 3, f"{refuse}: {done.out}{done.err}")
                for text in (f'proxy "{proxy.url}"', host, *texts):
                    contains(done.err, text)
        with Proxy() as proxy:
            gone = proxy.url
        done = pair.migrate("--proxy", gone)
        equal(done.status, 3, f"nobody there: {done.out}{done.err}")
        contains(done.err, f'proxy "{gone}"')
        contains(done.err, "does not take the connection")
        done = pair.migrate("--proxy", "gopher://ann@127.0.0.1")
        equal(done.status, 3, f"unknown scheme: {done.out}{done.err}")
        contains(done.err, "socks5h")


# ---- descriptors -----------------------------------------------------------

def limited(pair, soft, hard, *more):
    words = [MAILFERRY, "migrate", pair.admin_csv, *pair.options(), *more]
    return run("sh", "-c", f'ulimit -Sn {soft} && ulimit -Hn {hard} && '
               'exec "$@"', "sh", *words)


@case
def too_few_descriptors():
    with Pair(5, 6) as pair:
        done = limited(pair, 300, 300, "--mailboxes", "5")
        equal(done.status, 3, f"exit status: {done.out}{done.err}")
        contains(done.err, "1 at once would fit")
        contains(done.err, "ulimit")
        equal(pair.counters("source")["requests"], 0, "requests")
        # As many as it says do fit; and a soft limit is no obstacle.
        done = limited(pair, 100, 300, "--mailboxes", "1")
        equal(done.status, 0, f"one at a time: {done.out}{done.err}")
        pair.assert_moved()


if __name__ == "__main__":
    main()
