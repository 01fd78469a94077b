#!/usr/bin/env python3
"""What goes through the service from elsewhere, with servers behind it:
reports for download."""
import csv
import io
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from service import *  # noqa: E402,F403 pylint: disable=all

FILES = ["report.html", "statistics.csv", "failures.csv", "losses.csv",
         "settings.csv", "permissions.csv", "x500.csv", "verification.json"]


def serving(pair, *options, **config):
    return Service(*options, env={
        "MAILFERRY_ENGINE_CA_FILE": pair.env["CA_FILE"],
        "MAILFERRY_ENGINE_PRIVATE_NETWORKS": "127.0.0.0/8",
        "MAILFERRY_WORKER_LEASE": "3s", **config})


def until(what, is_so, seconds=RUN_SECONDS):
    end = time.monotonic() + seconds
    while not is_so():
        check(time.monotonic() < end, f"waited in vain: {what}")
        time.sleep(0.1)


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text)))


def number(row, ending):
    return sum(int(value or 0) for name, value in row.items()
               if name.endswith(ending) and not name.startswith("Hidden"))


@case
def reports_for_download():
    with Pair(mailboxes=2, items=20) as pair, serving(pair) as service:
        cookie = service.cookie(OPERATOR)

        def ask(status, method, path, body=None):
            got = service.ask(method, f"/api/v1{path}", body, cookie=cookie)
            equal(got.status, status, f"{method} {path}: {got.text}")
            return got
        made = answer_json(ask(201, "POST", "/migrations", {
            "name": "Contoso", "import": pair.passwords_csv.read_text(
                encoding="utf-8-sig"),
            "source": {"url": pair.env["SOURCE_URL"]},
            "destination": {"url": pair.env["DESTINATION_URL"]},
            "options": {"doubt-wait": 1}}))
        where = f"/migrations/{made['id']}"
        ask(200, "POST", f"{where}/actions",
            {"action": "start", "pass": "full"})
        until("done", lambda: answer_json(ask(200, "GET", where))["jobs"] ==
              {"done": 2})
        pair.assert_moved()
        told = answer_json(ask(200, "GET", f"{where}/reports"))["items"]
        equal([file["name"] for file in told], FILES, "files")
        texts = {}
        for file in told:
            got = ask(200, "GET", f"{where}/reports/{file['name']}")
            equal(got.headers["Content-Type"], file["type"], file["name"])
            equal(got.headers["Content-Disposition"],
                  f"attachment; filename=\"{file['name']}\"", "as a file")
            texts[file["name"]] = got.text
        boxes = rows_of(texts["statistics.csv"])
        equal(len(boxes), 2, "rows")
        equal(sum(number(row, " Items Copied") for row in boxes),
              len(pair.digest("destination")), "items")
        equal(rows_of(texts["failures.csv"]), [], "failures")
        equal(len(json.loads(texts["verification.json"])["mailboxes"]), 2,
              "mailboxes")
        contains(texts["report.html"], boxes[0]["Source Email"])
        for name in ("none.csv", "..", "failures.csvx", "failures.cs"):
            ask(404, "GET", f"{where}/reports/{name}")
        ask(404, "GET", "/migrations/99/reports")
        ask(404, "GET", "/migrations/99/reports/failures.csv")


if __name__ == "__main__":
    main()
