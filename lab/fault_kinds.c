#include "lab/fault_priv.h"

/* clang-format off */
#define NAME(name) name, "fault." name
const struct fault_row fault_rows[N_FAULT_KINDS] = {
    [FAULT_DROP_BEFORE] = {
        NAME("drop-before"), "The connection", "", 0, 0, 0,
        "close the connection, nothing done",
        "drop-before:op=UploadItems,every=5" },
    [FAULT_DROP_AFTER] = {
        NAME("drop-after"), NULL, "", 0, 0, 0,
        "do it, then close the connection without an answer",
        "drop-after:op=UploadItems,every=3" },
    [FAULT_CLOSE_KEPT] = {
        NAME("close-kept"), NULL, "", 0, 0, 0,
        "the same, but only on a connection that has answered before",
        "close-kept:rate=0.1" },
    [FAULT_BREAK] = {
        NAME("break"), NULL, "", 0, 0, 0,
        "do it, send half of the answer, close the connection",
        "break:op=ExportItems,every=4" },
    [FAULT_LATE] = {
        NAME("late"), NULL, "", 0, 0, 0,
        "close the connection at once, do it ms= later",
        "late:op=UploadItems,ms=2000" },
    [FAULT_TWICE] = {
        NAME("twice"), NULL, "", 0, 0, 0,
        "do it twice, answer once",
        "twice:op=UploadItems,times=1" },
    [FAULT_SECOND_ANSWER] = {
        NAME("second-answer"), NULL, "ErrorInternalServerError", 500, 0, 0,
        "a fault, and behind it on the connection a second answer: the one "
        "to what was asked",
        "second-answer:op=GetItem" },
    [FAULT_POISONED] = {
        NAME("poisoned"), NULL, "", 400, 0, 0,
        "do what has bytes= or more; every later request on that connection"
        " is answered status= (400)",
        "poisoned:bytes=1000000" },
    [FAULT_CHUNKED] = {
        NAME("chunked"), NULL, "", 0, 0, 0,
        "the answer comes in chunks, without a Content-Length",
        "chunked" },
    [FAULT_TRICKLE] = {
        NAME("trickle"), NULL, "", 0, 50, 512,
        "the answer comes n= bytes (512) at a time, with ms= (50) between",
        "trickle:op=SyncFolderItems,n=100,ms=20" },
    [FAULT_SLOW] = {
        NAME("slow"), NULL, "", 0, 0, 0,
        "wait ms= before the answer",
        "slow:rate=0.05,seed=7,ms=3000" },
    [FAULT_HTTP] = {
        NAME("http"), "Answers that are no SOAP", "", 503, 0, 0,
        "answer with this HTTP status (503), nothing done",
        "http:status=503,after=10s,for=20s" },
    [FAULT_HTML] = {
        NAME("html"), NULL, "", 200, 0, 0,
        "a proxy's page of HTML instead of an answer, with status= (200), "
        "nothing done",
        "html:every=10" },
    [FAULT_HTML_AFTER] = {
        NAME("html-after"), NULL, "", 200, 0, 0,
        "do it, and answer with that page: the proxy waited for too long",
        "html-after:op=UploadItems,every=3" },
    [FAULT_REDIRECT] = {
        NAME("redirect"), NULL, "", 302, 0, 0,
        "send the client to another address: to=URL (/owa/auth/logon.aspx)",
        "redirect:op=GetFolder,times=1,to=https://elsewhere.example/" },
    [FAULT_TOO_LARGE] = {
        NAME("too-large"), NULL, "", 413, 0, 0,
        "a request of bytes= or more is refused: status= (413), bare=1: the"
        " connection is closed",
        "too-large:bytes=2000000,status=405" },
    [FAULT_REFUSE_LOGIN] = {
        NAME("refuse-login"), NULL, "", 401, 0, 0,
        "a right credential is refused with 401; mailbox= is the login's "
        "address, op=Autodiscover: there alone",
        "refuse-login:after=1m,for=1m" },
    [FAULT_BUSY] = {
        NAME("busy"), "The request as a whole", "ErrorServerBusy", 500, 0, 0,
        "a fault ErrorServerBusy with ms= as BackOffMilliseconds; with none, "
        "n= is how long the lab wants to be left alone (`backoff.early`)",
        "busy:every=5,ms=2000" },
    [FAULT_BUSY_INSIDE] = {
        NAME("busy-inside"), NULL, "ErrorServerBusy", 200, 0, 0,
        "the same inside an HTTP 200, for each item; code= another one; "
        "bare=1: in an ErrorInternalServerError whose MessageXml names it",
        "busy-inside:code=ErrorTooManyObjectsOpened,times=3" },
    [FAULT_SOAP] = {
        NAME("soap"), NULL, "ErrorInternalServerError", 500, 0, 0,
        "a SOAP fault with this code; bare=1: its code in faultcode alone, "
        "without a detail",
        "soap:status=200,bare=1,code=ErrorImpersonateUserDenied" },
    [FAULT_INSIDE] = {
        NAME("inside"), NULL, "ErrorInternalServerTransientError", 200, 0, 0,
        "every item fails with this code, nothing done",
        "inside:code=ErrorMailboxStoreUnavailable,mailbox=user1@contoso.exa"
        "mple,for=5m" },
    [FAULT_BATCH] = {
        NAME("batch"), NULL, "ErrorInternalServerError", 500, 0, 0,
        "an item like this (match=, class=) fails its whole request: HTTP "
        "500 that names none; those before it are done",
        "batch:op=ExportItems,match=poison" },
    [FAULT_EMPTY] = {
        NAME("empty"), NULL, "", 200, 0, 0,
        "do it, and answer without any response message",
        "empty:op=GetItem,times=2" },
    [FAULT_FEWER] = {
        NAME("fewer"), NULL, "", 200, 0, 1,
        "do it, and answer n= items (1) less than asked",
        "fewer:op=ExportItems,every=3" },
    [FAULT_MORE] = {
        NAME("more"), NULL, "", 200, 0, 1,
        "do it, and answer the last item n= times (1) more",
        "more:op=GetItem" },
    [FAULT_SHUFFLED] = {
        NAME("shuffled"), NULL, "", 200, 0, 0,
        "do it, and answer the items in another order",
        "shuffled:op=ExportItems" },
    [FAULT_WRONG_OPERATION] = {
        NAME("wrong-operation"), NULL, "", 200, 0, 0,
        "do it, and answer as if something else had been asked: to= "
        "(GetFolder)",
        "wrong-operation:op=GetItem,to=FindItem" },
    [FAULT_ITEM] = {
        NAME("item"), "Single items", "ErrorInternalServerError", 0, 0, 0,
        "an item fails with this code (ms= as BackOffMilliseconds), nothing is "
        "done to it: a failing store",
        "item:rate=0.02,seed=3,code=ErrorItemSave" },
    [FAULT_SLOW_ITEM] = {
        NAME("slow-item"), NULL, "", 0, 0, 0,
        "an item takes ms= more",
        "slow-item:class=IPM.Appointment,ms=500" },
    [FAULT_EXPORT] = {
        NAME("export"), NULL, "ErrorItemCorrupt", 0, 0, 0,
        "an item's export is refused with this code",
        "export:match=budget" },
    [FAULT_TRUNCATED_DATA] = {
        NAME("truncated-data"), NULL, "", 0, 0, 0,
        "an exported item ends in === Truncated Data ===",
        "truncated-data:every=20,times=5" },
    [FAULT_DAMAGED_DATA] = {
        NAME("damaged-data"), NULL, "", 0, 0, 0,
        "an exported item lacks its last bytes",
        "damaged-data:times=1" },
    [FAULT_WARNED_DATA] = {
        NAME("warned-data"), NULL, "", 0, 0, 0,
        "an exported item is marked as partial: MetaTagEcWarning in it; "
        "bare=1: FXErrorInfo",
        "warned-data:class=IPM.Note,times=2" },
    [FAULT_UPLOAD] = {
        NAME("upload"), NULL, "ErrorCorruptData", 0, 0, 0,
        "an item's upload is refused with this code",
        "upload:class=IPM.Task,code=ErrorItemSave" },
    [FAULT_UPDATE_REFUSED] = {
        NAME("update-refused"), NULL, "ErrorItemSave", 0, 0, 0,
        "UploadItems takes no CreateAction=Update",
        "update-refused" },
    [FAULT_UPDATE_MERGES] = {
        NAME("update-merges"), NULL, "", 0, 0, 0,
        "an Update leaves what is gone at the source: properties, "
        "recipients, attachments",
        "update-merges" },
    [FAULT_PROPERTY_LOST] = {
        NAME("property-lost"), NULL, "", 0, 0, 0x1081,
        "of an item that is uploaded the property with id n= (4225, 0x1081: "
        "last verb) is not kept",
        "property-lost:class=IPM.Note,n=23" },
    [FAULT_UNKNOWN_TAG] = {
        NAME("unknown-tag"), NULL, "", 0, 0, 0x6FFE,
        "an exported item has a number with id n= (28670, 0x6FFE) that nobody "
        "put there",
        "unknown-tag:class=IPM.Task" },
    [FAULT_EXPIRE_SYNC] = {
        NAME("expire-sync"), "Listing", "ErrorInvalidSyncStateData", 0, 0, 0,
        "a SyncState that is not empty is refused",
        "expire-sync:times=1" },
    [FAULT_SYNC_RESTARTS] = {
        NAME("sync-restarts"), NULL, "", 0, 0, 0,
        "a foreign or damaged SyncState is not refused: the listing begins "
        "anew",
        "sync-restarts" },
    [FAULT_STRAY_DELETES] = {
        NAME("stray-deletes"), NULL, "", 0, 0, 2,
        "a page of changes also deletes n= (2) things that were never there",
        "stray-deletes:every=2" },
    [FAULT_READ_AS_UPDATE] = {
        NAME("read-as-update"), NULL, "", 0, 0, 0,
        "ReadFlagChange comes as Update",
        "read-as-update" },
    [FAULT_EMPTY_LISTING] = {
        NAME("empty-listing"), NULL, "", 0, 0, 0,
        "a success that lists nothing, and says that this is all",
        "empty-listing:op=SyncFolderHierarchy,times=1" },
    [FAULT_HOLLOW_PAGE] = {
        NAME("hollow-page"), NULL, "", 0, 0, 0,
        "a page with nothing on it, and more to come",
        "hollow-page:op=SyncFolderItems,every=2" },
    [FAULT_SHORT_PAGE] = {
        NAME("short-page"), NULL, "", 0, 0, 7,
        "pages hold at most n= (7) items, whatever is asked",
        "short-page:op=FindItem|SyncFolderItems,n=3" },
    [FAULT_TOUCH] = {
        NAME("touch"), NULL, "", 0, 0, 1,
        "after the request an assistant touches n= items (1) of the mailbox",
        "touch:op=ExportItems,rate=0.2,n=3" },
    [FAULT_SHORT_TAGS] = {
        NAME("short-tags"), "What is read is not what was written", "", 0, 0, 0,
        "property tags as 0xe06 instead of 0x0E06",
        "short-tags" },
    [FAULT_PROPERTIES_REVERSED] = {
        NAME("properties-reversed"), NULL, "", 0, 0, 0,
        "extended properties in another order than asked",
        "properties-reversed" },
    [FAULT_RECEIVED_IS_CREATED] = {
        NAME("received-is-created"), NULL, "", 0, 0, 0,
        "DateTimeReceived is the time of creation",
        "received-is-created" },
    [FAULT_FRACTIONS] = {
        NAME("fractions"), NULL, "", 0, 0, 10,
        "times have n= digits after the second; by default 0, 3, 6 and 9 by"
        " turns",
        "fractions:n=3" },
    [FAULT_MIME_ANEW] = {
        NAME("mime-anew"), NULL, "", 0, 0, 0,
        "MIME has other boundaries at each export",
        "mime-anew" },
    [FAULT_STALE_KEY_TAKEN] = {
        NAME("stale-key-taken"), NULL, "", 0, 0, 0,
        "a change key that is out of date is taken",
        "stale-key-taken:op=UpdateItem" },
    [FAULT_UNREAD_LOST] = {
        NAME("unread-lost"), NULL, "", 0, 0, 0,
        "what is created unread by its message flags (0x0E07) is stored as "
        "read",
        "unread-lost" },
    [FAULT_CONTACT_MIME_DROPPED] = {
        NAME("contact-mime-dropped"), NULL, "", 0, 0, 0,
        "a contact's MIME is accepted and what it says dropped",
        "contact-mime-dropped" },
    [FAULT_APPOINTMENT_MIME_REFUSED] = {
        NAME("appointment-mime-refused"), NULL,
        "ErrorMimeContentInvalid", 0, 0, 0,
        "an appointment is refused when it comes as MIME alone",
        "appointment-mime-refused" },
};
#undef NAME
/* clang-format on */

char *faults_help(void)
{
    GString *out = g_string_new(NULL);

    for (int i = 0; i < N_FAULT_KINDS; i++) {
        if (fault_rows[i].group != NULL)
            g_string_append_printf(out, "%s\n", fault_rows[i].group);
        g_string_append_printf(out, "  %-24s %s\n", fault_rows[i].name,
                               fault_rows[i].help);
    }
    return g_string_free(out, FALSE);
}

/* A bar would end the cell of the table. */
static void append_cell(GString *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            g_string_append_c(out, '\\');
        g_string_append_c(out, *text);
    }
}

static const char introduction[] =
    "# Faults of the lab\n\n"
    "Printed by `mailferry-lab faults` from the table that the lab works by; "
    "[lab.md](lab.md) is about the rest.\n\n"
    "A fault is a rule, `KIND[:KEY=VALUE[,KEY=VALUE...]]`: given by "
    "`--fault RULE`, by lines of `--faults FILE`, or while the lab runs by "
    "`POST /lab/faults` (a rule a line; none: no more faults). `GET "
    "/lab/faults` tells how often each rule was met and has fired; the "
    "counters have `fault.KIND`.\n\n"
    "| condition | hits |\n| --- | --- |\n"
    "| `op=UploadItems`, `op=FindItem\\|GetItem` | these operations |\n"
    "| `mailbox=ADDRESS` | requests with the rights of that mailbox |\n"
    "| `match=TEXT` | items with that in their subject, new attachments with "
    "it in their name, whole requests about a folder of that name |\n"
    "| `class=IPM.Contact` | items of that class, and of those derived from "
    "it |\n"
    "| `bytes=N` | requests with a body of at least so many bytes |\n"
    "| `skip=N` | not the first N |\n"
    "| `every=N` | the N-th, 2N-th, ... (of those not skipped) |\n"
    "| `times=N` | N times, then no more |\n"
    "| `rate=0.05`, `seed=N` | that share, by chance; the same seed makes the "
    "same choices |\n"
    "| `after=10s`, `until=30s`, `for=20s` | from then, until then, that long "
    "|\n"
    "| `period=5s` | once every five seconds; with `for=1s` for a second in "
    "each five |\n\n"
    "Times count from when the rule was given, in `ms`, `s`, `m` or `h`. How "
    "it looks: `ms=`, `n=`, `code=` (a ResponseCode), `status=` (of HTTP), "
    "`bare=1`, `to=`, where the tables below say so. Several conditions must "
    "all hold. The first rule of a kind that fires counts.\n\n"
    "## A script\n\n"
    "Lines of a `--faults` file, and of `POST /lab/faults`, may have words "
    "about time in front, and may ask the lab to do something by the names "
    "of its [controls](lab.md#while-it-runs):\n\n"
    "```\n"
    "# ten seconds of peace, twenty of a busy server, and so on\n"
    "at 10s until 30s busy:ms=500\n"
    "every 30s for 2s http:status=503\n"
    "at 15s do throttle?policy=hosted-strict\n"
    "every 5s do change?touch=3\n"
    "```\n\n"
    "`at` and `until` count from the start; `every` without `for` is once in "
    "each.\n";

char *faults_markdown(void)
{
    GString *out = g_string_new(introduction);

    for (int i = 0; i < N_FAULT_KINDS; i++) {
        if (fault_rows[i].group != NULL)
            g_string_append_printf(
                out,
                "\n## %s\n\n| kind | what a client sees | for example |\n"
                "| --- | --- | --- |\n",
                fault_rows[i].group);
        g_string_append_printf(out, "| `%s` | ", fault_rows[i].name);
        append_cell(out, fault_rows[i].help);
        g_string_append(out, " | `");
        append_cell(out, fault_rows[i].example);
        g_string_append(out, "` |\n");
    }
    return g_string_free(out, FALSE);
}
