#include <string.h>

#include "base/config_priv.h"

static bool opens_section(int i)
{
    return i == 0 ||
           strcmp(config_rows[i - 1].section, config_rows[i].section) != 0;
}

/* "postgresql://user:password@host/" without the password. */
static char *without_password(const char *text)
{
    const char *slashes = strstr(text, "://");
    const char *at = slashes != NULL ? strrchr(slashes, '@') : NULL;
    const char *colon = at != NULL ? strchr(slashes + 3, ':') : NULL;
    bool in_query = strcasestr(text, "password=") != NULL;

    if (in_query)
        return g_strdup("(not shown)");
    if (colon == NULL || colon > at)
        return g_strdup(text);
    return g_strdup_printf("%.*s:(not shown)%s", (int)(colon - text), text, at);
}

char *config_shown(const struct config *c, enum config_key key)
{
    const char *text = c->values[key].text;

    return text != NULL && config_rows[key].secret ? without_password(text)
                                                   : g_strdup(text);
}

void config_print(const struct config *c, FILE *out)
{
    for (int i = 0; i < CONFIG_N; i++) {
        const struct config_row *row = &config_rows[i];
        g_autofree char *text = config_shown(c, (enum config_key)i);

        if (opens_section(i))
            fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", row->section);
        fprintf(out, "# %s\n%s = %s\n", c->values[i].origin, row->key,
                text != NULL ? text : "none");
    }
}

static void print_values(const struct config_row *row, FILE *out)
{
    switch (row->type) {
    case CONFIG_NUMBER:
    case CONFIG_BYTES:
    case CONFIG_SECONDS:
        fprintf(out, "; from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT "%s",
                row->min, row->max,
                row->type == CONFIG_SECONDS ? " seconds"
                : row->type == CONFIG_BYTES ? " bytes"
                                            : "");
        return;
    case CONFIG_WORD: {
        g_auto(GStrv) words = g_strsplit(row->words, " ", -1);
        g_autofree char *list = g_strjoinv("`, `", words);

        fprintf(out, "; one of `%s`", list);
        return;
    }
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_ENDPOINT:
    case CONFIG_RANGES:
    case CONFIG_URL:
        return;
    }
}

void config_markdown(FILE *out)
{
    for (int i = 0; i < CONFIG_N; i++) {
        const struct config_row *row = &config_rows[i];
        g_autofree char *variable = config_variable((enum config_key)i);

        if (opens_section(i))
            fprintf(out,
                    "\n## [%s]\n\n"
                    "| key | default | what it is | option | environment |\n"
                    "| --- | --- | --- | --- | --- |\n",
                    row->section);
        fprintf(out, "| `%s`%s | `%s` | %s", row->key,
                row->when == CONFIG_ON_RELOAD ? " (r)" : "", row->initial,
                row->help);
        print_values(row, out);
        fprintf(out, " | `--%s %s` | `%s` |\n", row->option, row->arg,
                variable);
    }
}
