#include "fts/fts_summary.h"

#include "base/timestamp.h"

/* FILETIME counts 100 ns from 1601; this is 1970. */
#define FILETIME_1970 INT64_C(116444736000000000)

void fts_summary_clear(struct fts_summary *summary)
{
    g_free(summary->item_class);
    g_free(summary->subject);
    g_free(summary->sender);
    if (summary->people != NULL)
        g_ptr_array_unref(summary->people);
    *summary = (struct fts_summary){ 0 };
}

void fts_summing_init(struct fts_summing *s)
{
    *s = (struct fts_summing){ .summary.received_us = TIMESTAMP_NONE };
}

char *fts_summing_text(const struct fts_value *v)
{
    size_t n = (size_t)MIN(v->len, sizeof(v->head)) / 2;
    g_autofree gunichar2 *utf16 = g_new0(gunichar2, n + 1);

    for (size_t i = 0; i < n; i++)
        utf16[i] = (gunichar2)(v->head[2 * i] | v->head[2 * i + 1] << 8);
    /* Cut between the halves of a character: do without it. */
    if (n > 0 && (utf16[n - 1] & 0xFC00) == 0xD800)
        utf16[n - 1] = 0;
    /* [MS-OXCMSG] 2.2.1.46: U+0001 and the length of the prefix may lead. */
    if (n >= 2 && utf16[0] == 1)
        memmove(utf16, utf16 + 2, (n - 1) * sizeof(utf16[0]));
    if (utf16[0] == 0)
        return NULL;
    return g_utf16_to_utf8(utf16, -1, NULL, NULL, NULL);
}

static int64_t time_of(const struct fts_value *v)
{
    uint64_t le;

    if (v->len != sizeof(le))
        return TIMESTAMP_NONE;
    memcpy(&le, v->head, sizeof(le));
    le = GUINT64_FROM_LE(le);
    if (le == 0 || le > INT64_MAX)
        return TIMESTAMP_NONE;
    return ((int64_t)le - FILETIME_1970) / 10;
}

static void replace_text(char **field, const struct fts_value *value)
{
    char *text = fts_summing_text(value);

    if (text == NULL)
        return;
    g_free(*field);
    *field = text;
}

/* The better a row says who it was, the higher its rank. */
static unsigned int sender_rank(uint16_t id)
{
    switch (id) {
    case 0x5D01: /* sender SMTP address */
        return 4;
    case 0x5D02: /* sent representing SMTP address */
        return 3;
    case 0x0C1A: /* sender name; the address may be a DN that says nothing */
        return 2;
    case 0x0042: /* sent representing name */
        return 1;
    default:
        return 0;
    }
}

static void take_sender(struct fts_summing *s, unsigned int rank,
                        const struct fts_value *value)
{
    g_autofree char *text = NULL;

    if (rank <= s->sender_rank)
        return;
    text = fts_summing_text(value);
    if (text == NULL)
        return;
    g_free(s->summary.sender);
    s->summary.sender = g_steal_pointer(&text);
    s->sender_rank = rank;
}

void fts_summing_take(struct fts_summing *s, const struct fts_key *key,
                      const struct fts_value *value)
{
    if (key->named)
        return;
    if (key->type == FTS_TYPE_TIME && key->id == 0x0E06)
        s->summary.received_us = time_of(value);
    if (key->type != FTS_TYPE_STRING || value->unknown)
        return;
    if (key->id == 0x001A)
        replace_text(&s->summary.item_class, value);
    else if (key->id == 0x0037)
        replace_text(&s->summary.subject, value);
    else
        take_sender(s, sender_rank(key->id), value);
}
