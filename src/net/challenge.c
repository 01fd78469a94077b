#include "net/challenge.h"

#include <string.h>

#include <jansson.h>

/* Of one value: a scope is a URL at most. */
#define VALUE_MAX 100u

static void add(GString *to, const char *name, const char *value)
{
    size_t n = 0;

    if (value == NULL || *value == '\0')
        return;
    g_string_append_printf(to, "%s%s ", to->len > 0 ? ", " : "", name);
    for (const char *c = value; *c != '\0' && n < VALUE_MAX; c++, n++)
        g_string_append_c(to, g_ascii_isprint(*c) ? *c : '?');
    if (value[n] != '\0')
        g_string_append(to, " ...");
}

/* Some servers write the status as a number. */
static void add_member(GString *to, const json_t *o, const char *name,
                       const struct secret *token)
{
    const json_t *value = json_object_get(o, name);
    const char *text = json_string_value(value);
    g_autofree char *number = NULL;

    if (json_is_integer(value))
        number =
            g_strdup_printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    /* before it is cut */
    if (text != NULL && strstr(text, secret_peek(token)) != NULL)
        return;
    add(to, name, number != NULL ? number : text);
}

char *challenge_text(const char *base64, size_t n, const struct secret *token)
{
    g_autofree char *text = NULL;
    g_autofree guchar *bytes = NULL;
    g_autoptr(GString) said = g_string_new(NULL);
    gsize n_bytes = 0;
    json_t *o;

    if (n > CHALLENGE_BYTES_MAX)
        return NULL;
    text = g_strstrip(g_strndup(base64, n));
    bytes = g_base64_decode(text, &n_bytes);
    o = json_loadb((const char *)bytes, n_bytes, JSON_REJECT_DUPLICATES, NULL);
    add_member(said, o, "status", token);
    add_member(said, o, "schemes", token);
    add_member(said, o, "scope", token);
    json_decref(o);
    return said->len > 0 ? g_strdup(said->str) : NULL;
}
