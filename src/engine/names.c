#include "engine/names.h"

#include <string.h>

/* [MS-OXCFOLD] 2.2.1.2.2.1 DisplayName: at most 255 characters. */
#define NAME_CHARS 200 /* leaves room for a number */
#define NUMBERED   20  /* "Name (2)" to "Name (20)" */

/* Characters that one Exchange version or another refuses in a name. */
static const char refused[] = "/\\";

static char *cleaned(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autoptr(GString) out = g_string_new(NULL);
    long n = 0;

    for (char *p = valid; *p != '\0' && n < NAME_CHARS;
         p = g_utf8_next_char(p), n++) {
        gunichar c = g_utf8_get_char(p);

        if (g_unichar_iscntrl(c))
            g_string_append_c(out, ' ');
        else if (c < 128 && strchr(refused, (int)c) != NULL)
            g_string_append_c(out, '-');
        else
            g_string_append_unichar(out, c);
    }
    g_strstrip(out->str);
    return g_strdup(*out->str != '\0' ? out->str : "Folder");
}

char *name_candidate(const char *name, unsigned int attempt)
{
    g_autofree char *clean = NULL;

    if (attempt == 0)
        return g_strdup(name);
    clean = cleaned(name);
    if (attempt == 1)
        return g_steal_pointer(&clean);
    if (attempt <= NUMBERED)
        return g_strdup_printf("%s (%u)", clean, attempt);
    if (attempt == NUMBERED + 1)
        return g_strdup_printf("Folder %08x", g_str_hash(name));
    return NULL;
}

char *name_fold(const char *name)
{
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *normal = g_utf8_normalize(valid, -1, G_NORMALIZE_DEFAULT);

    return g_utf8_casefold(normal != NULL ? normal : valid, -1);
}

bool name_equal(const char *a, const char *b)
{
    g_autofree char *x = name_fold(a);
    g_autofree char *y = name_fold(b);

    return strcmp(x, y) == 0;
}

char *name_path(const char *parent, const char *name)
{
    GString *path = g_string_new(parent);

    if (path->len > 0)
        g_string_append_c(path, '/');
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '/')
            g_string_append(path, "%2F");
        else if (*p == '%')
            g_string_append(path, "%25");
        else
            g_string_append_c(path, *p);
    }
    return g_string_free(path, FALSE);
}
