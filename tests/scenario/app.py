#!/usr/bin/env python3
"""The browser app as the service hands it out, to who runs no script."""
import gzip
import http.client
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all


def fetch(service, path, **headers):
    """Status, headers and the bytes as they came."""
    link = http.client.HTTPConnection("127.0.0.1", service.port, timeout=60)
    link.request("GET", path, headers={
        name.replace("_", "-"): value for name, value in headers.items()})
    got = link.getresponse()
    body = got.read()
    link.close()
    return got.status, got.headers, body


def linked(page):
    return re.findall(r'(?:href|src)="([^"]+)"', page)


@case
def the_address_decides_in_the_browser_what_is_shown():
    with Service(operators=False) as service:
        status, headers, page = fetch(service, "/app")
        equal(status, 200, "status")
        equal(headers["Content-Type"], "text/html; charset=utf-8", "type")
        for path in ("/app/requests", "/app/requests/7", "/app/requests/7/mails",
                     "/app/%3Cscript%3E"):
            equal(fetch(service, path)[2], page, path)
        equal(fetch(service, "/app/a/b/c/d")[0], 404, "too deep")
        for path in ("/", "/app/"):
            status, headers, _ = fetch(service, path)
            equal((status, headers["Location"]), (303, "/app"), path)


@case
def nothing_is_inline_or_from_elsewhere():
    with Service(operators=False) as service:
        _, headers, page = fetch(service, "/app")
        page = page.decode()
        policy = dict(
            part.strip().partition(" ")[::2]
            for part in headers["Content-Security-Policy"].split(";"))
        equal(policy["default-src"], "'none'", "what is not named")
        for kind in ("script-src", "style-src", "connect-src"):
            equal(policy[kind], "'self'", kind)
        equal(policy["frame-ancestors"], "'none'", "frames")
        inline = r"<script[^>]*>[^<]|<style|\sstyle=|\son\w+="
        check(not re.search(inline, page), page)
        check(all(path.startswith("/assets/") for path in linked(page)),
              linked(page))


@case
def what_it_links_may_be_kept_for_ever():
    with Service(operators=False) as service:
        for path in linked(fetch(service, "/app")[2].decode()):
            status, headers, body = fetch(service, path)
            equal(status, 200, path)
            contains(headers["Cache-Control"], "immutable")
            equal(fetch(service, path, If_None_Match=headers["ETag"])[::2],
                  (304, b""), path)
            other = path.split("?")[0]
            for old in (other, other + "?v=0123456789abcdef"):
                equal(fetch(service, old)[2], body, old)
                equal(fetch(service, old)[1]["Cache-Control"], "no-cache", old)
        equal(fetch(service, "/assets/app.map")[0], 404, "no such asset")
        equal(fetch(service, "/assets/..%2fapp.js")[0], 404, "no path")


@case
def it_comes_packed_to_who_takes_that():
    with Service(operators=False) as service:
        for path in ("/assets/app.js", "/assets/app.css"):
            _, headers, plain = fetch(service, path)
            check(headers["Content-Encoding"] is None, "nobody asked for gzip")
            _, headers, packed = fetch(service, path,
                                       Accept_Encoding="br, gzip")
            equal(headers["Content-Encoding"], "gzip", path)
            equal(headers["Vary"], "Accept-Encoding", path)
            equal(gzip.decompress(packed), plain, path)
            _, headers, body = fetch(service, path, Accept_Encoding="gzip;q=0")
            equal(body, plain, "gzip refused")


if __name__ == "__main__":
    main()
