#include <string.h>

#include "engine/verify_priv.h"

/* Differences named in a note; the rest is counted. */
#define TAGS_MAX 6

/* ---- notes ------------------------------------------------------- */

/* What was said of it when it was listed, and what there is to say now. */
static const char *note_with(struct comparing *c, const struct store_item *row,
                             char *text)
{
    char *note = row->verify_note == NULL
                     ? g_strdup(text)
                     : g_strdup_printf("%s; %s", text, row->verify_note);

    g_free(text);
    g_ptr_array_add(c->notes, note);
    return note;
}

static void add_tags(GString *note, const GPtrArray *tags)
{
    for (guint i = 0; i < tags->len && i < TAGS_MAX; i++)
        g_string_append_printf(note, "%s %.120s", i == 0 ? ":" : ";",
                               (const char *)tags->pdata[i]);
    if (tags->len > TAGS_MAX)
        g_string_append_printf(note, "; and %u more", tags->len - TAGS_MAX);
}

/* ---- what differs ------------------------------------------------ */

static int reread(struct comparing *c, enum side side, const char *id,
                  enum payload_format format, struct reading *ret,
                  struct err *err)
{
    const struct reader r = {
        .ep = c->hands->at[side],
        .side = side,
        .keep = true,
        .format = format,
        .may_lack_room = true,
    };

    return reader_read(&c->v->pass, &r, &id, 1, ret, err);
}

static int diff(const struct reading *pair, GPtrArray **ret)
{
    struct err ignored;

    if (pair[SOURCE].portable != NULL)
        return portable_diff(pair[SOURCE].portable, pair[DESTINATION].portable,
                             ret, &ignored);
    return fts_diff(pair[SOURCE].payload, pair[DESTINATION].payload, ret,
                    &ignored);
}

/* Both sides once more, whole, to name the tags. */
static int name_tags(struct comparing *c, guint i, GString *note,
                     struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    enum payload_format format = c->formats[i];
    struct reading pair[N_SIDES] = { 0 };
    g_autoptr(GPtrArray) tags = NULL;
    int r = reread(c, SOURCE, row->source_id, format, &pair[SOURCE], err);

    if (r == 0)
        r = reread(c, DESTINATION, row->destination_id, format,
                   &pair[DESTINATION], err);
    if (r == 0 && pair[SOURCE].end == READING_DONE &&
        pair[DESTINATION].end == READING_DONE &&
        /* Without the tags the parts have to do. */
        diff(pair, &tags) == 0)
        add_tags(note, tags);
    reading_clear(&pair[SOURCE]);
    reading_clear(&pair[DESTINATION]);
    return r;
}

static int explain(struct comparing *c, guint i, unsigned int parts,
                   const char **ret, struct err *err)
{
    g_autofree char *names = digest_part_names(parts);
    g_autoptr(GString) note = g_string_new(NULL);

    g_string_append_printf(note, "%s differ%s", names,
                           strchr(names, ',') == NULL ? "s" : "");
    if (name_tags(c, i, note, err) < 0)
        return -1;
    *ret = note_with(c, c->rows->pdata[i], g_strdup(note->str));
    return 0;
}

/* ---- the verdict ------------------------------------------------- */

static void add_verdict(struct comparing *c, const struct store_item *row,
                        enum verify_class class, const char *note)
{
    struct store_verdict v = { row->id, class, note };

    g_array_append_val(c->verdicts, v);
}

bool verify_is_recorded(const struct comparing *c, guint i)
{
    const struct store_item *row = c->rows->pdata[i];

    return row->digest_len != 0 &&
           c->formats[i] == (enum payload_format)row->format;
}

/* What it ought to be: as recorded, else as the source has it now. */
static bool expected(const struct comparing *c, guint i, struct digest *ret)
{
    const struct store_item *row = c->rows->pdata[i];

    if (verify_is_recorded(c, i) &&
        digest_unpack(row->digest, row->digest_len, ret))
        return true;
    if (c->here[i].end != READING_DONE)
        return false;
    *ret = c->here[i].digest;
    return true;
}

static int judge_unknown(struct comparing *c, const struct store_item *row,
                         const char *why)
{
    add_verdict(c, row, VERIFY_PRESENT, note_with(c, row, g_strdup(why)));
    return 0;
}

static int judge_different(struct comparing *c, guint i, unsigned int parts,
                           struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    const char *note;

    /* The source has moved on, and what was copied then is nowhere on record */
    if (!verify_is_recorded(c, i) && row->verify_note != NULL)
        return judge_unknown(c, row, "no digest is on record");
    if (explain(c, i, parts, &note, err) < 0)
        return -1;
    add_verdict(c, row, VERIFY_DIFFERENT, note);
    return 0;
}

static int judge_read(struct comparing *c, guint i, struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    struct digest want;
    unsigned int parts = 0;

    if (!expected(c, i, &want))
        return judge_unknown(c, row,
                             "no digest is on record, and the source could "
                             "not be read");
    switch (digest_compare(&want, &c->there[i].digest, &parts)) {
    case DIGEST_EQUAL:
        add_verdict(c, row, VERIFY_VERIFIED, row->verify_note);
        return 0;
    case DIGEST_UNKNOWN:
        return judge_unknown(c, row,
                             "not all of it can be compared; what can be is "
                             "equal");
    case DIGEST_DIFFERENT:
        break;
    }
    return judge_different(c, i, parts, err);
}

static bool lies_elsewhere(const struct store_item *row)
{
    return row->state == ITEM_ALREADY_THERE && row->moved_from != 0;
}

/* It is there, and not in its folder: the reason says where. */
static int judge_stray(struct comparing *c, const struct store_item *row)
{
    add_verdict(c, row, VERIFY_DIFFERENT, row->reason);
    return 0;
}

/* 1: the row in whose folder it lies; 0: nobody knows any more; -1. */
static int folder_of(struct comparing *c, const struct store_item *row,
                     int64_t *ret, struct err *err)
{
    const struct engine_job *job = c->v->pass.job;
    g_autoptr(store_item) left = NULL;
    int found;

    *ret = row->folder_id;
    if (!lies_elsewhere(row))
        return 1;
    found = store_item_find(job->store, job->lease.mailbox_id, row->moved_from,
                            &left, err);
    if (found > 0)
        *ret = left->folder_id;
    return found;
}

/* Its folder cannot be listed: -1 where nothing more can be. */
static int leave_open(struct comparing *c, const struct err *why,
                      struct err *err)
{
    if (why->scope >= ERR_MAILBOX || pass_is_over(&c->v->pass)) {
        *err = *why;
        return -1;
    }
    pass_unlisted(&c->v->pass, why);
    return 0;
}

/*
 * It was listed, and now it is said not to be there.  Its folder's list decides
 * whether it has gone meanwhile (EWS-QUIRKS 94); who cannot list it does not
 * know, and leaves the item without a class.
 */
static int judge_gone(struct comparing *c, const struct store_item *row,
                      struct err *err)
{
    int64_t folder_id;
    int r = folder_of(c, row, &folder_id, err);
    struct err why;

    if (r < 0)
        return -1;
    if (r > 0) {
        r = verify_is_listed(c->v, c->hands->at[DESTINATION], folder_id,
                             row->destination_id, &why);
        if (r < 0)
            return leave_open(c, &why, err);
    }
    if (r == 0)
        add_verdict(c, row, VERIFY_MISSING,
                    "no longer in its folder at the destination");
    else
        add_verdict(c, row, VERIFY_PRESENT,
                    note_with(c, row,
                              g_strdup("it could not be read: its folder "
                                       "lists it, and the server says that it "
                                       "is not there")));
    return 0;
}

int verify_judge(struct comparing *c, guint i, struct err *err)
{
    const struct store_item *row = c->rows->pdata[i];
    const struct reading *got = &c->there[i];

    switch (got->end) {
    case READING_DONE:
        return lies_elsewhere(row) ? judge_stray(c, row)
                                   : judge_read(c, i, err);
    case READING_GONE:
        return judge_gone(c, row, err);
    case READING_FAILED:
    case READING_OPEN:
        add_verdict(c, row, VERIFY_PRESENT,
                    note_with(c, row,
                              g_strdup_printf("it could not be read: %s",
                                              got->why.msg)));
        break;
    }
    return 0;
}
