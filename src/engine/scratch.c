#include "engine/scratch.h"

#include <string.h>

#include "base/step.h"

/*
 * A calendar item may not be created in a folder of mail
 * (ErrorCannotCreateCalendarItemInNonCalendarFolder), nor a contact or a task
 * in one of another's.
 */
static const char *const classes[KIND_N] = {
    [KIND_CALENDAR] = "IPF.Appointment",
    [KIND_CONTACT] = "IPF.Contact",
    [KIND_TASK] = "IPF.Task",
};

bool scratch_is(const struct endpoint_folder *folder)
{
    return folder->folder_class != NULL &&
           strcmp(folder->folder_class, SCRATCH_CLASS) == 0 &&
           strcmp(folder->name, SCRATCH_NAME) == 0;
}

void scratch_clear(struct scratch *s)
{
    for (int kind = 0; kind < KIND_N; kind++)
        g_free(s->by_kind[kind]);
    g_free(s->id);
    *s = (struct scratch){ 0 };
}

static int make(struct pass *p, const char *parent_id, const char *name,
                const char *folder_class, char **ret_id, struct err *err)
{
    struct endpoint *ep = pass_own_hands(p).at[DESTINATION];
    unsigned int failures = 0;
    struct err why;

    while (endpoint_make_folder(ep, parent_id, name, folder_class, ret_id,
                                &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return -1;
    }
    step("scratch");
    return 0;
}

int scratch_get(struct pass *p, struct scratch *s, const char *parent_id,
                enum item_kind kind, const char **ret_id, struct err *err)
{
    if (s->id == NULL &&
        make(p, parent_id, SCRATCH_NAME, SCRATCH_CLASS, &s->id, err) < 0)
        return -1;
    if (classes[kind] != NULL && s->by_kind[kind] == NULL &&
        make(p, s->id, item_kind_name(kind), classes[kind], &s->by_kind[kind],
             err) < 0)
        return -1;
    *ret_id = classes[kind] != NULL ? s->by_kind[kind] : s->id;
    return 0;
}

static int purge(struct pass *p, const char *id, struct err *err)
{
    struct endpoint *ep = pass_own_hands(p).at[DESTINATION];
    unsigned int failures = 0;
    struct err why;

    while (endpoint_purge_folder(ep, id, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return -1;
    }
    step("scratch-removed");
    return 0;
}

int scratch_remove(struct pass *p, struct scratch *s, struct err *err)
{
    for (int kind = 0; kind < KIND_N; kind++)
        if (s->by_kind[kind] != NULL && purge(p, s->by_kind[kind], err) < 0)
            return -1;
    return s->id != NULL ? purge(p, s->id, err) : 0;
}

/* Children first: each is emptied before it goes. */
static int purge_tree(struct pass *p, const struct endpoint_tree *tree,
                      const char *id, struct err *err)
{
    for (guint i = 0; i < tree->folders->len; i++) {
        const struct endpoint_folder *f = tree->folders->pdata[i];

        if (g_strcmp0(f->parent_id, id) == 0 && purge(p, f->id, err) < 0)
            return -1;
    }
    return purge(p, id, err);
}

static void tell(struct pass *p, const struct err *why)
{
    g_autofree char *text =
        g_strdup_printf("folder \"" SCRATCH_NAME "\" of an earlier trial could "
                        "not be removed: %s",
                        why->msg);

    pass_event(p,
               &(struct engine_event){ .kind = ENGINE_FOLDERS, .text = text });
}

int scratch_clean(struct pass *p, const struct endpoint_tree *tree,
                  struct err *err)
{
    struct err why;

    for (guint i = 0; tree->folders != NULL && i < tree->folders->len; i++) {
        const struct endpoint_folder *f = tree->folders->pdata[i];

        if (!scratch_is(f) || purge_tree(p, tree, f->id, &why) == 0)
            continue;
        if (policy_of(&why) == POLICY_STOP || pass_is_over(p)) {
            *err = why;
            return -1;
        }
        tell(p, &why);
    }
    return 0;
}
