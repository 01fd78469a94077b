/*
 * news - short texts between the processes that have one database open, for
 * those who watch: nothing depends on them.
 *
 * PostgreSQL carries them by NOTIFY; an embedded database is one process's, so
 * that nobody is told.
 */
#ifndef STORE_NEWS_H
#define STORE_NEWS_H

#include "store/database.h"

/* PostgreSQL 15, NOTIFY: "must be shorter than 8000 bytes". */
#define NEWS_BYTES_MAX ((size_t)7999)

/* Is anybody told at all? */
bool news_are_told(struct database *d);

/* In one transaction, in order; texts ends with NULL. */
int news_tell(struct database *d, const char *const *texts,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

struct news;

/*
 * heard: what any process tells, this one too, and NULL where something may
 * have been missed: at first, and each time the connection has been lost.  By
 * a thread of its own.  NULL: nobody is told.  Freed before d is closed.
 */
struct news *news_listen(struct database *d,
                         void (*heard)(void *data, const char *text),
                         void *data);
void news_free(struct news *n);

#endif
