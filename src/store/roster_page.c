/*
 * A piece of a list in some order.  A page begins after a pair, what the order
 * is by and the id, so that it stays where it was whatever comes and goes.
 */
#include <string.h>

#include "store/roster_priv.h"

/* ?1 is the id and ?2 the key that the page begins after. */
static char *condition(const struct roster_page *page, const char *id)
{
    const struct roster_order *o = page->order;
    const char *than = page->down ? "<" : ">";

    /* the usual page goes by the index alone */
    if (o == NULL && !page->down)
        return g_strdup_printf("(%s > ?1 AND ?2 IS NULL)", id);
    if (o == NULL)
        return g_strdup_printf("((?1 = 0 OR %s < ?1) AND ?2 IS NULL)", id);
    return g_strdup_printf("(?1 = 0 OR (%s, %s) %s (%s, ?1))", o->sql, id, than,
                           o->text ? "?2" : "CAST(?2 AS BIGINT)");
}

static char *order(const struct roster_page *page, const char *id)
{
    const char *down = page->down ? " DESC" : "";

    if (page->order == NULL)
        return g_strconcat(id, down, NULL);
    return g_strconcat(page->order->sql, down, ", ", id, down, NULL);
}

const char *roster_page_sql(const struct roster_page *page, const char *id,
                            const char *sql)
{
    g_autofree char *after = condition(page, id), *by = order(page, id);
    g_autoptr(GString) text = g_string_new(sql);

    g_string_replace(text, "{after}", after, 0);
    g_string_replace(text, "{order}", by, 0);
    /* there are as many as there are orders */
    return g_intern_string(text->str);
}

int roster_page_key(struct sq_conn *c, const struct roster_page *page,
                    const struct roster_page_end *end, struct err *err)
{
    g_autofree char *sql = NULL;
    const int64_t *last;

    if (page->ret_key == NULL || page->order == NULL || end->all->len == 0)
        return 0;
    last = end->all->pdata[end->all->len - 1];
    sql = g_strdup_printf("SELECT CAST(%s AS TEXT) FROM %s WHERE %s = ?",
                          page->order->sql, end->from, end->id);
    return sq_text(c, g_intern_string(sql), ARGS(INT(*last)), page->ret_key,
                   err) < 0
               ? -1
               : 0;
}

char *roster_pattern(const char *text)
{
    g_autofree char *lower = g_ascii_strdown(text != NULL ? text : "", -1);
    GString *out = g_string_new("%");

    for (const char *at = lower; *at != '\0'; at++) {
        if (strchr("%_!", *at) != NULL)
            g_string_append_c(out, '!');
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '%');
    return g_string_free(out, FALSE);
}

char *roster_states_text(unsigned int states)
{
    GString *text = states != 0 ? g_string_new(",") : NULL;

    if (text == NULL)
        return NULL;
    for (unsigned int i = 0; i < 8 * sizeof(states); i++)
        if ((states & (1u << i)) != 0)
            g_string_append_printf(text, "%u,", i);
    return g_string_free(text, FALSE);
}
