#include "base/config.h"

#include <string.h>
#include <unistd.h>

#include "base/check.h"

/* Every fault of a file's text, a line each. */
static char *faults_of(const char *text, const char *const *environment,
                       const char *const *given, struct config **ret)
{
    g_autofree char *path = NULL;
    g_autoptr(GPtrArray) faults = config_faults_new();
    g_autoptr(config) c = NULL;
    GString *all = g_string_new(NULL);
    struct config_sources sources = { .environment = environment,
                                      .given = given };
    struct err err;
    int fd = g_file_open_tmp("config-XXXXXX", &path, NULL);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
    sources.file = path;
    CHECK_OK(config_load(&sources, &c, faults, &err), &err);
    for (guint i = 0; i < faults->len; i++) {
        const struct config_fault *f = faults->pdata[i];
        const char *where = f->where;

        if (g_str_has_prefix(where, path))
            where += strlen(path);
        g_string_append_printf(all, "%s: %s\n", where, f->why.msg);
    }
    unlink(path);
    if (ret != NULL)
        *ret = g_steal_pointer(&c);
    return g_string_free(all, FALSE);
}

static void test_faults(void)
{
    static const struct {
        const char *name, *text, *want;
    } rows[] = {
        { "nothing", "", "" },
        { "all well",
          "[http]\nlisten = [::1]:80\n[log]\nlevel = debug\nformat=json\n",
          "" },
        { "unknown key, section and value at once",
          "[http]\nlistn = 1\n[htpp]\nlisten = 1\n[log]\nlevel = inof\n",
          ":2: unknown key \"listn\" in [http]; did you mean \"listen\"?\n"
          ":3: unknown section [htpp]; did you mean [http]?\n"
          ":6: log.level: \"inof\" is none of error, warning, info, debug; "
          "did you mean \"info\"?\n" },
        { "a key of another section", "[log]\npublic-url = none\n",
          ":2: unknown key \"public-url\" in [log]\n" },
        { "twice", "[log]\nlevel=info\n\nlevel=debug\n",
          ":4: log.level is given twice; first on line 2\n" },
        { "out of range", "[http]\nthreads = 0\nbody-limit = 1k\n",
          ":2: http.threads: \"0\" is not a whole number from 1 to 64\n"
          ":3: http.body-limit: \"1k\" is not a number of bytes from 65536 to "
          "268435456\n" },
        { "none where there must be one", "[http]\nthreads = none\n",
          ":2: http.threads: \"none\" is not a whole number from 1 to 64\n" },
        { "not a URL", "[http]\npublic-url = ftp://mail.example\n",
          ":2: http.public-url: \"ftp://mail.example\" is not http:// or "
          "https:// with a host and nothing behind it\n" },
        { "a path behind the URL", "[http]\npublic-url = https://a.example/b\n",
          ":2: http.public-url: \"https://a.example/b\" is not http:// or "
          "https:// with a host and nothing behind it\n" },
        { "a password in the URL",
          "[http]\npublic-url = https://u:p@a.example\n",
          ":2: http.public-url: \"https://u:p@a.example\" is not http:// or "
          "https:// with a host and nothing behind it\n" },
        { "open to others without TLS", "[http]\nlisten = 0.0.0.0:8080\n",
          ":2: http.listen: other machines could reach this address, and "
          "nothing would be encrypted\n" },
        { "open to others behind a proxy",
          "[http]\nlisten = 0.0.0.0:8080\npublic-url = https://a.example\n",
          "" },
        { "open to others behind a proxy without TLS",
          "[http]\nlisten = 0.0.0.0:8080\npublic-url = http://a.example\n",
          ":2: http.listen: other machines could reach this address, and "
          "nothing would be encrypted\n" },
        { "a certificate without its key",
          "[http]\ntls-certificate = cert.pem\n",
          ":2: http.tls-certificate: its key is missing\n" },
        { "a desk without links to give",
          "[desk]\naddress = migrations@provider.example\n",
          ":2: desk.address: the desk's letters have links, and it is not "
          "known where to\n" },
        { "a desk",
          "[desk]\naddress = migrations@provider.example\n"
          "alerts = ops@provider.example\n"
          "[http]\npublic-url = https://a.example\n",
          "" },
        { "no addresses",
          "[desk]\naddress = Desk <desk@provider.example>\nalerts = ops\n"
          "[http]\npublic-url = https://a.example\n",
          ":2: desk.address: this is no address of mail\n"
          ":3: desk.alerts: this is no address of mail\n" },
        { "a key without its certificate", "[http]\ntls-key = key.pem\n",
          ":2: http.tls-key: its certificate is missing\n" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *got = faults_of(rows[i].text, NULL, NULL, NULL);

        if (strcmp(got, rows[i].want) != 0)
            g_error("row \"%s\": %s", rows[i].name, got);
    }
}

static void test_order(void)
{
    static const char *const environment[] = {
        "MAILFERRY_HTTP_THREADS=5",
        "MAILFERRY_LOG_LEVEL=warning",
        "MAILFERRY_EVENTS_KEPT=", /* a shell's "not set" */
        "MAILFERRY_SOURCE_PASSWORD=not ours",
        "HTTP_THREADS=7",
        NULL,
    };
    const char *given[CONFIG_N] = { [CONFIG_LOG_LEVEL] = "error" };
    g_autoptr(config) c = NULL;
    g_autofree char *got = faults_of("[http]\nthreads = 2\nrequest-time=1m\n"
                                     "[log]\nlevel = debug\n",
                                     environment, given, &c);
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    g_assert_cmpstr(got, ==, "");
    g_assert_cmpuint(config_number(c, CONFIG_HTTP_THREADS), ==, 5);
    g_assert_cmpint(config_us(c, CONFIG_HTTP_TIME), ==, 60000000);
    g_assert_cmpint(config_word(c, CONFIG_LOG_LEVEL), ==, 0);
    g_assert_cmpuint(config_number(c, CONFIG_EVENT_KEPT), ==, 10000);
    g_assert_null(config_text(c, CONFIG_HTTP_PUBLIC_URL));
    config_print(c, out);
    fclose(out);
    g_assert_nonnull(strstr(text,
                            "# environment variable MAILFERRY_HTTP_THREADS\n"
                            "threads = 5\n"));
    g_assert_nonnull(strstr(text, "# option --log-level\nlevel = error\n"));
    g_assert_nonnull(strstr(text, ":3\nrequest-time = 1m\n"));
    g_assert_nonnull(strstr(text, "# default\npublic-url = none\n"));
    free(text);
}

static void test_environment_faults(void)
{
    static const char *const environment[] = { "MAILFERRY_HTTP_LISTNE=1",
                                               "MAILFERRY_HTTP_THREADS=many",
                                               NULL };
    g_autofree char *got = faults_of("", environment, NULL, NULL);

    g_assert_cmpstr(
        got, ==,
        "environment variable MAILFERRY_HTTP_LISTNE: no key has this name; "
        "did you mean MAILFERRY_HTTP_LISTEN?\n"
        "environment variable MAILFERRY_HTTP_THREADS: http.threads: \"many\" "
        "is not a whole number from 1 to 64\n");
}

/* What "show" prints is a file that says the same. */
static void test_printed_is_read(void)
{
    static const char *const first[] = {
        "MAILFERRY_HTTP_PUBLIC_URL=https://a.example",
        "MAILFERRY_HTTP_TRUSTED_PROXIES=10.0.0.0/8, ::1", NULL
    };
    g_autoptr(config) a = NULL, b = NULL;
    g_autofree char *none = faults_of("", first, NULL, &a);
    g_autofree char *again = NULL;
    bool differs[CONFIG_N];
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    g_assert_cmpstr(none, ==, "");
    config_print(a, out);
    fclose(out);
    again = faults_of(text, NULL, NULL, &b);
    g_assert_cmpstr(again, ==, "");
    config_compare(a, b, differs);
    for (int i = 0; i < CONFIG_N; i++)
        CHECK_ROW(config_rows[i].key, !differs[i]);
    free(text);
}

static void test_path(void)
{
    static const char *const environment[] = {
        "MAILFERRY_SERVICE_DATA_DIRECTORY=/srv/m", NULL
    };
    g_autoptr(config) c = NULL;
    g_autofree char *none = faults_of("", environment, NULL, &c);
    g_autofree char *key = config_path(c, CONFIG_KEY_FILE);
    g_autofree char *certificate = config_path(c, CONFIG_HTTP_CERTIFICATE);

    g_assert_cmpstr(none, ==, "");
    g_assert_cmpstr(key, ==, "/srv/m/sealing.key");
    g_assert_null(certificate);
}

static void test_missing_file(void)
{
    const struct config_sources sources = { .file = "/nowhere/m.conf" };
    g_autoptr(GPtrArray) faults = config_faults_new();
    struct config *c = NULL;
    struct err err;

    g_assert_cmpint(config_load(&sources, &c, faults, &err), ==, -1);
    g_assert_null(c);
    g_assert_nonnull(strstr(err.msg, "/nowhere/m.conf"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/config/faults", test_faults);
    g_test_add_func("/config/order", test_order);
    g_test_add_func("/config/environment-faults", test_environment_faults);
    g_test_add_func("/config/printed-is-read", test_printed_is_read);
    g_test_add_func("/config/path", test_path);
    g_test_add_func("/config/missing-file", test_missing_file);
    return g_test_run();
}
