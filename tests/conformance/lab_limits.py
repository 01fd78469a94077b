#!/usr/bin/env python3
"""What the lab does not allow: policies, batches, sizes, quotas; what it says
it has and has not; its clock; a load balancer in front."""
import email.utils
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
from harness import *  # noqa: E402,F403 pylint: disable=all
from lab import *  # noqa: E402,F403

GET_INBOX = ("<m:GetFolder><m:FolderShape><t:BaseShape>IdOnly</t:BaseShape>"
             "</m:FolderShape><m:FolderIds><t:DistinguishedFolderId "
             'Id="inbox"/></m:FolderIds></m:GetFolder>')


def limits(lab):
    return dict(line.split() for line in
                lab.control("GET", "/lab/throttle").splitlines())


def find(client, most=None, where="inbox"):
    view = most and (f'<m:IndexedPageItemView MaxEntriesReturned="{most}" '
                     'Offset="0" BasePoint="Beginning"/>') or ""
    return client('<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>'
                  "IdOnly</t:BaseShape></m:ItemShape>" + view +
                  "<m:ParentFolderIds>" + folder(where) +
                  "</m:ParentFolderIds></m:FindItem>")


# ---- policies ------------------------------------------------------------

@case
def a_policy_and_what_overrides_it():
    with Lab("--policy", "2010", "--burst", "7000", mailboxes=1,
             items=0) as lab:
        found = limits(lab)
        equal([found[n] for n in ("max-concurrency", "burst", "recharge",
                                  "find-count", "batch-limit")],
              ["10", "7000", "500", "1000", "60000"], "limits")


@case
def without_a_policy_it_is_the_versions():
    for version, concurrency in (("Exchange2007_SP1", "0"),
                                 ("Exchange2010", "10"),
                                 ("Exchange2016", "27")):
        with Lab("--version", version, mailboxes=1, items=0) as lab:
            found = limits(lab)
            equal((found["max-concurrency"], found["burst"]),
                  (concurrency, "0"), version)


@case
def a_policy_changes_while_it_runs():
    with Lab("--latency", "1", mailboxes=1, items=0) as lab:
        lab.control("POST", "/lab/throttle?policy=hosted-strict&delay=5")
        found = limits(lab)
        equal([found[n] for n in ("max-concurrency", "sync-calls", "delay",
                                  "latency")], ["4", "2", "5", "1"], "limits")


@case
def policies_are_printed_with_their_source():
    text = run(LAB, "policies").out
    for name in ("none", "2010", "2013", "hosted-strict"):
        check(re.search(rf"^{name}: max-concurrency \d+.*\n  \(.+\)$", text,
                        re.M), f"no {name} in {text}")
    done = run(LAB, "serve", "--state", "memory", "--plain-http", "--policy",
               "2003")
    equal(done.status, 64, "no such policy")


@case
def how_many_are_found():
    with Lab("--find-count", "5", mailboxes=1, items=60) as lab:
        client = Client(lab)
        page = find(client, 100)
        equal(len(page.ids()), 5, "items")
        root = page.all("m:RootFolder")[0]
        equal((root.get("IncludesLastItemInRange"),
               root.get("IndexedPagingOffset")), ("false", "5"), "more")
        lab.control("POST", "/lab/throttle?find-count=0")
        check(len(find(client, 100).ids()) > 5, "without a limit")


# ---- batches -------------------------------------------------------------

@case
def a_batch_has_its_time():
    with Lab("--batch-limit", "200", mailboxes=1, items=40) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:4]
        equal(client.get_item(*ids).codes(), ["NoError"] * 4, "in time")
        lab.faults("slow-item:skip=1,times=1,ms=300")
        equal(client.get_item(*ids).codes(),
              ["NoError"] * 2 + ["ErrorTimeoutExpired",
                                 "ErrorBatchProcessingStopped"], "over it")
        equal(lab.counters()["refused.batch"], 1, "counted")


@case
def a_batch_may_be_cut():
    with Lab("--batch-limit", "200", "--batch-cut", mailboxes=1,
             items=40) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:3]
        lab.faults("slow-item:skip=1,times=1,ms=300")
        try:
            answer = client.get_item(*ids)
        except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLError):
            return
        raise Failure(f"an answer came: {answer.body[:300]}")


@case
def items_in_debt_are_delayed():
    """No word of it, and no error: it only takes longer, item by item."""
    with Lab("--burst", "1", "--cutoff", "3600000", "--delay", "20",
             mailboxes=1, items=40) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:5]
        lab.faults("slow-item:times=1,ms=10")
        begun = time.monotonic()
        equal(client.get_item(*ids).codes(), ["NoError"] * 5, "all of them")
        check(time.monotonic() - begun > 0.08, "four delays are 80 ms")


# ---- sizes and quotas ----------------------------------------------------

@case
def how_a_large_request_is_refused():
    for how, status in (("405", 405), ("413", 413), ("404", 404),
                        ("500", 500), ("400", 400), ("drop", None)):
        with Lab("--too-large", how, "--request-limit", "20000", mailboxes=1,
                 items=0) as lab:
            try:
                got = Client(lab)(GET_INBOX + " " * 30000).status
            except (http.client.RemoteDisconnected, ConnectionError,
                    ssl.SSLError):
                got = None
            equal(got, status, how)
            equal(Client(lab)(GET_INBOX).codes(), ["NoError"], "a small one")
            equal(lab.counters()["refused.size"], 1, "counted")
    done = run(LAB, "serve", "--state", "memory", "--plain-http",
               "--too-large", "418")
    equal(done.status, 64, "no such way")


@case
def the_largest_item():
    with Lab("--item-limit", "12000", mailboxes=1, items=60) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()
        sizes = [int(s) for s in client.get_item(
            *ids, shape="IdOnly", extra='<t:FieldURI FieldURI="item:Size"/>'
        ).text("t:Size")]
        data = client.export(*ids).text("m:Data")
        drafts = client.folder_id("drafts")
        small, large = (data[sizes.index(f(sizes))] for f in (min, max))
        check(min(sizes) < 6000 and 12000 < max(sizes), f"sizes {sizes}")
        equal(client.upload(drafts, small, large).codes(),
              ["NoError", "ErrorMessageSizeExceeded"], "uploaded")


@case
def recoverable_items_have_their_own_quota():
    with Lab("--recoverable-quota", "1", mailboxes=1, items=40) as lab:
        client = Client(lab)
        ids = client.sync("inbox").ids()[:2]
        equal(client.delete(ids[0]).codes(), ["ErrorQuotaExceeded"], "softly")
        equal(client.delete(ids[1], how="HardDelete").codes(), ["NoError"],
              "for good")


# ---- what it has not -----------------------------------------------------

@case
def operations_that_are_missing():
    with Lab("--lacks", "ExportItems,GetInboxRules,archivemsgfolderroot",
             mailboxes=1, items=20) as lab:
        client = Client(lab, version="Exchange2013")
        ids = client.sync("inbox").ids()[:1]
        equal(client.export(*ids).codes(), ["fault", "ErrorInvalidRequest"],
              "ExportItems")
        equal(client("<m:GetInboxRules/>").codes(),
              ["fault", "ErrorInvalidRequest"], "GetInboxRules")
        equal(client.get_folder("archivemsgfolderroot").codes(),
              ["fault", "ErrorSchemaValidation"], "the archive")
        info = [e for e in client(GET_INBOX).root.iter()
                if e.tag.endswith("ServerVersionInfo")]
        equal(info[0].get("MajorVersion"), "15", "and does not say so")


@case
def what_a_version_lacks():
    rows = [
        ("Exchange2007_SP1", None, "<m:ExportItems/>", "ErrorInvalidRequest"),
        ("Exchange2010", "Exchange2010", "<m:GetInboxRules/>",
         "ErrorInvalidRequest"),
        ("Exchange2010_SP1", "Exchange2010", "<m:GetInboxRules/>",
         "ErrorIncorrectSchemaVersion"),
        ("Exchange2010_SP2", "Exchange2010_SP2", "<m:MarkAllItemsAsRead/>",
         "ErrorInvalidRequest"),
        ("Exchange2010_SP2", "Exchange2013", GET_INBOX,
         "ErrorInvalidServerVersion"),
        ("Exchange2010_SP2", "Exchange2010_SP2",
         '<m:DeleteItem DeleteType="HardDelete" SuppressReadReceipts="true">'
         '<m:ItemIds><t:ItemId Id="x"/></m:ItemIds></m:DeleteItem>',
         "ErrorSchemaValidation"),
        ("Exchange2016", "Exchange2010_SP2",
         '<m:DeleteItem DeleteType="HardDelete" SuppressReadReceipts="true">'
         '<m:ItemIds><t:ItemId Id="x"/></m:ItemIds></m:DeleteItem>',
         "ErrorIncorrectSchemaVersion"),
        ("Exchange2016", "Exchange2016", "<m:DropTables/>",
         "ErrorInvalidRequest"),
    ]
    for server, asked, request, code in rows:
        with Lab("--version", server, mailboxes=1, items=0) as lab:
            answer = Client(lab, version=asked)(request)
            equal(answer.status, 500, "HTTP")
            contains(answer.body, code, f"{server} asked for {asked}")


# ---- its clock, and what stands in front ---------------------------------

@case
def a_clock_that_is_wrong():
    with Lab("--clock-skew", "-86400", mailboxes=1, items=20) as lab:
        client = Client(lab)
        answer = client.sync("inbox")
        told = email.utils.parsedate_to_datetime(answer.headers["Date"])
        ahead = told.timestamp() - time.time()
        check(-86460 < ahead < -86340, f"{ahead} seconds")
        data = client.export(answer.ids()[0]).text("m:Data")[0]
        mine = client.upload(client.folder_id("drafts"), data)
        made = client.get_item(*mine.ids("m:ItemId")).text(
            "t:DateTimeCreated")[0]
        check(made <= told.strftime("%Y-%m-%dT%H:%M:%SZ")[:10] + "T99",
              f"created {made}")
        # NTLM with a clock a day behind still works: nothing compares it
        equal(lab.curl("--ntlm", lab.ews, body=client.envelope(
            GET_INBOX)).out.split()[-2], "200", "NTLM")


@case
def affinity_by_cookie():
    with Lab("--affinity-cookie", "exchangecookie", "--affinity-delay", "1",
             mailboxes=2, items=0) as lab:
        client = Client(lab)
        first = client(GET_INBOX)
        cookie = first.headers["Set-Cookie"].split(";")[0]
        check(cookie.startswith("exchangecookie="), cookie)
        client.headers["Cookie"] = cookie
        equal(client(GET_INBOX).headers["Set-Cookie"], None, "kept")
        other = Client(lab, acting_as=USER2)
        other.headers |= {"Cookie": cookie, "X-AnchorMailbox": USER2}
        check(other(GET_INBOX).headers["Set-Cookie"].split(";")[0] != cookie,
              "another mailbox, another server")
        counters = lab.counters()
        equal([counters[f"cookie.{n}"] for n in ("missing", "right",
                                                 "foreign")], [1, 1, 1],
              "counted")
        subscribe = ("<m:Subscribe><m:PullSubscriptionRequest><t:FolderIds>"
                     '<t:DistinguishedFolderId Id="inbox"/></t:FolderIds>'
                     "<t:EventTypes><t:EventType>NewMailEvent</t:EventType>"
                     "</t:EventTypes><t:Timeout>10</t:Timeout>"
                     "</m:PullSubscriptionRequest></m:Subscribe>")
        made = client(subscribe)
        equal(made.codes(), ["NoError"], "subscribed")
        events = ("<m:GetEvents><m:SubscriptionId>" +
                  made.text("m:SubscriptionId")[0] + "</m:SubscriptionId>"
                  "<m:Watermark>" + made.text("m:Watermark")[0] +
                  "</m:Watermark></m:GetEvents>")
        equal(client(events).codes(), ["NoError"], "with its cookie")
        del client.headers["Cookie"]
        equal(client(events).codes(), ["ErrorSubscriptionNotFound"],
              "without it")


@case
def connections_and_handshakes_are_counted():
    with Lab(mailboxes=1, items=0) as lab:
        first, second = Client(lab), Client(lab)
        for client in (first, second, first):
            equal(client(GET_INBOX).codes(), ["NoError"], "answer")
        counters = lab.counters()
        # the one that asks for them is the third
        equal((counters["connections"], counters["connections.now"]), (3, 3),
              "connections")
        before = lab.counters()["connections"]
        lab.curl("--ntlm", lab.ews, body=first.envelope(GET_INBOX))
        counters = lab.counters()
        equal(counters["signin.ntlm"], 1, "handshakes")
        equal(counters["connections"] - before, 2, "its connection, and ours")
        equal(counters["requests"], 4, "requests")


if __name__ == "__main__":
    main()
