#include "engine/digest.h"

/* The two are alike, so that one set of bits and one packed size serve both. */
G_STATIC_ASSERT((int)FTS_N_PARTS == (int)PORTABLE_N_PARTS);
G_STATIC_ASSERT((int)FTS_ENVELOPE == (int)PORTABLE_ENVELOPE);
G_STATIC_ASSERT((int)FTS_OTHER == (int)PORTABLE_OTHER);
G_STATIC_ASSERT(FTS_DIGEST_PACKED == DIGEST_PACKED);
G_STATIC_ASSERT(PORTABLE_DIGEST_PACKED == DIGEST_PACKED);
G_STATIC_ASSERT((int)FTS_EQUAL == (int)DIGEST_EQUAL);
G_STATIC_ASSERT((int)FTS_DIFFERENT == (int)DIGEST_DIFFERENT);
G_STATIC_ASSERT((int)FTS_UNKNOWN == (int)DIGEST_UNKNOWN);
G_STATIC_ASSERT((int)PORTABLE_EQUAL == (int)DIGEST_EQUAL);
G_STATIC_ASSERT((int)PORTABLE_DIFFERENT == (int)DIGEST_DIFFERENT);
G_STATIC_ASSERT((int)PORTABLE_UNKNOWN == (int)DIGEST_UNKNOWN);

void digest_summary_clear(struct digest_summary *s)
{
    g_free(s->subject);
    if (s->people != NULL)
        g_ptr_array_unref(s->people);
    *s = (struct digest_summary){ 0 };
}

static int refuse_partial(struct err *err)
{
    err_set(err, ERR_ITEM, ERR_RETRY_WAIT, 0,
            "the server gave only a part of the item");
    err->name = "partial-export";
    return -1;
}

static int take_fts(const struct blob *payload, struct digest *ret,
                    struct digest_summary *s, struct err *err)
{
    g_auto(fts_summary) summary = { 0 };

    if (fts_digest_read(payload, &ret->fts, &summary, err) < 0)
        return -1;
    if (summary.partial)
        return refuse_partial(err);
    s->subject = g_steal_pointer(&summary.subject);
    s->people = g_steal_pointer(&summary.people);
    s->bytes = summary.bytes;
    return 0;
}

static bool is_among(const GPtrArray *people, const char *dn)
{
    for (guint i = 0; i < people->len; i++)
        if (g_ascii_strcasecmp(
                ((const struct fts_person *)people->pdata[i])->dn, dn) == 0)
            return true;
    return false;
}

static void add_dn(GPtrArray *people, const char *address)
{
    g_autofree char *dn = address != NULL ? fts_dn_of(address) : NULL;
    struct fts_person *person;

    if (dn == NULL || people->len >= FTS_PEOPLE_MAX || is_among(people, dn))
        return;
    person = g_new0(struct fts_person, 1);
    person->dn = g_steal_pointer(&dn);
    g_ptr_array_add(people, person);
}

/* Whom a portable item names as the old directory has them. */
static GPtrArray *people_of(const struct portable *p)
{
    static const char *const keys[] = {
        "0x0065",
        "0x0C1F",
        "contacts:EmailAddress/EmailAddress1",
        "contacts:EmailAddress/EmailAddress2",
        "contacts:EmailAddress/EmailAddress3",
    };
    GPtrArray *people =
        g_ptr_array_new_with_free_func((GDestroyNotify)fts_person_free);

    for (size_t i = 0; i < portable_n_people(p); i++)
        add_dn(people, portable_person_at(p, i)->address);
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++)
        add_dn(people, portable_text(p, keys[i]));
    if (people->len > 0)
        return people;
    g_ptr_array_unref(people);
    return NULL;
}

static int take_portable(const struct portable *p, struct digest *ret,
                         struct digest_summary *s, struct err *err)
{
    if (portable_digest_take(p, &ret->portable, err) < 0)
        return -1;
    s->bytes = portable_bytes(p);
    s->people = people_of(p);
    return 0;
}

int digest_take(const struct endpoint_item *item, struct digest *ret,
                struct digest_summary *ret_summary, struct err *err)
{
    g_auto(digest_summary) s = { 0 };
    struct digest d = { .format = item->format };
    int r = item->format == PAYLOAD_FTS
                ? take_fts(item->payload, &d, &s, err)
                : take_portable(item->portable, &d, &s, err);

    if (r < 0)
        return -1;
    *ret = d;
    if (ret_summary != NULL) {
        *ret_summary = s;
        s = (struct digest_summary){ 0 };
    }
    return 0;
}

enum digest_compare digest_compare(const struct digest *a,
                                   const struct digest *b,
                                   unsigned int *ret_parts)
{
    if (a->format != b->format) {
        if (ret_parts != NULL)
            *ret_parts = 0;
        return DIGEST_UNKNOWN;
    }
    if (a->format == PAYLOAD_FTS)
        return (enum digest_compare)fts_digest_compare(&a->fts, &b->fts,
                                                       ret_parts);
    return (enum digest_compare)portable_digest_compare(
        &a->portable, &b->portable, ret_parts);
}

unsigned int digest_common(const struct digest *a, const struct digest *b)
{
    if (a->format != b->format)
        return 0;
    if (a->format == PAYLOAD_FTS)
        return (unsigned int)(a->fts.available & b->fts.available);
    return (unsigned int)(a->portable.available & b->portable.available);
}

char *digest_part_names(unsigned int parts)
{
    GString *names = g_string_new(NULL);

    for (int part = 0; part < FTS_N_PARTS; part++)
        if ((parts & (1u << part)) != 0)
            g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "",
                                   fts_part_name((enum fts_part)part));
    return g_string_free(names, FALSE);
}

size_t digest_pack(const struct digest *d, uint8_t ret[DIGEST_PACKED])
{
    if (d->format == PAYLOAD_FTS)
        fts_digest_pack(&d->fts, ret);
    else
        portable_digest_pack(&d->portable, ret);
    return DIGEST_PACKED;
}

bool digest_unpack(const uint8_t *packed, size_t len, struct digest *ret)
{
    if (fts_digest_unpack(packed, len, &ret->fts))
        ret->format = PAYLOAD_FTS;
    else if (portable_digest_unpack(packed, len, &ret->portable))
        ret->format = PAYLOAD_PORTABLE;
    else
        return false;
    return true;
}
