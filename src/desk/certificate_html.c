#include <jansson.h>

#include "desk/certificate.h"
#include "fleet/member.h"

static const char head[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>Certificate of a migration</title>\n<style>\n"
    ":root{color-scheme:light dark}\n"
    "body{font:11pt/1.4 serif;max-width:52em;margin:2em auto;padding:0 1em}\n"
    "table{border-collapse:collapse;width:100%;margin:1em 0}\n"
    "th,td{border-bottom:1px solid #999;padding:.2em .5em;text-align:left;"
    "vertical-align:top}\n"
    "td{overflow-wrap:anywhere}.wide td{overflow-wrap:break-word}"
    ".wide td:first-child{overflow-wrap:anywhere}\n"
    ".n{text-align:right}\n"
    "td.n{white-space:nowrap}\n"
    "code{font-size:9pt;overflow-wrap:anywhere}\n"
    /* on a telephone a wide table scrolls; no word of it is broken */
    "@media screen{.wide{overflow-x:auto}.wide table{min-width:46em}}\n"
    "@media print{:root{color-scheme:light;background:#fff;color:#000}"
    "body{margin:0;max-width:none}"
    "tr{break-inside:avoid}}\n"
    "</style></head><body>\n<h1>Certificate of a migration</h1>\n";

static void put(GString *out, const char *text)
{
    g_autofree char *clean = g_markup_escape_text(text, -1);

    g_string_append(out, clean);
}

static void put_cell(GString *out, const char *text)
{
    g_string_append(out, "<td>");
    put(out, text != NULL ? text : "");
    g_string_append(out, "</td>");
}

static void put_number(GString *out, json_int_t n)
{
    g_string_append_printf(out, "<td class=\"n\">%" JSON_INTEGER_FORMAT "</td>",
                           n);
}

static json_int_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static json_int_t verdict_of(const json_t *o, enum verify_class class)
{
    return number_of(json_object_get(o, "verdicts"), verify_class_name(class));
}

/* A table with so many columns that only paper has room for all. */
static void put_wide(GString *out, const char *name)
{
    g_string_append_printf(out,
                           "<h2>%s</h2>\n<div class=\"wide\" tabindex=\"0\" "
                           "role=\"region\" aria-label=\"%s\"><table>\n<tr>",
                           name, name);
}

static void put_head(GString *out, const char *title, bool number)
{
    g_string_append_printf(out, "<th scope=\"col\"%s>%s</th>",
                           number ? " class=\"n\"" : "", title);
}

/* Left out where there is nothing to say. */
static void put_row(GString *out, const char *name, const char *text)
{
    if (text == NULL)
        return;
    g_string_append_printf(out, "<tr><th scope=\"row\">%s</th>", name);
    put_cell(out, text);
    g_string_append(out, "</tr>\n");
}

static void put_about(GString *out, const json_t *c)
{
    g_string_append(out, "<table>\n");
    put_row(out, "Account", member_text(c, "account"));
    put_row(out, "Partner ID", member_text(c, "partner"));
    put_row(out, "Domain", member_text(c, "domain"));
    put_row(out, "From", member_text(c, "source"));
    put_row(out, "To", member_text(c, "destination"));
    put_row(out, "Made", member_text(c, "made"));
    g_string_append(out, "</table>\n");
}

static const enum verify_class shown[] = { VERIFY_VERIFIED, VERIFY_PRESENT,
                                           VERIFY_MISSING, VERIFY_DIFFERENT,
                                           VERIFY_FAILED };

static void put_verdicts(GString *out, const json_t *o)
{
    for (size_t i = 0; i < G_N_ELEMENTS(shown); i++)
        put_number(out, verdict_of(o, shown[i]));
}

static void put_mailboxes(GString *out, const json_t *c)
{
    static const char *const heads[] = { "Mailbox", "State", "Verified" };
    static const char *const counted[] = { "Equal", "There, not read",
                                           "Missing", "Different",
                                           "Not copied" };
    size_t i;
    json_t *m;

    put_wide(out, "Mailboxes");
    for (i = 0; i < G_N_ELEMENTS(heads); i++)
        put_head(out, heads[i], false);
    for (i = 0; i < G_N_ELEMENTS(counted); i++)
        put_head(out, counted[i], true);
    g_string_append(out, "</tr>\n");
    json_array_foreach(json_object_get(c, "mailboxes"), i, m)
    {
        g_string_append(out, "<tr>");
        put_cell(out, member_text(m, "destination"));
        put_cell(out, member_text(m, "state"));
        put_cell(out, member_text(m, "last_verification_time"));
        put_verdicts(out, m);
        g_string_append(out, "</tr>\n");
    }
    g_string_append(out, "<tr><th scope=\"row\" colspan=\"3\">All</th>");
    put_verdicts(out, json_object_get(c, "totals"));
    g_string_append(out, "</tr>\n</table></div>\n");
}

static void put_difference_heads(GString *out)
{
    static const char *const heads[] = { "Mailbox", "Folder", "Class",
                                         "Verdict", "Reason" };

    put_wide(out, "What is not equal");
    for (size_t i = 0; i < G_N_ELEMENTS(heads); i++)
        put_head(out, heads[i], false);
    g_string_append(out, "</tr>\n");
}

/* Everything that a person has to know of, each with its reason. */
static size_t put_differences(GString *out, const json_t *c)
{
    size_t i, k, n = 0;
    json_t *m, *d;

    json_array_foreach(json_object_get(c, "mailboxes"), i, m)
    {
        json_array_foreach(json_object_get(m, "differences"), k, d)
        {
            if (n++ == 0)
                put_difference_heads(out);
            g_string_append(out, "<tr>");
            put_cell(out, member_text(m, "destination"));
            put_cell(out, member_text(d, "folder"));
            put_cell(out, member_text(d, "class"));
            put_cell(out, member_text(d, "verdict"));
            put_cell(out, member_text(d, "cause"));
            g_string_append(out, "</tr>\n");
        }
    }
    if (n > 0)
        g_string_append(out, "</table></div>\n");
    return n;
}

static void put_signature(GString *out, const json_t *signature)
{
    g_string_append(out,
                    "<h2>Signature</h2>\n<p>This page is the readable form of "
                    "a file in JSON, which is what is signed. <code>mailferry "
                    "certificate verify FILE --key KEY</code> checks it, with "
                    "the key as its maker published it.</p>\n<p>Key: <code>");
    put(out, member_text(signature, "key"));
    g_string_append(out, "</code></p>\n<p>Signature (Ed25519): <code>");
    put(out, member_text(signature, "value"));
    g_string_append(out, "</code></p>\n");
}

char *certificate_html(const char *text)
{
    json_t *file = json_loads(text, 0, NULL);
    const json_t *c = json_object_get(file, "certificate");
    GString *out = g_string_new(head);

    g_assert(file != NULL);
    put_about(out, c);
    put_mailboxes(out, c);
    if (put_differences(out, c) == 0)
        g_string_append(out, "<p>No item was found missing, different or not "
                             "copied.</p>\n");
    put_signature(out, json_object_get(file, "signature"));
    g_string_append(out, "</body></html>\n");
    json_decref(file);
    return g_string_free(out, FALSE);
}
