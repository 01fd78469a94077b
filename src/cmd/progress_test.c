#include "cmd/progress.h"

#include <string.h>

#include <jansson.h>

#include "base/check.h"

static const struct fleet_mailbox mailboxes[] = {
    { .id = 1, .source_address = "ann@old", .destination_address = "ann@new" },
    { .id = 2, .source_address = "bob@old", .destination_address = "bob@new" },
};

#define HIDDEN "hidden items are left behind"

static void tell(const struct fleet_listener *l, size_t index,
                 enum engine_event_kind kind, uint64_t n, const char *text,
                 const char *about)
{
    l->event(l->data, index,
             &(struct engine_event){
                 .kind = kind, .n = n, .text = text, .about = about });
}

/* One mailbox that is copied with a hitch, and one that cannot be. */
static void play(struct progress *p)
{
    const struct fleet_listener *l = progress_listener(p);
    struct err why;

    l->begun(l->data, 0);
    l->event(l->data, 0,
             &(struct engine_event){ .kind = ENGINE_STATE,
                                     .state = MAILBOX_COPYING });
    l->event(l->data, 0,
             &(struct engine_event){
                 .kind = ENGINE_LISTED, .n = 1300, .bytes = 9000000 });
    l->event(l->data, 0,
             &(struct engine_event){
                 .kind = ENGINE_COPIED, .n = 1299, .bytes = 8500000 });
    tell(l, 0, ENGINE_FAILED, 1, "the item is corrupt", NULL);
    tell(l, 0, ENGINE_NOTE, 4, "4 of class \"A\"", HIDDEN);
    tell(l, 1, ENGINE_NOTE, 1200, "1,200 of class \"B\"", HIDDEN);
    tell(l, 0, ENGINE_FAILED, 2, "the item is corrupt", NULL);
    tell(l, 0, ENGINE_NOTE, 0, "folder \"a\" is called \"b\"",
         "a folder has another name");
    tell(l, 0, ENGINE_NOTE, 0, "going on with another account", NULL);
    l->event(l->data, 0,
             &(struct engine_event){ .kind = ENGINE_STATE,
                                     .state = MAILBOX_COMPLETED_WITH_FAILURES,
                                     .text = "2 different, 3 failed" });
    l->ended(l->data, 0, FLEET_DIFFERENCES, NULL, NULL);
    l->begun(l->data, 1);
    err_set(&why, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "no such mailbox");
    why.remedy = "look for a typing error";
    l->ended(l->data, 1, FLEET_FAILED, NULL, &why);
}

static struct progress *begin(FILE *out, enum progress_style style,
                              bool verbose)
{
    const struct progress_config config = {
        .style = style,
        .out = out,
        .mailboxes = mailboxes,
        .n = G_N_ELEMENTS(mailboxes),
        .task = FLEET_MIGRATE,
        .verbose = verbose,
    };

    return progress_new(&config);
}

static char *played(enum progress_style style, bool verbose)
{
    char *text = NULL, *copy;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct progress *p = begin(out, style, verbose);

    play(p);
    progress_free(p);
    fclose(out);
    copy = g_strdup(text);
    free(text);
    return copy;
}

static void test_plain(void)
{
    g_autofree char *text = played(PROGRESS_PLAIN, false);

    g_assert_cmpstr(
        text, ==,
        "ann@old: note: going on with another account\n"
        "ann@old: completed with failures, 1,299 items copied, 8.5 MB, "
        "3 failed: 2\n    different, 3 failed\n"
        "bob@old: failed: no such mailbox\n"
        "    remedy: look for a typing error\n"
        "What happened (the report has each; --verbose tells them as they "
        "come)\n"
        "  mailboxes     items\n"
        "          1         3  item failed: the item is corrupt\n"
        "          2     1,204  hidden items are left behind\n"
        "          1            a folder has another name\n");
}

/* Servers' words and notes go on below; a mailbox's own line is one. */
static void test_long_lines(void)
{
    static const char words[] =
        "source: ErrorNonExistentMailbox: there is no mailbox with this "
        "address (the server says \"The SMTP address has no mailbox associated "
        "with it.\")";
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct progress *p = begin(out, PROGRESS_PLAIN, false);
    const struct fleet_listener *l = progress_listener(p);
    struct err why;

    err_set(&why, ERR_MAILBOX, ERR_RETRY_NEVER, 0, "%s", words);
    why.remedy = words;
    tell(l, 0, ENGINE_NOTE, 0, words, NULL);
    l->ended(l->data, 1, FLEET_FAILED, NULL, &why);
    progress_free(p);
    fclose(out);
    g_assert_cmpstr(
        text, ==,
        "ann@old: note: source: ErrorNonExistentMailbox: there is no mailbox "
        "with this\n"
        "    address (the server says \"The SMTP address has no mailbox "
        "associated with\n"
        "    it.\")\n"
        "bob@old: failed: source: ErrorNonExistentMailbox: there is no mailbox "
        "with this\n"
        "    address (the server says \"The SMTP address has no mailbox "
        "associated with\n"
        "    it.\")\n"
        "    remedy: source: ErrorNonExistentMailbox: there is no mailbox with "
        "this\n"
        "            address (the server says \"The SMTP address has no "
        "mailbox\n"
        "            associated with it.\")\n");
    free(text);
}

static void test_verbose(void)
{
    g_autofree char *text = played(PROGRESS_PLAIN, true);

    g_assert_nonnull(strstr(text, "ann@old: note: 4 of class \"A\"\n"
                                  "bob@old: note: 1,200 of class \"B\"\n"));
    g_assert_nonnull(
        strstr(text, "ann@old: item failed: the item is corrupt\n"));
    g_assert_null(strstr(text, "What happened"));
}

/*
 * However many causes there are, a person is shown some and told of the rest.
 */
static void test_many_causes(void)
{
    char *text = NULL;
    size_t size = 0, n_lines = 0;
    FILE *out = open_memstream(&text, &size);
    struct progress *p = begin(out, PROGRESS_PLAIN, false);
    const struct fleet_listener *l = progress_listener(p);

    for (int i = 0; i < 2000; i++) {
        g_autofree char *cause = g_strdup_printf("cause %d", i);

        l->event(l->data, 0,
                 &(struct engine_event){
                     .kind = ENGINE_FAILED, .n = 1, .text = cause });
    }
    progress_free(p);
    fclose(out);
    for (const char *c = text; *c != '\0'; c++)
        n_lines += *c == '\n';
    g_assert_cmpuint(n_lines, ==, 2 + 20 + 1);
    g_assert_nonnull(strstr(text, "other causes: see the report\n"));
    free(text);
}

/* The events of one name about one mailbox, in order. */
static GPtrArray *objects(const char *text, const char *event)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    GPtrArray *found =
        g_ptr_array_new_with_free_func((GDestroyNotify)json_decref);

    for (char **line = lines; *line != NULL; line++) {
        json_t *o;

        if (**line == '\0')
            continue;
        o = json_loads(*line, 0, NULL);
        g_assert_nonnull(o);
        g_assert_nonnull(json_object_get(o, "time"));
        if (strcmp(json_string_value(json_object_get(o, "event")), event) == 0)
            g_ptr_array_add(found, json_incref(o));
        json_decref(o);
    }
    return found;
}

static json_int_t number(json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static const char *text_of(json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

static void test_json(void)
{
    g_autofree char *text = played(PROGRESS_JSON, false);
    g_autoptr(GPtrArray) ends = objects(text, "end");
    g_autoptr(GPtrArray) notes = objects(text, "note");
    g_autoptr(GPtrArray) states = objects(text, "state");
    json_t *o;

    g_assert_cmpuint(states->len, ==, 2);
    g_assert_cmpuint(ends->len, ==, 2);
    /* Each of them, whatever a person is spared. */
    g_assert_cmpuint(notes->len, ==, 6);
    o = g_ptr_array_index(notes, 2);
    g_assert_cmpstr(text_of(o, "about"), ==, HIDDEN);
    g_assert_cmpint(number(o, "items"), ==, 1200);
    o = g_ptr_array_index(ends, 0);
    g_assert_cmpstr(text_of(o, "mailbox"), ==, "ann@old");
    g_assert_cmpstr(text_of(o, "state"), ==, "completed with failures");
    g_assert_cmpint(number(o, "listed"), ==, 1300);
    g_assert_cmpint(number(o, "copied"), ==, 1299);
    g_assert_cmpint(number(o, "failed"), ==, 3);
    o = g_ptr_array_index(ends, 1);
    g_assert_cmpstr(text_of(o, "state"), ==, "failed");
    g_assert_cmpstr(text_of(o, "error"), ==, "no such mailbox");
    g_assert_cmpstr(text_of(o, "remedy"), ==, "look for a typing error");
}

/* No line of the picture may wrap: the cursor would lose its way. */
static void test_terminal(void)
{
    g_autofree char *text = played(PROGRESS_TERMINAL, false);
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    g_assert_nonnull(strstr(text, "1,299/1,300 items"));
    g_assert_nonnull(strstr(text, "mailboxes 2/2"));
    g_assert_nonnull(strstr(text, "bob@old: failed: no such mailbox"));
    for (char **line = lines; *line != NULL; line++)
        if (strstr(*line, "items  ") != NULL)
            g_assert_cmpint(g_utf8_strlen(*line, -1), <, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/progress/plain", test_plain);
    g_test_add_func("/progress/long-lines", test_long_lines);
    g_test_add_func("/progress/verbose", test_verbose);
    g_test_add_func("/progress/many-causes", test_many_causes);
    g_test_add_func("/progress/json", test_json);
    g_test_add_func("/progress/terminal", test_terminal);
    return g_test_run();
}
