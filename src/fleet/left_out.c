#include "fleet/left_out.h"

#include "base/size.h"
#include "endpoint/rules.h"
#include "fleet/flags.h"

static struct left_out *add(struct left_outs *l, enum flags flag)
{
    struct left_out *one = &l->all[l->n++];

    g_assert(l->n <= LEFT_OUT_MAX);
    *one = (struct left_out){ .flag = flags_name(flag), .counted = true };
    return one;
}

static void add_items(struct left_outs *l, enum item_kind kind, uint64_t items,
                      uint64_t bytes)
{
    struct left_out *one;

    if (items == 0)
        return;
    one = add(l, flags_of_kind(kind));
    g_snprintf(one->what, sizeof(one->what), "%s item", item_kind_name(kind));
    one->n = items;
    one->bytes = bytes;
}

static void add_rules(struct left_outs *l, bool counted, uint64_t n)
{
    struct left_out *one;

    if (counted && n == 0)
        return;
    one = add(l, FLAG_NO_RULE);
    g_strlcpy(one->what, "inbox rule", sizeof(one->what));
    one->counted = counted;
    one->n = n;
}

static uint64_t less(uint64_t all, uint64_t done)
{
    return all > done ? all - done : 0;
}

void left_out_of_check(const struct fleet_mailbox *m,
                       const struct engine_check *check,
                       const struct store_counts *counts, struct left_outs *ret)
{
    *ret = (struct left_outs){ 0 };
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++) {
        const struct engine_amount *seen = &check->by_kind[kind];

        if ((m->skip_kinds & 1u << kind) != 0)
            add_items(ret, kind,
                      less(seen->items,
                           counts->by[kind][ITEM_COPIED].items +
                               counts->by[kind][ITEM_ALREADY_THERE].items),
                      less(seen->bytes,
                           counts->by[kind][ITEM_COPIED].bytes +
                               counts->by[kind][ITEM_ALREADY_THERE].bytes));
    }
    if ((m->skip_settings & SETTINGS_RULES) != 0)
        add_rules(ret, check->rules_known, check->n_rules);
}

void left_out_of_ledger(const struct fleet_mailbox *m,
                        const struct store_counts *counts,
                        struct endpoint *source, struct left_outs *ret)
{
    g_auto(endpoint_rules) rules = { 0 };
    struct err ignored;
    bool counted;

    *ret = (struct left_outs){ 0 };
    for (enum item_kind kind = KIND_MAIL; kind < KIND_N; kind++)
        if ((m->skip_kinds & 1u << kind) != 0)
            add_items(ret, kind, counts->by[kind][ITEM_FILTERED].items,
                      counts->by[kind][ITEM_FILTERED].bytes);
    if ((m->skip_settings & SETTINGS_RULES) == 0)
        return;
    counted =
        source->caps != 0 && endpoint_get_rules(source, &rules, &ignored) == 0;
    add_rules(ret, counted, counted ? rules.rules->len : 0);
}

char *left_out_about(const struct left_out *one)
{
    return g_strdup_printf("flag %s leaves %ss behind", one->flag, one->what);
}

char *left_out_text(const struct left_out *one)
{
    g_autofree char *size = one->bytes > 0 ? size_text(one->bytes) : NULL;

    if (!one->counted)
        return g_strdup_printf("flag %s leaves all %ss behind; the source does "
                               "not tell how many there are",
                               one->flag, one->what);
    return g_strdup_printf("flag %s leaves %" G_GUINT64_FORMAT
                           " %s%s behind%s%s",
                           one->flag, one->n, one->what, one->n == 1 ? "" : "s",
                           size != NULL ? ", " : "", size != NULL ? size : "");
}

void left_out_find(const struct left_outs *l, struct engine_check *check)
{
    for (size_t i = 0; i < l->n; i++) {
        struct finding *f = g_new0(struct finding, 1);

        f->kind = FINDING_FLAG;
        f->text = left_out_text(&l->all[i]);
        f->alike = left_out_about(&l->all[i]);
        f->n = l->all[i].n;
        g_ptr_array_add(check->findings, f);
    }
}

int left_out_record(const struct left_outs *l, struct store *s,
                    const struct store_lease *lease, int64_t pass_id,
                    struct err *err)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct left_out *one = &l->all[i];
        g_autofree char *n = g_strdup_printf("%" G_GUINT64_FORMAT, one->n);
        g_autofree char *text = left_out_text(one);
        g_autofree char *what = g_strdup_printf("%ss", one->what);
        const struct store_setting line = {
            .part = (char *)(uintptr_t)STORE_LEFT_OUT,
            .key = (char *)(uintptr_t)one->flag,
            .subject = what,
            .value = one->counted ? n : NULL,
            .outcome = SETTING_SKIPPED,
            .cause = text,
            .remedy = (char *)(uintptr_t)finding_remedy(FINDING_FLAG),
        };

        if (store_settings_record(s, lease, pass_id, &line, 1, err) < 0)
            return -1;
    }
    return store_settings_done(s, lease, pass_id, STORE_LEFT_OUT, err);
}
