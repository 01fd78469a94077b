/*
 * Ids of Exchange are base64 of about 110 bytes, of which only the last eight
 * differ within a folder ([MS-OXWSCDATA] ItemId; the entry id's counter comes
 * last): the head is stored once, as a word, and named by its number.  So a
 * row takes a third of the room, and so do the indexes.
 *
 * An id of at least CUT_MIN characters is cut TAIL characters before its end.
 * Since the cut depends on the length alone, an id has the same key at all
 * times: a head that is not there when it is first needed is added then, or
 * (when there are too many) never.
 */
#include "store/sql_priv.h"

#define CUT_MIN 32 /* below that a head spares nothing */
#define TAIL    16 /* 12 characters differ; some room for odd ones */

/* [number of the head, 7 bits a byte, least first][the rest] */
static void put(struct sq_key *key, int64_t head, const char *rest)
{
    uint64_t left = (uint64_t)head;
    size_t n = strlen(rest);

    key->n = 0;
    while (left >= 0x80) {
        key->bytes[key->n++] = (uint8_t)(left | 0x80);
        left >>= 7;
    }
    key->bytes[key->n++] = (uint8_t)left;
    memcpy(key->bytes + key->n, rest, n);
    key->n += n;
}

typedef int word_fn(struct sq_conn *c, int64_t scope, const char *text,
                    int64_t *ret, struct err *err);

static int make(struct sq_conn *c, int64_t mailbox_id, const char *text,
                word_fn *word, struct sq_key *ret, struct err *err)
{
    size_t n = strlen(text);
    char head[STORE_ID_MAX];
    int64_t number = 0;
    int found;

    if (n >= CUT_MIN) {
        memcpy(head, text, n - TAIL);
        head[n - TAIL] = '\0';
        found = word(c, mailbox_id, head, &number, err);
        if (found < 0)
            return -1;
        if (found > 0)
            text += n - TAIL;
    }
    put(ret, number, text);
    return 0;
}

int sq_key_make(struct sq_conn *c, int64_t mailbox_id, const char *text,
                struct sq_key *ret, struct err *err)
{
    return make(c, mailbox_id, text, sq_word_make, ret, err);
}

int sq_key_find(struct sq_conn *c, int64_t mailbox_id, const char *text,
                struct sq_key *ret, struct err *err)
{
    return make(c, mailbox_id, text, sq_word_find, ret, err);
}

static int malformed(struct sq_conn *c, struct err *err)
{
    return sq_damaged(c, "a key is malformed", err);
}

int sq_key_column(struct sq_conn *c, struct sq_rows *st, int column, char **ret,
                  struct err *err)
{
    size_t n = 0, at = 0;
    const uint8_t *bytes = sq_blob(st, column, &n);
    uint64_t number = 0;
    const char *head = "";

    if (sq_is_null(st, column)) {
        *ret = NULL;
        return 0;
    }
    do {
        if (at == n || at == 9)
            return malformed(c, err);
        number |= (uint64_t)(bytes[at] & 0x7f) << (7 * at);
    } while ((bytes[at++] & 0x80) != 0);
    if (number != 0 && sq_word_text(c, (int64_t)number, &head, err) < 0)
        return -1;
    *ret = g_malloc(strlen(head) + n - at + 1);
    memcpy(*ret, head, strlen(head));
    memcpy(*ret + strlen(head), bytes + at, n - at);
    (*ret)[strlen(head) + n - at] = '\0';
    return 0;
}
