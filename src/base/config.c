#include "base/config.h"

#include <string.h>

#include "base/config_priv.h"
#include "base/inet.h"
#include "base/ini.h"
#include "base/nearest.h"

#define VARIABLE_PREFIX "MAILFERRY_"

const struct config_row config_rows[CONFIG_N] = {
#define X(id, in, name, long_name, stands, kind, takes_effect, value, least,   \
          most, list, may_be_none, hidden, text)                               \
    [CONFIG_##id] = {                                                          \
        .section = (in),                                                       \
        .key = (name),                                                         \
        .option = (long_name),                                                 \
        .arg = (stands),                                                       \
        .type = CONFIG_##kind,                                                 \
        .when = CONFIG_##takes_effect,                                         \
        .initial = (value),                                                    \
        .min = (least),                                                        \
        .max = (most),                                                         \
        .words = (list),                                                       \
        .optional = (may_be_none),                                             \
        .secret = (hidden),                                                    \
        .help = (text),                                                        \
    },
    CONFIG_KEYS(X)
#undef X
};

/* One reading of all sources. */
struct loading {
    struct config *config;
    GPtrArray *faults;        /* borrowed */
    const char *file;         /* its name, while it is read */
    uint32_t lines[CONFIG_N]; /* of the file; 0: not there */
};

static void free_fault(void *data)
{
    struct config_fault *f = data;

    g_free(f->where);
    g_free(f);
}

GPtrArray *config_faults_new(void)
{
    return g_ptr_array_new_with_free_func(free_fault);
}

/* Takes over where. */
static void add_fault(const struct loading *l, char *where,
                      const struct err *why)
{
    struct config_fault *f = g_new0(struct config_fault, 1);

    f->where = where;
    f->why = *why;
    g_ptr_array_add(l->faults, f);
}

char *config_variable(enum config_key key)
{
    const struct config_row *row = &config_rows[key];
    g_autofree char *name =
        g_strconcat(VARIABLE_PREFIX, row->section, "_", row->key, NULL);
    char *upper = g_ascii_strup(name, -1);

    return g_strdelimit(upper, "-", '_');
}

/* Takes over where. */
static void set(struct loading *l, enum config_key key, const char *text,
                char *where)
{
    const struct config_row *row = &config_rows[key];
    struct config_value *v = &l->config->values[key];
    struct err why;

    if (config_value_read(row, text, v, &why) < 0) {
        err_in(&why, "%s.%s", row->section, row->key);
        add_fault(l, where, &why);
        return;
    }
    g_free(v->origin);
    v->origin = where;
}

static void set_defaults(struct loading *l)
{
    for (int key = 0; key < CONFIG_N; key++)
        set(l, (enum config_key)key, config_rows[key].initial,
            g_strdup("default"));
    g_assert_cmpuint(l->faults->len, ==, 0);
}

/* ---- the file ------------------------------------------------------------ */

static char *at_line(const struct loading *l, uint32_t line)
{
    return g_strdup_printf("%s:%u", l->file, line);
}

static void on_fault(void *data, uint32_t line, const char *text)
{
    struct loading *l = data;
    struct err why;

    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", text);
    add_fault(l, at_line(l, line), &why);
}

/* CONFIG_N when there is none. */
static int find(const char *section, const char *key)
{
    int i = 0;

    while (i < CONFIG_N && (strcmp(config_rows[i].section, section) != 0 ||
                            strcmp(config_rows[i].key, key) != 0))
        i++;
    return i;
}

/* The keys of a section, or with NULL the sections, each once. */
static GPtrArray *words_of(const char *section)
{
    GPtrArray *words = g_ptr_array_new();

    for (int i = 0; i < CONFIG_N; i++) {
        const struct config_row *row = &config_rows[i];

        if (section == NULL &&
            (i == 0 || strcmp(row[-1].section, row->section) != 0))
            g_ptr_array_add(words, (gpointer)(uintptr_t)row->section);
        if (section != NULL && strcmp(row->section, section) == 0)
            g_ptr_array_add(words, (gpointer)(uintptr_t)row->key);
    }
    g_ptr_array_add(words, NULL);
    return words;
}

static void on_section(void *data, uint32_t line, const char *name)
{
    const struct loading *l = data;
    g_autoptr(GPtrArray) sections = words_of(NULL);
    const char *const *known = (const char *const *)sections->pdata;
    const char *near = nearest_word(name, known);
    struct err why;

    if (g_strv_contains(known, name))
        return;
    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0,
            near != NULL ? "unknown section [%s]; did you mean [%s]?"
                         : "unknown section [%s]",
            name, near);
    add_fault(l, at_line(l, line), &why);
}

/* In an unknown section, which is a fault of its own, no key is known. */
static void unknown(const struct loading *l, const struct ini_entry *e)
{
    g_autoptr(GPtrArray) keys = words_of(e->section);
    const char *near;
    struct err why;

    if (keys->pdata[0] == NULL)
        return;
    near = nearest_word(e->key, (const char *const *)keys->pdata);
    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0,
            near != NULL ? "unknown key \"%s\" in [%s]; did you mean \"%s\"?"
                         : "unknown key \"%s\" in [%s]",
            e->key, e->section, near);
    add_fault(l, at_line(l, e->line), &why);
}

static void on_entry(void *data, const struct ini_entry *e)
{
    struct loading *l = data;
    int key = find(e->section, e->key);
    struct err why;

    if (key == CONFIG_N) {
        unknown(l, e);
        return;
    }
    if (l->lines[key] != 0) {
        err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0,
                "%s.%s is given twice; first on line %u", e->section, e->key,
                l->lines[key]);
        add_fault(l, at_line(l, e->line), &why);
        return;
    }
    l->lines[key] = e->line;
    set(l, (enum config_key)key, e->value, at_line(l, e->line));
}

static int read_file(struct loading *l, const char *path, struct err *err)
{
    const struct ini_visitor visitor = { l, on_section, on_entry, on_fault };
    g_autoptr(GError) error = NULL;
    g_autofree char *text = NULL;
    gsize n;

    if (!g_file_get_contents(path, &text, &n, &error))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
    if (n > INI_FILE_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "file \"%s\" is larger than %d bytes", path,
                       INI_FILE_MAX);
    l->file = path;
    ini_read(text, n, &visitor);
    return 0;
}

/* ---- the environment ----------------------------------------------------- */

/* Whether the name begins like those of one of our sections. */
static bool is_ours(const char *name)
{
    for (int i = 0; i < CONFIG_N; i++) {
        g_autofree char *prefix =
            g_strconcat(VARIABLE_PREFIX, config_rows[i].section, "_", NULL);

        if (g_ascii_strncasecmp(name, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

static void unknown_variable(const struct loading *l, const char *name)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *near;
    struct err why;

    for (int i = 0; i < CONFIG_N; i++)
        g_ptr_array_add(names, config_variable((enum config_key)i));
    g_ptr_array_add(names, NULL);
    near = nearest_word(name, (const char *const *)names->pdata);
    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0,
            near != NULL ? "no key has this name; did you mean %s?"
                         : "no key has this name",
            near);
    add_fault(l, g_strdup_printf("environment variable %s", name), &why);
}

static void read_variable(struct loading *l, const char *name,
                          const char *value)
{
    for (int i = 0; i < CONFIG_N; i++) {
        enum config_key key = (enum config_key)i;
        g_autofree char *variable = config_variable(key);

        if (strcmp(variable, name) != 0)
            continue;
        /* an empty one is a shell's way to say that it is not set */
        if (*value != '\0')
            set(l, key, value,
                g_strdup_printf("environment variable %s", name));
        return;
    }
    if (is_ours(name))
        unknown_variable(l, name);
}

static void read_environment(struct loading *l, const char *const *environment)
{
    for (; *environment != NULL; environment++) {
        const char *equals = strchr(*environment, '=');
        g_autofree char *name = NULL;

        if (equals == NULL || !g_str_has_prefix(*environment, VARIABLE_PREFIX))
            continue;
        name = g_strndup(*environment, (gsize)(equals - *environment));
        read_variable(l, name, equals + 1);
    }
}

/* ---- all of it ----------------------------------------------------------- */

static void read_given(struct loading *l, const char *const *given)
{
    for (int i = 0; i < CONFIG_N; i++)
        if (given[i] != NULL)
            set(l, (enum config_key)i, given[i],
                g_strdup_printf("option --%s", config_rows[i].option));
}

static void clash(const struct loading *l, enum config_key key,
                  const char *text, const char *remedy)
{
    const struct config_row *row = &config_rows[key];
    struct err why;

    err_set(&why, ERR_RUN, ERR_RETRY_NEVER, 0, "%s.%s: %s", row->section,
            row->key, text);
    err_remedy(&why, remedy);
    add_fault(l, g_strdup(l->config->values[key].origin), &why);
}

/* Whether anybody has it, only the mail server knows. */
static void check_address(const struct loading *l, enum config_key key)
{
    const char *text = config_text(l->config, key);
    const char *at = text != NULL ? strchr(text, '@') : NULL;

    if (text == NULL)
        return;
    if (at == NULL || at == text || at[1] == '\0' ||
        strchr(at + 1, '@') != NULL || strpbrk(text, " \t<>,;\"") != NULL)
        clash(l, key, "this is no address of mail",
              "write it alone, such as migrations@provider.example");
}

static void check_desk(const struct loading *l)
{
    check_address(l, CONFIG_DESK_ADDRESS);
    check_address(l, CONFIG_DESK_ALERTS);
    if (config_text(l->config, CONFIG_DESK_ADDRESS) != NULL &&
        config_text(l->config, CONFIG_HTTP_PUBLIC_URL) == NULL)
        clash(l, CONFIG_DESK_ADDRESS,
              "the desk's letters have links, and it is not known where to",
              "give http.public-url too");
    if ((config_text(l->config, CONFIG_DESK_DESTINATION_USER) != NULL) !=
        (config_text(l->config, CONFIG_DESK_DESTINATION_PASSWORD) != NULL))
        clash(l, CONFIG_DESK_DESTINATION_USER,
              "a user without a password, or the other way round",
              "give desk.destination-user and desk.destination-password-file, "
              "or neither");
}

static bool is_given(const struct loading *l, enum config_key key)
{
    return config_text(l->config, key) != NULL;
}

/* An application in place of the user of the support mailbox. */
static void check_intake_client(const struct loading *l)
{
    const char *url = config_text(l->config, CONFIG_INTAKE_TOKEN_URL);

    if (is_given(l, CONFIG_INTAKE_PASSWORD))
        clash(l, CONFIG_INTAKE_CLIENT,
              "the mailbox is opened by a password already",
              "give intake.password-file or intake.oauth-client, and not both");
    if (is_given(l, CONFIG_INTAKE_EWS) && is_given(l, CONFIG_INTAKE_USER))
        clash(l, CONFIG_INTAKE_USER,
              "on Exchange no user signs in beside an application",
              "leave it out: the application acts for intake.mailbox");
    if (!is_given(l, CONFIG_INTAKE_SECRET))
        clash(l, CONFIG_INTAKE_CLIENT, "its secret is missing",
              "give intake.oauth-secret-file too");
    if (is_given(l, CONFIG_INTAKE_TENANT) == (url != NULL))
        clash(l, CONFIG_INTAKE_CLIENT,
              "it needs either a tenant or a token URL",
              "give intake.oauth-tenant for Microsoft's, else "
              "intake.oauth-token-url");
    if (url != NULL && g_ascii_strncasecmp(url, "https://", 8) != 0)
        clash(l, CONFIG_INTAKE_TOKEN_URL, "this is no address by https",
              "a client secret is not sent in the clear");
}

static void check_intake(const struct loading *l)
{
    static const enum config_key of_client[] = { CONFIG_INTAKE_TENANT,
                                                 CONFIG_INTAKE_TOKEN_URL,
                                                 CONFIG_INTAKE_SCOPE,
                                                 CONFIG_INTAKE_SECRET };

    if (is_given(l, CONFIG_INTAKE_EWS) && is_given(l, CONFIG_INTAKE_IMAP))
        clash(l, CONFIG_INTAKE_IMAP, "the mailbox is on Exchange already",
              "give intake.ews-url or intake.imap-url, and not both");
    if (is_given(l, CONFIG_INTAKE_CLIENT)) {
        check_intake_client(l);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(of_client); i++)
        if (is_given(l, of_client[i]))
            clash(l, of_client[i], "it is of an application that is not named",
                  "give intake.oauth-client too");
}

/* What no value can tell alone. */
static void check_together(const struct loading *l)
{
    const struct config *c = l->config;
    const char *certificate = config_text(c, CONFIG_HTTP_CERTIFICATE);
    const char *key = config_text(c, CONFIG_HTTP_KEY);
    const char *public = config_text(c, CONFIG_HTTP_PUBLIC_URL);
    struct inet_endpoint listen;
    struct err err;

    check_desk(l);
    check_intake(l);
    if (certificate != NULL && key == NULL)
        clash(l, CONFIG_HTTP_CERTIFICATE, "its key is missing",
              "give http.tls-key too");
    if (key != NULL && certificate == NULL)
        clash(l, CONFIG_HTTP_KEY, "its certificate is missing",
              "give http.tls-certificate too");
    if (inet_endpoint_parse(config_text(c, CONFIG_HTTP_LISTEN), &listen, &err) <
        0)
        return;
    if (!inet_endpoint_is_loopback(&listen) && certificate == NULL &&
        (public == NULL || !g_str_has_prefix(public, "https:")))
        clash(l, CONFIG_HTTP_LISTEN,
              "other machines could reach this address, and nothing would be "
              "encrypted",
              "give http.tls-certificate and http.tls-key, or listen on "
              "127.0.0.1 behind a proxy that speaks TLS and say so by "
              "http.public-url");
}

int config_load(const struct config_sources *sources, struct config **ret,
                GPtrArray *faults, struct err *err)
{
    g_autoptr(config) c = g_new0(struct config, 1);
    struct loading l = { .config = c, .faults = faults };
    guint before = faults->len;

    set_defaults(&l);
    if (sources->file != NULL && read_file(&l, sources->file, err) < 0)
        return err_in(err, "configuration");
    if (sources->environment != NULL)
        read_environment(&l, sources->environment);
    if (sources->given != NULL)
        read_given(&l, sources->given);
    if (faults->len == before)
        check_together(&l);
    *ret = g_steal_pointer(&c);
    return 0;
}

void config_free(struct config *c)
{
    if (c == NULL)
        return;
    for (int i = 0; i < CONFIG_N; i++) {
        g_free(c->values[i].text);
        g_free(c->values[i].origin);
    }
    g_free(c);
}

const char *config_text(const struct config *c, enum config_key key)
{
    return c->values[key].text;
}

const char *config_origin(const struct config *c, enum config_key key)
{
    return c->values[key].origin;
}

uint64_t config_number(const struct config *c, enum config_key key)
{
    return c->values[key].number;
}

int64_t config_us(const struct config *c, enum config_key key)
{
    return (int64_t)c->values[key].number;
}

int config_word(const struct config *c, enum config_key key)
{
    return (int)c->values[key].number;
}

char *config_path(const struct config *c, enum config_key key)
{
    const char *path = config_text(c, key);

    if (path == NULL || g_path_is_absolute(path) ||
        key == CONFIG_DATA_DIRECTORY)
        return g_strdup(path);
    return g_build_filename(config_text(c, CONFIG_DATA_DIRECTORY), path, NULL);
}

void config_compare(const struct config *a, const struct config *b,
                    bool ret[CONFIG_N])
{
    for (int i = 0; i < CONFIG_N; i++)
        ret[i] = g_strcmp0(a->values[i].text, b->values[i].text) != 0;
}
