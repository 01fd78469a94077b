#include "desk/price.h"

#include <string.h>

#include "base/ini.h"
#include "base/quantity.h"
#include "fleet/import.h"

/* Years are no validity of a price. */
#define VALID_DAYS_MAX 366

void price_list_free(struct price_list *p)
{
    if (p == NULL)
        return;
    g_free(p->tax);
    g_free(p);
}

static void free_fault(void *p)
{
    struct price_fault *f = p;

    g_free(f->text);
    g_free(f);
}

/* ---- reading a file ------------------------------------------------------ */

enum key {
    KEY_CURRENCY,
    KEY_DIGITS,
    KEY_MINIMUM,
    KEY_ALLOWANCE,
    KEY_PER_GB,
    KEY_VALID_DAYS,
    KEY_TAX,
    KEY_N
};

struct reading {
    struct price_list *list;
    GPtrArray *faults;
    /* Amounts wait for the digits, which may stand below them. */
    struct text {
        uint32_t line;
        char *text;
    } keys[KEY_N], tiers[PRICE_TIERS_MAX];
};

G_GNUC_PRINTF(4, 5)
static void fault(struct reading *r, uint32_t line, const char *remedy,
                  const char *fmt, ...)
{
    struct price_fault *f = g_new(struct price_fault, 1);
    va_list ap;

    va_start(ap, fmt);
    *f = (struct price_fault){ line, g_strdup_vprintf(fmt, ap), remedy };
    va_end(ap);
    g_ptr_array_add(r->faults, f);
}

/* Digits, and up to so many behind a point; no sign, no blank. */
static bool read_amount(const char *text, unsigned int digits, int64_t *ret)
{
    int64_t amount = 0;
    unsigned int behind = 0;
    bool point = false;

    if (!g_ascii_isdigit(*text))
        return false;
    for (; *text != '\0'; text++) {
        if (*text == '.' && !point && g_ascii_isdigit(text[1])) {
            point = true;
            continue;
        }
        if (!g_ascii_isdigit(*text) || (point && ++behind > digits))
            return false;
        amount = amount * 10 + (*text - '0');
        if (amount > PRICE_AMOUNT_MAX)
            return false;
    }
    for (; behind < digits; behind++)
        amount *= 10;
    if (amount > PRICE_AMOUNT_MAX)
        return false;
    *ret = amount;
    return true;
}

static void take_amount(struct reading *r, const struct text *t, int64_t *ret)
{
    if (t->text != NULL && !read_amount(t->text, r->list->digits, ret))
        fault(r, t->line,
              "an amount is digits, as in 12.50, with no more behind the "
              "point than \"digits\" says",
              "\"%.40s\" is not an amount", t->text);
}

/* A whole number from a text, in a range. */
static void take_number(struct reading *r, const struct text *t,
                        enum quantity_kind kind, uint64_t max, uint64_t *ret)
{
    const struct quantity_range range = { 0, max };
    struct err err;

    if (t->text != NULL && quantity_parse(kind, &range, t->text, ret, &err) < 0)
        fault(r, t->line, "see the example of a price list", "%s", err.msg);
}

static void take_currency(struct reading *r, const struct text *t)
{
    const char *word = t->text;
    bool good = word != NULL && strlen(word) == 3;

    for (size_t i = 0; good && i < 3; i++)
        good = g_ascii_isupper(word[i]);
    if (good)
        g_strlcpy(r->list->currency, word, sizeof(r->list->currency));
    else if (word != NULL)
        fault(r, t->line, "three capital letters, as in EUR (ISO 4217)",
              "\"%.40s\" is not a currency", word);
}

static void take_tax(struct reading *r, const struct text *t)
{
    r->list->tax = g_strdup(t->text != NULL ? t->text : "");
    if (strlen(r->list->tax) > PRICE_TAX_MAX)
        fault(r, t->line, "say it in fewer words", "the tax line is too long");
}

/* ---- tiers --------------------------------------------------------------- */

/* "11-50", "51-", "7"; false when it is none of these. */
static bool read_range(const char *text, uint64_t *ret_from, uint64_t *ret_to)
{
    g_autofree char *first = g_strndup(text, strcspn(text, "-"));
    const char *dash = strchr(text, '-');

    if (!g_ascii_string_to_unsigned(first, 10, 1, IMPORT_MAX_ROWS, ret_from,
                                    NULL))
        return false;
    *ret_to = dash == NULL ? *ret_from : 0;
    if (dash == NULL || dash[1] == '\0')
        return true;
    return g_ascii_string_to_unsigned(dash + 1, 10, *ret_from, IMPORT_MAX_ROWS,
                                      ret_to, NULL);
}

static void add_tier(struct reading *r, const struct ini_entry *e)
{
    struct price_tier t = { .line = e->line };

    if (!read_range(e->key, &t.from, &t.to)) {
        fault(r, e->line, "write 11-50, or 51- for the last one",
              "\"%.40s\" is not a range of mailboxes", e->key);
        return;
    }
    if (r->list->n_tiers == PRICE_TIERS_MAX) {
        fault(r, e->line, "join some of them", "there are too many tiers");
        return;
    }
    r->tiers[r->list->n_tiers] = (struct text){ e->line, g_strdup(e->value) };
    r->list->tiers[r->list->n_tiers++] = t;
}

/* Where the tier before ends: 0, without end. */
static void check_next(struct reading *r, const struct price_tier *before,
                       const struct price_tier *t)
{
    if (before->to == 0)
        fault(r, t->line, "only the last tier may have no end",
              "the tier before, of line %u, has no end", before->line);
    else if (t->from <= before->to)
        fault(r, t->line, "let each tier begin where the one before ends",
              "mailbox %" G_GUINT64_FORMAT " is in the tier of line %u already",
              t->from, before->line);
    else if (t->from > before->to + 1)
        fault(r, t->line, "let each tier begin where the one before ends",
              "no tier has mailbox %" G_GUINT64_FORMAT, before->to + 1);
}

static void check_tiers(struct reading *r)
{
    const struct price_list *p = r->list;
    const struct price_tier *last;

    if (p->n_tiers == 0) {
        fault(r, 0, "add a section [tiers] with 1- = PRICE",
              "there is no tier");
        return;
    }
    if (p->tiers[0].from != 1)
        fault(r, p->tiers[0].line, "let the first tier begin with 1",
              "no tier has mailbox 1");
    for (size_t i = 1; i < p->n_tiers; i++)
        check_next(r, &p->tiers[i - 1], &p->tiers[i]);
    last = &p->tiers[p->n_tiers - 1];
    if (last->to != 0)
        fault(r, last->line, "let the last tier have no end, as in 51-",
              "no tier has mailbox %" G_GUINT64_FORMAT, last->to + 1);
}

/* ---- the whole file ------------------------------------------------------ */

static const struct {
    const char *name;
    bool needed;
} keys[KEY_N] = {
    [KEY_CURRENCY] = { "currency", true },
    [KEY_DIGITS] = { "digits", true },
    [KEY_MINIMUM] = { "minimum", false },
    [KEY_ALLOWANCE] = { "allowance", false },
    [KEY_PER_GB] = { "per-gb", false },
    [KEY_VALID_DAYS] = { "valid-days", true },
    [KEY_TAX] = { "tax", false },
};

static void on_section(void *data, uint32_t line, const char *name)
{
    if (strcmp(name, "price-list") != 0 && strcmp(name, "tiers") != 0)
        fault(data, line, "there are [price-list] and [tiers]",
              "[%.40s] is no section of a price list", name);
}

static void on_entry(void *data, const struct ini_entry *e)
{
    struct reading *r = data;
    int i = 0;

    if (strcmp(e->section, "tiers") == 0) {
        add_tier(r, e);
        return;
    }
    if (strcmp(e->section, "price-list") != 0)
        return; /* told already */
    while (i < KEY_N && strcmp(keys[i].name, e->key) != 0)
        i++;
    if (i == KEY_N)
        fault(r, e->line, "see the example of a price list",
              "\"%.40s\" is no key of a price list", e->key);
    else if (r->keys[i].text != NULL)
        fault(r, e->line, "leave one of them",
              "\"%s\" stands in line %u already", e->key, r->keys[i].line);
    else
        r->keys[i] = (struct text){ e->line, g_strdup(e->value) };
}

static void on_fault(void *data, uint32_t line, const char *text)
{
    fault(data, line, "see the example of a price list", "%s", text);
}

static void take_keys(struct reading *r)
{
    struct price_list *p = r->list;
    uint64_t digits = 0, days = 0;

    for (int i = 0; i < KEY_N; i++)
        if (keys[i].needed && r->keys[i].text == NULL)
            fault(r, 0, "see the example of a price list", "\"%s\" is missing",
                  keys[i].name);
    take_currency(r, &r->keys[KEY_CURRENCY]);
    take_number(r, &r->keys[KEY_DIGITS], QUANTITY_NUMBER, PRICE_DIGITS_MAX,
                &digits);
    p->digits = (unsigned int)MIN(digits, PRICE_DIGITS_MAX);
    take_number(r, &r->keys[KEY_VALID_DAYS], QUANTITY_NUMBER, VALID_DAYS_MAX,
                &days);
    p->valid_days = (unsigned int)days;
    take_number(r, &r->keys[KEY_ALLOWANCE], QUANTITY_BYTES, UINT64_C(1) << 50,
                &p->allowance_bytes);
    take_amount(r, &r->keys[KEY_MINIMUM], &p->minimum);
    take_amount(r, &r->keys[KEY_PER_GB], &p->per_gb);
    take_tax(r, &r->keys[KEY_TAX]);
    for (size_t i = 0; i < p->n_tiers; i++)
        take_amount(r, &r->tiers[i], &p->tiers[i].each);
}

static int by_line(const void *a, const void *b)
{
    const struct price_fault *x = *(struct price_fault *const *)a;
    const struct price_fault *y = *(struct price_fault *const *)b;

    return (x->line > y->line) - (x->line < y->line);
}

struct price_list *price_list_read(const char *text, size_t n,
                                   GPtrArray **ret_faults)
{
    struct reading r = { .list = g_new0(struct price_list, 1),
                         .faults = g_ptr_array_new_with_free_func(free_fault) };
    const struct ini_visitor visitor = { &r, on_section, on_entry, on_fault };

    ini_read(text, n, &visitor);
    take_keys(&r);
    check_tiers(&r);
    for (size_t i = 0; i < KEY_N; i++)
        g_free(r.keys[i].text);
    for (size_t i = 0; i < r.list->n_tiers; i++)
        g_free(r.tiers[i].text);
    g_ptr_array_sort(r.faults, by_line);
    *ret_faults = r.faults;
    if (r.faults->len > 0)
        g_clear_pointer(&r.list, price_list_free);
    return r.list;
}
