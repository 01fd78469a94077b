#include "lab/calendar_xml.h"

#include <string.h>

const char *const calendar_weekday_names[8] = { "Sunday",   "Monday",
                                                "Tuesday",  "Wednesday",
                                                "Thursday", "Friday",
                                                "Saturday", NULL };

const char *const calendar_months[13] = {
    "January", "February",  "March",   "April",    "May",      "June", "July",
    "August",  "September", "October", "November", "December", NULL
};
const char *const calendar_weeks[6] = { "First",  "Second", "Third",
                                        "Fourth", "Last",   NULL };

/* ---- durations ------------------------------------------------------- */

/* A number with its unit; false at something else.  Fractions are dropped. */
static bool duration_part(const char **text, int64_t *ret, char *ret_unit)
{
    const char *p = *text;
    int64_t n = 0;

    if (!g_ascii_isdigit(*p))
        return false;
    for (; g_ascii_isdigit(*p); p++)
        if (n < INT32_MAX)
            n = n * 10 + (*p - '0');
    if (*p == '.')
        for (p++; g_ascii_isdigit(*p); p++)
            ;
    *ret_unit = *p;
    if (*p != '\0')
        p++;
    *text = p;
    *ret = n;
    return true;
}

static int64_t unit_seconds(char unit, bool time)
{
    switch (unit) {
    case 'D':
        return time ? 0 : 86400;
    case 'H':
        return time ? 3600 : 0;
    case 'M':
        return time ? 60 : 0;
    case 'S':
        return time ? 1 : 0;
    default:
        return 0;
    }
}

bool duration_parse(const char *text, int32_t *ret_minutes)
{
    bool negative = text[0] == '-', time = false;
    int64_t seconds = 0;

    text += negative ? 1 : 0;
    if (*text++ != 'P' || *text == '\0')
        return false;
    while (*text != '\0') {
        int64_t n, unit;
        char name;

        if (*text == 'T' && !time && text[1] != '\0') {
            time = true;
            text++;
            continue;
        }
        if (!duration_part(&text, &n, &name))
            return false;
        unit = unit_seconds(name, time);
        /* years and months have no length; of nothing they are harmless */
        if (unit == 0 && (n != 0 || (name != 'Y' && name != 'M')))
            return false;
        seconds += n * unit;
    }
    if (seconds / 60 > INT32_MAX)
        return false;
    *ret_minutes = (int32_t)(negative ? -(seconds / 60) : seconds / 60);
    return true;
}

char *duration_format(int32_t minutes)
{
    GString *text = g_string_new(minutes < 0 ? "-PT" : "PT");
    int64_t n = ABS((int64_t)minutes);

    if (n >= 60)
        g_string_append_printf(text, "%dH", (int)(n / 60));
    if (n % 60 != 0)
        g_string_append_printf(text, "%dM", (int)(n % 60));
    if (n == 0)
        g_string_append(text, "0S");
    return g_string_free(text, FALSE);
}

/* ---- values of elements ---------------------------------------------- */

int calendar_index_of(const char *text, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++)
        if (strcmp(text, names[i]) == 0)
            return i;
    return -1;
}

char *calendar_child_text(const xmlNode *node, const char *name)
{
    char *text = soap_text_dup(soap_child(node, NS_TYPES, name));

    return text != NULL ? g_strstrip(text) : g_strdup("");
}

bool calendar_child_minutes(const xmlNode *node, const char *name, int32_t *ret)
{
    g_autofree char *text = calendar_child_text(node, name);

    return duration_parse(text, ret);
}

bool calendar_child_number(const xmlNode *node, const char *name, int32_t low,
                           int32_t high, int32_t *ret)
{
    g_autofree char *text = calendar_child_text(node, name);
    gint64 n = 0;

    if (!g_ascii_string_to_signed(text, 10, low, high, &n, NULL))
        return false;
    *ret = (int32_t)n;
    return true;
}

bool calendar_child_weekday(const xmlNode *node, const char *name,
                            uint16_t *ret)
{
    g_autofree char *text = calendar_child_text(node, name);
    int i = calendar_index_of(text, calendar_weekday_names);

    if (i < 0)
        return false;
    *ret = (uint16_t)i;
    return true;
}

void calendar_write_int(struct xmlout *x, const char *name, int32_t n)
{
    char text[16];

    g_snprintf(text, sizeof(text), "%d", n);
    xml_text(x, name, text);
}

void calendar_write_minutes(struct xmlout *x, const char *name, int32_t minutes)
{
    g_autofree char *text = duration_format(minutes);

    xml_text(x, name, text);
}
