/*
 * Where the database is: postgresql://user@host:port/database?option=value,
 * as libpq takes it
 * (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).
 */
#include "store/postgres_priv.h"

/* Debian's; what sslrootcert=system will be to newer versions of libpq. */
#define SYSTEM_CERTIFICATES "/etc/ssl/certs/ca-certificates.crt"

struct word {
    const char *keyword, *value;
};

/*
 * What holds unless the URL says otherwise.  A peer that has gone without a
 * word is noticed within a minute: that is how long a lease lasts.
 */
static const struct word defaults[] = {
    { "application_name", "mailferry" }, { "connect_timeout", "10" },
    { "keepalives_idle", "20" },         { "keepalives_interval", "10" },
    { "keepalives_count", "3" },         { "tcp_user_timeout", "50000" },
};

static const char *value_of(const PQconninfoOption *options,
                            const char *keyword)
{
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (strcmp(o->keyword, keyword) == 0)
            return o->val;
    return NULL;
}

static bool is_local(const PQconninfoOption *options)
{
    const char *host = value_of(options, "host");

    if (value_of(options, "hostaddr") != NULL)
        host = value_of(options, "hostaddr");
    return host == NULL || host[0] == '/' || host[0] == '\0' ||
           strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "::1") == 0;
}

static void add(struct pg_url *url, const char *keyword, const char *value)
{
    g_ptr_array_add(url->keywords, g_strdup(keyword));
    g_ptr_array_add(url->values, g_strdup(value));
}

static void add_default(struct pg_url *url, const PQconninfoOption *options,
                        const char *keyword, const char *value)
{
    if (value_of(options, keyword) == NULL)
        add(url, keyword, value);
}

/* Over a network nothing goes unless we know who is at the other end. */
static void add_tls(struct pg_url *url, const PQconninfoOption *options)
{
    if (is_local(options))
        return;
    add_default(url, options, "sslmode", "verify-full");
    add_default(url, options, "sslrootcert", SYSTEM_CERTIFICATES);
}

static char *name_of(const PQconninfoOption *options)
{
    const char *host = value_of(options, "host");
    const char *port = value_of(options, "port");
    const char *database = value_of(options, "dbname");

    return g_strdup_printf("postgresql://%s%s%s/%s", host != NULL ? host : "",
                           port != NULL ? ":" : "", port != NULL ? port : "",
                           database != NULL ? database : "");
}

int pg_url_parse(const char *text, struct pg_url *ret, struct err *err)
{
    PQconninfoOption *options = PQconninfoParse(text, NULL);

    if (options == NULL) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "the database's URL cannot be understood");
        err->name = "store-url";
        return err_remedy(err, "write it as postgresql://user@host/database, "
                               "with %40 for an @ in a name or password");
    }
    *ret = (struct pg_url){
        .name = name_of(options),
        .keywords = g_ptr_array_new_with_free_func(g_free),
        .values = g_ptr_array_new_with_free_func(g_free),
    };
    for (const PQconninfoOption *o = options; o->keyword != NULL; o++)
        if (o->val != NULL)
            add(ret, o->keyword, o->val);
    for (size_t i = 0; i < G_N_ELEMENTS(defaults); i++)
        add_default(ret, options, defaults[i].keyword, defaults[i].value);
    add_tls(ret, options);
    add(ret, "client_encoding", "UTF8");
    g_ptr_array_add(ret->keywords, NULL);
    g_ptr_array_add(ret->values, NULL);
    PQconninfoFree(options);
    return 0;
}

void pg_url_release(struct pg_url *url)
{
    if (url->keywords == NULL)
        return;
    g_free(url->name);
    g_ptr_array_unref(url->keywords);
    g_ptr_array_unref(url->values);
}
