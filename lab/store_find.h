/*
 * store_find - items of a folder by what their columns say: conditions and
 * orders that the database itself can carry out.
 */
#ifndef LAB_STORE_FIND_H
#define LAB_STORE_FIND_H

#include "lab/match.h"
#include "lab/store.h"

/* Texts are compared whatever their case; the others are numbers. */
enum lab_column {
    LAB_COLUMN_CLASS,
    LAB_COLUMN_SUBJECT,
    LAB_COLUMN_MESSAGE_ID,
    LAB_COLUMN_RECEIVED,  /* the creation where the item was not delivered */
    LAB_COLUMN_DELIVERED, /* absent then */
    LAB_COLUMN_SENT,
    LAB_COLUMN_CREATED,
    LAB_COLUMN_MODIFIED,
    LAB_COLUMN_SIZE,
    LAB_COLUMN_READ,
    LAB_COLUMN_ATTACHMENTS,
    LAB_COLUMN_ASSOCIATED,
    LAB_N_COLUMNS,
};

enum lab_test {
    LAB_TEST_AND,
    LAB_TEST_OR,
    LAB_TEST_NOT,
    LAB_TEST_THERE, /* the column is not null */
    LAB_TEST_EQUAL,
    LAB_TEST_GREATER,
    LAB_TEST_LESS,
    LAB_TEST_CONTAINS,
};

/* A condition; a tree of them owns its children and text. */
struct lab_condition {
    enum lab_test test;
    struct lab_condition **children;
    size_t n_children;
    enum lab_column column;
    int64_t number;
    char *text;
    enum match_mode mode;
    unsigned int ignore;
};
struct lab_condition *lab_condition_new(enum lab_test test);
void lab_condition_add(struct lab_condition *c, struct lab_condition *child);
void lab_condition_free(struct lab_condition *c);
typedef struct lab_condition lab_condition;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lab_condition, lab_condition_free)

struct lab_order {
    enum lab_column column;
    bool descending;
};

/* Columns in an order; more of them than this say nothing new. */
#define LAB_ORDERS_MAX 8

/* Which items of a folder. */
enum lab_scope {
    LAB_SCOPE_VISIBLE,
    LAB_SCOPE_HIDDEN,
    LAB_SCOPE_LOST, /* soft-deleted from it, now in the dumpster */
};

struct lab_find {
    int64_t folder; /* its key */
    enum lab_scope scope;
    const struct lab_condition *where; /* NULL: all */
    struct lab_order orders[LAB_ORDERS_MAX];
    size_t n_orders; /* 0: as they came, newest first */
    uint64_t offset;
    uint64_t max;
};

/*
 * One page; *ret_total counts all that meet the condition.  *ret: an array of
 * struct lab_item *, owned.
 */
int lab_store_find(struct lab_store *store, int64_t mailbox,
                   const struct lab_find *find, GPtrArray **ret,
                   uint64_t *ret_total,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Their keys alone (int64_t), all of the page. */
int lab_store_find_keys(struct lab_store *store, const struct lab_find *find,
                        GArray **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* By key, as lab_store_item(); "ErrorItemNotFound" when it is gone. */
int lab_store_item_by_key(struct lab_store *store, int64_t key,
                          struct lab_item *ret,
                          struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
