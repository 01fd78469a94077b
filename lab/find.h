/*
 * find - what FindItem's parts share: paths to the properties of items as
 * conditions, orders and groups use them, and finding by them.
 */
#ifndef LAB_FIND_H
#define LAB_FIND_H

#include "lab/field.h"
#include "lab/page.h"
#include "lab/restriction.h"
#include "lab/shape.h"
#include "lab/store_find.h"

/* ---- paths (find_path.c) --------------------------------------------- */

/* Behind a struct restriction_path's data. */
struct find_path {
    struct field_path path;
    int column; /* enum lab_column; -1: the item itself must be read */
};

/*
 * Paths of any kind of item.  unsupported: the code for those that cannot be
 * computed in a search.
 */
struct find_context {
    const struct op_call *call;
    const char *unsupported;
};
struct restriction_paths find_paths(struct find_context *context);
/* One by its FieldURI alone; -1 and a fault. */
int find_path_of(struct find_context *context, const char *uri,
                 struct restriction_path *ret, struct problem *p);
void find_path_free(void *path);

/* An item while it is looked at: the object of restriction_match(). */
struct find_object {
    struct field_view view;
    struct shape whole; /* of which everything is wanted */
};
void find_object_init(struct find_object *o, struct op_call *call,
                      int64_t mailbox, const struct lab_item *item);
void find_object_clear(struct find_object *o);
void find_value(void *object, const struct restriction_path *path,
                struct value *ret);

/* ---- conditions on columns (find_sql.c) ------------------------------ */

/*
 * What the columns can say of a restriction: a condition that holds at least
 * wherever it does (NULL: nothing).  *ret_exact: and nowhere else.
 */
struct lab_condition *find_condition(const struct restriction *r,
                                     bool *ret_exact);

/* ---- query strings (aqs.c) ------------------------------------------- */

/* What was looked for, and where: for HighlightTerms. */
struct find_term {
    const char *scope; /* "Subject", ...; static */
    char *word;
};

/*
 * Read an Advanced Query String; now_us: what "today" is about.  The terms
 * are appended to the array (struct find_term *, owned) unless it is NULL.
 * NULL and a fault, ErrorInvalidArgument, for what is not of the subset that
 * EWS documents.
 */
struct restriction *aqs_read(struct find_context *context, const char *query,
                             int64_t now_us, GPtrArray *terms,
                             struct problem *p);
GPtrArray *find_terms_new(void);

/* ---- a request ------------------------------------------------------- */

struct find_order {
    struct restriction_path path;
    bool descending;
};

struct find {
    struct find_context sorting, searching;
    struct shape shape;
    struct page page;
    enum lab_scope scope;
    bool nothing;              /* a scope that this server leaves empty */
    struct restriction *where; /* NULL: all */
    struct restriction *seek;  /* SeekToConditionPageItemView; NULL: none */
    struct find_order orders[LAB_ORDERS_MAX];
    size_t n_orders;
    bool grouped;
    struct find_order group; /* what is one group; descending: their order */
    struct restriction_path aggregate;
    bool maximum;     /* the largest of a group stands for it */
    GPtrArray *terms; /* to be highlighted; NULL: not asked for */
};

/* Read a request into an empty *f; find_clear() it either way. */
int find_read(struct op_call *call, struct find *f, struct problem *p);
void find_clear(struct find *f);

/* An item that was found, and what it is ordered by. */
struct find_row {
    int64_t key;
    struct value *values; /* n_orders, then group and aggregate if grouped */
};

/*
 * All that a folder has of it, in order, as struct find_row *, owned: for
 * what the database cannot do by itself.  NULL and p.
 */
GPtrArray *find_rows(struct op_call *call, const struct find *f,
                     const struct place *folder, struct problem *p);

/* The page of a grouped request, from its rows (find_group.c). */
int find_write_groups(struct op_call *call, const struct find *f,
                      const struct place *folder, GPtrArray *rows,
                      struct problem *p);

/* Write <t:Message> ... of one row; one that has gone since is left out. */
int find_write_row(struct op_call *call, const struct find *f,
                   const struct place *folder, const struct find_row *row,
                   struct problem *p);
/* Before and after them. */
void find_begin(struct op_call *call, const struct find *f,
                const struct page *page, const struct page_range *range,
                uint64_t total);
void find_end(struct op_call *call, const struct find *f);

#endif
