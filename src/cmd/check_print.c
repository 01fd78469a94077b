#include <string.h>

#include "base/size.h"
#include "base/timestamp.h"
#include "cmd/check_result.h"
#include "cmd/help.h"
#include "cmd/progress_priv.h"
#include "engine/prepare.h"

/* Mailboxes named with one cause; what is said of each; large items of each. */
#define NAMES_MAX   10
#define NOTED_MAX   3 /* where nothing need be done */
#define TEXTS_MAX   12
#define LARGE_MAX   3
#define ALIKE_MAX   30 /* what many mailboxes have the same of */
#define FEW_MAX     20 /* mailboxes that are listed each by itself */
#define LARGEST_MAX 10 /* of more */

/* Text of a server's on a terminal: nothing in it may move the cursor. */
static char *shown(const char *text)
{
    g_autofree char *valid =
        g_utf8_make_valid(text != NULL ? text : "(no subject)", -1);
    GString *s = g_string_new(NULL);

    for (const char *p = valid; *p != '\0'; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);

        g_string_append_unichar(s, g_unichar_iscntrl(c) ||
                                           g_unichar_type(c) == G_UNICODE_FORMAT
                                       ? ' '
                                       : c);
    }
    return g_string_free(s, FALSE);
}

static bool is_done(const struct check_result *one)
{
    return one->end == FLEET_DONE;
}

static size_t count_done(const struct check_results *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        n += is_done(&r->all[i]);
    return n;
}

/* ---- sums -------------------------------------------------------------- */

struct expectation check_expected(const struct check_results *r)
{
    g_autofree struct expectation *each = g_new0(struct expectation, r->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        if (is_done(&r->all[i]))
            each[n++] = r->all[i].check.expected;
    return expect_all(each, n, MIN(r->at_once, (unsigned int)MAX(n, 1)));
}

struct engine_amount check_total(const struct check_results *r)
{
    struct engine_amount total = { 0 };

    for (size_t i = 0; i < r->n; i++) {
        struct engine_amount one = engine_check_total(&r->all[i].check);

        total.items += one.items;
        total.bytes += one.bytes;
    }
    return total;
}

/* ---- the whole --------------------------------------------------------- */

static void print_amount(FILE *out, const char *name,
                         const struct engine_amount *a, const char *more)
{
    g_autofree char *items = progress_number(a->items);
    g_autofree char *size = size_text(a->bytes);

    fprintf(out, "  %-13s %12s items %12s%s\n", name, items, size, more);
}

static void print_kinds(FILE *out, const struct check_results *r)
{
    struct engine_amount total = check_total(r);
    bool by_item = true;

    print_amount(out, "to copy", &total, "");
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        struct engine_amount sum = { 0 }, out_of_it = { 0 };
        g_autofree char *name = g_strdup_printf("  %s", item_kind_name(kind));

        for (size_t i = 0; i < r->n; i++) {
            const struct engine_check *c = &r->all[i].check;
            struct engine_amount *to =
                (c->skip_kinds & (1u << kind)) != 0 ? &out_of_it : &sum;

            to->items += c->by_kind[kind].items;
            to->bytes += c->by_kind[kind].bytes;
        }
        if (sum.items > 0)
            print_amount(out, name, &sum, "");
        if (out_of_it.items > 0)
            print_amount(out, name, &out_of_it, "  left out by flags");
    }
    for (size_t i = 0; i < r->n; i++)
        by_item = by_item && (!is_done(&r->all[i]) || r->all[i].check.by_item);
    if (!by_item)
        fputs("  by the class of each folder; --by-item counts each item by "
              "its own\n",
              out);
}

static void print_expected(FILE *out, const struct check_results *r)
{
    g_autofree char *text = NULL, *line = NULL;

    if (!r->outlook.known)
        return;
    text = forecast_text(&r->outlook.span, r->at_us);
    line = g_strdup_printf("%s, %u mailbox%s at once (%s)", text, r->at_once,
                           r->at_once == 1 ? "" : "es", r->outlook.basis);
    fprintf(out, "  %-13s ", "expected time");
    help_wrap(out, line, 16, 16);
}

static char *describe_side(const struct endpoint_facts *f)
{
    return g_strdup_printf("%s, %s, signed in with %s, by %s",
                           release_name(release_of(f->server_version)),
                           f->server_version, f->scheme,
                           endpoint_rights_name(f->rights));
}

/* Each way in, and how many mailboxes it opens. */
static void print_ways(FILE *out, const struct check_results *r, bool source)
{
    g_autoptr(GPtrArray) order = g_ptr_array_new();
    g_autoptr(GHashTable) counts =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (size_t i = 0; i < r->n; i++) {
        const struct engine_check *c = &r->all[i].check;
        char *way;
        guint n;

        if (!is_done(&r->all[i]))
            continue;
        way = describe_side(source ? &c->source : &c->destination);
        n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, way));
        if (n == 0)
            g_ptr_array_add(order, g_strdup(way));
        g_hash_table_insert(counts, way, GUINT_TO_POINTER(n + 1));
    }
    for (guint i = 0; i < order->len; i++) {
        g_autofree char *way = order->pdata[i];
        guint n = GPOINTER_TO_UINT(g_hash_table_lookup(counts, way));
        g_autofree char *text =
            g_strdup_printf("%s: %u mailbox%s", way, n, n == 1 ? "" : "es");

        fprintf(out, "  %-13s ",
                i > 0    ? ""
                : source ? "source"
                         : "destination");
        help_wrap(out, text, 16, 16);
    }
}

/* Nobody who has no proxy wants to hear of it. */
static void print_proxies(FILE *out, const struct check_results *r)
{
    g_autofree char *text = NULL;

    if (!r->ways_known ||
        (r->source_proxy == NULL && r->destination_proxy == NULL &&
         !r->passes_http_proxy))
        return;
    text = g_strdup_printf(
        "source: %s; destination: %s%s",
        r->source_proxy != NULL ? r->source_proxy : "directly",
        r->destination_proxy != NULL ? r->destination_proxy : "directly",
        r->passes_http_proxy
            ? " (http_proxy of the environment is not for https: set "
              "https_proxy, or give --proxy)"
            : "");
    fprintf(out, "  %-13s ", "proxy");
    help_wrap(out, text, 16, 16);
}

static void print_limit(FILE *out, const struct check_results *r)
{
    for (size_t i = 0; i < r->n; i++) {
        const struct engine_check *c = &r->all[i].check;
        g_autofree char *max = size_text(c->item_max_bytes);

        if (c->item_max_bytes == 0)
            continue;
        fprintf(out, "  %-13s items of up to %s\n", "it takes", max);
        return;
    }
}

/* ---- causes ------------------------------------------------------------ */

static void print_remedy(FILE *out, const char *remedy)
{
    if (remedy == NULL)
        return;
    fputs("    remedy: ", out);
    help_wrap(out, remedy, 12, 12);
}

static bool same_cause(const struct err *a, const struct err *b)
{
    return g_strcmp0(a->remedy, b->remedy) == 0 &&
           (a->name != NULL || b->name != NULL
                ? g_strcmp0(a->name, b->name) == 0
                : strcmp(a->msg, b->msg) == 0);
}

/* Most files name both sides alike. */
static void print_pair(FILE *out, const struct fleet_mailbox *m)
{
    if (g_ascii_strcasecmp(m->source_address, m->destination_address) == 0)
        fprintf(out, "%s\n", m->source_address);
    else
        fprintf(out, "%s -> %s\n", m->source_address, m->destination_address);
}

/* All that fail for the reason that the i-th one does. */
static void print_failures_like(FILE *out, const struct check_results *r,
                                size_t i, bool *told)
{
    size_t n = 0;

    fputs("  ", out);
    help_wrap(out, r->all[i].why.msg, 2, 2);
    for (size_t k = i; k < r->n; k++) {
        if (told[k] || r->all[k].end != FLEET_FAILED ||
            !same_cause(&r->all[i].why, &r->all[k].why))
            continue;
        told[k] = true;
        if (n++ >= NAMES_MAX)
            continue;
        fputs("      ", out);
        print_pair(out, r->all[k].mailbox);
    }
    if (n > NAMES_MAX)
        fprintf(out, "      and %zu more\n", n - NAMES_MAX);
    print_remedy(out, r->all[i].why.remedy);
}

static void print_failures(FILE *out, const struct check_results *r)
{
    g_autofree bool *told = g_new0(bool, r->n + 1);
    bool headed = false;

    for (size_t i = 0; i < r->n; i++) {
        if (told[i] || r->all[i].end != FLEET_FAILED)
            continue;
        if (!headed)
            fputs("\nCannot be migrated\n", out);
        headed = true;
        print_failures_like(out, r, i, told);
    }
}

static void print_large(FILE *out, const struct engine_check *c, guint max)
{
    for (guint i = 0; i < c->large->len && i < max; i++) {
        const struct engine_check_item *item = c->large->pdata[i];
        g_autofree char *size = size_text(item->size_bytes);
        g_autofree char *path = shown(item->path);
        g_autofree char *subject = shown(item->subject);

        fprintf(out, "        %9s  %.60s: %.60s\n", size, path, subject);
    }
    if (c->n_large > max)
        fprintf(out, "        and %" G_GUINT64_FORMAT " more: see --folders\n",
                c->n_large - max);
}

static guint count_findings(const struct check_result *one,
                            enum finding_kind kind)
{
    const GPtrArray *all = one->check.findings;
    guint n = 0;

    for (guint i = 0; all != NULL && i < all->len; i++)
        n += ((const struct finding *)all->pdata[i])->kind == kind;
    return n;
}

static size_t count_with(const struct check_results *r, enum finding_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        n += count_findings(&r->all[i], kind) > 0;
    return n;
}

/* What was found in one mailbox. */
static void print_texts(FILE *out, const struct check_result *one,
                        enum finding_kind kind)
{
    const GPtrArray *all = one->check.findings;
    guint n = count_findings(one, kind), printed = 0;

    for (guint i = 0; i < all->len && printed < TEXTS_MAX; i++) {
        const struct finding *f = all->pdata[i];
        g_autofree char *text = shown(f->text);
        g_autofree char *line =
            g_strdup_printf("%s: %s", one->mailbox->source_address, text);

        if (f->kind != kind)
            continue;
        fputs("      ", out);
        help_wrap(out, line, 8, 6);
        printed++;
    }
    if (n > printed)
        fprintf(out, "        and %u more\n", n - printed);
}

/* ---- what many mailboxes have alike ------------------------------------- */

struct alike {
    const char *text; /* a finding's */
    size_t mailboxes;
    uint64_t n;
};

static void add_alike(GArray *all, const struct finding *f)
{
    const struct alike fresh = { f->alike, 1, f->n };

    for (guint i = 0; i < all->len; i++) {
        struct alike *a = &g_array_index(all, struct alike, i);

        if (strcmp(a->text, f->alike) == 0) {
            a->mailboxes++;
            a->n += f->n;
            return;
        }
    }
    g_array_append_val(all, fresh);
}

static GArray *alike_of(const struct check_results *r, enum finding_kind kind)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(struct alike));

    for (size_t i = 0; i < r->n; i++) {
        const GPtrArray *findings = r->all[i].check.findings;

        for (guint k = 0; findings != NULL && k < findings->len; k++) {
            const struct finding *f = findings->pdata[k];

            if (f->kind == kind && f->alike != NULL)
                add_alike(all, f);
        }
    }
    return all;
}

/* A line for what is the same in each of them; false: there is no such. */
static bool print_alike(FILE *out, const struct check_results *r,
                        enum finding_kind kind)
{
    g_autoptr(GArray) all = alike_of(r, kind);

    for (guint i = 0; i < MIN(all->len, ALIKE_MAX); i++) {
        const struct alike *a = &g_array_index(all, struct alike, i);
        g_autofree char *text = shown(a->text);
        g_autofree char *items = progress_number(a->n);

        fprintf(out, "      %6s in %3zu: ", items, a->mailboxes);
        help_wrap(out, text, 21, 21);
    }
    if (all->len > ALIKE_MAX)
        fprintf(out, "      and %u more: see --verbose\n",
                all->len - ALIKE_MAX);
    return all->len > 0;
}

static void print_kind(FILE *out, const struct check_results *r,
                       enum finding_kind kind)
{
    size_t n = count_with(r, kind), named = 0;
    size_t max = r->verbose                 ? r->n
                 : finding_is_warning(kind) ? NAMES_MAX
                                            : NOTED_MAX;
    g_autofree char *heading = g_strdup_printf(
        "%s: %zu mailbox%s", finding_heading(kind), n, n == 1 ? "" : "es");

    fputs("  ", out);
    help_wrap(out, heading, 2, 2);
    if (!r->verbose && r->n > 1 && print_alike(out, r, kind)) {
        print_remedy(out, finding_remedy(kind));
        return;
    }
    for (size_t i = 0; i < r->n && named < max; i++) {
        if (count_findings(&r->all[i], kind) == 0)
            continue;
        named++;
        print_texts(out, &r->all[i], kind);
        if (kind == FINDING_OVERSIZE && !r->folders)
            print_large(out, &r->all[i].check, LARGE_MAX);
    }
    if (n > named)
        fprintf(out, "      and %zu mailbox%s more\n", n - named,
                n - named == 1 ? "" : "es");
    print_remedy(out, finding_remedy(kind));
}

static void print_findings(FILE *out, const struct check_results *r,
                           bool warnings)
{
    bool headed = false;

    for (enum finding_kind kind = 0; kind < FINDING_N; kind++) {
        if (finding_is_warning(kind) != warnings || count_with(r, kind) == 0)
            continue;
        if (!headed)
            fputs(warnings ? "\nWarnings\n" : "\nNotes\n", out);
        headed = true;
        print_kind(out, r, kind);
    }
}

/* ---- what to do first --------------------------------------------------- */

static void print_step(FILE *out, const struct prepare_step *step)
{
    g_autofree char *text =
        step->why != NULL ? g_strdup_printf("%s: %s", step->what, step->why)
                          : g_strdup(step->what);

    fputs("    ", out);
    help_wrap(out, text, 4, 4);
    fprintf(out, "      %s\n", step->cmdlet);
}

/* Once for each release that some mailbox is on. */
static void print_side_steps(FILE *out, const struct check_results *r,
                             bool source)
{
    unsigned int seen = 0;

    for (size_t i = 0; i < r->n; i++) {
        const struct prepare_step *steps[PREPARE_MAX];
        const struct engine_check *c = &r->all[i].check;
        enum release release = release_of(
            source ? c->source.server_version : c->destination.server_version);
        size_t n;

        if (!is_done(&r->all[i]) || (seen & (1u << release)) != 0)
            continue;
        seen |= 1u << release;
        n = prepare_steps(source, release, steps, G_N_ELEMENTS(steps));
        fprintf(out, "  at the %s, %s:\n", source ? "source" : "destination",
                release_name(release));
        for (size_t k = 0; k < n; k++)
            print_step(out, steps[k]);
    }
}

static void print_steps(FILE *out, const struct check_results *r)
{
    if (count_done(r) == 0)
        return;
    fputs("\nBefore data lands (docs/exchange-permissions.md; USER: each "
          "mailbox)\n",
          out);
    print_side_steps(out, r, false);
    print_side_steps(out, r, true);
}

/* ---- each mailbox -------------------------------------------------------- */

static void print_folders(FILE *out, const struct engine_check *c)
{
    for (guint i = 0; i < c->folders->len; i++) {
        const struct engine_check_folder *f = c->folders->pdata[i];
        g_autofree char *size = size_text(f->size_bytes);

        g_autofree char *path = shown(f->path);

        fprintf(out, "    %8u items %10s  %s%s\n", f->n_items, size, path,
                f->skipped || f->left_out ? "  (not copied)" : "");
    }
    if (c->n_large > 0) {
        fputs("    too large:\n", out);
        print_large(out, c, c->large->len);
    }
}

static void print_mailbox(FILE *out, const struct check_result *one,
                          bool folders)
{
    struct engine_amount total = engine_check_total(&one->check);
    g_autofree char *items = progress_number(total.items);
    g_autofree char *size = size_text(total.bytes);
    g_autofree char *time = expect_text(&one->check.expected);

    if (one->end == FLEET_DONE)
        fprintf(out, "  %9s %10s  %-18s ", items, size, time);
    else
        fprintf(out, "  %9s %10s  %-18s ", "-", "-",
                one->end == FLEET_FAILED ? "cannot be migrated"
                                         : "not checked");
    print_pair(out, one->mailbox);
    if (folders && one->end == FLEET_DONE)
        print_folders(out, &one->check);
}

static int by_bytes(const void *a, const void *b)
{
    const struct check_result *const *x = a, *const *y = b;
    uint64_t n = engine_check_total(&(*x)->check).bytes;
    uint64_t m = engine_check_total(&(*y)->check).bytes;

    if (n != m)
        return n < m ? 1 : -1;
    return (*x > *y) - (*x < *y);
}

/* Of many the largest, which take longest; what is in the way stands above. */
static void print_largest(FILE *out, const struct check_results *r)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    size_t n;

    for (size_t i = 0; i < r->n; i++)
        if (is_done(&r->all[i]))
            g_ptr_array_add(all, &r->all[i]);
    g_ptr_array_sort(all, by_bytes);
    n = MIN(all->len, LARGEST_MAX);
    for (size_t i = 0; i < n; i++)
        print_mailbox(out, all->pdata[i], false);
    fprintf(out, "  and %zu more; --verbose lists all\n", r->n - n);
}

static void print_mailboxes(FILE *out, const struct check_results *r)
{
    bool fold = r->n > FEW_MAX && !r->verbose && !r->folders;

    fprintf(out, "\n%s\n  %9s %10s  %-18s %s\n",
            fold ? "The largest mailboxes" : "Mailboxes", "items", "size",
            "time", "mailbox");
    if (fold) {
        print_largest(out, r);
        return;
    }
    for (size_t i = 0; i < r->n; i++)
        print_mailbox(out, &r->all[i], r->folders);
}

void check_print(FILE *out, const struct check_results *r)
{
    size_t n = count_done(r);
    g_autofree char *took = timestamp_duration(r->took_us);

    fprintf(out, "%zu of %zu mailbox%s can be migrated", n, r->n,
            r->n == 1 ? "" : "es");
    if (r->took_us > 0)
        fprintf(out, " (looked at in %s)", took);
    fputc('\n', out);
    if (n > 0) {
        fputc('\n', out);
        print_kinds(out, r);
        print_expected(out, r);
        print_ways(out, r, true);
        print_ways(out, r, false);
        print_proxies(out, r);
        print_limit(out, r);
    }
    print_failures(out, r);
    print_findings(out, r, true);
    print_findings(out, r, false);
    print_steps(out, r);
    print_mailboxes(out, r);
}
