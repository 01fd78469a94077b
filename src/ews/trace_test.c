/*
 * What real servers answered, read by our reader.  The oracle is a plain text
 * search over the recorded bytes, which knows no XML.
 */
#include <string.h>

#include "base/check.h"
#include "ews/reply.h"
#include "ews/schema.h"
#include "ews/script.h"

/* One recorded exchange. */
struct exchange {
    char *operation; /* of the request's body */
    long status;
    char *answer; /* the body; "" when it has none */
};

static void free_exchange(void *data)
{
    struct exchange *x = data;

    g_free(x->operation);
    g_free(x->answer);
    g_free(x);
}

/* What stands between a and b after `from`; NULL when it does not. */
static char *between(const char *from, const char *a, const char *b)
{
    const char *start = strstr(from, a);
    const char *stop;

    if (start == NULL)
        return NULL;
    start += strlen(a);
    stop = strstr(start, b);
    return stop != NULL ? g_strndup(start, (gsize)(stop - start)) : NULL;
}

/* All lines of one direction up to the next message: without their mark. */
static char *take_message(char **lines, guint *at, char mark)
{
    GString *s = g_string_new(NULL);

    for (; lines[*at] != NULL && lines[*at][0] == mark; (*at)++)
        g_string_append_printf(s, "%s\n", lines[*at] + 2);
    return g_string_free(s, FALSE);
}

static struct exchange *exchange_of(const char *request, const char *answer)
{
    struct exchange *x = g_new0(struct exchange, 1);
    const char *body = strstr(answer, "\n\n");

    x->operation = between(request, "<messages:", " ");
    x->status = strtol(answer + strlen("HTTP/1.1 "), NULL, 10);
    x->answer = g_strdup(body != NULL ? body + 2 : "");
    g_strstrip(x->answer);
    return x;
}

static GPtrArray *read_trace(const char *path)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(free_exchange);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        g_autofree char *request = take_message(lines, &i, '>');
        g_autofree char *answer = NULL;

        if (request[0] == '\0' || lines[i] == NULL)
            continue;
        i++; /* the blank line between the two */
        answer = take_message(lines, &i, '<');
        g_ptr_array_add(all, exchange_of(request, answer));
        if (lines[i] == NULL)
            break;
    }
    return all;
}

/* How many messages the answer holds, and the first code in it. */
static size_t count_of(const char *text, const char *what)
{
    size_t n = 0;

    while ((text = strstr(text, what)) != NULL) {
        text += strlen(what);
        n++;
    }
    return n;
}

static char *first_code(const char *answer)
{
    const char *at = strstr(answer, "ResponseCode");

    return at != NULL ? between(at, ">", "<") : NULL;
}

/* Whether one of the messages, or the fault, carries that code. */
static bool says(const struct xml_node *const *messages, size_t n, int rc,
                 const struct err *err, const char *code)
{
    struct err why;

    if (rc < 0)
        return strstr(err->msg, code) != NULL;
    for (size_t i = 0; i < n; i++) {
        if (soap_message_status(messages[i], &why) == 0)
            return strcmp(code, "NoError") == 0;
        if (!g_str_has_prefix(why.msg, code))
            return false;
    }
    return n > 0;
}

static void check_exchange(struct script *s, const char *name,
                           const struct exchange *x, unsigned int major)
{
    const struct script_line line = { .status = x->status,
                                      .body = x->answer,
                                      .offered =
                                          x->status == 401 ? NET_AUTH_NTLM : 0,
                                      .lies = x->status == 401 };
    g_autofree char *code = first_code(x->answer);
    g_autofree char *per_message =
        g_strconcat("<m:", x->operation, "ResponseMessage ", NULL);
    size_t n = MAX(count_of(x->answer, per_message), 1);
    const struct reply_question question = { .operation = x->operation,
                                             .n = n };
    g_autofree const struct xml_node **messages =
        g_new0(const struct xml_node *, n);
    struct ews_transport t = script_transport(s);
    struct net_request request = { .method = "POST", .url = "https://x/" };
    void *conn = t.ops->connect(&t, NULL);
    g_auto(reply) r = { 0 };
    struct verdict v;
    struct err err = { 0 };
    int rc;

    script_add(s, &line);
    reply_get(&t, conn, &request, NULL, &r);
    t.ops->disconnect(conn);
    rc = reply_judge(&r, &question, messages, &v, &err);
    if (x->status == 401) {
        CHECK_ROW(name, v.refused);
        return;
    }
    CHECK_ROW(name, rc == (x->status == 200 ? 0 : -1));
    CHECK_ROW(name, says(messages, n, rc, &err, code));
    CHECK_ROW(name, !v.maybe && v.outcome == GOVERNOR_OK);
    if (v.answer.has_version)
        CHECK_ROW(name, v.answer.version.major == major);
    CHECK_ROW(name, v.answer.has_version || x->status == 500);
}

static guint check_folder(struct script *s, const char *folder,
                          unsigned int major)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    const char *name;
    guint n = 0;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir)) != NULL) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_autoptr(GPtrArray) all = read_trace(path);

        for (guint i = 0; i < all->len; i++)
            check_exchange(s, name, g_ptr_array_index(all, i), major);
        n += all->len;
    }
    return n;
}

static void test_real_answers(void)
{
    g_autofree char *root =
        shared_dir("EXCHANGE_TRACES_DIR", "exchange-traces");
    g_autofree char *old = NULL;
    g_autofree char *new = NULL;
    struct script *s;

    if (root == NULL) {
        g_test_skip("no recorded conversations");
        return;
    }
    s = script_new();
    old = g_build_filename(root, "Exchange2007_SP1", NULL);
    new = g_build_filename(root, "Exchange2010_SP2", NULL);
    g_assert_cmpuint(check_folder(s, old, 8), ==, 24);
    g_assert_cmpuint(check_folder(s, new, 14), ==, 24);
    script_free(s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/real-answers", test_real_answers);
    return g_test_run();
}
