#include "store/news.h"

#include "store/sql_priv.h"

struct news {
    struct db *db;
    struct db_listener *listener;
};

bool news_are_told(struct database *d)
{
    return sq_database_db(d)->ops->tell_sql != NULL;
}

static int tell(struct sq_conn *c, const char *const *texts, struct err *err)
{
    for (; *texts != NULL; texts++)
        if (sq_run(c, c->ops->tell_sql, ARGS(TEXT(*texts)), err) < 0)
            return -1;
    return 0;
}

int news_tell(struct database *d, const char *const *texts, struct err *err)
{
    struct db *db = sq_database_db(d);
    struct sq_conn *c;

    if (db->ops->tell_sql == NULL)
        return 0;
    c = db->ops->begin(db, DB_WRITE, err);
    return c == NULL ? -1 : sq_end(c, tell(c, texts, err), err);
}

struct news *news_listen(struct database *d,
                         void (*heard)(void *data, const char *text),
                         void *data)
{
    struct db *db = sq_database_db(d);
    struct news *n;

    if (db->ops->listen == NULL)
        return NULL;
    n = g_new(struct news, 1);
    n->db = db;
    n->listener = db->ops->listen(
        db, &(struct db_hearing){ "mailferry_news", heard, data });
    return n;
}

void news_free(struct news *n)
{
    if (n == NULL)
        return;
    n->db->ops->unlisten(n->listener);
    g_free(n);
}
