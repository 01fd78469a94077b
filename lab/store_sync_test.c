#include "lab/store.h"

#include <string.h>

#include "base/check.h"
#include "lab/mapi_tags.h"
#include "lab/specimen.h"

/*
 * A script acts on two folders; items go by the letter that is their
 * subject.  The reader of folder A, then of B, says what it was told as words
 * such as "+a" created, "*a" updated, "-a" deleted, "~a" read flag.
 *
 *   a     create item "a" in folder A      A  the same in B, under its capital
 *   a!    update it                        a?  mark it read, or unread again
 *   a-    delete it softly                 a=  delete it for good
 *   a>    move it to the other folder      a.  touch it
 *   |     the reader reads to the end
 *   /N    the reader reads one page of N
 */

struct script {
    struct lab_store *store;
    int64_t mailbox;
    char *folder[2];
    char *id[128];  /* by letter */
    int where[128]; /* folder */
    bool read[128];
    GHashTable *names; /* id to letter, also of ids that are gone */
    char *state[2];
    GString *told;
};

static void script_init(struct script *s)
{
    static const char *const folders[] = { "inbox", "drafts" };
    struct lab_store_options options = { .seed = 8 };
    struct err err;

    *s = (struct script){ .told = g_string_new(NULL) };
    s->names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    CHECK_OK(lab_store_open(&options, &s->store, &err), &err);
    CHECK_OK(lab_store_add_mailbox(s->store, "ann@corp.example", NULL, 0,
                                   &s->mailbox, &err),
             &err);
    for (size_t i = 0; i < 2; i++) {
        g_auto(lab_folder) f = { 0 };

        CHECK_OK(
            lab_store_distinguished(s->store, s->mailbox, folders[i], &f, &err),
            &err);
        s->folder[i] = g_strdup(f.id);
    }
}

static void script_clear(struct script *s)
{
    for (size_t i = 0; i < 2; i++) {
        g_free(s->folder[i]);
        g_free(s->state[i]);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(s->id); i++)
        g_free(s->id[i]);
    g_hash_table_unref(s->names);
    g_string_free(s->told, TRUE);
    lab_store_close(s->store);
}

static void know(struct script *s, unsigned int letter, const char *id)
{
    g_free(s->id[letter]);
    s->id[letter] = g_strdup(id);
    g_hash_table_insert(s->names, g_strdup(id), GUINT_TO_POINTER(letter));
}

static void put(struct script *s, unsigned int letter, const char *item_id)
{
    const char subject[2] = { (char)letter, '\0' };
    g_autoptr(mapi_item) item = specimen_plain("IPM.Note", subject, "");
    g_autoptr(GBytes) payload =
        lab_fts_write(item, lab_store_profile(s->store));
    struct lab_upload u = { .action = item_id ? LAB_UPDATE : LAB_CREATE_NEW,
                            .item_id = item_id };
    g_auto(lab_item) stored = { 0 };
    struct err err;

    if (item_id == NULL)
        s->where[letter] = g_ascii_isupper((char)letter);
    u.folder_id = s->folder[s->where[letter]];
    u.data = g_bytes_get_data(payload, &u.len);
    CHECK_OK(lab_store_upload(s->store, s->mailbox, &u, &stored, &err), &err);
    know(s, letter, stored.id);
}

static void move(struct script *s, unsigned int letter)
{
    g_auto(lab_item) moved = { 0 };
    struct err err;

    s->where[letter] = !s->where[letter];
    CHECK_OK(lab_store_move_item(s->store, s->mailbox, s->id[letter],
                                 s->folder[s->where[letter]], &moved, &err),
             &err);
    know(s, letter, moved.id);
}

static int act(struct script *s, unsigned int letter, char verb,
               struct err *err)
{
    const char *id = s->id[letter];

    switch (verb) {
    case '!':
        put(s, letter, id);
        return 0;
    case '?':
        s->read[letter] = !s->read[letter];
        return lab_store_set_read(s->store, s->mailbox, id, s->read[letter],
                                  err);
    case '-':
        return lab_store_delete_item(s->store, s->mailbox, id, LAB_DELETE_SOFT,
                                     err);
    case '=':
        return lab_store_delete_item(s->store, s->mailbox, id, LAB_DELETE_HARD,
                                     err);
    case '>':
        move(s, letter);
        return 0;
    case '.':
        return lab_store_touch(s->store, s->mailbox, id, err);
    default:
        put(s, letter, NULL);
        return 1;
    }
}

static void tell(struct script *s, const struct lab_sync_page *page)
{
    static const char signs[] = { [LAB_CREATED] = '+',
                                  [LAB_UPDATED] = '*',
                                  [LAB_DELETED] = '-',
                                  [LAB_READ_FLAG] = '~' };

    for (guint i = 0; i < page->changes->len; i++) {
        const struct lab_change *c = g_ptr_array_index(page->changes, i);
        gpointer letter = g_hash_table_lookup(s->names, c->id);

        g_assert_nonnull(letter);
        g_assert_true((c->item == NULL) == (c->kind == LAB_DELETED));
        g_string_append_printf(s->told, "%c%c", signs[c->kind],
                               (char)GPOINTER_TO_UINT(letter));
    }
}

/* One page of a folder; returns whether it was the last. */
static bool read_page(struct script *s, size_t folder, uint32_t max)
{
    struct lab_sync sync = { .folder_id = s->folder[folder],
                             .state = s->state[folder],
                             .max = max };
    g_auto(lab_sync_page) page = { 0 };
    struct err err;

    CHECK_OK(lab_store_sync_items(s->store, s->mailbox, &sync, &page, &err),
             &err);
    tell(s, &page);
    g_assert_cmpuint(page.changes->len, <=, max);
    g_free(s->state[folder]);
    s->state[folder] = g_strdup(page.state);
    return page.last;
}

static void read_all(struct script *s, uint32_t max)
{
    for (size_t folder = 0; folder < 2; folder++) {
        while (!read_page(s, folder, max))
            continue;
        if (folder == 0)
            g_string_append_c(s->told, ',');
    }
    g_string_append_c(s->told, '|');
}

static void run(struct script *s, const char *script, uint32_t max)
{
    struct err err;

    for (const char *p = script; *p != '\0'; p++) {
        int status = 0;

        if (*p == '|') {
            read_all(s, max);
        } else if (*p == '/') {
            read_page(s, 0, (uint32_t)(*++p - '0'));
            g_string_append_c(s->told, '/');
        } else {
            status = act(s, (unsigned char)*p, p[1], &err);
            if (status == 0)
                p++;
        }
        CHECK_OK(status, &err);
    }
}

static const struct {
    const char *name, *script, *want;
} rows[] = {
    /* clang-format off */
    { "nothing", "||", ",|,|" },
    { "created", "ab|", "+a+b,|" },
    { "told once", "ab||", "+a+b,|,|" },
    { "new ones alone", "a|b|", "+a,|+b,|" },
    { "created and updated is created", "aa!|", "+a,|" },
    { "created and marked is created", "aa?|", "+a,|" },
    { "updated", "a|a!|", "+a,|*a,|" },
    { "updated twice is updated", "a|a!a!|", "+a,|*a,|" },
    { "touched is updated", "a|a.|", "+a,|*a,|" },
    { "marked", "a|a?|", "+a,|~a,|" },
    { "marked there and back", "a|a?a?|", "+a,|~a,|" },
    { "marked, then updated", "a|a?a!|", "+a,|*a,|" },
    { "updated, then marked", "a|a!a?|", "+a,|*a,|" },
    { "updated, told, marked", "a|a!|a?|", "+a,|*a,|~a,|" },
    { "marked, told, updated", "a|a?|a!|", "+a,|~a,|*a,|" },
    { "deleted softly", "a|a-|", "+a,|-a,|" },
    { "deleted for good", "a|a=|", "+a,|-a,|" },
    { "created and deleted is nothing", "aa-|", ",|" },
    { "updated and deleted is deleted", "a|a!a-|", "+a,|-a,|" },
    { "moved", "a|a>|", "+a,|-a,+a|" },
    { "moved there and back is another", "a|a>a>|", "+a,|-a+a,|" },
    { "created and moved", "aa>|", ",+a|" },
    { "two folders", "aBcD|", "+a+c,+B+D|" },
    { "a change in one of them", "aB|B!|", "+a,+B|,*B|" },
    { "in the order of the log", "abc|c!a?b-d|", "+a+b+c,|*c~a-b+d,|" },
    /* clang-format on */
};

static void test_collapse(void)
{
    /* The same whatever the page: no page changes what is told. */
    for (uint32_t max = 1; max <= 512; max = max * 8)
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
            struct script s;
            g_autofree char *at =
                g_strdup_printf("%s, pages of %u", rows[i].name, max);

            script_init(&s);
            run(&s, rows[i].script, max);
            if (strcmp(s.told->str, rows[i].want) != 0)
                g_test_message("told %s", s.told->str);
            CHECK_ROW(at, strcmp(s.told->str, rows[i].want) == 0);
            script_clear(&s);
        }
}

/* What happens between two pages of one round. */
static void test_between_pages(void)
{
    static const struct {
        const char *name, *script, *want;
    } pages[] = {
        /* clang-format off */
        { "three pages", "abcde/2/2/2|", "+a+b/+c+d/+e/,|" },
        { "a full last page is the last", "abcd/2/2|", "+a+b/+c+d/,|" },
        { "created between", "abc/2d/2|", "+a+b/+c/+d,|" },
        { "told, then updated", "abc/2a!/2|", "+a+b/+c/*a,|" },
        /* the client hears of it as an update, with all that it needs */
        { "updated before it was told", "abc/2c!/2|", "+a+b/+c/*c,|" },
        { "deleted before it was told", "abc/2c-/2|", "+a+b//-c,|" },
        { "told, then deleted", "abc/2a-/2|", "+a+b/+c/-a,|" },
        { "update told, then updated again", "abc|a!b!c!/2a!/2|",
          "+a+b+c,|*a*b/*c/*a,|" },
        { "update waiting, updated again", "abc|a!b!c!/2c!/2|",
          "+a+b+c,|*a*b//*c,|" },
        { "mark waiting, then updated", "abc|a?b?c?/2c!/2|",
          "+a+b+c,|~a~b//*c,|" },
        { "moved away while waiting", "abc|a!b!c!/2c>/2|",
          "+a+b+c,|*a*b//-c,+c|" },
        /* clang-format on */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(pages); i++) {
        struct script s;

        script_init(&s);
        run(&s, pages[i].script, 100);
        if (strcmp(s.told->str, pages[i].want) != 0)
            g_test_message("told %s", s.told->str);
        CHECK_ROW(pages[i].name, strcmp(s.told->str, pages[i].want) == 0);
        script_clear(&s);
    }
}

/*
 * Whatever happens, a client that applies what it is told ends with what is
 * there: random scripts, random pages.
 */
static void apply(GHashTable *mirror, const struct lab_sync_page *page)
{
    for (guint i = 0; i < page->changes->len; i++) {
        const struct lab_change *c = g_ptr_array_index(page->changes, i);

        if (c->kind == LAB_DELETED)
            g_hash_table_remove(mirror, c->id);
        else
            g_hash_table_insert(
                mirror, g_strdup(c->id),
                g_strdup_printf("%s %d", c->item->change_key, c->item->read));
    }
}

static bool mirror_page(struct script *s, GHashTable *mirror, uint32_t max)
{
    struct lab_sync sync = { .folder_id = s->folder[0],
                             .state = s->state[0],
                             .max = max };
    g_auto(lab_sync_page) page = { 0 };
    struct err err;

    CHECK_OK(lab_store_sync_items(s->store, s->mailbox, &sync, &page, &err),
             &err);
    apply(mirror, &page);
    g_free(s->state[0]);
    s->state[0] = g_strdup(page.state);
    return page.last;
}

static void assert_mirrors(struct script *s, GHashTable *mirror)
{
    struct lab_list list = { .folder_id = s->folder[0], .max = 1000 };
    g_autoptr(GPtrArray) items = NULL;
    uint64_t total;
    struct err err;

    CHECK_OK(lab_store_list(s->store, s->mailbox, &list, &items, &total, &err),
             &err);
    g_assert_cmpuint(total, ==, g_hash_table_size(mirror));
    for (guint i = 0; i < items->len; i++) {
        const struct lab_item *item = g_ptr_array_index(items, i);
        g_autofree char *want =
            g_strdup_printf("%s %d", item->change_key, item->read);

        g_assert_cmpstr(g_hash_table_lookup(mirror, item->id), ==, want);
    }
}

static void random_act(struct script *s, GRand *rand)
{
    static const char verbs[] = "!?-=>.+++";
    unsigned int letter = (unsigned int)g_rand_int_range(rand, 'a', 'z');
    char verb = verbs[g_rand_int_range(rand, 0, sizeof(verbs) - 1)];
    struct err err;

    if ((s->id[letter] == NULL) != (verb == '+'))
        return;
    CHECK_OK(act(s, letter, verb, &err), &err);
    s->read[letter] = s->read[letter] && verb != '!' && verb != '+';
    if (verb == '-' || verb == '=')
        g_clear_pointer(&s->id[letter], g_free);
}

static void test_a_mirror_converges(void)
{
    for (guint32 seed = 0; seed < 30; seed++) {
        struct script s;
        g_autoptr(GHashTable) mirror =
            g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
        GRand *rand = g_rand_new_with_seed(seed);

        script_init(&s);
        for (int i = 0; i < 150; i++) {
            random_act(&s, rand);
            if (g_rand_int_range(rand, 0, 4) == 0)
                mirror_page(&s, mirror, (uint32_t)g_rand_int_range(rand, 1, 5));
        }
        /* one round may be under way: the next one tells the rest */
        for (int round = 0; round < 2; round++)
            while (!mirror_page(&s, mirror, 3))
                continue;
        assert_mirrors(&s, mirror);
        g_rand_free(rand);
        script_clear(&s);
    }
}

/* Marking what is marked already is nothing. */
static void test_marked_as_it_was(void)
{
    struct script s;
    struct err err;

    script_init(&s);
    run(&s, "a|", 10);
    CHECK_OK(lab_store_set_read(s.store, s.mailbox, s.id['a'], false, &err),
             &err);
    run(&s, "|", 10);
    g_assert_cmpstr(s.told->str, ==, "+a,|,|");
    script_clear(&s);
}

static void test_scope(void)
{
    struct script s;
    g_autoptr(mapi_item) rule = specimen_plain("IPM.Rule", "r", "");
    struct err err;

    script_init(&s);
    CHECK_OK(
        lab_store_put(s.store, s.mailbox, s.folder[0], true, rule, NULL, &err),
        &err);
    for (int associated = 0; associated < 2; associated++) {
        struct lab_sync sync = { .folder_id = s.folder[0],
                                 .max = 10,
                                 .associated = associated };
        g_auto(lab_sync_page) page = { 0 };

        CHECK_OK(lab_store_sync_items(s.store, s.mailbox, &sync, &page, &err),
                 &err);
        g_assert_cmpuint(page.changes->len, ==, (guint)associated);
    }
    script_clear(&s);
}

/* ---- states ---------------------------------------------------------- */

static int sync_with(struct script *s, size_t folder, const char *state,
                     struct err *err)
{
    struct lab_sync sync = { .folder_id = s->folder[folder],
                             .state = state,
                             .max = 10 };
    g_auto(lab_sync_page) page = { 0 };

    return lab_store_sync_items(s->store, s->mailbox, &sync, &page, err);
}

static void test_bad_states(void)
{
    struct script s;
    g_autofree char *bent = NULL, *folders = NULL;
    struct lab_sync hierarchy = { 0 };
    g_auto(lab_sync_page) page = { 0 };
    struct err err;

    script_init(&s);
    run(&s, "a|", 10);
    bent = g_strdup(s.state[0]);
    bent[40] = bent[40] == 'A' ? 'B' : 'A';
    hierarchy.folder_id = s.folder[0];
    CHECK_OK(
        lab_store_sync_folders(s.store, s.mailbox, &hierarchy, &page, &err),
        &err);
    folders = g_strdup(page.state);
    {
        const struct {
            const char *name, *state;
            size_t folder;
        } bad[] = {
            { "garbage", "H4sIAAA=", 0 },
            { "not base64", "!?", 0 },
            { "bent", bent, 0 },
            { "of another folder", s.state[0], 1 },
            { "of the hierarchy", folders, 0 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
            CHECK_ROW(bad[i].name,
                      sync_with(&s, bad[i].folder, bad[i].state, &err) == -1);
            CHECK_ROW(bad[i].name,
                      strcmp(err.name, "ErrorInvalidSyncStateData") == 0);
        }
    }
    hierarchy.state = s.state[0];
    lab_sync_page_clear(&page);
    g_assert_cmpint(
        lab_store_sync_folders(s.store, s.mailbox, &hierarchy, &page, &err), ==,
        -1);
    CHECK_OK(sync_with(&s, 0, s.state[0], &err), &err);
    CHECK_OK(lab_store_expire_sync(s.store, s.mailbox, &err), &err);
    g_assert_cmpint(sync_with(&s, 0, s.state[0], &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorInvalidSyncStateData");
    CHECK_OK(sync_with(&s, 0, "", &err), &err);
    script_clear(&s);
}

/* ---- hierarchy ------------------------------------------------------- */

struct tree {
    struct script s;
    char *root, *state;
};

static char *make(struct tree *t, const char *parent, const char *name)
{
    g_auto(lab_folder) f = { 0 };
    struct err err;

    CHECK_OK(lab_store_create_folder(t->s.store, t->s.mailbox, parent, name,
                                     NULL, &f, &err),
             &err);
    return g_strdup(f.id);
}

/* What is told since the last time: names, or how many ids are gone. */
static void expect(struct tree *t, const char *want)
{
    struct lab_sync sync = { .folder_id = t->root, .state = t->state };
    g_auto(lab_sync_page) page = { 0 };
    g_autoptr(GString) told = g_string_new(NULL);
    struct err err;

    CHECK_OK(
        lab_store_sync_folders(t->s.store, t->s.mailbox, &sync, &page, &err),
        &err);
    g_assert_true(page.last);
    for (guint i = 0; i < page.changes->len; i++) {
        const struct lab_change *c = g_ptr_array_index(page.changes, i);

        if (c->kind == LAB_DELETED)
            g_string_append(told, "- ");
        else
            g_string_append_printf(told, "%c%s ",
                                   c->kind == LAB_CREATED ? '+' : '*',
                                   c->folder->name);
    }
    g_assert_cmpstr(told->str, ==, want);
    g_free(t->state);
    t->state = g_strdup(page.state);
}

static void test_hierarchy(void)
{
    struct tree t = { 0 };
    g_auto(lab_folder) root = { 0 }, moved = { 0 };
    g_autofree char *a = NULL, *b = NULL, *c = NULL;
    struct err err;

    script_init(&t.s);
    CHECK_OK(lab_store_distinguished(t.s.store, t.s.mailbox, "msgfolderroot",
                                     &root, &err),
             &err);
    t.root = root.id;
    expect(&t, "+Inbox +Outbox +Sent Items +Deleted Items +Drafts +Junk E-Mail "
               "+Calendar +Contacts +Tasks +Notes +Journal ");
    expect(&t, "");
    a = make(&t, t.root, "a");
    b = make(&t, a, "b");
    expect(&t, "+a +b ");
    CHECK_OK(lab_store_rename_folder(t.s.store, t.s.mailbox, a, "A!", &err),
             &err);
    expect(&t, "*A! ");
    CHECK_OK(
        lab_store_move_folder(t.s.store, t.s.mailbox, b, t.root, &moved, &err),
        &err);
    expect(&t, "*b ");
    c = make(&t, b, "c");
    CHECK_OK(lab_store_rename_folder(t.s.store, t.s.mailbox, c, "d", &err),
             &err);
    expect(&t, "+d ");
    CHECK_OK(lab_store_delete_folder(t.s.store, t.s.mailbox, b, LAB_DELETE_SOFT,
                                     &err),
             &err);
    expect(&t, "- - ");
    g_free(make(&t, a, "short"));
    CHECK_OK(lab_store_delete_folder(t.s.store, t.s.mailbox, a, LAB_DELETE_HARD,
                                     &err),
             &err);
    expect(&t, "- ");
    run(&t.s, "ab|", 10); /* items are not the hierarchy's business */
    expect(&t, "");
    g_free(t.state);
    script_clear(&t.s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/store-sync/collapse", test_collapse);
    g_test_add_func("/store-sync/between-pages", test_between_pages);
    g_test_add_func("/store-sync/mirror", test_a_mirror_converges);
    g_test_add_func("/store-sync/marked-as-it-was", test_marked_as_it_was);
    g_test_add_func("/store-sync/scope", test_scope);
    g_test_add_func("/store-sync/bad-states", test_bad_states);
    g_test_add_func("/store-sync/hierarchy", test_hierarchy);
    return g_test_run();
}
