#include <string.h>

#include "base/timestamp.h"
#include "endpoint/mem_priv.h"

static void free_rule(void *rule)
{
    endpoint_rule_free(rule);
}

static void free_option(void *option)
{
    endpoint_option_free(option);
}

void mem_user_init(struct mem *m)
{
    m->rules.rules = g_ptr_array_new_with_free_func(free_rule);
    m->auto_reply = (struct endpoint_auto_reply){
        .audience = AUTO_REPLY_EVERYBODY,
        .start_us = TIMESTAMP_NONE,
        .end_us = TIMESTAMP_NONE,
        .internal = g_strdup(""),
        .external = g_strdup(""),
    };
}

void mem_user_release(struct mem *m)
{
    endpoint_rules_clear(&m->rules);
    endpoint_auto_reply_clear(&m->auto_reply);
    endpoint_options_clear(&m->options);
    endpoint_categories_clear(&m->categories);
    g_clear_pointer(&m->photo, g_bytes_unref);
}

void mem_set_settings_offered(struct mem *m, bool offered)
{
    mem_lock(m);
    m->no_settings = !offered;
    mem_unlock(m);
}

static int begin(struct endpoint *ep, enum mem_op op, struct mem **ret,
                 struct err *err)
{
    *ret = mem_begin(ep, op, 1);
    return (*ret)->no_settings ? endpoint_not_offered(err, "settings") : 0;
}

/* ---- rules ------------------------------------------------------------- */

static void keep_rule(struct mem *m, const struct endpoint_rule *rule)
{
    struct endpoint_rule *copy = endpoint_rule_copy(rule);

    if (copy->id == NULL)
        copy->id = g_strdup_printf("rule-%" G_GUINT64_FORMAT, ++m->n_ids);
    g_ptr_array_add(m->rules.rules, copy);
}

void mem_add_rule(struct mem *m, const struct endpoint_rule *rule)
{
    mem_lock(m);
    keep_rule(m, rule);
    ((struct endpoint_rule *)m->rules.rules->pdata[m->rules.rules->len - 1])
        ->priority = m->rules.rules->len;
    mem_unlock(m);
}

void mem_remove_rules(struct mem *m)
{
    mem_lock(m);
    g_ptr_array_set_size(m->rules.rules, 0);
    mem_unlock(m);
}

void mem_set_outlook_rules(struct mem *m, bool outlook)
{
    mem_lock(m);
    m->rules.outlook_blob = outlook;
    mem_unlock(m);
}

int mem_op_rules(struct endpoint *ep, struct endpoint_rules *ret,
                 struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_RULES, &m, err);

    if (rc == 0) {
        ret->rules = g_ptr_array_new_with_free_func(free_rule);
        ret->outlook_blob = m->rules.outlook_blob;
        for (guint i = 0; i < m->rules.rules->len; i++)
            g_ptr_array_add(ret->rules,
                            endpoint_rule_copy(m->rules.rules->pdata[i]));
    }
    mem_unlock(m);
    return rc;
}

/* A folder that is not there is what servers find first. */
static int check_rule(struct mem *m, const struct endpoint_rule *rule,
                      struct err *err)
{
    for (guint i = 0; i < rule->clauses->len; i++) {
        const struct rule_clause *c = rule->clauses->pdata[i];

        if (c->value == RULE_FOLDER &&
            mem_find_folder(m, c->texts->pdata[0]) == NULL)
            return mem_refuse(err, ERR_ITEM, "ErrorInboxRulesValidationError",
                              "the rule names a folder that is not there");
    }
    return 0;
}

static void make_room(struct mem *m, unsigned int taken)
{
    g_ptr_array_sort(m->rules.rules, endpoint_rule_order);
    for (guint i = 0; i < m->rules.rules->len; i++) {
        struct endpoint_rule *rule = m->rules.rules->pdata[i];

        if (rule->priority == taken)
            rule->priority = ++taken;
    }
}

static int forget_rule(struct mem *m, const char *id, struct err *err)
{
    for (guint i = 0; i < m->rules.rules->len; i++) {
        const struct endpoint_rule *rule = m->rules.rules->pdata[i];

        if (strcmp(rule->id, id) == 0) {
            g_ptr_array_remove_index(m->rules.rules, i);
            return 0;
        }
    }
    return mem_refuse(err, ERR_ITEM, "ErrorInboxRulesValidationError",
                      "there is no such rule");
}

static int check_blob(struct mem *m, bool drop_outlook, struct err *err)
{
    return m->rules.outlook_blob && !drop_outlook
               ? mem_refuse(err, ERR_ITEM, "ErrorOutlookRuleBlobExists",
                            "Outlook has rules of its own")
               : 0;
}

static int store_rule(struct mem *m, const struct endpoint_rule *rule,
                      bool drop_outlook, struct err *err)
{
    if (check_blob(m, drop_outlook, err) < 0 || check_rule(m, rule, err) < 0 ||
        (rule->id != NULL && forget_rule(m, rule->id, err) < 0))
        return -1;
    m->rules.outlook_blob = false;
    make_room(m, rule->priority);
    keep_rule(m, rule);
    g_ptr_array_sort(m->rules.rules, endpoint_rule_order);
    return 0;
}

int mem_op_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                    bool drop_outlook, bool *ret_maybe, struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_PUT_RULE, &m, err);

    *ret_maybe = false;
    if (rc == 0)
        rc = store_rule(m, rule, drop_outlook, err);
    mem_unlock(m);
    return rc;
}

int mem_op_remove_rule(struct endpoint *ep, const char *rule_id,
                       bool drop_outlook, struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_REMOVE_RULE, &m, err);

    if (rc == 0 && (rc = check_blob(m, drop_outlook, err)) == 0 &&
        (rc = forget_rule(m, rule_id, err)) == 0)
        m->rules.outlook_blob = false;
    mem_unlock(m);
    return rc;
}

static void show_texts(GString *to, const GPtrArray *texts)
{
    for (guint i = 0; i < texts->len; i++)
        g_string_append_printf(to, "%s%s", i > 0 ? "," : "",
                               (const char *)texts->pdata[i]);
}

static void show_clause(GString *to, const struct rule_clause *c)
{
    g_string_append_printf(to, " %s=", c->name);
    show_texts(to, c->texts);
    for (guint i = 0; i < c->people->len; i++) {
        const struct rule_person *p = c->people->pdata[i];

        g_string_append_printf(to, "%s%s", i > 0 ? "," : "", p->address);
    }
}

char *mem_rules(struct mem *m)
{
    GString *text = g_string_new(NULL);

    mem_lock(m);
    for (guint i = 0; i < m->rules.rules->len; i++) {
        const struct endpoint_rule *rule = m->rules.rules->pdata[i];

        g_string_append_printf(text, "%s %s", rule->name,
                               rule->enabled ? "on" : "off");
        for (guint j = 0; j < rule->clauses->len; j++)
            show_clause(text, rule->clauses->pdata[j]);
        g_string_append_c(text, ';');
    }
    if (m->rules.outlook_blob)
        g_string_append(text, " +outlook");
    mem_unlock(m);
    return g_string_free(text, FALSE);
}

/* ---- automatic replies ------------------------------------------------- */

static void keep_reply(struct mem *m, const struct endpoint_auto_reply *reply)
{
    endpoint_auto_reply_clear(&m->auto_reply);
    endpoint_auto_reply_copy(reply, &m->auto_reply);
}

void mem_set_auto_reply(struct mem *m, const struct endpoint_auto_reply *reply)
{
    mem_lock(m);
    keep_reply(m, reply);
    mem_unlock(m);
}

int mem_op_auto_reply(struct endpoint *ep, struct endpoint_auto_reply *ret,
                      struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_AUTO_REPLY, &m, err);

    if (rc == 0)
        endpoint_auto_reply_copy(&m->auto_reply, ret);
    mem_unlock(m);
    return rc;
}

int mem_op_set_auto_reply(struct endpoint *ep,
                          const struct endpoint_auto_reply *reply,
                          struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_SET_AUTO_REPLY, &m, err);

    if (rc == 0)
        keep_reply(m, reply);
    mem_unlock(m);
    return rc;
}

char *mem_auto_reply(struct mem *m)
{
    char *text;

    mem_lock(m);
    text = g_strdup_printf("%s %d %s|%s",
                           auto_reply_state_name(m->auto_reply.state),
                           (int)m->auto_reply.audience, m->auto_reply.internal,
                           m->auto_reply.external);
    mem_unlock(m);
    return text;
}

/* ---- options ----------------------------------------------------------- */

void mem_set_option(struct mem *m, const char *key, const char *type,
                    const char *value)
{
    mem_lock(m);
    if (m->options.options == NULL)
        m->options.options = g_ptr_array_new_with_free_func(free_option);
    g_ptr_array_remove(m->options.options,
                       endpoint_options_find(&m->options, key));
    g_ptr_array_add(m->options.options, endpoint_option_new(key, type, value));
    mem_unlock(m);
}

static GPtrArray *copy_options(const struct endpoint_options *from)
{
    GPtrArray *copy = g_ptr_array_new_with_free_func(free_option);

    for (guint i = 0; i < from->options->len; i++)
        g_ptr_array_add(copy, endpoint_option_copy(from->options->pdata[i]));
    return copy;
}

int mem_op_options(struct endpoint *ep, struct endpoint_options *ret,
                   struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_OPTIONS, &m, err);

    if (rc == 0 && m->options.options != NULL) {
        ret->options = copy_options(&m->options);
        rc = 1;
    }
    mem_unlock(m);
    return rc;
}

/* There is one item for them: made once, and changed only where it is. */
static int store_options(struct mem *m, const struct endpoint_options *options,
                         bool exist, struct err *err)
{
    if (exist && m->options.options == NULL)
        return mem_no_item(err);
    if (!exist && m->options.options != NULL)
        return mem_refuse(err, ERR_ITEM, "ErrorItemSave", "there are some");
    endpoint_options_clear(&m->options);
    m->options.options = copy_options(options);
    return 0;
}

int mem_op_put_options(struct endpoint *ep,
                       const struct endpoint_options *options, bool exist,
                       struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_PUT_OPTIONS, &m, err);

    if (rc == 0)
        rc = store_options(m, options, exist, err);
    mem_unlock(m);
    return rc;
}

char *mem_options(struct mem *m)
{
    GString *text = g_string_new(NULL);
    bool none;

    mem_lock(m);
    none = m->options.options == NULL;
    for (guint i = 0; !none && i < m->options.options->len; i++) {
        const struct endpoint_option *o = m->options.options->pdata[i];

        g_string_append_printf(text, "%s=", o->key);
        show_texts(text, o->values);
        g_string_append_c(text, ';');
    }
    mem_unlock(m);
    return g_string_free(text, none);
}

/* ---- categories -------------------------------------------------------- */

static void copy_categories(const struct endpoint_categories *from,
                            struct endpoint_categories *to)
{
    for (guint i = 0; from->categories != NULL && i < from->categories->len;
         i++) {
        const struct endpoint_category *c = from->categories->pdata[i];

        endpoint_categories_add(to, c->name, c->color, c->shortcut, c->guid);
    }
    if (to->quick == NULL)
        to->quick = g_strdup(from->quick);
}

void mem_add_category(struct mem *m, const char *name, int color,
                      unsigned int shortcut, const char *guid)
{
    mem_lock(m);
    endpoint_categories_add(&m->categories, name, color, shortcut, guid);
    mem_unlock(m);
}

int mem_op_categories(struct endpoint *ep, struct endpoint_categories *ret,
                      struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_CATEGORIES, &m, err);

    if (rc == 0 && m->categories.categories != NULL) {
        copy_categories(&m->categories, ret);
        rc = 1;
    }
    mem_unlock(m);
    return rc;
}

int mem_op_add_categories(struct endpoint *ep,
                          const struct endpoint_categories *added,
                          struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_ADD_CATEGORIES, &m, err);

    if (rc == 0)
        copy_categories(added, &m->categories);
    mem_unlock(m);
    return rc;
}

char *mem_categories(struct mem *m)
{
    GString *text = g_string_new(NULL);
    bool none;

    mem_lock(m);
    none = m->categories.categories == NULL;
    for (guint i = 0; !none && i < m->categories.categories->len; i++) {
        const struct endpoint_category *c = m->categories.categories->pdata[i];

        g_string_append_printf(text, "%s %d %u %s;", c->name, c->color,
                               c->shortcut, c->guid != NULL ? c->guid : "-");
    }
    mem_unlock(m);
    return g_string_free(text, none);
}

/* ---- photo ------------------------------------------------------------- */

static void keep_photo(struct mem *m, GBytes *picture)
{
    g_clear_pointer(&m->photo, g_bytes_unref);
    m->photo = g_bytes_ref(picture);
}

void mem_set_photo(struct mem *m, const char *text)
{
    g_autoptr(GBytes) picture = g_bytes_new(text, strlen(text));

    mem_lock(m);
    keep_photo(m, picture);
    mem_unlock(m);
}

int mem_op_photo(struct endpoint *ep, GBytes **ret, struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_PHOTO, &m, err);

    if (rc == 0 && m->photo != NULL) {
        *ret = g_bytes_ref(m->photo);
        rc = 1;
    }
    mem_unlock(m);
    return rc;
}

int mem_op_set_photo(struct endpoint *ep, GBytes *picture, struct err *err)
{
    struct mem *m;
    int rc = begin(ep, MEM_SET_PHOTO, &m, err);

    if (rc == 0)
        keep_photo(m, picture);
    mem_unlock(m);
    return rc;
}

char *mem_photo(struct mem *m)
{
    char *text = NULL;

    mem_lock(m);
    if (m->photo != NULL)
        text = g_strndup(g_bytes_get_data(m->photo, NULL),
                         g_bytes_get_size(m->photo));
    mem_unlock(m);
    return text;
}
