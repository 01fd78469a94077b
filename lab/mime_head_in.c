#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_address.h"
#include "lab/mime_priv.h"
#include "lab/mime_words.h"

/* ---- values ---------------------------------------------------------- */

int64_t mime_date_in(const char *raw)
{
    GDateTime *date = raw != NULL && *raw != '\0'
                          ? g_mime_utils_header_decode_date(raw)
                          : NULL;
    int64_t seconds;

    if (date == NULL)
        return TIMESTAMP_NONE;
    seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    /* What a FILETIME holds and a calendar shows: 1601 to 9999. */
    if (seconds <= INT64_C(-11644473600) || seconds >= INT64_C(253402300800))
        return TIMESTAMP_NONE;
    return seconds * TIMESTAMP_SECOND;
}

/* [MS-OXCMSG] 2.2.1.9: up to three letters, a colon, a blank. */
static size_t prefix_length(const char *subject)
{
    size_t n = 0;
    const char *p = subject;

    while (n < 4 && g_unichar_isalpha(g_utf8_get_char(p))) {
        p = g_utf8_next_char(p);
        n++;
    }
    return n > 0 && n < 4 && p[0] == ':' && p[1] == ' '
               ? (size_t)(p + 2 - subject)
               : 0;
}

void mime_subject_in(const struct mime_in *in, const char *subject)
{
    size_t n = prefix_length(subject);
    g_autofree char *prefix = g_strndup(subject, n);
    struct mapi_props *props = &in->m->props;

    mapi_set_text(in->item, props, PR_SUBJECT, subject);
    mapi_set_text(in->item, props, PR_SUBJECT_PREFIX, prefix);
    mapi_set_text(in->item, props, PR_NORMALIZED_SUBJECT, subject + n);
    if (mapi_find(props, PROP_ID(PR_CONVERSATION_TOPIC)) == NULL)
        mapi_set_text(in->item, props, PR_CONVERSATION_TOPIC, subject + n);
}

/* ---- people ---------------------------------------------------------- */

static void set_first(const struct mime_in *in, const char *raw,
                      const struct mime_address_tags *tags)
{
    g_autoptr(GPtrArray) all = mime_addresses_parse(raw);

    if (all->len > 0)
        mime_address_set(in->item, &in->m->props, tags, all->pdata[0]);
}

/* From is whom it stands for; Sender, where there is one, who sent it. */
static void set_senders(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *from = mime_part_raw(part, "From");
    g_autofree char *sender = mime_part_raw(part, "Sender");

    if (from != NULL)
        set_first(in, from, &mime_tags_representing);
    if (sender != NULL || from != NULL)
        set_first(in, sender != NULL ? sender : from, &mime_tags_sender);
}

static void set_recipients(const struct mime_in *in,
                           const struct mime_field *field, int32_t type)
{
    g_autofree char *raw = mime_field_raw(field);
    g_autoptr(GPtrArray) all = mime_addresses_parse(raw);

    for (guint i = 0; i < all->len; i++)
        mime_recipient_add(in->item, in->m, all->pdata[i], type);
}

static void set_all_recipients(const struct mime_in *in,
                               const struct mime_part *part)
{
    static const char *const names[] = { "To", "Cc", "Bcc" };

    /* a field may stand more than once, against the rules */
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        for (size_t k = 0; k < part->n_fields; k++)
            if (mime_field_is(&part->fields[k], names[i]) &&
                in->m->n_recipients < MIME_ADDRESSES_MAX)
                set_recipients(in, &part->fields[k], (int32_t)i + 1);
}

static void set_reply_to(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *raw = mime_part_raw(part, "Reply-To");
    g_autoptr(GPtrArray) all = raw != NULL ? mime_addresses_parse(raw) : NULL;

    if (all != NULL && all->len > 0)
        mime_reply_to_set(in->item, &in->m->props, all);
}

/* ---- words ----------------------------------------------------------- */

struct word {
    const char *word;
    int32_t value;
};

static const struct word importances[] = {
    { "low", 0 },    { "normal", 1 },     { "high", 2 }, { "1", 2 },
    { "2", 2 },      { "3", 1 },          { "4", 0 },    { "5", 0 },
    { "urgent", 2 }, { "non-urgent", 0 },
};
static const struct word sensitivities[] = {
    { "normal", 0 },
    { "personal", 1 },
    { "private", 2 },
    { "company-confidential", 3 },
};
static const struct word priorities[] = {
    { "non-urgent", -1 },
    { "normal", 0 },
    { "urgent", 1 },
};

/* The first word of the value, whatever its case: "1 (Highest)". */
static bool find_word(const struct mime_part *part, const char *name,
                      const struct word *words, size_t n, int32_t *ret)
{
    g_autofree char *raw = mime_part_raw(part, name);

    if (raw == NULL)
        return false;
    raw[strcspn(raw, " \t(;")] = '\0';
    for (size_t i = 0; i < n; i++)
        if (g_ascii_strcasecmp(words[i].word, raw) == 0) {
            *ret = words[i].value;
            return true;
        }
    return false;
}

/* [MS-OXCMAIL] 2.2.3.2.6: Importance goes before X-Priority, then Priority. */
static void set_importance(const struct mime_in *in,
                           const struct mime_part *part)
{
    static const char *const names[] = { "Importance", "X-Priority",
                                         "X-MSMail-Priority", "Priority" };
    struct mapi_props *props = &in->m->props;
    int32_t value = 1;

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (find_word(part, names[i], importances, G_N_ELEMENTS(importances),
                      &value))
            break;
    mapi_set_i32(in->item, props, PR_IMPORTANCE, value);
    value = 0;
    find_word(part, "Priority", priorities, G_N_ELEMENTS(priorities), &value);
    mapi_set_i32(in->item, props, PR_PRIORITY, value);
    value = 0;
    find_word(part, "Sensitivity", sensitivities, G_N_ELEMENTS(sensitivities),
              &value);
    mapi_set_i32(in->item, props, PR_SENSITIVITY, value);
}

static void set_receipts(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *read = mime_part_raw(part, "Disposition-Notification-To");
    g_autofree char *read_too = mime_part_raw(part, "X-Confirm-Reading-To");
    g_autofree char *delivery = mime_part_raw(part, "Return-Receipt-To");
    struct mapi_props *props = &in->m->props;

    mapi_set_bool(in->item, props, PR_READ_RECEIPT_REQUESTED,
                  read != NULL || read_too != NULL);
    mapi_set_bool(in->item, props, PR_ORIGINATOR_DELIVERY_REPORT,
                  delivery != NULL);
}

/* ---- threads --------------------------------------------------------- */

static void set_thread(const struct mime_in *in, const struct mime_part *part)
{
    static const struct {
        const char *name;
        uint32_t tag;
    } texts[] = {
        { "Message-ID", PR_INTERNET_MESSAGE_ID },
        { "In-Reply-To", PR_IN_REPLY_TO },
        { "References", PR_INTERNET_REFERENCES },
    };
    g_autofree char *topic = mime_part_text(part, "Thread-Topic");
    g_autofree char *index = mime_part_raw(part, "Thread-Index");
    gsize n = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autofree char *raw = mime_part_raw(part, texts[i].name);

        if (raw != NULL && *raw != '\0')
            mapi_set_text(in->item, &in->m->props, texts[i].tag, raw);
    }
    if (topic != NULL && *topic != '\0')
        mapi_set_text(in->item, &in->m->props, PR_CONVERSATION_TOPIC, topic);
    if (index == NULL || *index == '\0')
        return;
    g_base64_decode_inplace(index, &n);
    /* [MS-OXOMSG] 2.2.1.3: a header of 22 bytes, then five for each answer */
    if (n >= 22)
        mapi_set(in->item, &in->m->props, PR_CONVERSATION_INDEX, index, n);
}

/* Categories: "a, b". */
enum { KEYWORDS_MAX = 100 };

static void set_keywords(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *raw = mime_part_text(part, "Keywords");
    g_auto(GStrv) words = NULL;
    const char *list[KEYWORDS_MAX + 1];
    size_t n = 0;

    if (raw == NULL)
        return;
    words = g_strsplit_set(raw, ",;", KEYWORDS_MAX);
    for (size_t i = 0; words[i] != NULL; i++)
        if (*g_strstrip(words[i]) != '\0')
            list[n++] = words[i];
    list[n] = NULL;
    if (n > 0)
        mapi_set_texts(in->item, &in->m->props,
                       mapi_named_text(in->item, PS_PUBLIC_STRINGS, "Keywords",
                                       MV_FLAG | PT_UNICODE),
                       list);
}

/* ---- the rest -------------------------------------------------------- */

/* Named properties for "X-...": a mailbox has room for some thousand names. */
enum { NAMED_FIELDS_MAX = 100 };

static void set_named(const struct mime_in *in, const struct mime_field *field)
{
    g_autofree char *plain =
        g_strndup((const char *)field->name, field->name_n);
    g_autofree char *name = g_ascii_strdown(plain, -1);
    g_autofree char *raw = mime_field_raw(field);
    g_autofree char *decoded = mime_words_decode(raw);
    uint32_t tag =
        mapi_named_text(in->item, PS_INTERNET_HEADERS, name, PT_UNICODE);

    if (tag != 0)
        mapi_set_text(in->item, &in->m->props, tag, decoded);
}

static void set_named_fields(const struct mime_in *in,
                             const struct mime_part *part)
{
    unsigned int n = 0;

    for (size_t i = 0; i < part->n_fields && n < NAMED_FIELDS_MAX; i++) {
        const struct mime_field *f = &part->fields[i];

        if (f->name_n > 2 && f->name_n < 128 &&
            g_ascii_strncasecmp((const char *)f->name, "X-", 2) == 0) {
            set_named(in, f);
            n++;
        }
    }
}

/* PR_TRANSPORT_MESSAGE_HEADERS: the header as it came. */
static void keep_head(const struct mime_in *in, const struct mime_part *part)
{
    size_t n = MIN(part->head_n, MIME_FIELD_BYTES_MAX);
    g_autofree char *text =
        g_mime_utils_decode_8bit(NULL, (const char *)part->at, n);

    if (part->n_fields > 0)
        mapi_set_text(in->item, &in->m->props, PR_TRANSPORT_MESSAGE_HEADERS,
                      text);
}

void mime_head_in(const struct mime_in *in, const struct mime_part *part)
{
    g_autofree char *date = mime_part_raw(part, "Date");
    g_autofree char *subject = mime_part_text(part, "Subject");
    int64_t sent = mime_date_in(date);

    set_thread(in, part);
    if (subject != NULL)
        mime_subject_in(in, subject);
    if (sent != TIMESTAMP_NONE)
        mapi_set_time(in->item, &in->m->props, PR_CLIENT_SUBMIT_TIME, sent);
    set_senders(in, part);
    set_all_recipients(in, part);
    set_reply_to(in, part);
    set_importance(in, part);
    set_receipts(in, part);
    set_keywords(in, part);
    set_named_fields(in, part);
    keep_head(in, part);
}
