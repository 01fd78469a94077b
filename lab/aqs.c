#include "lab/aqs_date.h"
#include "lab/find.h"

#include <string.h>

/*
 * The subset of Advanced Query Syntax that the QueryString element documents:
 * words and phrases in properties, dates and ranges of them, kinds of items;
 * AND (said or not), OR, NOT and parentheses.
 */

/* Words of one query; nobody types more. */
#define WORDS_MAX 100
#define DEPTH_MAX 20

struct parser {
    struct find_context *context;
    const char *at;
    int64_t now_us;
    GPtrArray *terms;
    struct problem *p;
    unsigned int words, depth;
};

static void term_free(void *data)
{
    struct find_term *t = data;

    g_free(t->word);
    g_free(t);
}

GPtrArray *find_terms_new(void)
{
    return g_ptr_array_new_with_free_func(term_free);
}

static struct restriction *refuse(struct parser *ps)
{
    problem_fault(ps->p, "ErrorInvalidArgument");
    return NULL;
}

/* ---- words ----------------------------------------------------------- */

/* Where a word is looked for; NULL-terminated. */
struct property {
    const char *name;
    const char *uris[6];
};

static const struct property properties[] = {
    { "subject", { "item:Subject" } },
    { "from", { "message:From", "message:Sender" } },
    { "to", { "item:DisplayTo", "message:ToRecipients" } },
    { "cc", { "item:DisplayCc", "message:CcRecipients" } },
    { "bcc", { "item:DisplayBcc", "message:BccRecipients" } },
    { "participants",
      { "message:From", "item:DisplayTo", "item:DisplayCc", "item:DisplayBcc",
        "message:ToRecipients" } },
    { "body", { "item:Body" } },
    { "content", { "item:Body" } },
    { "attachment", { "item:Attachments" } },
    { "category", { "item:Categories" } },
    /* no property: all of them */
    { NULL,
      { "item:Subject", "message:From", "item:DisplayTo", "item:DisplayCc",
        "item:Body" } },
};

static const struct property *property_of(const char *name)
{
    size_t i = 0;

    while (properties[i].name != NULL && strcmp(properties[i].name, name) != 0)
        i++;
    return &properties[i];
}

static struct restriction *leaf_new(enum restriction_op op)
{
    struct restriction *r = restriction_new(op);

    r->release = find_path_free;
    return r;
}

static void note_term(struct parser *ps, const struct property *where,
                      const char *word)
{
    struct find_term *t;

    if (ps->terms == NULL)
        return;
    t = g_new0(struct find_term, 1);
    t->scope = where->name == NULL                   ? "All"
               : strcmp(where->name, "subject") == 0 ? "Subject"
                                                     : "Body";
    t->word = g_strdup(word);
    g_ptr_array_add(ps->terms, t);
}

/* One word or phrase in any of a property's fields. */
static struct restriction *word_in(struct parser *ps,
                                   const struct property *where,
                                   const char *word, enum match_mode mode)
{
    g_autoptr(restriction) any = restriction_new(RESTRICT_OR);

    if (++ps->words > WORDS_MAX)
        return refuse(ps);
    note_term(ps, where, word);
    for (size_t i = 0; i < G_N_ELEMENTS(where->uris) && where->uris[i] != NULL;
         i++) {
        g_autoptr(restriction) r = leaf_new(RESTRICT_CONTAINS);

        r->mode = mode;
        r->ignore = MATCH_IGNORE_CASE | MATCH_IGNORE_MARKS;
        value_set_text(&r->constant, word);
        if (find_path_of(ps->context, where->uris[i], &r->path, ps->p) == 0)
            restriction_add(any, g_steal_pointer(&r));
    }
    return g_steal_pointer(&any);
}

/* ---- kinds and flags ------------------------------------------------- */

static const struct {
    const char *kind, *prefix;
} item_kinds[] = {
    { "email", "IPM.Note" },        { "meetings", "IPM.Appointment" },
    { "meetings", "IPM.Schedule" }, { "tasks", "IPM.Task" },
    { "notes", "IPM.StickyNote" },  { "docs", "IPM.Document" },
    { "journals", "IPM.Activity" }, { "contacts", "IPM.Contact" },
    { "contacts", "IPM.DistList" }, { "im", "IPM.Note.Microsoft.Conversation" },
};

static struct restriction *kind_is(struct parser *ps, const char *kind)
{
    g_autoptr(restriction) any = restriction_new(RESTRICT_OR);

    for (size_t i = 0; i < G_N_ELEMENTS(item_kinds); i++) {
        g_autoptr(restriction) r = NULL;

        if (g_ascii_strcasecmp(item_kinds[i].kind, kind) != 0)
            continue;
        r = leaf_new(RESTRICT_CONTAINS);
        r->mode = MATCH_PREFIX;
        r->ignore = MATCH_IGNORE_CASE;
        value_set_text(&r->constant, item_kinds[i].prefix);
        if (find_path_of(ps->context, "item:ItemClass", &r->path, ps->p) < 0)
            return NULL;
        restriction_add(any, g_steal_pointer(&r));
    }
    return any->n_children > 0 ? g_steal_pointer(&any) : refuse(ps);
}

static struct restriction *flag_is(struct parser *ps, const char *uri,
                                   const char *text)
{
    g_autoptr(restriction) r = leaf_new(RESTRICT_EQUAL);
    bool yes = g_ascii_strcasecmp(text, "true") == 0 ||
               g_ascii_strcasecmp(text, "yes") == 0;

    if (!yes && g_ascii_strcasecmp(text, "false") != 0 &&
        g_ascii_strcasecmp(text, "no") != 0)
        return refuse(ps);
    value_set_number(&r->constant, VALUE_BOOL, yes);
    if (find_path_of(ps->context, uri, &r->path, ps->p) < 0)
        return NULL;
    return g_steal_pointer(&r);
}

/* ---- dates ----------------------------------------------------------- */

static bool add_end(struct parser *ps, struct restriction *all, const char *uri,
                    enum restriction_op op, int64_t us)
{
    g_autoptr(restriction) r = leaf_new(op);

    value_set_number(&r->constant, VALUE_TIME, us);
    if (find_path_of(ps->context, uri, &r->path, ps->p) < 0)
        return false;
    restriction_add(all, g_steal_pointer(&r));
    return true;
}

/* ">=DATE", "DATE..DATE" (either may be missing) or "DATE" */
static struct restriction *date_is(struct parser *ps, const char *uri,
                                   const char *text)
{
    g_autoptr(restriction) all = restriction_new(RESTRICT_AND);
    const char *dots = strstr(text, "..");
    struct aqs_days a = { 0, 0 }, b = { 0, 0 };
    bool from = true, to = true;

    if (*text == '>' || *text == '<') {
        bool more = *text == '>', with = text[1] == '=';

        if (!aqs_days_read(text + 1 + with, ps->now_us, &a))
            return refuse(ps);
        from = more;
        to = !more;
        b.to_us = with ? a.to_us : a.from_us;
        a.from_us = with ? a.from_us : a.to_us;
    } else if (dots != NULL) {
        g_autofree char *first = g_strndup(text, (gsize)(dots - text));

        from = *first != '\0';
        to = dots[2] != '\0';
        if ((from && !aqs_days_read(first, ps->now_us, &a)) ||
            (to && !aqs_days_read(dots + 2, ps->now_us, &b)) || (!from && !to))
            return refuse(ps);
    } else {
        if (!aqs_days_read(text, ps->now_us, &a))
            return refuse(ps);
        b = a;
    }
    if ((from && !add_end(ps, all, uri, RESTRICT_GREATER_EQUAL, a.from_us)) ||
        (to && !add_end(ps, all, uri, RESTRICT_LESS, b.to_us)))
        return NULL;
    return g_steal_pointer(&all);
}

/* ---- the grammar ----------------------------------------------------- */

static void skip_blanks(struct parser *ps)
{
    while (g_ascii_isspace(*ps->at))
        ps->at++;
}

/* Up to a blank or parenthesis; quotes around all of it are taken off. */
static char *read_token(struct parser *ps, bool *ret_quoted)
{
    const char *from = ps->at;
    const char *end;

    *ret_quoted = *from == '"';
    if (*ret_quoted) {
        end = strchr(from + 1, '"');
        if (end == NULL)
            return NULL;
        ps->at = end + 1;
        return g_strndup(from + 1, (gsize)(end - from - 1));
    }
    while (*ps->at != '\0' && !g_ascii_isspace(*ps->at) &&
           strchr("()\"", *ps->at) == NULL)
        ps->at++;
    return g_strndup(from, (gsize)(ps->at - from));
}

/* A date may be two words: "last week". */
static char *read_date_token(struct parser *ps)
{
    static const char *const firsts[] = { "last", "past", "this", "next",
                                          "coming" };
    bool quoted = false;
    g_autofree char *first = read_token(ps, &quoted);

    for (size_t i = 0; first != NULL && i < G_N_ELEMENTS(firsts); i++) {
        g_autofree char *second = NULL;

        if (g_ascii_strcasecmp(first, firsts[i]) != 0)
            continue;
        skip_blanks(ps);
        second = read_token(ps, &quoted);
        return g_strconcat(first, " ", second != NULL ? second : "", NULL);
    }
    return g_steal_pointer(&first);
}

static struct restriction *read_words(struct parser *ps,
                                      const struct property *where)
{
    bool quoted = false;
    g_autofree char *word = read_token(ps, &quoted);

    if (word == NULL || *word == '\0')
        return refuse(ps);
    return word_in(ps, where, word,
                   quoted ? MATCH_PHRASE : MATCH_WORD_PREFIXES);
}

/* "subject:(product development)": all of them */
static struct restriction *read_list(struct parser *ps,
                                     const struct property *where)
{
    g_autoptr(restriction) all = restriction_new(RESTRICT_AND);

    ps->at++;
    for (skip_blanks(ps); *ps->at != ')'; skip_blanks(ps)) {
        struct restriction *r = *ps->at != '\0' && *ps->at != '('
                                    ? read_words(ps, where)
                                    : refuse(ps);

        if (r == NULL)
            return NULL;
        restriction_add(all, r);
    }
    ps->at++;
    return g_steal_pointer(&all);
}

static struct restriction *read_property(struct parser *ps, const char *name)
{
    static const struct {
        const char *name, *uri;
        bool date;
    } others[] = {
        { "received", "item:DateTimeReceived", true },
        { "sent", "item:DateTimeSent", true },
        { "hasattachment", "item:HasAttachments", false },
        { "hasattachments", "item:HasAttachments", false },
        { "isread", "message:IsRead", false },
    };
    const struct property *where = property_of(name);
    bool quoted = false;

    for (size_t i = 0; i < G_N_ELEMENTS(others); i++) {
        g_autofree char *text = NULL;

        if (strcmp(others[i].name, name) != 0)
            continue;
        text = others[i].date ? read_date_token(ps) : read_token(ps, &quoted);
        if (text == NULL)
            return refuse(ps);
        return others[i].date ? date_is(ps, others[i].uri, text)
                              : flag_is(ps, others[i].uri, text);
    }
    if (strcmp(name, "kind") == 0) {
        g_autofree char *kind = read_token(ps, &quoted);

        return kind != NULL ? kind_is(ps, kind) : refuse(ps);
    }
    if (where->name == NULL)
        return refuse(ps);
    return *ps->at == '(' ? read_list(ps, where) : read_words(ps, where);
}

static struct restriction *read_or(struct parser *ps);

static struct restriction *read_primary(struct parser *ps)
{
    size_t n = strcspn(ps->at, ": \t\r\n()\"");
    g_autofree char *name = NULL;

    if (*ps->at == '(') {
        struct restriction *r;

        ps->at++;
        r = ++ps->depth > DEPTH_MAX ? refuse(ps) : read_or(ps);
        ps->depth--;
        if (r == NULL || *ps->at != ')') {
            restriction_free(r);
            return r == NULL ? NULL : refuse(ps);
        }
        ps->at++;
        return r;
    }
    if (ps->at[n] != ':' || n == 0)
        return read_words(ps, property_of(""));
    name = g_ascii_strdown(ps->at, (gssize)n);
    ps->at += n + 1;
    skip_blanks(ps);
    return read_property(ps, name);
}

/* The operator's word at this place, in capitals; it is taken. */
static bool take(struct parser *ps, const char *word)
{
    size_t n = strlen(word);

    skip_blanks(ps);
    if (strncmp(ps->at, word, n) != 0 ||
        (ps->at[n] != '\0' && !g_ascii_isspace(ps->at[n]) && ps->at[n] != '('))
        return false;
    ps->at += n;
    skip_blanks(ps);
    return true;
}

static struct restriction *read_not(struct parser *ps)
{
    bool not = take(ps, "NOT");
    struct restriction *r = read_primary(ps);
    struct restriction *turned;

    if (r == NULL || !not )
        return r;
    turned = restriction_new(RESTRICT_NOT);
    restriction_add(turned, r);
    return turned;
}

static bool at_or(struct parser *ps)
{
    struct parser probe = *ps;

    return take(&probe, "OR");
}

static struct restriction *read_and(struct parser *ps)
{
    g_autoptr(restriction) all = restriction_new(RESTRICT_AND);

    for (skip_blanks(ps); *ps->at != '\0' && *ps->at != ')' && !at_or(ps);
         skip_blanks(ps)) {
        struct restriction *r;

        (void)take(ps, "AND");
        r = read_not(ps);
        if (r == NULL)
            return NULL;
        restriction_add(all, r);
    }
    return all->n_children > 0 ? g_steal_pointer(&all) : refuse(ps);
}

static struct restriction *read_or(struct parser *ps)
{
    g_autoptr(restriction) any = restriction_new(RESTRICT_OR);

    do {
        struct restriction *r = read_and(ps);

        if (r == NULL)
            return NULL;
        restriction_add(any, r);
    } while (take(ps, "OR"));
    return g_steal_pointer(&any);
}

struct restriction *aqs_read(struct find_context *context, const char *query,
                             int64_t now_us, GPtrArray *terms,
                             struct problem *p)
{
    struct parser ps = { .context = context,
                         .at = query,
                         .now_us = now_us,
                         .terms = terms,
                         .p = p };
    g_autoptr(restriction) r = read_or(&ps);

    if (r == NULL)
        return NULL;
    return *ps.at == '\0' ? g_steal_pointer(&r) : refuse(&ps);
}
