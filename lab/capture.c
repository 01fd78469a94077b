#include "lab/capture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#include <glib/gstdio.h>

struct capture {
    char *folder;
    atomic_uint number;
    atomic_bool complained;
};

/* The highest number that a file of the folder begins with. */
static unsigned int last_number(const char *folder)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    unsigned int last = 0;
    const char *name;

    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        guint64 n = g_ascii_strtoull(name, NULL, 10);

        if (n < 1000000000)
            last = MAX(last, (unsigned int)n);
    }
    return last;
}

int capture_new(const char *folder, struct capture **ret, struct err *err)
{
    struct capture *c;

    if (g_mkdir_with_parents(folder, 0700) < 0)
        return err_errno(err, ERR_RUN, errno, "folder \"%s\"", folder);
    c = g_new0(struct capture, 1);
    c->folder = g_strdup(folder);
    atomic_init(&c->number, last_number(folder));
    atomic_init(&c->complained, false);
    *ret = c;
    return 0;
}

void capture_free(struct capture *c)
{
    if (c == NULL)
        return;
    g_free(c->folder);
    g_free(c);
}

static void write_file(struct capture *c, const char *name, const GString *text)
{
    g_autofree char *path = g_build_filename(c->folder, name, NULL);
    g_autoptr(GError) error = NULL;

    if (g_file_set_contents_full(path, text->str, (gssize)text->len,
                                 G_FILE_SET_CONTENTS_NONE, 0600, &error))
        return;
    if (!atomic_exchange(&c->complained, true))
        g_printerr("mailferry-lab: capture: %s\n", error->message);
}

/* An operation's name comes from the client: letters only reach the disk. */
static char *safe_name(const char *operation)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < 64 && operation[i] != '\0'; i++)
        if (g_ascii_isalnum(operation[i]))
            g_string_append_c(out, operation[i]);
    return g_string_free(out, FALSE);
}

void capture_write(struct capture *c, const char *operation,
                   const GString *request, const GString *answer, bool injected)
{
    g_autofree char *safe = NULL, *asked = NULL, *answered = NULL;
    unsigned int n;

    if (c == NULL)
        return;
    n = atomic_fetch_add(&c->number, 1) + 1;
    safe = safe_name(operation);
    asked = g_strdup_printf("%06u-%s-request.xml", n, safe);
    write_file(c, asked, request);
    if (answer == NULL)
        return;
    answered = g_strdup_printf("%06u-%s-%s.xml", n, safe,
                               injected ? "injected" : "answer");
    write_file(c, answered, answer);
}
