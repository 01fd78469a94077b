/*
 * price - what a managed migration costs, line by line.
 *
 * The price list is an ini file:
 *
 *     [price-list]
 *     currency = EUR          three letters
 *     digits = 2              of its minor unit; amounts have no more
 *     minimum = 150.00        of one migration
 *     allowance = 5G          a mailbox, included
 *     per-gb = 1.50           for each GB (10^9 bytes) begun above it
 *     valid-days = 30
 *     tax = plus 19 % VAT     printed as it is; nothing is computed
 *
 *     [tiers]
 *     1-10 = 25.00            the first ten mailboxes, each
 *     11-50 = 20.00           the next forty
 *     51- = 15.00             all further ones
 *
 * Tiers are taken one after the other, so one mailbox more never makes the
 * whole cheaper.  Amounts are whole numbers of the minor unit from the file to
 * the invoice; nothing is ever a floating-point number.
 */
#ifndef DESK_PRICE_H
#define DESK_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

#define PRICE_TIERS_MAX  50
#define PRICE_DIGITS_MAX 3
/* Of any one amount, in minor units: ten billion of a currency with two. */
#define PRICE_AMOUNT_MAX INT64_C(1000000000000)
#define PRICE_TAX_MAX    200

struct price_tier {
    uint32_t line;     /* of the file */
    uint64_t from, to; /* both included; to 0: without end */
    int64_t each;
};

struct price_list {
    char currency[4];
    unsigned int digits;
    int64_t minimum, per_gb;
    uint64_t allowance_bytes; /* a mailbox */
    unsigned int valid_days;
    char *tax; /* "" without one */
    struct price_tier tiers[PRICE_TIERS_MAX];
    size_t n_tiers;
};
void price_list_free(struct price_list *p);
typedef struct price_list price_list;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(price_list, price_list_free)

struct price_fault {
    uint32_t line; /* 0: the file as a whole */
    char *text;
    const char *remedy; /* static */
};

/*
 * NULL when anything is wrong with it; *ret_faults is then an array of struct
 * price_fault *, by line, all that was found; else it is empty.
 */
struct price_list *price_list_read(const char *text, size_t n,
                                   GPtrArray **ret_faults);

/* "1234.50"; the caller frees. */
char *price_amount(int64_t amount, unsigned int digits) G_GNUC_MALLOC;

/* ---- a quote ----------------------------------------------------------- */

/* What it is about. */
struct price_measure {
    uint64_t mailboxes;
    uint64_t bytes; /* of all of them, as the check pass has counted */
};

struct price_line {
    char *text;
    uint64_t count;
    int64_t each, amount;
};

/* How long it takes once it has begun. */
struct quote_time {
    int64_t p50_s, p90_s;
    char *basis; /* what that rests on; NULL: nothing is said */
};

struct quote {
    char currency[4];
    unsigned int digits;
    GPtrArray *lines; /* of struct price_line * */
    int64_t total;
    char *tax;
    struct price_measure of;
    int64_t made_us, until_us; /* not valid any more from then on */
    struct quote_time time;    /* whoever made it adds it */
};
void quote_free(struct quote *q);
typedef struct quote quote;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(quote, quote_free)

/* -1: no mailbox, or more than can be reckoned with. */
int quote_make(const struct price_list *p, const struct price_measure *of,
               int64_t now_us, struct quote **ret,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* As it is stored, to stand when the price list changes; free() it. */
char *quote_json(const struct quote *q);
int quote_parse(const char *json, struct quote **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* As letters and pages say it; NULL: nothing is said.  The caller frees. */
char *quote_time_text(const struct quote_time *t) G_GNUC_MALLOC;

/* ---- invoice lines ----------------------------------------------------- */

/* All borrowed. */
struct invoice_of {
    int64_t request_id;
    const char *partner, *account, *domain;
    int64_t done_us;
};
/* With a header; texts cannot become formulas.  The caller frees. */
char *invoice_csv(const struct quote *q, const struct invoice_of *of);
/* One object, amounts in minor units; free() it. */
char *invoice_json(const struct quote *q, const struct invoice_of *of);

#endif
