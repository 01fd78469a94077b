/*
 * Text that many rows share, each once in the table words: the heads of ids
 * (their scope is the mailbox's id) and the item classes (its id negated).
 */
#include "store/sql_priv.h"

/* Caches are emptied when they have grown so large: some 10 MB. */
#define CACHE_MAX 65536

/*
 * A mailbox has two or three heads a folder.  A server whose ids differ at
 * their beginning would have one an item: past this they stand whole.
 */
#define SCOPE_MAX 4096

struct word {
    int64_t id, scope;
    const char *text;
    char *owned; /* what text points to; NULL in one to search with */
};

struct sq_words {
    GHashTable *by_text; /* a set of struct word *, owned */
    GHashTable *by_id;   /* &word->id, to the same struct word * */
    GHashTable *full;    /* a set of &scope, owned: scopes with SCOPE_MAX */
};

static guint word_hash(const void *key)
{
    const struct word *w = key;

    return g_str_hash(w->text) ^ (guint)w->scope;
}

static gboolean word_equal(const void *a, const void *b)
{
    const struct word *x = a, *y = b;

    return x->scope == y->scope && strcmp(x->text, y->text) == 0;
}

static void word_free(void *p)
{
    struct word *w = p;

    g_free(w->owned);
    g_free(w);
}

struct sq_words *sq_words_new(void)
{
    struct sq_words *words = g_new(struct sq_words, 1);

    words->by_text =
        g_hash_table_new_full(word_hash, word_equal, word_free, NULL);
    words->by_id = g_hash_table_new(g_int64_hash, g_int64_equal);
    words->full =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    return words;
}

void sq_words_free(struct sq_words *words)
{
    g_hash_table_unref(words->by_id);
    g_hash_table_unref(words->by_text);
    g_hash_table_unref(words->full);
    g_free(words);
}

void sq_words_forget(struct sq_words *words)
{
    g_hash_table_remove_all(words->by_id);
    g_hash_table_remove_all(words->by_text);
    g_hash_table_remove_all(words->full);
}

static const struct word *remember(struct sq_words *words, int64_t id,
                                   int64_t scope, const char *text)
{
    struct word *w = g_new(struct word, 1);

    if (g_hash_table_size(words->by_text) >= CACHE_MAX)
        sq_words_forget(words);
    *w = (struct word){ id, scope, NULL, g_strdup(text) };
    w->text = w->owned;
    g_hash_table_add(words->by_text, w);
    g_hash_table_insert(words->by_id, &w->id, w);
    return w;
}

int sq_word_find(struct sq_conn *c, int64_t scope, const char *text,
                 int64_t *ret, struct err *err)
{
    const struct word sought = { 0, scope, text, NULL };
    const struct word *w = g_hash_table_lookup(c->words->by_text, &sought);
    int64_t id;
    int found;

    if (w != NULL) {
        *ret = w->id;
        return 1;
    }
    found = sq_number(c, "SELECT id FROM words WHERE scope = ? AND text = ?",
                      ARGS(INT(scope), TEXT(text)), &id, err);
    if (found > 0)
        *ret = remember(c->words, id, scope, text)->id;
    return found;
}

/* 1: there is no room for another word of that scope. */
static int scope_full(struct sq_conn *c, int64_t scope, struct err *err)
{
    int64_t n = 0;

    if (g_hash_table_contains(c->words->full, &scope))
        return 1;
    if (sq_number(c, "SELECT count(*) FROM words WHERE scope = ?",
                  ARGS(INT(scope)), &n, err) < 0)
        return -1;
    if (n < SCOPE_MAX)
        return 0;
    g_hash_table_add(c->words->full, g_memdup2(&scope, sizeof(scope)));
    return 1;
}

int sq_word_make(struct sq_conn *c, int64_t scope, const char *text,
                 int64_t *ret, struct err *err)
{
    int found = sq_word_find(c, scope, text, ret, err);
    int64_t id = 0;
    int full;

    if (found != 0)
        return found;
    full = scope_full(c, scope, err);
    if (full != 0)
        return full < 0 ? -1 : 0;
    if (sq_number(c,
                  "INSERT INTO words (scope, text) VALUES (?, ?) RETURNING id",
                  ARGS(INT(scope), TEXT(text)), &id, err) < 0)
        return -1;
    *ret = remember(c->words, id, scope, text)->id;
    return 1;
}

int sq_word_text(struct sq_conn *c, int64_t id, const char **ret,
                 struct err *err)
{
    const struct word *w = g_hash_table_lookup(c->words->by_id, &id);
    g_autofree char *text = NULL;
    int64_t scope = 0;
    int found;

    if (w != NULL) {
        *ret = w->text;
        return 0;
    }
    found = sq_number(c, "SELECT scope FROM words WHERE id = ?", ARGS(INT(id)),
                      &scope, err);
    if (found > 0)
        found = sq_text(c, "SELECT text FROM words WHERE id = ?", ARGS(INT(id)),
                        &text, err);
    if (found < 0)
        return -1;
    if (found == 0)
        return sq_damaged(c, "a row names a word that is not there", err);
    *ret = remember(c->words, id, scope, text)->text;
    return 0;
}
