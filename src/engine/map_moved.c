#include "engine/map_priv.h"

static void note_stays(struct mapper *m, const struct plan_step *step,
                       const struct err *why)
{
    g_autofree char *text = g_strdup_printf(
        "folder \"%s\" was renamed or moved at the source; at the destination "
        "it stays as it is: %s",
        step->path, why->msg);

    map_note(m->copy, "a folder stays where it is at the destination", step,
             text);
}

/* 0: it has followed, or will not; -1: the mailbox cannot go on. */
static int place(struct mapper *m, const struct store_folder *row,
                 const struct plan_step *step, struct err *err)
{
    struct pass *p = &m->copy->pass;
    struct endpoint *ep = pass_own_hands(p).at[DESTINATION];
    unsigned int failures = 0;
    struct err why;

    while (endpoint_change_folder(ep, row->destination_id,
                                  map_parent_of(m, step), step->source->name,
                                  &why) < 0) {
        if (policy_of(&why) == POLICY_FOLDER ||
            policy_of(&why) == POLICY_FAIL) {
            note_stays(m, step, &why);
            break;
        }
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "destination");
    }
    return store_folder_placed(p->job->store, &p->job->lease, row->id, err);
}

/* Parents first, so that each finds its own where it belongs. */
static int place_moved(struct mapper *m, GHashTable *rows, struct err *err)
{
    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];
        const struct store_folder *row =
            g_hash_table_lookup(rows, step->source->id);

        if (row == NULL || !row->moved || row->destination_id == NULL ||
            step->action != PLAN_MAP || step->source->well_known != NULL)
            continue;
        if (place(m, row, step, err) < 0)
            return -1;
    }
    return 0;
}

int map_follow(struct mapper *m, struct err *err)
{
    g_autoptr(GHashTable) rows = g_hash_table_new(g_str_hash, g_str_equal);

    for (guint i = 0; i < m->copy->rows->len; i++) {
        struct store_folder *row = m->copy->rows->pdata[i];

        g_hash_table_insert(rows, row->source_id, row);
    }
    return place_moved(m, rows, err);
}
