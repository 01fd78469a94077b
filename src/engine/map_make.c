#include "engine/map_priv.h"

#include <string.h>

#include "engine/names.h"

static int make_named(struct mapper *m, const struct plan_step *step,
                      const char *name, char **ret_id, struct err *err)
{
    struct pass *p = &m->copy->pass;
    struct hands h = pass_own_hands(p);
    unsigned int failures = 0;
    struct err why;

    while (endpoint_make_folder(h.at[DESTINATION], map_parent_of(m, step), name,
                                step->source->folder_class, ret_id, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return err_in(err, "destination");
    }
    return 0;
}

/* 1: made; 0: that name will not do; -1.  *ret_why: of 0 and -1. */
static int try_name(struct mapper *m, const struct plan_step *step,
                    const char *name, char **ret_id, struct err *ret_why)
{
    g_autofree char *id = NULL;

    if (make_named(m, step, name, &id, ret_why) < 0)
        return policy_of(ret_why) == POLICY_FOLDER ? 0 : -1;
    /* One of that name was there after all, and is another's. */
    if (!g_hash_table_add(m->claimed, g_strdup(id))) {
        err_set(ret_why, ERR_FOLDER, ERR_RETRY_NEVER, 0,
                "folder \"%.200s\" at the destination is another's", name);
        return 0;
    }
    *ret_id = g_steal_pointer(&id);
    return 1;
}

static void note_renamed(struct mapper *m, const struct plan_step *step,
                         const char *name)
{
    g_autofree char *text =
        g_strdup_printf("folder \"%s\" is called \"%s\" at the destination, "
                        "which refuses its own name",
                        step->path, name);

    map_note(m->copy, finding_heading(FINDING_RENAMED), step, text);
}

static int make_folder(struct mapper *m, const struct plan_step *step,
                       char **ret_id, struct err *err)
{
    g_autofree char *tried = g_strdup(step->name);
    struct err why;
    int made = try_name(m, step, tried, ret_id, &why);

    for (unsigned int attempt = 1; made == 0; attempt++) {
        char *name = name_candidate(step->source->name, attempt);

        if (name == NULL) {
            /* Not about the name, then: the mailbox takes no folders. */
            why.scope = ERR_MAILBOX;
            break;
        }
        if (strcmp(name, tried) != 0) {
            made = try_name(m, step, name, ret_id, &why);
            if (made > 0)
                note_renamed(m, step, name);
        }
        g_free(tried);
        tried = name;
    }
    if (made > 0)
        return 0;
    *err = why;
    return -1;
}

/*
 * What lies beside the mailbox may take items and no folders: those that are
 * missing stay so, and what is in them is on record as failed.
 */
static int make_beside(struct mapper *m, const struct plan_step *step,
                       char **ret_id, struct err *err)
{
    struct err why;

    if (map_parent_of(m, step) == NULL)
        return 0; /* nor was its parent made */
    if (make_folder(m, step, ret_id, &why) == 0)
        return 0;
    if (why.retry != ERR_RETRY_NEVER || pass_is_over(&m->copy->pass)) {
        *err = why;
        return -1;
    }
    if (why.remedy == NULL)
        err_remedy(&why, "make the folder at the destination by hand and run "
                         "it again");
    m->why[step->root] = why;
    m->is_refused[step->root] = true;
    map_note(m->copy, "a folder cannot be made at the destination", step,
             why.msg);
    return 0;
}

static int make_missing(struct mapper *m, size_t i, struct err *err)
{
    const struct plan_step *step = &m->plan->steps[i];

    if (step->root != ENDPOINT_ROOT_MAIN)
        return make_beside(m, step, &m->ids[i], err);
    return make_folder(m, step, &m->ids[i], err);
}

/* Some that are missing below one folder. */
struct siblings {
    struct endpoint_new_folder folders[ENDPOINT_NEW_FOLDERS_MAX];
    size_t at[ENDPOINT_NEW_FOLDERS_MAX]; /* their steps */
    size_t n;
};

static void gather_siblings(struct mapper *m, size_t first,
                            struct siblings *ret)
{
    const struct plan_step *one = &m->plan->steps[first];

    ret->n = 0;
    for (size_t i = first; i < m->plan->n && ret->n < G_N_ELEMENTS(ret->at);
         i++) {
        const struct plan_step *step = &m->plan->steps[i];

        if (step->action != PLAN_CREATE || m->is_tried[i] ||
            step->parent != one->parent || step->root != one->root)
            continue;
        m->is_tried[i] = true;
        ret->folders[ret->n] =
            (struct endpoint_new_folder){ step->name,
                                          step->source->folder_class };
        ret->at[ret->n++] = i;
    }
}

/*
 * In one request.  What has no id then is made for itself, and that says why
 * it cannot be.  -1: nothing can be made at all.
 */
static int make_siblings(struct mapper *m, size_t first, struct err *err)
{
    const struct plan_step *one = &m->plan->steps[first];
    struct endpoint *ep = pass_own_hands(&m->copy->pass).at[DESTINATION];
    char *ids[ENDPOINT_NEW_FOLDERS_MAX] = { NULL };
    struct siblings s;
    struct err why;

    if (m->is_tried[first] || map_parent_of(m, one) == NULL)
        return 0;
    gather_siblings(m, first, &s);
    if (endpoint_make_folders(ep, map_parent_of(m, one), s.folders, s.n, ids,
                              &why) < 0) {
        if (policy_of(&why) != POLICY_STOP || one->root != ENDPOINT_ROOT_MAIN)
            return 0;
        *err = why;
        return err_in(err, "destination");
    }
    for (size_t i = 0; i < s.n; i++) {
        if (ids[i] == NULL)
            continue;
        if (!g_hash_table_add(m->claimed, g_strdup(ids[i]))) {
            g_free(ids[i]); /* another's: nothing that came into being */
            continue;
        }
        m->ids[s.at[i]] = ids[i];
        m->is_new[s.at[i]] = true;
    }
    return 0;
}

int map_carry_out(struct mapper *m, struct err *err)
{
    for (size_t i = 0; i < m->plan->n; i++) {
        const struct plan_step *step = &m->plan->steps[i];

        m->ids[i] = g_strdup(step->destination_id);
        if (m->ids[i] != NULL)
            g_hash_table_add(m->claimed, g_strdup(m->ids[i]));
        if (step->note != NULL)
            map_note(m->copy, finding_heading(FINDING_RENAMED), step,
                     step->note);
    }
    if (m->copy->pass.options.dry_run)
        return 0;
    for (size_t i = 0; i < m->plan->n; i++) {
        if (m->plan->steps[i].action != PLAN_CREATE || m->ids[i] != NULL)
            continue;
        if (make_siblings(m, i, err) < 0 ||
            (m->ids[i] == NULL && make_missing(m, i, err) < 0))
            return -1;
    }
    return 0;
}
