/* quota - how large the mailbox may grow: GetFolder of its root. */
#include "ews/call.h"

/*
 * [MS-OXCSTOR] 2.2.2.1: properties of the logon, in units of 1024 bytes, of
 * which -1 is none.  Microsoft documents no way to them in EWS; servers show
 * them, where they do, on the mailbox's root.  So they are asked for, and a
 * server that leaves them out has told nothing.
 */
static const struct {
    const char *text;
    uint32_t tag;
} tags[] = {
    { "0x666A", 0x666A }, /* PidTagProhibitReceiveQuota: takes nothing more */
    { "0x666E", 0x666E }, /* PidTagProhibitSendQuota */
};

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)data;
    xml_open(w, "m:FolderShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_open(w, "t:AdditionalProperties");
    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        call_property_tag(w, tags[i].text, "Integer");
    xml_close(w);
    xml_close(w);
    xml_open(w, "m:FolderIds");
    call_distinguished_id(w, core, "root");
    xml_close(w);
}

static int read_quota(const struct xml_node *folder, uint64_t *ret_bytes)
{
    uint64_t kib;

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        /* A negative number is no number here: no limit. */
        if (xml_parse_uint(call_read_property(folder, tags[i].tag), INT32_MAX,
                           &kib)) {
            *ret_bytes = kib * 1024;
            return 1;
        }
    return 0;
}

int quota_get(struct endpoint *ep, uint64_t *ret_bytes, struct err *err)
{
    const struct call call = {
        .element = "m:GetFolder",
        .write = write_get,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    struct err why;

    if (call_make(mailbox_of(ep), &call, &a, NULL, &why) < 0 ||
        soap_message_status(a.messages[0], &why) < 0) {
        /* Full access need not reach above the folders that people see. */
        if (why.retry == ERR_RETRY_NEVER)
            return 0;
        *err = why;
        return call_widen(err, ERR_MAILBOX);
    }
    return read_quota(xml_first(xml_child(a.messages[0], "Folders")),
                      ret_bytes);
}
