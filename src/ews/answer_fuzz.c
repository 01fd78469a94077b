/*
 * Whatever a server answers, to each operation: the first byte chooses the
 * operation, the second the HTTP status, the rest is the body.  Asserted is
 * the contract of endpoint.h.
 */
#include <stdlib.h>
#include <string.h>

#include "ews/mailbox.h"
#include "ews/transport.h"

static void must(bool condition)
{
    if (!condition)
        abort();
}

/* ---- a transport with one answer ----------------------------------------- */

struct answer {
    const char *body;
    size_t n;
    long status;
};

static void *fuzz_connect(const struct ews_transport *t,
                          const struct net_auth *auth)
{
    (void)auth;
    return t->data;
}

static void fuzz_nothing(void *conn)
{
    (void)conn;
}

static int fuzz_perform(void *conn, const struct net_request *request,
                        struct net_response *ret, struct err *err)
{
    const struct answer *a = conn;

    *ret = (struct net_response){ .status = a->status, .body_sent = true };
    for (size_t at = 0, piece; at < a->n; at += piece) {
        piece = MIN(a->n - at, 11);
        if (request->sink(request->sink_data, a->body + at, piece, err) < 0)
            return -1;
    }
    return 0;
}

static const struct ews_transport_ops fuzz_ops = {
    .connect = fuzz_connect,
    .disconnect = fuzz_nothing,
    .drop = fuzz_nothing,
    .forget = fuzz_nothing,
    .perform = fuzz_perform,
};

/* ---- a mailbox that seems open --------------------------------------- */

struct stage {
    struct governor *governor;
    struct cancel *cancel;
    struct ews_site *site;
    struct endpoint *ep;
    struct blob_pool *pool;
    struct ews_transport transport;
};

static void stage_init(struct stage *st, struct answer *answer)
{
    const struct governor_config patience = { .backoff_floor_ms = 1,
                                              .backoff_max_ms = 1 };
    g_autoptr(secret) password = secret_new("pw", 2);
    const struct ews_login admin = { .user = "u", .password = password };
    struct ews_site_config config = { .ews_url = "https://h/EWS/Exchange.asmx",
                                      .schemes = NET_AUTH_NTLM,
                                      .admin = &admin };
    const struct ews_mailbox_config mailbox = { .address = "a@b" };
    struct core *core;
    struct err err;

    *st = (struct stage){ 0 };
    st->governor = governor_new(&patience);
    st->cancel = cancel_new();
    /* Draining: what the server tells to wait gives up instead. */
    cancel_request(st->cancel);
    st->pool = blob_pool_new(1 << 20, NULL);
    st->transport = (struct ews_transport){ &fuzz_ops, answer };
    config.governor = st->governor;
    config.cancel = st->cancel;
    must(site_new_over(&st->transport, &config, &st->site, &err) == 0 &&
         st->site != NULL);
    st->site->read_pause_ms = 0;
    must(ews_mailbox_new(st->site, &mailbox, &st->ep, &err) == 0);
    core = mailbox_of(st->ep)->core;
    core->root_id = g_strdup("ROOT");
    core_set_rights(core, ENDPOINT_RIGHTS_IMPERSONATION);
    atomic_store(&core->level, (int)EWS_2016);
}

static void stage_release(struct stage *st)
{
    endpoint_free(st->ep);
    ews_site_free(st->site);
    governor_free(st->governor);
    cancel_free(st->cancel);
    blob_pool_free(st->pool);
}

/* ---- each operation, and what it promises ---------------------------- */

static bool is_id(const char *id)
{
    return id != NULL && id[0] != '\0';
}

static void try_open(struct stage *st)
{
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    if (endpoint_open(st->ep, &f, &err) < 0) {
        must(err.scope >= ERR_MAILBOX && f.root_id == NULL);
        return;
    }
    must(f.root_id != NULL && f.server_version != NULL);
    must(f.rights != ENDPOINT_RIGHTS_UNKNOWN);
}

static void try_folders(struct stage *st)
{
    g_auto(endpoint_tree) t = { 0 };
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    struct err err = { 0 };

    if (endpoint_folders(st->ep, &t, &err) < 0) {
        must(t.folders == NULL && err.scope >= ERR_MAILBOX);
        return;
    }
    for (guint i = 0; i < t.folders->len; i++) {
        struct endpoint_folder *f = g_ptr_array_index(t.folders, i);

        must(is_id(f->id) && is_id(f->name));
        must(strcmp(f->parent_id, "ROOT") == 0 ||
             g_hash_table_contains(seen, f->parent_id));
        must(g_hash_table_add(seen, f->id));
    }
}

static void try_make_folders(struct stage *st)
{
    static const struct endpoint_new_folder folders[] = { { "n", "IPF.Note" },
                                                          { "m", NULL } };
    char *ids[] = { NULL, NULL };
    struct err err = { 0 };
    int rc = endpoint_make_folders(st->ep, "P", folders, 2, ids, &err);

    must(rc == 0 || (err.scope >= ERR_FOLDER && !ids[0] && !ids[1]));
    for (size_t i = 0; i < 2; i++) {
        must(ids[i] == NULL || is_id(ids[i]));
        g_free(ids[i]);
    }
}

static void try_make_folder(struct stage *st)
{
    char *id = NULL;
    struct err err = { 0 };

    if (endpoint_make_folder(st->ep, "P", "n", "IPF.Note", &id, &err) < 0)
        must(id == NULL && err.scope >= ERR_FOLDER);
    else
        must(id != NULL);
    g_free(id);
    try_make_folders(st);
}

static void try_changes(struct stage *st)
{
    g_auto(endpoint_page) page = { 0 };
    g_autofree char *token = g_strdup("T");
    struct err err = { 0 };
    int rc = endpoint_changes(st->ep, "F", 3, &token, &page, &err);

    if (rc < 0) {
        must(strcmp(token, "T") == 0 && page.n == 0);
        must(err.scope >= ERR_FOLDER);
        return;
    }
    must(is_id(token) && page.n <= 3 && (rc == 0 || page.n > 0));
    for (size_t i = 0; i < page.n; i++)
        must(is_id(page.changes[i].id));
}

static void check_payload(const struct blob *payload)
{
    size_t n;
    const char *bytes = blob_peek(payload, 0, &n);

    must(blob_size(payload) > 0);
    for (size_t i = 0; i < n; i++)
        must(g_ascii_isalnum(bytes[i]) || strchr("+/=", bytes[i]) != NULL);
}

static void try_fetch(struct stage *st)
{
    static const struct endpoint_ref refs[] = { { "A", NULL }, { "B", NULL } };
    struct endpoint_item items[2] = { 0 };
    struct err err = { 0 };
    int rc = endpoint_fetch(st->ep, refs, 2, st->pool, items, &err);

    for (size_t i = 0; i < 2; i++) {
        must((items[i].payload != NULL) == (rc == 0 && items[i].status == 0));
        if (items[i].payload != NULL)
            check_payload(items[i].payload);
    }
    endpoint_items_free(items, 2);
}

static void try_put(struct stage *st)
{
    g_autoptr(blob) payload = blob_from_bytes("QUFB", 4);
    const struct endpoint_put puts[] = {
        { .folder_id = "F", .payload = payload },
        { .folder_id = "F", .payload = payload }
    };
    struct endpoint_done done[2] = { 0 };
    struct err err = { 0 };
    bool maybe = false;
    int rc = endpoint_put(st->ep, puts, 2, done, &maybe, &err);

    must(rc == 0 || done[0].id == NULL);
    for (size_t i = 0; i < 2 && rc == 0; i++)
        must((done[i].status == 0) == (done[i].id != NULL));
    /* Without an answer that counts, only a known refusal is certain. */
    must(rc < 0 || !maybe);
    endpoint_done_free(done, 2);
}

static void try_remove(struct stage *st)
{
    static const struct endpoint_ref refs[] = { { "A", NULL }, { "B", NULL } };
    struct endpoint_done done[2] = { 0 };
    struct err err = { 0 };

    (void)!endpoint_remove(st->ep, refs, 2, done, &err);
    endpoint_done_free(done, 2);
}

static void try_describe(struct stage *st)
{
    struct endpoint_description d = { 0 };
    struct err err = { 0 };

    if (endpoint_describe(st->ep, "A", &d, &err) < 0)
        must(d.subject == NULL);
    endpoint_description_clear(&d);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const operations[])(struct stage *) = {
        try_open,  try_folders, try_make_folder, try_changes,
        try_fetch, try_put,     try_remove,      try_describe,
    };
    static const long statuses[] = { 200, 500, 503, 404 };
    struct answer answer;
    struct stage st;

    if (size < 2)
        return 0;
    answer.body = (const char *)data + 2;
    answer.n = size - 2;
    answer.status = statuses[data[1] % G_N_ELEMENTS(statuses)];
    stage_init(&st, &answer);
    operations[data[0] % G_N_ELEMENTS(operations)](&st);
    stage_release(&st);
    return 0;
}
