#include "endpoint/fault_priv.h"
#include "endpoint/mem.h"

struct fault_handle {
    struct endpoint base;
    struct endpoint *real; /* owned */
    struct faults *faults;
};

static struct endpoint *real_of(struct endpoint *ep)
{
    return ((struct fault_handle *)ep)->real;
}

struct endpoint *fault_real(struct endpoint *ep)
{
    return real_of(ep);
}

/* Every call begins here. */
static void begin(struct endpoint *ep, const struct fault_subject *subjects,
                  size_t n, struct strike *ret)
{
    struct fault_handle *h = (struct fault_handle *)ep;

    faults_tick(h->faults);
    faults_strike(h->faults, subjects, n, ret);
}

/* The same for a call about one thing; nothing of it needs clearing. */
static void begin_one(struct endpoint *ep, struct fault_subject subject,
                      struct strike *ret)
{
    begin(ep, &subject, 1, ret);
}

static bool hit_before(const struct strike *s)
{
    return s->hit && s->fault.when == FAULT_BEFORE;
}

static int fail(const struct strike *s, struct err *err)
{
    *err = s->fault.err;
    return -1;
}

int fault_begin(struct endpoint *ep, struct fault_subject subject,
                struct strike *ret, struct err *err)
{
    begin_one(ep, subject, ret);
    return hit_before(ret) ? fail(ret, err) : 0;
}

int fault_end(const struct strike *s, struct err *err)
{
    return s->hit ? fail(s, err) : 0;
}

/* ---- the mailbox and its folders ------------------------------------- */

static int fault_open(struct endpoint *ep, struct endpoint_facts *ret,
                      struct err *err)
{
    g_auto(endpoint_facts) facts = { 0 };
    struct strike s;

    begin_one(ep, (struct fault_subject){ .op = FAULT_OPEN }, &s);
    /* Opening has no effect at the server: lost after is lost before. */
    if (s.hit)
        return fail(&s, err);
    if (real_of(ep)->ops->open(real_of(ep), &facts, err) < 0)
        return -1;
    ep->caps = real_of(ep)->caps;
    *ret = facts;
    facts = (struct endpoint_facts){ 0 };
    return 0;
}

static struct endpoint *fault_clone(struct endpoint *ep)
{
    struct fault_handle *h = (struct fault_handle *)ep;
    struct endpoint *twin = fault_endpoint(endpoint_clone(h->real), h->faults);

    twin->caps = ep->caps;
    return twin;
}

static int fault_folders(struct endpoint *ep, struct endpoint_tree *ret,
                         struct err *err)
{
    struct strike s;

    begin_one(ep, (struct fault_subject){ .op = FAULT_FOLDERS }, &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->folders(real_of(ep), ret, err);
}

static int fault_make_folder(struct endpoint *ep, const char *parent_id,
                             const char *name, const char *folder_class,
                             char **ret_id, struct err *err)
{
    g_autofree char *id = NULL;
    struct strike s;

    begin_one(ep,
              (struct fault_subject){ .op = FAULT_MAKE_FOLDER,
                                      .folder_id = parent_id,
                                      .name = name },
              &s);
    if (hit_before(&s))
        return fail(&s, err);
    if (real_of(ep)->ops->make_folder(real_of(ep), parent_id, name,
                                      folder_class, &id, err) < 0)
        return -1;
    if (s.hit)
        return fail(&s, err);
    *ret_id = g_steal_pointer(&id);
    return 0;
}

static struct fault_subject *of_new(const char *parent_id,
                                    const struct endpoint_new_folder *folders,
                                    size_t n)
{
    struct fault_subject *subjects = g_new0(struct fault_subject, n);

    for (size_t i = 0; i < n; i++)
        subjects[i] = (struct fault_subject){ .op = FAULT_MAKE_FOLDER,
                                              .folder_id = parent_id,
                                              .name = folders[i].name };
    return subjects;
}

static int fault_make_folders(struct endpoint *ep, const char *parent_id,
                              const struct endpoint_new_folder *folders,
                              size_t n, char **ids, struct err *err)
{
    g_autofree struct fault_subject *subjects = of_new(parent_id, folders, n);
    g_auto(strike) s = { 0 };

    begin(ep, subjects, n, &s);
    if (hit_before(&s))
        return fail(&s, err);
    if (real_of(ep)->ops->make_folders(real_of(ep), parent_id, folders, n, ids,
                                       err) < 0)
        return -1;
    for (size_t i = 0; i < n && s.hit; i++)
        g_clear_pointer(&ids[i], g_free);
    return s.hit ? fail(&s, err) : 0;
}

static int fault_changes(struct endpoint *ep, const char *folder_id, size_t max,
                         char **token, struct endpoint_page *ret,
                         struct err *err)
{
    struct strike s;

    begin_one(
        ep,
        (struct fault_subject){ .op = FAULT_CHANGES, .folder_id = folder_id },
        &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->changes(real_of(ep), folder_id, max, token, ret,
                                     err);
}

static int fault_describe(struct endpoint *ep, const char *id,
                          struct endpoint_description *ret, struct err *err)
{
    struct strike s;

    begin_one(ep, (struct fault_subject){ .op = FAULT_DESCRIBE, .id = id }, &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->describe(real_of(ep), id, ret, err);
}

/* ---- batches --------------------------------------------------------- */

static struct fault_subject *of_refs(enum fault_op op,
                                     const struct endpoint_ref *refs, size_t n)
{
    struct fault_subject *subjects = g_new0(struct fault_subject, n);

    for (size_t i = 0; i < n; i++) {
        subjects[i].op = op;
        subjects[i].id = refs[i].id;
        subjects[i].portable = refs[i].format == PAYLOAD_PORTABLE;
    }
    return subjects;
}

static struct fault_subject *of_puts(const struct endpoint_put *puts, size_t n)
{
    struct fault_subject *subjects = g_new0(struct fault_subject, n);

    for (size_t i = 0; i < n; i++) {
        subjects[i].op = FAULT_PUT;
        subjects[i].id = puts[i].replace_id;
        subjects[i].folder_id = puts[i].folder_id;
        subjects[i].payload = puts[i].payload;
        subjects[i].portable = puts[i].format == PAYLOAD_PORTABLE;
    }
    return subjects;
}

static bool item_hit(const struct strike *s, size_t i)
{
    return s->items != NULL && s->items[i].hit;
}

/* Move the items that pass to the front of a copy; returns how many. */
static size_t passing(const struct strike *s, const void *items, size_t n,
                      size_t size, char *ret)
{
    const char *from = items;
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (!item_hit(s, i))
            memcpy(ret + size * k++, from + size * i, size);
    return k;
}

static int fault_fetch(struct endpoint *ep, const struct endpoint_ref *refs,
                       size_t n, struct blob_pool *pool,
                       struct endpoint_item *ret, struct err *err)
{
    g_autofree struct fault_subject *subjects = of_refs(FAULT_FETCH, refs, n);
    g_autofree struct endpoint_ref *pass = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_item *got = g_new0(struct endpoint_item, n);
    g_auto(strike) s = { 0 };
    size_t k;

    begin(ep, subjects, n, &s);
    if (s.hit)
        return fail(&s, err);
    k = passing(&s, refs, n, sizeof(*refs), (char *)pass);
    if (k > 0 &&
        real_of(ep)->ops->fetch(real_of(ep), pass, k, pool, got, err) < 0)
        return -1;
    k = 0;
    for (size_t i = 0; i < n; i++)
        if (item_hit(&s, i))
            ret[i] =
                (struct endpoint_item){ .status = -1, .why = s.items[i].err };
        else
            ret[i] = got[k++];
    return 0;
}

static void scatter(const struct strike *s, const struct endpoint_done *got,
                    size_t n, struct endpoint_done *ret)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        if (item_hit(s, i))
            ret[i] =
                (struct endpoint_done){ .status = -1, .why = s->items[i].err };
        else
            ret[i] = got[k++];
}

/* How much of a batch of n happens although the call fails. */
static size_t part_done(const struct strike *s, size_t n)
{
    if (!s->hit || s->fault.when == FAULT_AFTER)
        return n;
    return s->fault.when == FAULT_HALF ? n / 2 : 0;
}

/* As a server's own: a stamp that says so, and no more of it. */
static void put_cut(struct endpoint *real, const struct endpoint_put *put)
{
    g_autofree char *stamp = g_strconcat(MEM_UNFINISHED, put->stamp, NULL);
    struct endpoint_put cut = *put;
    struct endpoint_done done = { 0 };
    struct err ignored;
    bool maybe;

    cut.stamp = stamp;
    if (real->ops->put(real, &cut, 1, &done, &maybe, &ignored) == 0)
        endpoint_done_free(&done, 1);
}

static int fault_put(struct endpoint *ep, const struct endpoint_put *puts,
                     size_t n, struct endpoint_done *ret, bool *ret_maybe,
                     struct err *err)
{
    struct fault_handle *h = (struct fault_handle *)ep;
    g_autofree struct fault_subject *subjects = of_puts(puts, n);
    g_autofree struct endpoint_put *pass = g_new0(struct endpoint_put, n);
    g_autofree struct endpoint_done *got = g_new0(struct endpoint_done, n);
    g_auto(strike) s = { 0 };
    size_t k;

    begin(ep, subjects, n, &s);
    k = passing(&s, puts, n, sizeof(*puts), (char *)pass);
    if (s.hit && s.fault.when == FAULT_LATER)
        faults_put_later(h->faults, h->real, pass, k, s.fault.later_calls);
    if (s.hit && s.fault.when == FAULT_CUT && k > 0)
        put_cut(h->real, pass);
    k = part_done(&s, k);
    if (k > 0 && h->real->ops->put(h->real, pass, k, got, ret_maybe, err) < 0)
        return -1;
    if (s.hit) {
        endpoint_done_free(got, k);
        *ret_maybe = s.fault.when != FAULT_BEFORE || s.fault.unsure;
        return fail(&s, err);
    }
    scatter(&s, got, n, ret);
    return 0;
}

static int fault_remove(struct endpoint *ep, const struct endpoint_ref *refs,
                        size_t n, struct endpoint_done *ret, struct err *err)
{
    g_autofree struct fault_subject *subjects = of_refs(FAULT_REMOVE, refs, n);
    g_autofree struct endpoint_ref *pass = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_done *got = g_new0(struct endpoint_done, n);
    g_auto(strike) s = { 0 };
    size_t k;

    begin(ep, subjects, n, &s);
    k = part_done(&s, passing(&s, refs, n, sizeof(*refs), (char *)pass));
    if (k > 0 && real_of(ep)->ops->remove(real_of(ep), pass, k, got, err) < 0)
        return -1;
    if (s.hit) {
        endpoint_done_free(got, k);
        return fail(&s, err);
    }
    scatter(&s, got, n, ret);
    return 0;
}

static int fault_mark_read(struct endpoint *ep, const struct endpoint_ref *refs,
                           size_t n, bool read, struct endpoint_done *ret,
                           struct err *err)
{
    g_autofree struct fault_subject *subjects =
        of_refs(FAULT_MARK_READ, refs, n);
    g_autofree struct endpoint_ref *pass = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_done *got = g_new0(struct endpoint_done, n);
    g_auto(strike) s = { 0 };
    size_t k;

    begin(ep, subjects, n, &s);
    k = part_done(&s, passing(&s, refs, n, sizeof(*refs), (char *)pass));
    if (k > 0 &&
        real_of(ep)->ops->mark_read(real_of(ep), pass, k, read, got, err) < 0)
        return -1;
    if (s.hit) {
        endpoint_done_free(got, k);
        return fail(&s, err);
    }
    scatter(&s, got, n, ret);
    return 0;
}

static int fault_move(struct endpoint *ep, const struct endpoint_ref *refs,
                      size_t n, const char *to_folder_id,
                      struct endpoint_done *ret, bool *ret_maybe,
                      struct err *err)
{
    g_autofree struct fault_subject *subjects = of_refs(FAULT_MOVE, refs, n);
    g_autofree struct endpoint_ref *pass = g_new0(struct endpoint_ref, n);
    g_autofree struct endpoint_done *got = g_new0(struct endpoint_done, n);
    g_auto(strike) s = { 0 };
    size_t k;

    begin(ep, subjects, n, &s);
    k = part_done(&s, passing(&s, refs, n, sizeof(*refs), (char *)pass));
    if (k > 0 && real_of(ep)->ops->move(real_of(ep), pass, k, to_folder_id, got,
                                        ret_maybe, err) < 0)
        return -1;
    if (s.hit) {
        endpoint_done_free(got, k);
        *ret_maybe = s.fault.when != FAULT_BEFORE || s.fault.unsure;
        return fail(&s, err);
    }
    scatter(&s, got, n, ret);
    return 0;
}

/* ---- folders that follow, other trees ---------------------------------- */

static int fault_change_folder(struct endpoint *ep, const char *folder_id,
                               const char *parent_id, const char *name,
                               struct err *err)
{
    struct strike s;

    begin_one(ep,
              (struct fault_subject){ .op = FAULT_CHANGE_FOLDER,
                                      .folder_id = folder_id,
                                      .name = name },
              &s);
    if (hit_before(&s))
        return fail(&s, err);
    if (real_of(ep)->ops->change_folder(real_of(ep), folder_id, parent_id, name,
                                        err) < 0)
        return -1;
    return s.hit ? fail(&s, err) : 0;
}

static int fault_remove_folder(struct endpoint *ep, const char *folder_id,
                               struct err *err)
{
    struct strike s;

    begin_one(ep,
              (struct fault_subject){ .op = FAULT_REMOVE_FOLDER,
                                      .folder_id = folder_id },
              &s);
    if (hit_before(&s))
        return fail(&s, err);
    if (real_of(ep)->ops->remove_folder(real_of(ep), folder_id, err) < 0)
        return -1;
    return s.hit ? fail(&s, err) : 0;
}

static int fault_purge_folder(struct endpoint *ep, const char *folder_id,
                              struct err *err)
{
    struct strike s;

    begin_one(ep,
              (struct fault_subject){ .op = FAULT_PURGE_FOLDER,
                                      .folder_id = folder_id },
              &s);
    if (hit_before(&s))
        return fail(&s, err);
    if (real_of(ep)->ops->purge_folder(real_of(ep), folder_id, err) < 0)
        return -1;
    return s.hit ? fail(&s, err) : 0;
}

static int fault_tree(struct endpoint *ep, enum endpoint_root root,
                      char **ret_root_id, struct endpoint_tree *ret,
                      struct err *err)
{
    struct strike s;

    begin_one(ep, (struct fault_subject){ .op = FAULT_TREE }, &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->tree(real_of(ep), root, ret_root_id, ret, err);
}

static int fault_hidden(struct endpoint *ep, const char *folder_id,
                        struct endpoint_page *ret, struct err *err)
{
    struct strike s;

    begin_one(
        ep,
        (struct fault_subject){ .op = FAULT_HIDDEN, .folder_id = folder_id },
        &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->hidden(real_of(ep), folder_id, ret, err);
}

static int fault_large(struct endpoint *ep, const char *folder_id,
                       uint64_t over_bytes, size_t max,
                       struct endpoint_findings *ret, struct err *err)
{
    struct strike s;

    begin_one(
        ep, (struct fault_subject){ .op = FAULT_LARGE, .folder_id = folder_id },
        &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->large(real_of(ep), folder_id, over_bytes, max, ret,
                                   err);
}

static int fault_quota(struct endpoint *ep, uint64_t *ret_bytes,
                       struct err *err)
{
    struct strike s;

    begin_one(ep, (struct fault_subject){ .op = FAULT_QUOTA }, &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->quota(real_of(ep), ret_bytes, err);
}

static int fault_keys(struct endpoint *ep, const char *const *ids, size_t n,
                      struct endpoint_key *ret, struct err *err)
{
    g_autofree struct fault_subject *subjects = g_new0(struct fault_subject, n);
    g_auto(strike) s = { 0 };

    for (size_t i = 0; i < n; i++)
        subjects[i] = (struct fault_subject){ .op = FAULT_KEYS, .id = ids[i] };
    begin(ep, subjects, n, &s);
    if (s.hit)
        return fail(&s, err);
    return real_of(ep)->ops->keys(real_of(ep), ids, n, ret, err);
}

/* ---- handles --------------------------------------------------------- */

static void fault_stats(struct endpoint *ep, struct endpoint_stats *ret)
{
    endpoint_stats(real_of(ep), ret);
}

static void fault_free(struct endpoint *ep)
{
    endpoint_free(real_of(ep));
    g_free(ep);
}

static const struct endpoint_ops fault_ops = {
    .name = "fault",
    .open = fault_open,
    .clone = fault_clone,
    .folders = fault_folders,
    .make_folder = fault_make_folder,
    .make_folders = fault_make_folders,
    .changes = fault_changes,
    .fetch = fault_fetch,
    .put = fault_put,
    .remove = fault_remove,
    .describe = fault_describe,
    .mark_read = fault_mark_read,
    .move = fault_move,
    .change_folder = fault_change_folder,
    .remove_folder = fault_remove_folder,
    .purge_folder = fault_purge_folder,
    .tree = fault_tree,
    .hidden = fault_hidden,
    .large = fault_large,
    .quota = fault_quota,
    .keys = fault_keys,
    .resolve = fault_resolve,
    .own_name = fault_own_name,
    .permissions = fault_permissions,
    .set_permissions = fault_set_permissions,
    .delegates = fault_delegates,
    .add_delegate = fault_add_delegate,
    .update_delegate = fault_update_delegate,
    .set_delivery = fault_set_delivery,
    .rules = fault_rules,
    .put_rule = fault_put_rule,
    .remove_rule = fault_remove_rule,
    .auto_reply = fault_auto_reply,
    .set_auto_reply = fault_set_auto_reply,
    .options = fault_options,
    .put_options = fault_put_options,
    .categories = fault_categories,
    .add_categories = fault_add_categories,
    .photo = fault_photo,
    .set_photo = fault_set_photo,
    .stats = fault_stats,
    .free = fault_free,
};

struct endpoint *fault_endpoint(struct endpoint *real, struct faults *f)
{
    struct fault_handle *h = g_new0(struct fault_handle, 1);

    h->base.ops = &fault_ops;
    h->real = real;
    h->faults = f;
    return &h->base;
}
