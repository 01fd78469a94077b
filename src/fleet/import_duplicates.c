#include "fleet/import_priv.h"

#include <string.h>

static void tell(struct import_reading *r, struct import_candidate *c,
                 enum import_side side, const struct import_candidate *other)
{
    const struct import_place at = {
        c->row->line,
        import_column_of(side, COLUMN_SOURCE_EMAIL),
    };

    import_fault_add(r, IMPORT_DUPLICATE, &at, "\"%s\" is on line %u %s",
                     c->row->sides[side].address, other->row->line,
                     other->row->line < c->row->line ? "already" : "again");
    c->bad = true;
}

/*
 * A line that repeats an earlier one whole is superfluous.  Two lines that
 * contradict each other both wait: taking the first could put one person's
 * mail into another's mailbox.
 */
static void settle(struct import_reading *r, struct import_candidate *first,
                   struct import_candidate *later, enum import_side side)
{
    enum import_side other =
        side == IMPORT_SOURCE ? IMPORT_DESTINATION : IMPORT_SOURCE;

    tell(r, later, side, first);
    if (first->told[side] || first->keys[other] == NULL ||
        g_strcmp0(first->keys[other], later->keys[other]) == 0)
        return;
    first->told[side] = true;
    tell(r, first, side, later);
}

static void mark_side(struct import_reading *r, enum import_side side)
{
    g_autoptr(GHashTable) firsts = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < r->candidates->len; i++) {
        struct import_candidate *c = g_ptr_array_index(r->candidates, i);
        struct import_candidate *first;

        if (c->keys[side] == NULL)
            continue;
        first = g_hash_table_lookup(firsts, c->keys[side]);
        if (first == NULL)
            g_hash_table_insert(firsts, c->keys[side], c);
        else
            settle(r, first, c, side);
    }
}

void import_mark_duplicates(struct import_reading *r)
{
    mark_side(r, IMPORT_SOURCE);
    mark_side(r, IMPORT_DESTINATION);
}
