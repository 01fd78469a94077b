/*
 * settings_options - Outlook on the web's options, signature among them.
 *
 * They are one dictionary, in which each version of the web page keeps things
 * of its own; what is understood by the page of another version is in a table.
 * What the destination has already stays as it is.
 */
#include <string.h>

#include "endpoint/options.h"
#include "engine/settings_priv.h"

/*
 * Keys that mean the same in Outlook Web App 2010 and in what came after it:
 * those that Set-MailboxMessageConfiguration, -SpellingConfiguration,
 * -CalendarConfiguration and -RegionalConfiguration show to administrators.
 * The rest is left behind: how wide the page's parts were, which theme it
 * had, what it has told its user already, and what its version was to show.
 */
static const struct {
    const char *key, *label;
} carried[] = {
    { "signaturehtml", "signature" },
    { "signaturetext", "signature (text)" },
    { "signaturetextonmobile", "signature (mobile)" },
    { "autoaddsignature", "add the signature" },
    { "autoaddsignatureonmobile", "add the signature (mobile)" },
    { "autoaddsignatureonreply", "add the signature to replies" },
    { "usedefaultsignatureonmobile", "default signature (mobile)" },
    { "alwaysshowbcc", "always show Bcc" },
    { "alwaysshowfrom", "always show From" },
    { "composemarkup", "format of new mail" },
    { "composefontname", "font of new mail" },
    { "composefontsize", "size of new mail's font" },
    { "composefontcolor", "colour of new mail's font" },
    { "composefontflags", "style of new mail's font" },
    { "previewmarkasread", "mark as read" },
    { "markasreaddelaytime", "delay before marking as read" },
    { "readreceipt", "answer to read receipts" },
    { "newitemnotify", "notification of new mail" },
    { "nextselection", "after moving or deleting" },
    { "emptydeleteditemsonlogoff", "empty Deleted Items at sign-out" },
    { "conversationsortorder", "order in a conversation" },
    { "hidedeleteditems", "hide deleted items" },
    { "checknameincontactsfirst", "look in contacts first" },
    { "spellingdictionarylanguage", "language of the spelling check" },
    { "spellingcheckbeforesend", "check spelling before sending" },
    { "spellingignoreuppercase", "spelling: pass over upper case" },
    { "spellingignoremixeddigits", "spelling: pass over digits" },
    { "smimeencrypt", "encrypt new mail" },
    { "smimesign", "sign new mail" },
    { "timezone", "time zone" },
    { "timeformat", "format of times" },
    { "dateformat", "format of dates" },
    { "weekstartday", "first day of the week" },
    { "firstweekofyear", "first week of the year" },
    { "showweeknumbers", "week numbers" },
    { "hourincrement", "raster of the calendar" },
    { "enablereminders", "reminders" },
    { "enableremindersound", "sound of reminders" },
};

static void free_option(void *option)
{
    endpoint_option_free(option);
}

static int read_side(struct settings *s, enum side side,
                     struct endpoint_options *ret, struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;
    int found;

    while ((found = endpoint_get_options(ep, ret, &why)) < 0)
        if (!settings_endure(s, side, &failures, &why)) {
            *err = why;
            return -1;
        }
    if (found == 0)
        ret->options = g_ptr_array_new_with_free_func(free_option);
    return found;
}

/* Nothing was chosen: no value, or an empty one. */
static bool is_unset(const struct endpoint_option *o)
{
    return o == NULL || o->values->len == 0 ||
           (o->values->len == 1 &&
            ((const char *)o->values->pdata[0])[0] == '\0');
}

/* A signature is too long for a line, and nobody's business. */
static char *shown(const struct endpoint_option *o)
{
    const char *value = o->values->pdata[0];

    return strcmp(o->type, "String") == 0 ? g_strdup("a text")
                                          : g_strndup(value, 40);
}

static int say(struct settings *s, size_t i, const struct endpoint_option *o,
               enum setting_outcome outcome, const char *cause, struct err *err)
{
    g_autofree char *value = shown(o);
    const struct store_setting line = {
        .key = (char *)(uintptr_t)carried[i].key,
        .subject = (char *)(uintptr_t)carried[i].label,
        .counterpart = (char *)(uintptr_t)carried[i].label,
        .value = value,
        .outcome = outcome,
        .cause = (char *)(uintptr_t)cause,
    };

    return settings_line(s, line, err);
}

static int put_all(struct settings *s, const struct endpoint_options *all,
                   bool exist, struct err *ret_why)
{
    unsigned int failures = 0;

    /* The whole dictionary: repeatable, but for its creation. */
    while (endpoint_put_options(s->pass.job->destination, all, exist, ret_why) <
           0) {
        g_auto(endpoint_options) now = { 0 };
        int found;

        if (!settings_endure(s, DESTINATION, &failures, ret_why))
            return -1;
        found = read_side(s, DESTINATION, &now, ret_why);
        if (found < 0)
            return -1;
        exist = found > 0;
    }
    return 0;
}

static void replace(struct endpoint_options *all,
                    const struct endpoint_option *o)
{
    struct endpoint_option *old = endpoint_options_find(all, o->key);

    if (old != NULL)
        g_ptr_array_remove(all->options, old);
    g_ptr_array_add(all->options, endpoint_option_copy(o));
}

/* What becomes of each key, by its place in the table. */
struct merging {
    const struct endpoint_option *source[G_N_ELEMENTS(carried)];
    bool set[G_N_ELEMENTS(carried)]; /* it is to be written */
    bool same[G_N_ELEMENTS(carried)];
    size_t n_set;
};

static void merge(const struct endpoint_options *from,
                  struct endpoint_options *to, struct merging *m)
{
    for (size_t i = 0; i < G_N_ELEMENTS(carried); i++) {
        const struct endpoint_option *o =
            endpoint_options_find(from, carried[i].key);
        const struct endpoint_option *there =
            endpoint_options_find(to, carried[i].key);

        if (is_unset(o))
            continue;
        m->source[i] = o;
        m->same[i] = !is_unset(there) && endpoint_option_same(o, there);
        m->set[i] = is_unset(there);
        if (m->set[i]) {
            m->n_set++;
            replace(to, o);
        }
    }
}

static int say_all(struct settings *s, const struct merging *m,
                   const struct err *failed, struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(carried); i++) {
        enum setting_outcome outcome = !m->set[i]       ? SETTING_ALREADY
                                       : failed != NULL ? SETTING_FAILED
                                                        : SETTING_SET;
        const char *cause =
            m->set[i]    ? (failed != NULL ? failed->msg : NULL)
            : m->same[i] ? NULL
                         : "the destination has a choice of its own, which "
                           "stays";

        if (m->source[i] != NULL &&
            say(s, i, m->source[i], outcome, cause, err) < 0)
            return -1;
    }
    return 0;
}

int settings_options(struct settings *s, struct err *err)
{
    g_auto(endpoint_options) from = { 0 };
    g_auto(endpoint_options) to = { 0 };
    struct merging m = { .n_set = 0 };
    struct err why;
    int found = read_side(s, SOURCE, &from, err);

    if (found <= 0)
        return found;
    found = read_side(s, DESTINATION, &to, err);
    if (found < 0)
        return -1;
    merge(&from, &to, &m);
    if (m.n_set == 0 || put_all(s, &to, found > 0, &why) == 0)
        return say_all(s, &m, NULL, err);
    if (settings_is_local(s, &why) && !endpoint_is_not_offered(&why))
        return say_all(s, &m, &why, err);
    *err = why;
    return -1;
}
