#include <string.h>

#include <jansson.h>

#include "base/csv.h"
#include "base/timestamp.h"
#include "desk/price.h"
#include "fleet/import.h"
#include "fleet/outlook.h"

#define GB UINT64_C(1000000000)
/* No forecast is longer: a thousand years, which microseconds can tell. */
#define TIME_MAX_S INT64_C(31557600000)

static void free_line(void *p)
{
    struct price_line *l = p;

    g_free(l->text);
    g_free(l);
}

void quote_free(struct quote *q)
{
    if (q == NULL)
        return;
    g_clear_pointer(&q->lines, g_ptr_array_unref);
    g_free(q->tax);
    g_free(q->time.basis);
    g_free(q);
}

char *price_amount(int64_t amount, unsigned int digits)
{
    int64_t unit = 1;

    for (unsigned int i = 0; i < digits; i++)
        unit *= 10;
    if (digits == 0)
        return g_strdup_printf("%" G_GINT64_FORMAT, amount);
    return g_strdup_printf("%s%" G_GINT64_FORMAT ".%0*" G_GINT64_FORMAT,
                           amount < 0 ? "-" : "", ABS(amount / unit),
                           (int)digits, ABS(amount % unit));
}

/* ---- reckoning ----------------------------------------------------------- */

static struct quote *quote_new(void)
{
    struct quote *q = g_new0(struct quote, 1);

    q->lines = g_ptr_array_new_with_free_func(free_line);
    return q;
}

static int too_large(struct err *err)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "the amount is too large to be reckoned with");
}

/* Takes over the text. */
static int add_line(struct quote *q, char *text, uint64_t count, int64_t each,
                    struct err *err)
{
    struct price_line *l = g_new0(struct price_line, 1);

    g_ptr_array_add(q->lines, l);
    l->text = text;
    l->count = count;
    l->each = each;
    if (__builtin_mul_overflow(count, each, &l->amount) ||
        __builtin_add_overflow(q->total, l->amount, &q->total))
        return too_large(err);
    return 0;
}

static int add_tiers(struct quote *q, const struct price_list *p,
                     struct err *err)
{
    uint64_t n = q->of.mailboxes;

    for (size_t i = 0; i < p->n_tiers && p->tiers[i].from <= n; i++) {
        const struct price_tier *t = &p->tiers[i];
        uint64_t to = t->to == 0 ? n : MIN(t->to, n);
        char *text = t->from == to
                         ? g_strdup_printf("Mailbox %" G_GUINT64_FORMAT, to)
                         : g_strdup_printf("Mailboxes %" G_GUINT64_FORMAT
                                           " to %" G_GUINT64_FORMAT,
                                           t->from, to);

        if (add_line(q, text, to - t->from + 1, t->each, err) < 0)
            return -1;
    }
    return 0;
}

/* Each GB begun above what all mailboxes together have free. */
static int add_surcharge(struct quote *q, const struct price_list *p,
                         struct err *err)
{
    uint64_t free_bytes, over;

    if (p->per_gb == 0)
        return 0;
    if (__builtin_mul_overflow(p->allowance_bytes, q->of.mailboxes,
                               &free_bytes))
        return too_large(err);
    if (q->of.bytes <= free_bytes)
        return 0;
    over = q->of.bytes - free_bytes;
    return add_line(
        q,
        g_strdup_printf("GB above the %" G_GUINT64_FORMAT ".%02u GB included",
                        free_bytes / GB,
                        (unsigned int)(free_bytes % GB / (GB / 100))),
        over / GB + (over % GB > 0), p->per_gb, err);
}

static int add_minimum(struct quote *q, const struct price_list *p,
                       struct err *err)
{
    if (q->total >= p->minimum)
        return 0;
    return add_line(q, g_strdup("Up to the minimum of one migration"), 1,
                    p->minimum - q->total, err);
}

static int check_measure(const struct price_measure *of, struct err *err)
{
    if (of->mailboxes == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "there is no mailbox to be quoted");
    if (of->mailboxes > IMPORT_MAX_ROWS)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "%" G_GUINT64_FORMAT
                       " mailboxes are more than one migration has",
                       of->mailboxes);
    return 0;
}

int quote_make(const struct price_list *p, const struct price_measure *of,
               int64_t now_us, struct quote **ret, struct err *err)
{
    g_autoptr(quote) q = quote_new();

    q->of = *of;
    q->digits = p->digits;
    g_strlcpy(q->currency, p->currency, sizeof(q->currency));
    q->tax = g_strdup(p->tax);
    q->made_us = now_us;
    q->until_us = now_us + (int64_t)p->valid_days * TIMESTAMP_DAY;
    if (check_measure(of, err) < 0 || add_tiers(q, p, err) < 0 ||
        add_surcharge(q, p, err) < 0 || add_minimum(q, p, err) < 0)
        return -1;
    *ret = g_steal_pointer(&q);
    return 0;
}

/* ---- JSON ---------------------------------------------------------------- */

static json_t *lines_json(const struct quote *q)
{
    json_t *lines = json_array();

    for (guint i = 0; i < q->lines->len; i++) {
        const struct price_line *l = q->lines->pdata[i];

        json_array_append_new(
            lines, json_pack("{s:s, s:I, s:I, s:I}", "text", l->text, "count",
                             (json_int_t)l->count, "each", (json_int_t)l->each,
                             "amount", (json_int_t)l->amount));
    }
    return lines;
}

static json_t *money_json(const struct quote *q)
{
    return json_pack("{s:s, s:i, s:o, s:I, s:s}", "currency", q->currency,
                     "digits", (int)q->digits, "lines", lines_json(q), "total",
                     (json_int_t)q->total, "tax", q->tax);
}

static char *dump(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);

    json_decref(object);
    return text;
}

static json_t *time_json(const struct quote_time *t)
{
    return t->basis == NULL
               ? json_null()
               : json_pack("{s:I, s:I, s:s}", "p50", (json_int_t)t->p50_s,
                           "p90", (json_int_t)t->p90_s, "basis", t->basis);
}

char *quote_json(const struct quote *q)
{
    json_t *object = money_json(q);

    json_object_update_new(
        object, json_pack("{s:I, s:I, s:I, s:I, s:o}", "mailboxes",
                          (json_int_t)q->of.mailboxes, "bytes",
                          (json_int_t)q->of.bytes, "made", q->made_us, "until",
                          q->until_us, "forecast", time_json(&q->time)));
    return dump(object);
}

/* False: a line is not one, or does not add up. */
static bool read_line(struct quote *q, json_t *object)
{
    const char *text;
    json_int_t count, each, amount;
    struct err err;

    if (json_unpack(object, "{s:s, s:I, s:I, s:I}", "text", &text, "count",
                    &count, "each", &each, "amount", &amount) != 0 ||
        count < 0)
        return false;
    if (add_line(q, g_strdup(text), (uint64_t)count, each, &err) < 0)
        return false;
    return ((struct price_line *)q->lines->pdata[q->lines->len - 1])->amount ==
           amount;
}

/* Of a quote without one there is nothing to read. */
static bool read_time(struct quote_time *t, json_t *object)
{
    json_int_t p50, p90;
    const char *basis;

    if (object == NULL || json_is_null(object))
        return true;
    if (json_unpack(object, "{s:I, s:I, s:s}", "p50", &p50, "p90", &p90,
                    "basis", &basis) != 0 ||
        p50 < 0 || p90 < p50 || p90 > TIME_MAX_S)
        return false;
    *t = (struct quote_time){ p50, p90, g_strdup(basis) };
    return true;
}

static bool read_quote(struct quote *q, json_t *object)
{
    const char *currency, *tax;
    json_t *lines, *line;
    json_int_t total, mailboxes, bytes, made, until;
    int digits;
    size_t i;

    if (json_unpack(object, "{s:s, s:i, s:o, s:I, s:s, s:I, s:I, s:I, s:I}",
                    "currency", &currency, "digits", &digits, "lines", &lines,
                    "total", &total, "tax", &tax, "mailboxes", &mailboxes,
                    "bytes", &bytes, "made", &made, "until", &until) != 0 ||
        strlen(currency) != 3 || digits < 0 || digits > PRICE_DIGITS_MAX ||
        !json_is_array(lines))
        return false;
    g_strlcpy(q->currency, currency, sizeof(q->currency));
    q->digits = (unsigned int)digits;
    q->tax = g_strdup(tax);
    q->of = (struct price_measure){ (uint64_t)mailboxes, (uint64_t)bytes };
    q->made_us = made;
    q->until_us = until;
    json_array_foreach(lines, i, line)
    {
        if (!read_line(q, line))
            return false;
    }
    return q->total == total &&
           read_time(&q->time, json_object_get(object, "forecast"));
}

int quote_parse(const char *json, struct quote **ret, struct err *err)
{
    g_autoptr(quote) q = quote_new();
    json_t *object = json_loads(json, 0, NULL);
    bool good = object != NULL && read_quote(q, object);

    json_decref(object);
    if (!good)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the stored quote makes no sense");
    *ret = g_steal_pointer(&q);
    return 0;
}

char *quote_time_text(const struct quote_time *t)
{
    const struct forecast_span span = { t->p50_s * TIMESTAMP_SECOND,
                                        t->p90_s * TIMESTAMP_SECOND };

    return t->basis != NULL ? outlook_text(&span, t->basis, 0) : NULL;
}

/* ---- invoice lines ------------------------------------------------------- */

char *invoice_csv(const struct quote *q, const struct invoice_of *of)
{
    static const char *const names[] = { "Request", "Date",     "Partner ID",
                                         "Account", "Domain",   "Line",
                                         "Text",    "Count",    "Each",
                                         "Amount",  "Currency", "Tax" };
    struct csv_writer w = { .out = g_string_new(NULL) };
    g_autofree char *at = timestamp_format(of->done_us);

    at[strcspn(at, "T")] = '\0';
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        csv_put(&w, names[i]);
    csv_end_row(&w);
    for (guint i = 0; i < q->lines->len; i++) {
        const struct price_line *l = q->lines->pdata[i];
        g_autofree char *each = price_amount(l->each, q->digits);
        g_autofree char *amount = price_amount(l->amount, q->digits);

        csv_put_number(&w, of->request_id);
        csv_put(&w, at);
        csv_put(&w, of->partner);
        csv_put(&w, of->account);
        csv_put(&w, of->domain);
        csv_put_number(&w, (int64_t)i + 1);
        csv_put(&w, l->text);
        csv_put_number(&w, (int64_t)l->count);
        csv_put_exact(&w, each);
        csv_put_exact(&w, amount);
        csv_put(&w, q->currency);
        csv_put(&w, q->tax);
        csv_end_row(&w);
    }
    return g_string_free(w.out, FALSE);
}

char *invoice_json(const struct quote *q, const struct invoice_of *of)
{
    g_autofree char *at = timestamp_format(of->done_us);
    json_t *object = money_json(q);

    json_object_update_new(object,
                           json_pack("{s:I, s:s, s:s, s:s, s:s}", "request",
                                     (json_int_t)of->request_id, "date", at,
                                     "partner", of->partner, "account",
                                     of->account, "domain", of->domain));
    return dump(object);
}
