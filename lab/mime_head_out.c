#include <string.h>

#include "lab/bytes.h"
#include "lab/mapi_tags.h"
#include "lab/mime_address.h"
#include "lab/mime_priv.h"
#include "lab/mime_words.h"

/* Lines are folded here where they can be (RFC 5322 2.1.1). */
#define LINE_BYTES 76u
/* A name of someone: Exchange keeps 256 characters. */
#define NAME_CHARS 256

/* ---- fields ---------------------------------------------------------- */

/* One line without controls. */
static char *one_line(const char *text)
{
    char *line = g_utf8_make_valid(text, -1);

    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = ' ';
    return g_strstrip(line);
}

/* Fold at blanks; a word that is longer than a line stands by itself. */
static void fold_out(struct mime_out *o, const char *name, const char *value)
{
    size_t at = strlen(name) + 2;

    g_string_append_printf(o->text, "%s: ", name);
    for (const char *p = value; *p != '\0';) {
        size_t word = strcspn(p + 1, " \t") + 1;

        if (at + word > LINE_BYTES && at > strlen(name) + 2 &&
            (*p == ' ' || *p == '\t')) {
            g_string_append(o->text, "\r\n");
            at = 0;
        }
        g_string_append_len(o->text, p, (gssize)word);
        at += word;
        p += word;
    }
    g_string_append(o->text, "\r\n");
}

void mime_raw_field_out(struct mime_out *o, const char *name, const char *value)
{
    g_autofree char *line = one_line(value);

    fold_out(o, name, line);
}

void mime_field_out(struct mime_out *o, const char *name, const char *value)
{
    g_autofree char *line = one_line(value);
    g_autofree char *encoded = mime_words_encode(line);

    fold_out(o, name, encoded);
}

void mime_date_out(struct mime_out *o, const char *name, int64_t us)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu",
                                        "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr",
                                          "May", "Jun", "Jul", "Aug",
                                          "Sep", "Oct", "Nov", "Dec" };
    int64_t seconds = us / TIMESTAMP_SECOND - (us % TIMESTAMP_SECOND < 0);
    GDateTime *d = g_date_time_new_from_unix_utc(seconds);

    if (d == NULL)
        return;
    g_string_append_printf(
        o->text, "%s: %s, %d %s %04d %02d:%02d:%02d +0000\r\n", name,
        days[g_date_time_get_day_of_week(d) - 1],
        g_date_time_get_day_of_month(d), months[g_date_time_get_month(d) - 1],
        g_date_time_get_year(d), g_date_time_get_hour(d),
        g_date_time_get_minute(d), g_date_time_get_second(d));
    g_date_time_unref(d);
}

/* ---- people ---------------------------------------------------------- */

/* Names of hosts have letters of their own only by RFC 5890. */
static char *ascii_address(const char *smtp)
{
    g_autofree char *line = one_line(smtp);
    const char *at = strrchr(line, '@');
    g_autofree char *host =
        at != NULL && !g_str_is_ascii(at) ? g_hostname_to_ascii(at + 1) : NULL;

    if (host == NULL)
        return g_steal_pointer(&line);
    return g_strdup_printf("%.*s@%s", (int)(at - line), line, host);
}

static void append_address(GString *s, const struct mime_address *a)
{
    g_autofree char *line = one_line(a->name);
    g_autofree char *name =
        g_utf8_substring(line, 0, MIN(g_utf8_strlen(line, -1), NAME_CHARS));
    g_autofree char *smtp = ascii_address(a->smtp);
    g_autofree char *phrase = NULL;

    if (*name == '\0' || strcmp(name, smtp) == 0) {
        g_string_append(s, smtp);
        return;
    }
    phrase = mime_words_phrase(name);
    g_string_append_printf(s, "%s <%s>", phrase, smtp);
}

/* Each on a line of its own. */
static void addresses_out(struct mime_out *o, const char *name,
                          const GPtrArray *all)
{
    g_string_append_printf(o->text, "%s: ", name);
    for (guint i = 0; i < all->len; i++) {
        g_string_append(o->text, i > 0 ? ",\r\n " : "");
        append_address(o->text, all->pdata[i]);
    }
    g_string_append(o->text, "\r\n");
}

static void address_out(struct mime_out *o, const char *name,
                        const struct mime_address *a)
{
    g_string_append_printf(o->text, "%s: ", name);
    append_address(o->text, a);
    g_string_append(o->text, "\r\n");
}

static void recipients_out(struct mime_out *o, const struct mapi_message *m,
                           const char *name, int32_t type)
{
    g_autoptr(GPtrArray) all =
        g_ptr_array_new_with_free_func((GDestroyNotify)mime_address_free);

    for (size_t i = 0; i < m->n_recipients; i++) {
        const struct mapi_props *r = &m->recipients[i];
        struct mime_address *a;

        if ((mapi_get_i32(mapi_find(r, PROP_ID(PR_RECIPIENT_TYPE)), 1) &
             0x0F) != type)
            continue;
        a = mime_address_get(r, &mime_tags_recipient);
        if (a != NULL)
            g_ptr_array_add(all, a);
    }
    if (all->len > 0)
        addresses_out(o, name, all);
}

static void senders_out(struct mime_out *o, const struct mapi_props *props)
{
    struct mime_address *from =
        mime_address_get(props, &mime_tags_representing);
    struct mime_address *sender = mime_address_get(props, &mime_tags_sender);

    if (from != NULL || sender != NULL)
        address_out(o, "From", from != NULL ? from : sender);
    if (from != NULL && sender != NULL &&
        g_ascii_strcasecmp(from->smtp, sender->smtp) != 0)
        address_out(o, "Sender", sender);
    if ((from != NULL || sender != NULL) &&
        mapi_get_bool(mapi_find(props, PROP_ID(PR_READ_RECEIPT_REQUESTED)),
                      false))
        address_out(o, "Disposition-Notification-To",
                    sender != NULL ? sender : from);
    if ((from != NULL || sender != NULL) &&
        mapi_get_bool(mapi_find(props, PROP_ID(PR_ORIGINATOR_DELIVERY_REPORT)),
                      false))
        address_out(o, "Return-Receipt-To", sender != NULL ? sender : from);
    mime_address_free(from);
    mime_address_free(sender);
}

/* A report's recipients are those whom it is about; it went to its reader. */
static void all_recipients_out(struct mime_out *o, const struct mapi_message *m)
{
    g_autofree char *item_class = mime_text_of(&m->props, PR_MESSAGE_CLASS);
    struct mime_address *reader;

    if (item_class == NULL || !mime_is_report(item_class)) {
        recipients_out(o, m, "To", 1);
        recipients_out(o, m, "Cc", 2);
        recipients_out(o, m, "Bcc", 3);
        return;
    }
    reader = mime_address_get(&m->props, &mime_tags_received);
    if (reader != NULL)
        address_out(o, "To", reader);
    mime_address_free(reader);
}

static void reply_to_out(struct mime_out *o, const struct mapi_props *props)
{
    g_autoptr(GPtrArray) all = mime_reply_to_get(props);

    if (all != NULL)
        addresses_out(o, "Reply-To", all);
}

/* ---- single properties ----------------------------------------------- */

static void thread_out(struct mime_out *o, const struct mapi_props *props)
{
    static const struct {
        const char *name;
        uint32_t tag;
    } ids[] = {
        { "Message-ID", PR_INTERNET_MESSAGE_ID },
        { "In-Reply-To", PR_IN_REPLY_TO },
        { "References", PR_INTERNET_REFERENCES },
    };
    const struct mapi_prop *index =
        mapi_find(props, PROP_ID(PR_CONVERSATION_INDEX));
    g_autofree char *topic = mime_text_of(props, PR_CONVERSATION_TOPIC);

    if (topic != NULL)
        mime_field_out(o, "Thread-Topic", topic);
    if (index != NULL && PROP_TYPE(index->tag) == PT_BINARY &&
        index->size >= 22) {
        g_autofree char *text = g_base64_encode(index->data, index->size);

        mime_raw_field_out(o, "Thread-Index", text);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *id = mime_text_of(props, ids[i].tag);

        if (id != NULL)
            mime_field_out(o, ids[i].name, id);
    }
}

static void word_out(struct mime_out *o, const struct mapi_props *props,
                     uint32_t tag, const char *name, const char *const words[4])
{
    int32_t value = mapi_get_i32(mapi_find(props, PROP_ID(tag)), -1);

    if (value >= 0 && value < 4 && words[value] != NULL)
        g_string_append_printf(o->text, "%s: %s\r\n", name, words[value]);
}

static void words_out(struct mime_out *o, const struct mapi_props *props)
{
    static const char *const importances[4] = { "low", NULL, "high", NULL };
    static const char *const x_priorities[4] = { "5", NULL, "1", NULL };
    static const char *const sensitivities[4] = { NULL, "personal", "private",
                                                  "company-confidential" };
    int32_t priority = mapi_get_i32(mapi_find(props, PROP_ID(PR_PRIORITY)), 0);

    word_out(o, props, PR_IMPORTANCE, "Importance", importances);
    word_out(o, props, PR_IMPORTANCE, "X-Priority", x_priorities);
    word_out(o, props, PR_SENSITIVITY, "Sensitivity", sensitivities);
    if (priority != 0)
        g_string_append_printf(o->text, "Priority: %s\r\n",
                               priority > 0 ? "urgent" : "non-urgent");
}

static void keywords_out(struct mime_out *o, const struct mapi_props *props)
{
    const struct mapi_prop *p =
        mapi_find_text(props, PS_PUBLIC_STRINGS, "Keywords");
    g_autoptr(GString) s = g_string_new(NULL);

    for (uint32_t i = 0; p != NULL && i < p->count; i++) {
        g_autofree char *word = mapi_dup_text_at(p, i);

        /* the separators cannot stand in one: such a category stays behind */
        if (word != NULL && strpbrk(word, ",;") == NULL)
            g_string_append_printf(s, "%s%s", s->len > 0 ? ", " : "", word);
    }
    if (s->len > 0)
        mime_field_out(o, "Keywords", s->str);
}

/* ---- the original header --------------------------------------------- */

bool mime_is_own_field(const char *name)
{
    static const char *const names[] = {
        "Bcc",
        "Cc",
        "Date",
        "Disposition-Notification-To",
        "From",
        "Importance",
        "In-Reply-To",
        "Keywords",
        "MIME-Version",
        "Message-ID",
        "Priority",
        "References",
        "Reply-To",
        "Return-Receipt-To",
        "Sender",
        "Sensitivity",
        "Subject",
        "Thread-Index",
        "Thread-Topic",
        "To",
        "X-Confirm-Reading-To",
        "X-MSMail-Priority",
        "X-Priority",
    };

    if (g_ascii_strncasecmp(name, "Content-", 8) == 0)
        return true;
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        if (g_ascii_strcasecmp(names[i], name) == 0)
            return true;
    return false;
}

static char *field_name(const struct mime_field *field)
{
    return g_strndup((const char *)field->name, field->name_n);
}

static void original_out(struct mime_out *o, const char *head, GHashTable *seen)
{
    g_autoptr(mime_part) part =
        mime_part_new((const uint8_t *)head, strlen(head));

    for (size_t i = 0; i < part->n_fields; i++) {
        g_autofree char *name = field_name(&part->fields[i]);
        g_autofree char *raw = mime_field_raw(&part->fields[i]);

        if (mime_is_own_field(name))
            continue;
        mime_field_out(o, name, raw);
        g_hash_table_add(seen, g_ascii_strdown(name, -1));
    }
}

static bool is_token(const char *name)
{
    if (*name == '\0')
        return false;
    for (const char *p = name; *p != '\0'; p++)
        if (!g_ascii_isgraph(*p) || *p == ':')
            return false;
    return true;
}

/* PS_INTERNET_HEADERS: fields that a program has set on the item. */
static void named_out(struct mime_out *o, const struct mapi_props *props,
                      GHashTable *seen)
{
    for (size_t i = 0; i < props->n; i++) {
        const struct mapi_prop *p = &props->v[i];
        g_autofree char *name = NULL, *value = NULL;

        if (p->name == NULL || p->name->text == NULL ||
            memcmp(p->name->set, PS_INTERNET_HEADERS, 16) != 0)
            continue;
        name = bytes_utf16_to_utf8(p->name->text, p->name->text_bytes);
        value = mapi_dup_text(p);
        if (value != NULL && is_token(name) && !mime_is_own_field(name) &&
            !g_hash_table_contains(seen, name))
            mime_field_out(o, name, value);
    }
}

/* ---- all ------------------------------------------------------------- */

void mime_head_out(struct mime_out *o, const struct mapi_message *m)
{
    const struct mapi_props *props = &m->props;
    g_autoptr(GHashTable) seen =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autofree char *head = mime_text_of(props, PR_TRANSPORT_MESSAGE_HEADERS);
    g_autofree char *subject =
        mapi_dup_text(mapi_find(props, PROP_ID(PR_SUBJECT)));
    int64_t sent =
        mapi_get_time(mapi_find(props, PROP_ID(PR_CLIENT_SUBMIT_TIME)));

    if (head != NULL)
        original_out(o, head, seen);
    named_out(o, props, seen);
    senders_out(o, props);
    all_recipients_out(o, m);
    reply_to_out(o, props);
    if (subject != NULL)
        mime_field_out(o, "Subject", subject);
    thread_out(o, props);
    if (sent != TIMESTAMP_NONE)
        mime_date_out(o, "Date", sent);
    words_out(o, props);
    keywords_out(o, props);
    g_string_append(o->text, "MIME-Version: 1.0\r\n");
}
