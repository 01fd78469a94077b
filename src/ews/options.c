/* options - Outlook on the web's options: a dictionary on the root folder. */
#include "endpoint/options.h"

#include "ews/user_config.h"

/* [MS-OXWSCFG]; the name is Outlook on the web's own. */
static const struct user_config options_config = {
    .name = "OWA.UserOptions",
    .folder = "root",
    .part = "Dictionary",
};

static void free_option(void *option)
{
    endpoint_option_free(option);
}

static struct endpoint_option *read_entry(const struct xml_node *entry)
{
    const struct xml_node *value = xml_child(entry, "DictionaryValue");
    const char *type = xml_child_text(value, "Type");
    struct endpoint_option *o =
        endpoint_option_new(xml_text(xml_find(entry, "DictionaryKey/Value")),
                            type != NULL ? type : "", NULL);

    for (const struct xml_node *v = xml_child(value, "Value"); v != NULL;
         v = xml_next_named(v, "Value"))
        g_ptr_array_add(o->values, g_strdup(xml_text(v)));
    return o;
}

int options_get(struct endpoint *ep, struct endpoint_options *ret,
                struct err *err)
{
    g_auto(call_answer) a = { 0 };
    const struct xml_node *config = NULL, *entries;
    int found =
        user_config_get(mailbox_of(ep), &options_config, &a, &config, err);

    if (found <= 0)
        return found;
    ret->options = g_ptr_array_new_with_free_func(free_option);
    entries = xml_child(config, "Dictionary");
    for (const struct xml_node *e = xml_first(entries); e != NULL;
         e = xml_next(e))
        g_ptr_array_add(ret->options, read_entry(e));
    return 1;
}

/* A value that is none at all is written as such: xsi:nil. */
static void write_value(struct xml_writer *w, const struct endpoint_option *o)
{
    xml_open(w, "t:DictionaryValue");
    if (o->type[0] == '\0') {
        xml_attribute(w, "xmlns:xsi",
                      "http://www.w3.org/2001/XMLSchema-instance");
        xml_attribute(w, "xsi:nil", "true");
    } else {
        xml_element(w, "t:Type", o->type);
        if (o->values->len == 0)
            xml_element(w, "t:Value", "");
        for (guint i = 0; i < o->values->len; i++)
            xml_element(w, "t:Value", o->values->pdata[i]);
    }
    xml_close(w);
}

static void write_options(struct xml_writer *w, const struct core *core,
                          const void *data)
{
    const struct endpoint_options *options = data;

    (void)core;
    xml_open(w, "t:Dictionary");
    for (guint i = 0; i < options->options->len; i++) {
        const struct endpoint_option *o = options->options->pdata[i];

        xml_open(w, "t:DictionaryEntry");
        xml_open(w, "t:DictionaryKey");
        xml_element(w, "t:Type", "String");
        xml_element(w, "t:Value", o->key);
        xml_close(w);
        write_value(w, o);
        xml_close(w);
    }
    xml_close(w);
}

int options_put(struct endpoint *ep, const struct endpoint_options *options,
                bool exist, struct err *err)
{
    return user_config_put(mailbox_of(ep), &options_config, exist,
                           write_options, options, err);
}
