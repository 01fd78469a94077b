/* auto_reply - GetUserOofSettings, SetUserOofSettings. */
#include "endpoint/auto_reply.h"

#include "base/timestamp.h"
#include "ews/call.h"

/*
 * Whose they are is said by the mail address, whatever the rights; the
 * documents of both operations have the impersonation header beside it.
 */
static void write_mailbox(struct xml_writer *w, const struct core *core)
{
    xml_open(w, "t:Mailbox");
    xml_element(w, "t:Address", core->address);
    xml_close(w);
}

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)data;
    write_mailbox(w, core);
}

/* ---- the words of EWS -------------------------------------------------- */

static const char *const states[] = {
    [AUTO_REPLY_OFF] = "Disabled",
    [AUTO_REPLY_ON] = "Enabled",
    [AUTO_REPLY_SCHEDULED] = "Scheduled",
};
static const char *const audiences[] = {
    [AUTO_REPLY_NOBODY] = "None",
    [AUTO_REPLY_CONTACTS] = "Known",
    [AUTO_REPLY_EVERYBODY] = "All",
};

static int read_word(const struct xml_node *settings, const char *name,
                     const char *const *words, size_t n, int *ret,
                     struct err *err)
{
    const char *text = xml_child_text(settings, name);

    for (size_t i = 0; i < n; i++)
        if (g_strcmp0(text, words[i]) == 0) {
            *ret = (int)i;
            return 0;
        }
    return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                   "the automatic replies have the %s \"%s\", which is none",
                   name, text != NULL ? text : "");
}

/* ---- reading ----------------------------------------------------------- */

static void read_time(const struct xml_node *settings, const char *path,
                      int64_t *ret)
{
    if (!xml_parse_time(xml_text(xml_find(settings, path)), ret))
        *ret = TIMESTAMP_NONE;
}

static void read_text(const struct xml_node *node, char **ret_text,
                      char **ret_language)
{
    const char *text = xml_child_text(node, "Message");

    *ret_text = g_strdup(text != NULL ? text : "");
    *ret_language = g_strdup(xml_attr(node, "lang"));
}

static int read_settings(const struct xml_node *settings,
                         struct endpoint_auto_reply *ret, struct err *err)
{
    int state = 0, audience = 0;

    if (read_word(settings, "OofState", states, G_N_ELEMENTS(states), &state,
                  err) < 0 ||
        read_word(settings, "ExternalAudience", audiences,
                  G_N_ELEMENTS(audiences), &audience, err) < 0)
        return -1;
    ret->state = (enum auto_reply_state)state;
    ret->audience = (enum auto_reply_audience)audience;
    read_time(settings, "Duration/StartTime", &ret->start_us);
    read_time(settings, "Duration/EndTime", &ret->end_us);
    read_text(xml_child(settings, "InternalReply"), &ret->internal,
              &ret->internal_language);
    read_text(xml_child(settings, "ExternalReply"), &ret->external,
              &ret->external_language);
    return 0;
}

int auto_reply_get(struct endpoint *ep, struct endpoint_auto_reply *ret,
                   struct err *err)
{
    static const struct call call = {
        .element = "m:GetUserOofSettingsRequest",
        .operation = "GetUserOofSettings",
        .shape = SOAP_WITHIN,
        .write = write_get,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0 ||
        soap_message_status(a.messages[0], err) < 0)
        return -1;
    return read_settings(xml_next_named(a.messages[0], "OofSettings"), ret,
                         err);
}

/* ---- writing ----------------------------------------------------------- */

static void write_duration(struct xml_writer *w,
                           const struct endpoint_auto_reply *r)
{
    g_autofree char *start = NULL, *end = NULL;

    if (r->start_us == TIMESTAMP_NONE || r->end_us == TIMESTAMP_NONE)
        return;
    start = timestamp_format(r->start_us);
    end = timestamp_format(r->end_us);
    xml_open(w, "t:Duration");
    xml_element(w, "t:StartTime", start);
    xml_element(w, "t:EndTime", end);
    xml_close(w);
}

static void write_text(struct xml_writer *w, const char *element,
                       const char *text, const char *language)
{
    xml_open(w, element);
    xml_attribute(w, "xml:lang", language);
    xml_element(w, "t:Message", text);
    xml_close(w);
}

static void write_set(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    const struct endpoint_auto_reply *r = data;

    write_mailbox(w, core);
    xml_open(w, "t:UserOofSettings");
    xml_element(w, "t:OofState", states[r->state]);
    xml_element(w, "t:ExternalAudience", audiences[r->audience]);
    write_duration(w, r);
    write_text(w, "t:InternalReply", r->internal, r->internal_language);
    write_text(w, "t:ExternalReply", r->external, r->external_language);
    xml_close(w);
}

int auto_reply_set(struct endpoint *ep, const struct endpoint_auto_reply *r,
                   struct err *err)
{
    const struct call call = {
        .element = "m:SetUserOofSettingsRequest",
        .operation = "SetUserOofSettings",
        .shape = SOAP_WITHIN,
        .write = write_set,
        .data = r,
        .n = 1,
        .writing = true,
    };
    g_auto(call_answer) a = { 0 };
    bool maybe;

    if (call_make(mailbox_of(ep), &call, &a, &maybe, err) < 0)
        return -1;
    return soap_message_status(a.messages[0], err);
}
