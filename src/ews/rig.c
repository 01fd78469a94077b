#include "ews/rig.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <glib/gstdio.h>

#include "base/check.h"

/* Long enough for any machine; only a lab that is broken takes so long. */
#define START_MS 60000

static char *run_or_fail(const char *const *argv)
{
    g_autofree char *errors = NULL;
    char *output = NULL;
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) copy =
        g_strdupv((char **)(void *)GSIZE_TO_POINTER(GPOINTER_TO_SIZE(argv)));
    int status = 0;

    g_spawn_sync(NULL, copy, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &output,
                 &errors, &status, &error);
    g_assert_no_error(error);
    if (!g_spawn_check_wait_status(status, NULL))
        g_error("%s: %s", argv[0], errors);
    return output;
}

static void make_certificate(const struct rig *r, const char *key)
{
    const char *const argv[] = { "openssl",
                                 "req",
                                 "-x509",
                                 "-newkey",
                                 "ec",
                                 "-pkeyopt",
                                 "ec_paramgen_curve:P-256",
                                 "-nodes",
                                 "-days",
                                 "3650",
                                 "-subj",
                                 "/CN=localhost",
                                 "-addext",
                                 "subjectAltName=DNS:localhost,IP:127.0.0.1",
                                 "-keyout",
                                 key,
                                 "-out",
                                 r->ca_file,
                                 NULL };

    g_free(run_or_fail(argv));
}

/* In the child: a test that fails must not leave its server behind. */
static void die_with_parent(void *data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void spawn(struct rig *r, const char *program, GPtrArray *args)
{
    g_autoptr(GError) error = NULL;

    g_ptr_array_insert(args, 0, g_strdup(program));
    g_ptr_array_insert(args, 1, g_strdup("serve"));
    g_ptr_array_add(args, NULL);
    g_spawn_async(NULL, (char **)args->pdata, NULL,
                  G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                  die_with_parent, NULL, &r->pid, &error);
    g_assert_no_error(error);
}

static void start(struct rig *r, const char *program, const char *version,
                  const char *const *more)
{
    g_autoptr(GPtrArray) args = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *key = g_build_filename(r->dir, "key.pem", NULL);

    make_certificate(r, key);
    g_ptr_array_add(args, g_strdup("--state=memory"));
    g_ptr_array_add(args, g_strdup("--max-concurrency=0"));
    g_ptr_array_add(args, g_strconcat("--tls-cert=", r->ca_file, NULL));
    g_ptr_array_add(args, g_strconcat("--tls-key=", key, NULL));
    g_ptr_array_add(args, g_strconcat("--port-file=", r->port_file, NULL));
    g_ptr_array_add(args,
                    g_strconcat("--accounts-file=", r->accounts_file, NULL));
    if (version != NULL)
        g_ptr_array_add(args, g_strconcat("--version=", version, NULL));
    for (size_t i = 0; more != NULL && more[i] != NULL; i++)
        g_ptr_array_add(args, g_strdup(more[i]));
    spawn(r, program, args);
}

static char *wait_for_port(const struct rig *r)
{
    for (int ms = 0; ms < START_MS; ms += 20) {
        g_autofree char *text = NULL;

        if (g_file_get_contents(r->port_file, &text, NULL, NULL) &&
            text[0] != '\0')
            return g_strdup(g_strstrip(text));
        if (waitpid(r->pid, NULL, WNOHANG) != 0)
            g_error("the lab ended before it listened");
        g_usleep(20000);
    }
    g_error("the lab does not listen");
}

/* The third field of the line that begins with user. */
char *rig_password(const struct rig *r, const char *user)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    g_assert_true(g_file_get_contents(r->accounts_file, &text, NULL, NULL));
    lines = g_strsplit(text, "\n", -1);
    for (size_t i = 0; lines[i] != NULL; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], ",", 3);

        if (g_strv_length(fields) == 3 && strcmp(fields[0], user) == 0)
            return g_strdup(g_strstrip(fields[2]));
    }
    g_error("the lab has no account \"%s\"", user);
}

static void reach(struct rig *r)
{
    const struct net_config config = { .ca_file = r->ca_file };
    const struct governor_config defaults = { 0 };
    g_autofree char *url = NULL;
    g_autofree char *text = NULL;
    g_autoptr(secret) password = NULL;
    struct ews_login admin = { .user = RIG_ADMIN };
    struct ews_discover_config how = { 0 };
    g_auto(ews_discovery) found = { 0 };
    struct ews_site_config site = { .admin = &admin };
    struct err err;

    r->port = wait_for_port(r);
    url = g_strdup_printf("https://localhost:%s/owa", r->port);
    text = rig_password(r, RIG_ADMIN);
    admin.password = password = secret_new(text, strlen(text));
    CHECK_OK(net_new(&config, &r->net, &err), &err);
    r->governor = governor_new(&defaults);
    r->pool = blob_pool_new(64 << 20, NULL);
    how.owa_url = url;
    how.net = site.net = r->net;
    how.governor = site.governor = r->governor;
    CHECK_OK(ews_discover(&how, &found, &err), &err);
    site.ews_url = found.ews_url;
    site.schemes = found.schemes;
    CHECK_OK(ews_site_new(&site, &r->site, &err), &err);
}

void rig_start(struct rig *r, const char *program, const char *version,
               const char *const *more)
{
    g_autoptr(GError) error = NULL;

    *r = (struct rig){ .dir = g_dir_make_tmp("ews-rig-XXXXXX", &error) };
    g_assert_no_error(error);
    r->ca_file = g_build_filename(r->dir, "cert.pem", NULL);
    r->port_file = g_build_filename(r->dir, "port", NULL);
    r->accounts_file = g_build_filename(r->dir, "accounts", NULL);
    start(r, program, version, more);
    reach(r);
}

void rig_stop(struct rig *r)
{
    static const char *const files[] = { "cert.pem", "key.pem", "port",
                                         "accounts" };

    ews_site_free(r->site);
    governor_free(r->governor);
    net_free(r->net);
    blob_pool_free(r->pool);
    kill(r->pid, SIGTERM);
    waitpid(r->pid, NULL, 0);
    for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *path = g_build_filename(r->dir, files[i], NULL);

        g_unlink(path);
    }
    g_rmdir(r->dir);
    g_free(r->dir);
    g_free(r->ca_file);
    g_free(r->port_file);
    g_free(r->accounts_file);
    g_free(r->port);
}

struct endpoint *rig_open(struct rig *r, const char *address)
{
    const struct ews_mailbox_config config = { .address = address };
    g_auto(endpoint_facts) facts = { 0 };
    struct endpoint *ep;
    struct err err;

    CHECK_OK(ews_mailbox_new(r->site, &config, &ep, &err), &err);
    CHECK_OK(endpoint_open(ep, &facts, &err), &err);
    return ep;
}

unsigned int rig_tray(struct rig *r)
{
    g_autofree char *url =
        g_strdup_printf("https://localhost:%s/lab/tray", r->port);
    const char *const argv[] = { "curl",     "-sSf", "--cacert",
                                 r->ca_file, url,    NULL };
    g_autofree char *text = run_or_fail(argv);
    g_auto(GStrv) lines = g_strsplit(g_strchomp(text), "\n", -1);

    return text[0] != '\0' ? g_strv_length(lines) : 0;
}
