#!/usr/bin/env python3
"""What the lab does wrong on demand: how each fault looks, and what has been
done when it shows."""
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

LOST = (http.client.RemoteDisconnected, http.client.IncompleteRead,
        ssl.SSLError, ConnectionError)


def lost(call, *words, **more):
    """The connection must die under this call."""
    try:
        answer = call(*words, **more)
    except LOST:
        return
    raise Failure(f"an answer came: {answer.status} {answer.body[:300]}")


def drafts_of(lab):
    """How many items are in Drafts, by a connection of its own."""
    return len(Client(lab).sync("drafts").ids())


class Upload:
    """A lab, and an upload of two items ready to be sent."""

    def __init__(self, *faults, **more):
        self.lab = Lab(*faults, mailboxes=1, items=30, **more)

    def __enter__(self):
        client = Client(self.lab)
        self.folder = client.folder_id("drafts")
        self.ids = client.sync("inbox").ids()[:2]
        self.data = client.export(*self.ids).text("m:Data")
        self.before = drafts_of(self.lab)
        return self

    def __exit__(self, *failed):
        self.lab.__exit__(*failed)

    def __call__(self, client=None):
        return (client or Client(self.lab)).upload(self.folder, *self.data)

    def stored(self):
        return drafts_of(self.lab) - self.before


@case
def connection_lost_before():
    with Upload() as upload:
        upload.lab.faults("drop-before:op=UploadItems,every=2")
        equal(upload().codes(), ["NoError"] * 2, "the first")
        lost(upload)
        equal(upload.stored(), 2, "stored")
        equal(upload().codes(), ["NoError"] * 2, "the third")
        equal(upload.lab.counters()["fault.drop-before"], 1, "counted")


@case
def connection_lost_after():
    with Upload() as upload:
        upload.lab.faults("drop-after:op=UploadItems")
        lost(upload)
        equal(upload.stored(), 2, "stored although no answer came")


@case
def kept_connection_closed():
    with Upload() as upload:
        upload.lab.faults("close-kept:op=UploadItems")
        equal(upload().codes(), ["NoError"] * 2, "on a new connection")
        kept = Client(upload.lab)
        kept.get_folder("inbox")
        lost(upload, kept)
        equal(upload.stored(), 4, "stored")


@case
def answer_broken_off():
    with Upload() as upload:
        upload.lab.faults("break:op=UploadItems")
        lost(upload)
        equal(upload.stored(), 2, "stored")


@case
def done_later():
    with Upload() as upload:
        upload.lab.faults("late:op=UploadItems,ms=200")
        lost(upload)
        equal(upload.stored(), 0, "nothing at once")
        for _ in range(600):
            if upload.stored():
                break
            time.sleep(0.05)
        equal(upload.stored(), 2, "but later")


@case
def done_later_or_never_when_stopped():
    with Upload() as upload:
        upload.lab.faults("late:op=UploadItems,ms=3600000")
        lost(upload)
        # leaving stops the lab, which must not wait an hour


@case
def done_twice():
    with Upload() as upload:
        upload.lab.faults("twice:op=UploadItems")
        answer = upload()
        equal(answer.codes(), ["NoError"] * 2, "answered once")
        equal(upload.stored(), 4, "stored")
        there = Client(upload.lab).sync("drafts").ids()
        check(set(answer.ids("m:ItemId")) < set(there), "the ids are right")


@case
def http_statuses():
    with Upload() as upload:
        for status in (503, 500, 405):
            upload.lab.faults(f"http:op=UploadItems,status={status}")
            answer = upload()
            equal((answer.status, answer.root), (status, None), "no SOAP")
        equal(upload.stored(), 0, "stored")


@case
def busy():
    with Upload() as upload:
        upload.lab.faults("busy:op=UploadItems,ms=1234,times=1",
                          "busy-inside:op=UploadItems,ms=0,times=1")
        outside = upload()
        equal(outside.status, 500, "HTTP")
        equal(outside.codes(), ["fault", "ErrorServerBusy"], "a fault")
        equal(outside.value("BackOffMilliseconds"), "1234", "the wait")
        inside = upload()
        equal(inside.status, 200, "HTTP")
        equal(inside.codes(), ["ErrorServerBusy"] * 2, "each item")
        equal(inside.value("BackOffMilliseconds"), "0", "the wait")
        equal(upload.stored(), 0, "stored")
        equal(upload().codes(), ["NoError"] * 2, "then it is over")
        equal(upload.lab.counters()["busy"], 2, "counted")


@case
def faults_that_lie():
    with Upload() as upload:
        upload.lab.faults("soap:op=UploadItems,status=200,bare=1,"
                          "code=ErrorImpersonateUserDenied")
        bare = upload()
        equal(bare.status, 200, "HTTP")
        equal(bare.root.find(".//detail"), None, "no detail")
        contains(bare.body, ">a:ErrorImpersonateUserDenied</faultcode>")
        upload.lab.faults("inside:op=UploadItems,"
                          "code=ErrorMailboxMoveInProgress")
        equal(upload().codes(), ["ErrorMailboxMoveInProgress",
                                 "ErrorBatchProcessingStopped"], "inside")
        equal(upload.stored(), 0, "stored")
        upload.lab.faults("empty:op=UploadItems")
        empty = upload()
        equal((empty.status, empty.messages()), (200, []), "an empty success")
        equal(upload.stored(), 2, "stored")


@case
def exports_that_fail():
    with Upload() as upload:
        client = Client(upload.lab)
        whole = upload.data[0]
        upload.lab.faults("truncated-data:times=1")
        cut, right = client.export(*upload.ids).text("m:Data")
        check(cut.endswith("=== Truncated Data ==="), cut[-40:])
        check(whole.startswith(cut[:-22]) and cut[:-22], "what was before it")
        equal(right, upload.data[1], "the other one")
        upload.lab.faults("damaged-data:times=1")
        damaged = client.export(*upload.ids).text("m:Data")[0]
        check(len(damaged) < len(whole), "not damaged")
        equal(client.upload(upload.folder, damaged).codes(),
              ["ErrorCorruptData"], "and no server takes it")
        upload.lab.faults("export:every=2")
        equal(client.export(*upload.ids).codes(),
              ["NoError", "ErrorItemCorrupt"], "every second")


@case
def items_by_their_subject():
    with Upload() as upload:
        client = Client(upload.lab)
        subjects = client.get_item(*upload.ids).text("t:Subject")
        check(subjects[0] != subjects[1], "both are the same")
        # a comma would end the condition
        mark = max(subjects[0].split(","), key=len)
        check(mark and mark not in subjects[1], f"no mark in {subjects}")
        upload.lab.faults(f"export:match={mark},code=ErrorContentConversion"
                          f"Failed", f"upload:match={mark}")
        equal(client.export(*upload.ids).codes(),
              ["ErrorContentConversionFailed", "NoError"], "export")
        equal(upload().codes(), ["ErrorCorruptData", "NoError"], "upload")


@case
def sync_states_that_expire():
    with Lab(mailboxes=1, items=10) as lab:
        client = Client(lab)
        state = client.sync("inbox").text("m:SyncState")[0]
        lab.faults("expire-sync:times=1")
        equal(client.sync("inbox").codes(), ["NoError"], "from the beginning")
        stale = client.sync("inbox", state)
        equal(stale.codes(), ["ErrorInvalidSyncStateData"], "expired")
        equal(stale.text("m:SyncState"), [""], "as Exchange answers")
        equal(client.sync("inbox", state).codes(), ["NoError"], "afterwards")


@case
def only_one_mailbox():
    with Lab(mailboxes=2, items=0) as lab:
        lab.faults(f"busy:mailbox={USER2}")
        equal(Client(lab).get_folder("inbox").codes(), ["NoError"], "one")
        equal(Client(lab, acting_as=USER2).get_folder("inbox").codes(),
              ["fault", "ErrorServerBusy"], "the other")


@case
def rules_can_be_read_back():
    with Lab("--fault", "busy:times=1,ms=5", mailboxes=1, items=0) as lab:
        Client(lab).get_folder("inbox")
        Client(lab).get_folder("inbox")
        equal(lab.control("GET", "/lab/faults"),
              "busy:times=1,ms=5 met=2 fired=1\n", "rules")
        lab.control("POST", "/lab/reset-counters")
        equal(lab.counters()["requests"], 0, "reset")


@case
def captured_and_told_apart():
    with tempfile.TemporaryDirectory() as folder:
        with Lab("--capture", folder, mailboxes=1, items=0) as lab:
            client = Client(lab)
            client.get_folder("inbox")
            lab.faults("busy:times=1", "drop-after:skip=1,times=1")
            client.get_folder("inbox")
            client.get_folder("inbox")
            lost(client.get_folder, "inbox")
        names = sorted(path.name for path in pathlib.Path(folder).iterdir())
        equal(names, ["000001-GetFolder-answer.xml",
                      "000001-GetFolder-request.xml",
                      "000002-GetFolder-injected.xml",
                      "000002-GetFolder-request.xml",
                      "000003-GetFolder-answer.xml",
                      "000003-GetFolder-request.xml",
                      "000004-GetFolder-request.xml"], "files")


if __name__ == "__main__":
    main()
