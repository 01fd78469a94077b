#include "ews/portable_item_priv.h"

#include "ews/portable_member.h"
#include "ews/portable_zone.h"

#define UNSENT    0x8
#define WHEN_SENT "a draft gets it when it is sent"

static void leave_out(struct item_reading *r, const char *key, const char *why)
{
    const struct extra *x = extra_of(key);
    const struct portable_label label = { key, x->part, why };
    struct portable_value v;
    g_autofree char *text = NULL;

    if (portable_get(r->p, key, PORTABLE_TIME, &v)) {
        portable_set(r->p, &label, &v);
        return;
    }
    if (!portable_get(r->p, key, PORTABLE_TEXT, &v))
        return;
    text = g_strdup(v.text); /* which setting it would free */
    v.text = text;
    portable_set(r->p, &label, &v);
}

static void settle_draft(struct item_reading *r)
{
    int64_t flags = 0;
    bool draft = portable_flag(r->p, "item:IsDraft");

    if (portable_integer(r->p, "0x0E07", &flags))
        draft = draft || (flags & UNSENT) != 0;
    if (!draft || !kind_has_mime(portable_kind(r->p)))
        return;
    portable_set_draft(r->p);
    leave_out(r, "0x1035", WHEN_SENT);
    leave_out(r, "0x0039", WHEN_SENT);
}

typedef bool zone_reader(GBytes *bytes, struct zone *ret);

static void zone_of(struct item_reading *r, bool end, const char *key,
                    zone_reader *read)
{
    struct portable_value v;
    struct zone zone;

    if (portable_zone(r->p, end) != NULL && portable_zone(r->p, end)->has_rule)
        return;
    if (portable_get(r->p, key, PORTABLE_BINARY, &v) && read(v.binary, &zone))
        portable_set_zone(r->p, end, &zone.z);
}

/* What EWS does not tell of a zone, MAPI's properties do. */
static void settle_zones(struct item_reading *r)
{
    zone_of(r, false, "Appointment/0x825E", zone_read_definition);
    zone_of(r, false, "Appointment/0x8260", zone_read_definition);
    zone_of(r, false, "Appointment/0x8233", zone_read_struct);
    zone_of(r, true, "Appointment/0x825F", zone_read_definition);
}

/* Up to 2007 EWS tells no members; MAPI's properties do. */
static void settle_members(struct item_reading *r)
{
    struct portable_value v;

    if (portable_count(r->p, PORTABLE_MEMBER) > 0 ||
        !portable_get(r->p, MEMBER_ONE_OFFS, PORTABLE_TEXTS, &v))
        return;
    for (size_t i = 0; i < PEOPLE_MAX && v.texts[i] != NULL; i++) {
        struct portable_person one;

        if (!member_read(v.texts[i], &one))
            continue;
        portable_add_person(r->p, &one);
        member_clear(&one);
    }
}

void item_settle(struct item_reading *r)
{
    settle_draft(r);
    settle_zones(r);
    settle_members(r);
}
