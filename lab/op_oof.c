/*
 * Automatic replies.  Kept as the markup that is answered with: it was
 * written here, element by element, from what the request had.
 */
#include "base/timestamp.h"
#include "lab/directory.h"

#define SETTING "oof"

/* A reply's text: OWA itself stops at 128 KiB. */
#define REPLY_MAX (128u * 1024)

/* ---- Get ----------------------------------------------------------- */

/* Who and in which way: <t:Mailbox><t:Address>. */
static int find_owner(struct op_call *call, struct lab_mailbox *ret,
                      struct problem *p)
{
    const xmlNode *mailbox =
        soap_child(call->request->operation, NS_TYPES, "Mailbox");
    g_autofree char *address =
        soap_text_dup(soap_child(mailbox, NS_TYPES, "Address"));

    if (address == NULL || g_strstrip(address)[0] == '\0')
        return problem_set(p, "ErrorInvalidSmtpAddress");
    return directory_mailbox(call, address, ret, p);
}

static void write_default(struct xmlout *x)
{
    int64_t hour =
        timestamp_now() / (3600 * TIMESTAMP_SECOND) * 3600 * TIMESTAMP_SECOND;

    xml_text(x, "t:OofState", "Disabled");
    xml_text(x, "t:ExternalAudience", "All");
    xml_open(x, "t:Duration");
    xml_time(x, "t:StartTime", hour);
    xml_time(x, "t:EndTime", hour + INT64_C(86400) * TIMESTAMP_SECOND);
    xml_close(x, "t:Duration");
    xml_raw(x, "<t:InternalReply><t:Message></t:Message></t:InternalReply>"
               "<t:ExternalReply><t:Message></t:Message></t:ExternalReply>");
}

static int get_once(struct op_call *call, struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_mailbox) m = { 0 };
    g_autoptr(GBytes) kept = NULL;
    struct err err;
    gsize n = 0;

    if (find_owner(call, &m, p) < 0)
        return -1;
    if (lab_store_setting(call->lab->store, m.key, SETTING, &kept, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    xml_open(x, "t:OofSettings");
    if (kept != NULL) {
        const char *markup = g_bytes_get_data(kept, &n);

        g_string_append_len(x->text, markup, (gssize)n);
    } else {
        write_default(x);
    }
    xml_close(x, "t:OofSettings");
    xml_text(x, "m:AllowExternalOof", "All");
    return 0;
}

int op_get_user_oof_settings(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- Set ----------------------------------------------------------- */

static const char *const states[] = { "Disabled", "Enabled", "Scheduled",
                                      NULL };
static const char *const audiences[] = { "None", "Known", "All", NULL };

static int copy_word(struct xmlout *x, const xmlNode *settings,
                     const char *name, const char *const *words, char **ret,
                     struct problem *p)
{
    const xmlNode *node = soap_child(settings, NS_TYPES, name);
    g_autofree char *element = g_strconcat("t:", name, NULL);
    char *word = soap_text_dup(node);

    *ret = word;
    if (word == NULL || !g_strv_contains(words, word))
        return soap_violation(p, node != NULL ? node : settings,
                              "The '%s' element is invalid.", name);
    xml_text(x, element, word);
    return 0;
}

static int read_time(const xmlNode *duration, const char *name, int64_t *ret)
{
    g_autofree char *text = soap_text_dup(soap_child(duration, NS_TYPES, name));

    if (text == NULL || !timestamp_parse(g_strstrip(text), ret))
        return -1;
    return 0;
}

static int copy_duration(struct xmlout *x, const xmlNode *settings,
                         bool scheduled, struct problem *p)
{
    const xmlNode *node = soap_child(settings, NS_TYPES, "Duration");
    int64_t start = 0, end = 0;

    if (node == NULL)
        return scheduled ? problem_set(p, "ErrorInvalidScheduledOofDuration")
                         : 0;
    if (read_time(node, "StartTime", &start) < 0 ||
        read_time(node, "EndTime", &end) < 0)
        return soap_violation(p, node, "The 'Duration' element is invalid.");
    if (end <= start || (scheduled && end <= timestamp_now()))
        return problem_set(p, "ErrorInvalidScheduledOofDuration");
    xml_open(x, "t:Duration");
    xml_time(x, "t:StartTime", start);
    xml_time(x, "t:EndTime", end);
    xml_close(x, "t:Duration");
    return 0;
}

/* xml:lang; NULL when there is none. */
static char *language_dup(const xmlNode *node)
{
    xmlChar *value = node == NULL ? NULL
                                  : xmlGetNsProp(node, (const xmlChar *)"lang",
                                                 XML_XML_NAMESPACE);
    char *copy = g_strdup((const char *)value);

    xmlFree(value);
    return copy;
}

static int copy_reply(struct xmlout *x, const xmlNode *settings,
                      const char *name, bool wanted, struct problem *p)
{
    const xmlNode *node = soap_child(settings, NS_TYPES, name);
    g_autofree char *text =
        soap_text_dup(soap_child(node, NS_TYPES, "Message"));
    g_autofree char *language = language_dup(node);
    g_autofree char *element = g_strconcat("t:", name, NULL);

    if (node == NULL)
        return wanted ? problem_set(p, "ErrorInvalidUserOofSettings") : 0;
    if (text != NULL && strlen(text) > REPLY_MAX)
        return problem_set(p, "ErrorInvalidUserOofSettings");
    xml_begin(x, element);
    if (language != NULL)
        xml_attr(x, "xml:lang", language);
    xml_end(x);
    xml_text(x, "t:Message", text != NULL ? text : "");
    xml_close(x, element);
    return 0;
}

static int copy_settings(struct xmlout *x, const xmlNode *settings,
                         struct problem *p)
{
    g_autofree char *state = NULL, *audience = NULL;
    bool on;

    if (copy_word(x, settings, "OofState", states, &state, p) < 0 ||
        copy_word(x, settings, "ExternalAudience", audiences, &audience, p) <
            0 ||
        copy_duration(x, settings, strcmp(state, "Scheduled") == 0, p) < 0)
        return -1;
    on = strcmp(state, "Disabled") != 0;
    if (copy_reply(x, settings, "InternalReply", on, p) < 0)
        return -1;
    return copy_reply(x, settings, "ExternalReply",
                      on && strcmp(audience, "None") != 0, p);
}

static int set_once(struct op_call *call, struct problem *p)
{
    const xmlNode *settings =
        soap_child(call->request->operation, NS_TYPES, "UserOofSettings");
    struct xmlout x = { g_string_new(NULL), call->reply.x.spaced };
    g_autoptr(GBytes) kept = NULL;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    int status;

    status = find_owner(call, &m, p);
    if (status == 0)
        status = copy_settings(&x, settings, p);
    kept = g_string_free_to_bytes(x.text);
    if (status < 0)
        return -1;
    if (lab_store_set_setting(call->lab->store, m.key, SETTING, kept, &err) < 0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_set_user_oof_settings(struct op_call *call, struct problem *p)
{
    return op_one(call, set_once, p);
}
