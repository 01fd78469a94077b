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

LAB_PROGRAM = os.environ.get("MAILFERRY_LAB",
                             str(ROOT / "build" / "mailferry-lab"))


def reaches(*kinds):
    """The fault kinds that a case shows; the last case counts them."""
    assert kinds
    return lambda function: function


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
@reaches("drop-before")
def connection_lost_before():
    with Upload() as upload:
        upload.lab.faults("drop-before:op=UploadItems,every=2")
        equal(upload().codes(), ["NoError"] * 2, "the first")
        lost(upload)
        equal(upload.stored(), 2, "stored")
        equal(upload().codes(), ["NoError"] * 2, "the third")
        equal(upload.lab.counters()["fault.drop-before"], 1, "counted")


@case
@reaches("drop-after")
def connection_lost_after():
    with Upload() as upload:
        upload.lab.faults("drop-after:op=UploadItems")
        lost(upload)
        equal(upload.stored(), 2, "stored although no answer came")


@case
@reaches("close-kept")
def kept_connection_closed():
    with Upload() as upload:
        upload.lab.faults("close-kept:op=UploadItems")
        equal(upload().codes(), ["NoError"] * 2, "on a new connection")
        kept = Client(upload.lab)
        kept.get_folder("inbox")
        lost(upload, kept)
        equal(upload.stored(), 4, "stored")


@case
@reaches("break")
def answer_broken_off():
    with Upload() as upload:
        upload.lab.faults("break:op=UploadItems")
        lost(upload)
        equal(upload.stored(), 2, "stored")


@case
@reaches("late")
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
@reaches("twice")
def done_twice():
    with Upload() as upload:
        upload.lab.faults("twice:op=UploadItems")
        answer = upload()
        equal(answer.codes(), ["NoError"] * 2, "answered once")
        equal(upload.stored(), 4, "stored")
        there = Client(upload.lab).sync("drafts").ids()
        check(set(answer.ids("m:ItemId")) < set(there), "the ids are right")


@case
@reaches("http")
def http_statuses():
    with Upload() as upload:
        for status in (503, 500, 405):
            upload.lab.faults(f"http:op=UploadItems,status={status}")
            answer = upload()
            equal((answer.status, answer.root), (status, None), "no SOAP")
        equal(upload.stored(), 0, "stored")


@case
@reaches("busy", "busy-inside")
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
        upload.lab.faults("busy-inside:op=UploadItems,bare=1,times=1")
        inner = upload()
        equal(inner.codes(), ["ErrorInternalServerError"] * 2, "deeper inside")
        equal(inner.value("InnerErrorResponseCode"), "ErrorServerBusy",
              "what it is")
        for code in ("ErrorExceededConnectionCount", "ErrorTimeoutExpired",
                     "ErrorInternalServerTransientError",
                     "ErrorTooManyObjectsOpened"):
            upload.lab.faults(f"busy-inside:code={code},times=1")
            equal(upload().codes()[0], code, "another word for it")
        equal(upload.stored(), 0, "stored")
        equal(upload().codes(), ["NoError"] * 2, "then it is over")
        equal(upload.lab.counters()["busy"], 7, "counted")


@case
def who_comes_too_early():
    """Counted for the budget that was told to stay away, and for no other;
    not what may have been on its way."""
    with Lab(mailboxes=4, items=0) as lab:
        other = Client(lab, acting_as="user4@contoso.example")
        for number, rule in enumerate((
                "busy:ms=2000,times=1", "busy-inside:n=2000,times=1",
                "busy-inside:code=ErrorTimeoutExpired,ms=2000,times=1"), 1):
            told = Client(lab, acting_as=f"user{number}@contoso.example")
            lab.faults(rule)
            told(GET_INBOX)
            told(GET_INBOX)
            time.sleep(0.6)
            other(GET_INBOX)
            early = lab.counters().get("backoff.early", 0)
            equal(early, number - 1, f"{rule}: another budget")
            told(GET_INBOX)
            equal(lab.counters()["backoff.early"], number, rule)


@case
@reaches("html-after")
def a_page_after_the_work():
    with Upload() as upload:
        upload.lab.faults("html-after:op=UploadItems")
        page = upload()
        equal((page.status, page.root), (200, None), "no SOAP")
        contains(page.body, "<!DOCTYPE html>")
        equal(upload.stored(), 2, "stored all the same")


@case
@reaches("soap", "inside", "empty")
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
@reaches("truncated-data", "damaged-data", "export")
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
@reaches("upload")
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
@reaches("expire-sync")
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


# ---- the connection ------------------------------------------------------

class Raw:
    """A connection of bytes, to see what HTTP clients hide."""

    def __init__(self, client):
        self.client = client
        self.socket = client.lab.connect()
        self.socket.connect()

    def __call__(self, body):
        text = self.client.envelope(body).encode()
        head = "".join(f"{n}: {v}\r\n" for n, v in
                       self.client.headers.items())
        self.socket.sock.sendall(
            f"POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: lab\r\n{head}"
            f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n"
            .encode() + text)
        pieces = []
        while piece := self.socket.sock.recv(65536):
            pieces.append(piece)
        return b"".join(pieces).decode()


GET_INBOX = ("<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
             "</m:FolderShape><m:FolderIds><t:DistinguishedFolderId "
             'Id="inbox"/></m:FolderIds></m:GetFolder>')


@case
@reaches("second-answer")
def second_answer_behind_a_fault():
    with Lab(mailboxes=1, items=0) as lab:
        lab.faults("second-answer:times=1")
        text = Raw(Client(lab))(GET_INBOX)
        equal(text.count("HTTP/1.1 "), 2, "answers")
        first, second = text.split("HTTP/1.1 ")[1:]
        equal(first.split()[0], "500", "the first")
        contains(first, "ErrorInternalServerError")
        equal(second.split()[0], "200", "the second")
        contains(second, "GetFolderResponse")
        length = int(re.search(r"Content-Length: (\d+)", first)[1])
        equal(len(first.split("\r\n\r\n", 1)[1]), length, "the first's length")
        # and to a client that reads by lengths it is one fault
        lab.faults("second-answer:times=1")
        client = Client(lab)
        equal(client(GET_INBOX).codes(),
              ["fault", "ErrorInternalServerError"], "as read")


@case
@reaches("poisoned")
def connection_poisoned_by_a_large_body():
    with Lab(mailboxes=1, items=0) as lab:
        lab.faults("poisoned:bytes=5000")
        client = Client(lab)
        equal(client(GET_INBOX).codes(), ["NoError"], "small")
        equal(client(GET_INBOX + " " * 6000).codes(), ["NoError"], "large")
        for _ in range(2):
            equal(client(GET_INBOX).status, 400, "what follows")
        equal(Client(lab)(GET_INBOX).codes(), ["NoError"], "another one")


@case
@reaches("chunked", "trickle")
def answers_in_pieces():
    with Lab(mailboxes=1, items=0) as lab:
        whole = Client(lab)(GET_INBOX)
        lab.faults("chunked:times=1")
        chunked = Client(lab)(GET_INBOX)
        equal(chunked.headers["Transfer-Encoding"], "chunked", "encoding")
        equal(chunked.headers["Content-Length"], None, "length")
        equal(chunked.body, whole.body, "body")
        lab.faults("trickle:n=100,ms=1")
        slow = Client(lab)(GET_INBOX)
        equal(slow.body, whole.body, "trickled body")
        equal(slow.headers["Content-Length"], str(len(whole.body)), "length")
        lab.faults("chunked", "trickle:n=64,ms=1")
        equal(Client(lab)(GET_INBOX).body, whole.body, "both")


@case
@reaches("slow", "slow-item")
def slow_on_demand():
    with Lab(mailboxes=1, items=30) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:3]
        lab.faults("slow:ms=30,times=1", "slow-item:ms=20,every=2")
        equal(client.get_item(*ids).codes(), ["NoError"] * 3, "all the same")
        counters = lab.counters()
        equal((counters["fault.slow"], counters["fault.slow-item"]), (1, 1),
              "counted")


# ---- no SOAP at all ------------------------------------------------------

@case
@reaches("html", "redirect", "too-large", "refuse-login")
def answers_that_are_no_soap():
    with Lab(mailboxes=1, items=0) as lab:
        lab.faults("html:times=1")
        page = Client(lab)(GET_INBOX)
        equal((page.status, page.headers["Content-Type"]),
              (200, "text/html; charset=utf-8"), "a page")
        contains(page.body, "<!DOCTYPE html>")
        lab.faults("redirect:times=1", "redirect:to=https://else.example/x")
        equal([Client(lab)(GET_INBOX).headers["Location"] for _ in "12"],
              ["/owa/auth/logon.aspx?replaceCurrent=1",
               "https://else.example/x"], "where to")
        for status in (405, 413, 404, 500):
            lab.faults(f"too-large:bytes=9000,status={status}")
            equal(Client(lab)(GET_INBOX).codes(), ["NoError"], "small")
            equal(Client(lab)(GET_INBOX + " " * 9000).status, status, "large")
        lab.faults("too-large:bytes=9000,bare=1")
        lost(Client(lab), GET_INBOX + " " * 9000)
        equal(lab.counters()["refused.size"], 5, "counted")
        lab.faults(f"refuse-login:mailbox={ADMIN},times=1")
        refused = Client(lab)(GET_INBOX)
        equal(refused.status, 401, "a right credential")
        contains(str(refused.headers.get_all("WWW-Authenticate")), "Basic")
        equal(Client(lab)(GET_INBOX).codes(), ["NoError"], "afterwards")


# ---- the request as a whole ----------------------------------------------

@case
@reaches("fewer", "more", "shuffled", "wrong-operation", "batch", "item")
def answers_that_do_not_fit():
    with Lab(mailboxes=1, items=60) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:3]

        def told(rule):
            lab.faults(rule)
            return client.get_item(*ids)
        equal(told("fewer").ids(), ids[:2], "one is missing")
        equal(told("fewer:n=2").ids(), ids[:1], "two are missing")
        equal(told("more").ids(), ids + ids[-1:], "one too many")
        equal(told("shuffled").ids(), ids[::-1], "another order")
        wrong = told("wrong-operation:to=FindItem")
        check(wrong.all("m:FindItemResponse"), wrong.body[:600])
        equal(wrong.all("m:GetItemResponse"), [], "the right one")
        batch = told("batch:skip=1")
        equal((batch.status, batch.codes()),
              (500, ["fault", "ErrorInternalServerError"]), "one bad item")
        equal(told("item:skip=1,times=1,code=ErrorItemSave").codes(),
              ["NoError", "ErrorItemSave", "NoError"], "a failing store")
        equal(told("item:times=1,code=ErrorServerBusy,ms=7").value(
            "BackOffMilliseconds"), "7", "and how long to stay away")


@case
def lists_of_one_folder():
    """By its name, or as it is called in every language."""
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        made = client.create_folder("msgfolderroot", "Projects").ids(
            "t:FolderId")[0]
        lab.faults("inside:match=Projects,code=ErrorFolderCorrupt",
                   "soap:op=SyncFolderItems,match=sentitems,times=1")
        equal([client.sync(where).codes() for where in
               (made, "inbox", "sentitems", "sentitems")],
              [["ErrorFolderCorrupt"], ["NoError"],
               ["fault", "ErrorInternalServerError"], ["NoError"]], "lists")
        equal(client.get_folder("inbox", made).codes(), ["NoError"] * 2,
              "the first that is asked about counts")


@case
def by_class():
    with Lab(mailboxes=1, items=120) as lab:
        client = Client(lab)
        mail = client.sync("inbox").ids()[:1]
        contact = client.sync("contacts").ids()[:1]
        lab.faults("item:class=IPM.Contact", "export:class=IPM.Note")
        equal(client.get_item(*mail, *contact).codes(),
              ["NoError", "ErrorInternalServerError"], "GetItem")
        lab.faults("export:class=IPM.Note")
        equal(client.export(*contact, *mail).codes(),
              ["NoError", "ErrorItemCorrupt"], "ExportItems")


@case
@reaches("warned-data", "update-refused", "update-merges")
def transfers_that_half_work():
    with Upload() as upload:
        client = Client(upload.lab)
        whole = upload.data[0]
        upload.lab.faults("warned-data:times=1", "warned-data:bare=1")
        for _ in "12":
            warned = client.export(upload.ids[0]).text("m:Data")[0]
            check(len(warned) > len(whole), "nothing is added")
            equal(client.upload(upload.folder, warned).codes(),
                  ["ErrorCorruptData"], "and no server takes it")
        equal(upload().codes(), ["NoError"] * 2, "the whole ones")
        mine = Client(upload.lab).sync("drafts").ids()[-2:]
        upload.lab.faults("update-refused")
        equal(client.upload(upload.folder, *upload.data, action="Update",
                            ids=mine).codes(), ["ErrorItemSave"] * 2, "update")
        equal(upload().codes(), ["NoError"] * 2, "new ones are taken")


@case
def update_leaves_what_is_gone():
    with Upload() as upload:
        client = Client(upload.lab)
        equal(upload().codes(), ["NoError"] * 2, "stored")
        mine = client.sync("drafts").ids()[-2:]
        lengths = []
        for rules in ([], ["update-merges"]):
            upload.lab.faults(*rules)
            # each becomes the other
            equal(client.upload(upload.folder, *upload.data[::-1],
                                action="Update", ids=mine).codes(),
                  ["NoError"] * 2, "update")
            lengths.append([len(d) for d in
                            client.export(*mine).text("m:Data")])
            client.upload(upload.folder, *upload.data, action="Update",
                          ids=mine)
        check(sum(lengths[1]) > sum(lengths[0]), f"nothing is left: {lengths}")


@case
@reaches("property-lost", "unknown-tag")
def properties_that_come_and_go():
    with Upload() as upload:
        client = Client(upload.lab)
        upload.lab.faults("unknown-tag:times=1")
        with_tag, without = (client.export(upload.ids[0]).text("m:Data")[0]
                             for _ in "12")
        check(len(base64.b64decode(with_tag)) >
              len(base64.b64decode(without)), "nothing was added")
        upload.lab.faults("property-lost:n=55,times=1")  # the subject
        equal(upload().codes(), ["NoError"] * 2, "stored")
        mine = client.sync("drafts").ids()[-2:]
        subjects = client.get_item(*mine).text("t:Subject")
        check(len([s for s in subjects if s]) < 2, f"kept: {subjects}")


# ---- listing -------------------------------------------------------------

@case
@reaches("sync-restarts", "stray-deletes", "read-as-update")
def changes_that_are_none():
    with Lab(mailboxes=1, items=40) as lab:
        client = Client(lab)
        first = client.sync("inbox")
        state = first.text("m:SyncState")[0]
        equal(client.sync("inbox", "garbage").codes(),
              ["ErrorInvalidSyncStateData"], "garbage")
        lab.faults("sync-restarts")
        anew = client.sync("inbox", "garbage")
        equal(anew.ids(), first.ids(), "the listing begins anew")
        lab.faults("stray-deletes:n=3")
        strays = client.sync("inbox", state)
        equal(len(strays.all("t:Delete")), 3, "deletions")
        check(not set(strays.ids()) & set(first.ids()), "of what is there")
        lab.control("POST", "/lab/change?read=1")
        lab.faults("read-as-update")
        marked = client.sync("inbox", state)
        equal(marked.all("t:ReadFlagChange"), [], "ReadFlagChange")
        check(marked.all("t:Update/t:Message/t:IsRead"), marked.body[-800:])


@case
@reaches("empty-listing", "hollow-page", "short-page")
def pages_that_lie():
    with Lab(mailboxes=1, items=40) as lab:
        client = Client(lab)
        all_ids = client.sync("inbox").ids()
        lab.faults("empty-listing:times=1")
        empty = client.sync("inbox")
        equal((empty.ids(), empty.text("m:IncludesLastItemInRange")),
              ([], ["true"]), "a success without anything")
        state = empty.text("m:SyncState")[0]
        equal(client.sync("inbox", state).ids(), all_ids, "nothing is lost")
        lab.faults("empty-listing")
        hierarchy = client(
            "<m:SyncFolderHierarchy><m:FolderShape><t:BaseShape>IdOnly"
            "</t:BaseShape></m:FolderShape></m:SyncFolderHierarchy>")
        equal((hierarchy.ids("t:FolderId"),
               hierarchy.text("m:IncludesLastFolderInRange")),
              ([], ["true"]), "no folder")
        lab.faults("hollow-page:times=1")
        hollow = client.sync("inbox")
        equal((hollow.ids(), hollow.text("m:IncludesLastItemInRange")),
              ([], ["false"]), "nothing yet")
        lab.faults("short-page:n=2")
        seen, state, pages = [], "", 0
        while True:
            page = client.sync("inbox", state)
            check(len(page.ids()) <= 2, "a long page")
            seen += page.ids()
            state, pages = page.text("m:SyncState")[0], pages + 1
            if page.text("m:IncludesLastItemInRange") == ["true"]:
                break
        equal(seen, all_ids, "in short pages")
        check(pages >= len(all_ids) / 2, f"{pages} pages")


@case
@reaches("touch")
def assistants():
    with Lab(mailboxes=1, items=40) as lab:
        client = Client(lab)
        folders = ("inbox", "sentitems", "drafts", "calendar", "contacts",
                   "tasks", "notes", "junkemail", "outbox")
        states = {f: client.sync(f).text("m:SyncState")[0] for f in folders}
        lab.faults("touch:op=GetFolder,n=2")
        client.get_folder("inbox")
        lab.faults()
        touched = [client.sync(f, state).all("t:Update")
                   for f, state in states.items()]
        equal(sum(map(len, touched)), 2, "touched items")


# ---- what is read is not what was written --------------------------------

FLAGS = '<t:ExtendedFieldURI PropertyTag="0x0E07" PropertyType="Integer"/>'
CREATED = '<t:ExtendedFieldURI PropertyTag="0x3007" PropertyType="SystemTime"/>'


@case
@reaches("short-tags", "properties-reversed", "received-is-created",
         "fractions")
def properties_as_others_write_them():
    with Lab(mailboxes=1, items=40) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:6]

        def read(*rules):
            lab.faults(*rules)
            return client.get_item(*ids, extra=FLAGS + CREATED)

        def tags(answer):
            return [f.get("PropertyTag") for f in
                    answer.all("t:ExtendedFieldURI")][:2]
        plain = read()
        both = [t.lower() for t in tags(plain)]
        equal(tags(read("short-tags")),
              ["0x" + t[2:].lstrip("0") for t in both], "tags")
        equal([t.lower() for t in tags(read("properties-reversed"))],
              both[::-1], "order")
        made = read("received-is-created")
        equal(made.text("t:DateTimeReceived"), plain.text("t:DateTimeCreated"),
              "received")
        for n in (0, 3, 6, 9):
            times = read(f"fractions:n={n}").text("t:DateTimeReceived")
            equal({len(t) for t in times}, {20 + (n and n + 1)}, f"{n} digits")
        turns = {len(t) for t in read("fractions").text("t:DateTimeReceived")}
        check(len(turns) > 1 and turns <= {20, 24, 27, 30}, f"lengths {turns}")


def create(client, folder, item):
    """The id of a new item, or the codes of a refusal."""
    answer = client(
        '<m:CreateItem MessageDisposition="SaveOnly" '
        'SendMeetingInvitations="SendToNone"><m:SavedItemFolderId>'
        f'<t:DistinguishedFolderId Id="{folder}"/></m:SavedItemFolderId>'
        f"<m:Items>{item}</m:Items></m:CreateItem>")
    if answer.codes() == ["fault", "ErrorInvalidRequest"]:
        raise Skip("this lab has no CreateItem")
    return answer.ids() or answer.codes()


def encoded(*lines):
    return base64.b64encode("\r\n".join(lines).encode()).decode()


UNREAD = ("<t:Message><t:Subject>unread</t:Subject><t:ExtendedProperty>" +
          FLAGS + "<t:Value>{}</t:Value></t:ExtendedProperty></t:Message>")
CARD = encoded("BEGIN:VCARD", "VERSION:3.0", "N:Doe;Jane;;;", "FN:Jane Doe",
               "ORG:Contoso", "END:VCARD", "")
MEETING = encoded(
    "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y", "BEGIN:VEVENT",
    "UID:1", "DTSTAMP:20240101T000000Z", "DTSTART:20240102T100000Z",
    "DTEND:20240102T110000Z", "SUMMARY:lunch", "END:VEVENT", "END:VCALENDAR",
    "")


@case
@reaches("unread-lost", "contact-mime-dropped", "appointment-mime-refused",
         "stale-key-taken")
def writing_that_is_not_kept():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)

        def read_flag(flags, *rules):
            lab.faults(*rules)
            return client.get_item(*create(
                client, "inbox", UNREAD.format(flags))).text("t:IsRead")
        equal(read_flag(0), ["false"], "unread")
        equal(read_flag(1), ["true"], "read")
        equal(read_flag(0, "unread-lost"), ["true"], "lost")
        card = (f'<t:Contact><t:MimeContent>{CARD}</t:MimeContent>'
                "<t:Subject>card</t:Subject></t:Contact>")
        lab.faults("contact-mime-dropped")
        bare = client.get_item(*create(client, "contacts", card))
        equal((bare.codes(), bare.text("t:CompanyName")), (["NoError"], []),
              "the fields are gone")
        lab.faults("appointment-mime-refused")
        equal(create(client, "calendar", "<t:CalendarItem><t:MimeContent>"
                     f"{MEETING}</t:MimeContent></t:CalendarItem>"),
              ["ErrorMimeContentInvalid"], "from MIME alone")
        check(len(create(client, "calendar", "<t:CalendarItem><t:Subject>x"
                         "</t:Subject><t:Start>2024-01-02T10:00:00Z</t:Start>"
                         "<t:End>2024-01-02T11:00:00Z</t:End>"
                         "</t:CalendarItem>")[0]) > 40, "by its properties")


@case
def stale_keys():
    with Lab(mailboxes=1, items=0) as lab:
        client = Client(lab)
        item = create(client, "inbox", UNREAD.format(0))[0]
        stale = client.get_item(item).all("t:ItemId")[0].get("ChangeKey")

        def update(text, *rules):
            lab.faults(*rules)
            return client(
                '<m:UpdateItem ConflictResolution="NeverOverwrite" '
                'MessageDisposition="SaveOnly"><m:ItemChanges><t:ItemChange>'
                f'<t:ItemId Id="{item}" ChangeKey="{stale}"/><t:Updates>'
                '<t:SetItemField><t:FieldURI FieldURI="item:Subject"/>'
                f"<t:Message><t:Subject>{text}</t:Subject></t:Message>"
                "</t:SetItemField></t:Updates></t:ItemChange></m:ItemChanges>"
                "</m:UpdateItem>").codes()
        equal(update("one"), ["NoError"], "with its key")
        equal(update("two"), ["ErrorIrresolvableConflict"], "out of date")
        equal(update("three", "stale-key-taken"), ["NoError"], "taken")
        equal(client.get_item(item).text("t:Subject"), ["three"], "subject")


@case
@reaches("mime-anew")
def mime_made_anew():
    with Lab(mailboxes=1, items=60) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()

        def mime():
            answer = client(
                "<m:GetItem><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape>"
                "<t:IncludeMimeContent>true</t:IncludeMimeContent>"
                "</m:ItemShape><m:ItemIds>" + items(ids) +
                "</m:ItemIds></m:GetItem>")
            if not answer.all("t:MimeContent"):
                raise Skip("this lab has no MIME")
            return [base64.b64decode(t).decode("latin-1") for t in
                    answer.text("t:MimeContent")]
        plain = mime()
        equal(mime(), plain, "without the fault")
        lab.faults("mime-anew")
        anew = mime()
        parts = [(a, b) for a, b in zip(plain, anew) if "boundary=" in a]
        check(parts, "no mail of several parts")
        check(all(a != b for a, b in parts), "the same boundaries")
        equal([len(a) for a in plain], [len(b) for b in anew], "lengths")
        for a, b in parts:
            boundary = re.search('boundary="([^"]+)"', b)[1]
            check(b.count("--" + boundary) >= 2, "a boundary without parts")


# ---- time, scripts, and everything ---------------------------------------

@case
def by_chance_and_by_time():
    with Lab(mailboxes=1, items=0) as lab:
        seen = []
        for _ in "12":
            lab.faults("http:rate=0.5,seed=4")
            client = Client(lab)
            seen.append([client(GET_INBOX).status for _ in range(30)])
        equal(seen[0], seen[1], "the same seed")
        equal(set(seen[0]), {200, 503}, "some of them")
        lab.faults("http:after=1h", "html:until=0ms", "busy:period=1h")
        equal([Client(lab)(GET_INBOX).status for _ in "12"], [500, 200],
              "once an hour")


@case
def a_script():
    with tempfile.TemporaryDirectory() as folder:
        script = pathlib.Path(folder) / "script"
        script.write_text("# what happens\n\nevery 1h busy:ms=7\n"
                          "do throttle?policy=hosted-strict&latency=1\n"
                          "at 1h do expire-sync\n")
        with Lab("--faults", script, mailboxes=1, items=0) as lab:
            equal([Client(lab)(GET_INBOX).status for _ in "12"], [500, 200],
                  "busy once")
            for _ in range(600):
                limits = dict(line.split() for line in
                              lab.control("GET", "/lab/throttle").splitlines())
                if limits["max-concurrency"] == "4":
                    break
                time.sleep(0.05)
            equal((limits["find-count"], limits["latency"]), ("250", "1"),
                  "limits")
            contains(lab.control("GET", "/lab/faults"),
                     "busy:ms=7,period=1h met=1 fired=1")
        script.write_text("at 5s nonsense")
        done = run(LAB_PROGRAM, "serve", "--state", "memory", "--plain-http",
                   "--faults", script)
        equal(done.status, 1, "a wrong script")
        contains(done.err, 'no kind "nonsense')


@case
def every_kind_is_reached():
    page = run(LAB_PROGRAM, "faults").out
    kinds = set(re.findall(r"^\| `([a-z-]+)` \| .* \| `", page, re.M))
    text = "".join(p.read_text() for p in
                   pathlib.Path(__file__).parent.glob("lab_*.py"))
    reached = {kind for marks in re.findall(r"@reaches\(([^)]*)\)", text)
               for kind in re.findall(r'"([^"]+)"', marks)}
    equal(sorted(kinds - reached), [], "kinds that no test reaches")
    equal(sorted(reached - kinds), [], "tests of what is no kind")


if __name__ == "__main__":
    main()
