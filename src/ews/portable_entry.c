#include "ews/portable_item_priv.h"

#include <string.h>

/* [MS-OXWSCONT] EmailAddressDictionaryEntryType: Name is new in 2010. */
static const char *entry_name(const struct portable *p, const struct field *f,
                              const char *index, enum ews_level level)
{
    static const char *const keys[] = { "Address/0x8080", "Address/0x8090",
                                        "Address/0x80A0" };

    if (level < EWS_2010 || strcmp(f->uri, "contacts:EmailAddress") != 0)
        return NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(keys); i++) {
        if (strcmp(f->indices[i], index) == 0)
            return portable_text(p, keys[i]);
    }
    return NULL;
}

static void write_entry(struct xml_writer *w, const struct portable *p,
                        const struct field *f, const char *index,
                        enum ews_level level)
{
    const char *const *lines = field_address_lines();
    g_autofree char *key = field_key(f, index, NULL);
    const char *text = portable_text(p, key);

    xml_open(w, "t:Entry");
    xml_attribute(w, "Key", index);
    xml_attribute(w, "Name", entry_name(p, f, index, level));
    if (f->type == FIELD_ENTRIES)
        xml_chars(w, text != NULL ? text : "");
    for (size_t i = 0; f->type == FIELD_ADDRESSES && lines[i] != NULL; i++) {
        g_autofree char *line = field_key(f, index, lines[i]);
        g_autofree char *element = g_strconcat("t:", lines[i], NULL);

        if (portable_text(p, line) != NULL)
            xml_element(w, element, portable_text(p, line));
    }
    xml_close(w);
}

static bool has_entry(const struct portable *p, const struct field *f,
                      const char *index)
{
    const char *const *lines = field_address_lines();
    g_autofree char *key = field_key(f, index, NULL);

    if (f->type == FIELD_ENTRIES)
        return portable_text(p, key) != NULL && portable_text(p, key)[0] != 0;
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *line = field_key(f, index, lines[i]);

        if (portable_text(p, line) != NULL)
            return true;
    }
    return false;
}

void entries_write(struct xml_writer *w, const struct portable *p,
                   const struct field *f, enum ews_level level)
{
    bool open = false;

    for (size_t i = 0; f->indices != NULL && f->indices[i] != NULL; i++) {
        if (!has_entry(p, f, f->indices[i]))
            continue;
        if (!open)
            xml_open(w, f->element);
        open = true;
        write_entry(w, p, f, f->indices[i], level);
    }
    if (open)
        xml_close(w);
}

static void read_entry(const struct field *f, const struct xml_node *entry,
                       struct item_reading *r)
{
    const char *const *lines = field_address_lines();
    const char *index = xml_attr(entry, "Key");

    if (index == NULL || !g_strv_contains(f->indices, index))
        return;
    if (f->type == FIELD_ENTRIES) {
        g_autofree char *key = field_key(f, index, NULL);

        value_read(r, &(struct portable_label){ key, f->part, f->out },
                   PORTABLE_TEXT, xml_text(entry));
        return;
    }
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *key = field_key(f, index, lines[i]);

        value_read(r, &(struct portable_label){ key, f->part, f->out },
                   PORTABLE_TEXT, xml_child_text(entry, lines[i]));
    }
}

void entries_read(const struct field *f, const struct xml_node *node,
                  struct item_reading *r)
{
    const struct xml_node *entry = xml_first(node);

    for (; entry != NULL; entry = xml_next(entry))
        read_entry(f, entry, r);
}
