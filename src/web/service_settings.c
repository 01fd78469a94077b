/*
 * What the service was told: its configuration as it is in force, and what
 * migrations cost.  Both are changed in files, by whoever has the machine.
 */
#include "desk/desk.h"
#include "web/service.h"

#include <string.h>

void service_settings_set(struct service *s, const struct config *started,
                          const struct config *latest)
{
    pthread_mutex_lock(&s->settings_lock);
    s->started = started;
    s->latest = latest;
    pthread_mutex_unlock(&s->settings_lock);
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

/* What was written since, and waits for a start; null: nothing. */
static json_t *waiting_json(const struct service *s, enum config_key key)
{
    g_autofree char *text = NULL;
    bool differs[CONFIG_N];

    if (config_rows[key].when == CONFIG_ON_RELOAD)
        return json_null();
    config_compare(s->started, s->latest, differs);
    if (!differs[key])
        return json_null();
    text = config_shown(s->latest, key);
    return json_pack("{s:s?, s:s}", "value", text, "origin",
                     config_origin(s->latest, key));
}

static json_t *setting_json(const struct service *s, enum config_key key)
{
    const struct config_row *row = &config_rows[key];
    const struct config *c =
        row->when == CONFIG_ON_RELOAD ? s->latest : s->started;
    g_autofree char *value = config_shown(c, key);
    g_autofree char *variable = config_variable(key);

    return json_pack(
        "{s:s, s:s, s:s, s:s?, s:o, s:s, s:s, s:s, s:b, s:o}", "section",
        row->section, "key", row->key, "help", row->help, "value", value,
        "default",
        text_or_null(row->optional && strcmp(row->initial, "none") == 0
                         ? NULL
                         : row->initial),
        "origin", config_origin(c, key), "option", row->option, "variable",
        variable, "reload", row->when == CONFIG_ON_RELOAD, "waiting",
        waiting_json(s, key));
}

void service_settings(void *service, const struct web_request *r,
                      struct web_reply *reply)
{
    struct service *s = service;
    json_t *items = json_array();

    (void)r;
    pthread_mutex_lock(&s->settings_lock);
    for (int key = 0; key < CONFIG_N; key++)
        json_array_append_new(items, setting_json(s, (enum config_key)key));
    pthread_mutex_unlock(&s->settings_lock);
    service_reply_items(reply, items);
}

/* ---- prices -------------------------------------------------------------- */

static json_t *tier_json(const struct price_tier *t)
{
    return json_pack("{s:I, s:o, s:I}", "from", (json_int_t)t->from, "to",
                     t->to != 0 ? json_integer((json_int_t)t->to) : json_null(),
                     "each", (json_int_t)t->each);
}

static json_t *list_json(const struct price_list *p)
{
    json_t *tiers = json_array();

    for (size_t i = 0; i < p->n_tiers; i++)
        json_array_append_new(tiers, tier_json(&p->tiers[i]));
    return json_pack(
        "{s:s, s:i, s:I, s:I, s:I, s:i, s:o, s:o}", "currency", p->currency,
        "digits", (int)p->digits, "minimum", (json_int_t)p->minimum, "perGB",
        (json_int_t)p->per_gb, "allowance", (json_int_t)p->allowance_bytes,
        "validDays", (int)p->valid_days, "tax",
        text_or_null(p->tax[0] != '\0' ? p->tax : NULL), "tiers", tiers);
}

void service_prices(void *service, const struct web_request *r,
                    struct web_reply *reply)
{
    const struct service *s = service;
    const struct price_list *p = s->desk != NULL ? s->desk->prices : NULL;

    (void)r;
    web_reply_json(
        reply, 200,
        json_pack("{s:o}", "list", p != NULL ? list_json(p) : json_null()));
}
