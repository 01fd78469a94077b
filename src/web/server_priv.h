/*
 * server_priv - the server, split by subject:
 *
 *   server.c     the daemon: starting, draining, ending
 *   exchange.c   one request from its first byte to its log line
 *   guard.c      who may ask, from where, how often
 *   stream.c     an answer that goes on: events
 *   worker.c     threads for slow handlers
 */
#ifndef WEB_SERVER_PRIV_H
#define WEB_SERVER_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include <microhttpd.h>

#include "base/secret.h"
#include "web/bucket.h"
#include "web/server.h"

struct workers;

struct web_server {
    struct MHD_Daemon *daemon;
    struct web_settings settings; /* its strings and ranges are copies */
    struct web_parts parts;
    struct workers *workers;
    struct buckets *addresses, *principals;
    struct metrics_family *requests, *durations, *under_way;
    uint16_t port;
    bool quiet; /* drained: nothing new comes in */

    pthread_mutex_t limits_lock;
    struct web_limits limits;

    pthread_mutex_t idle_lock;
    pthread_cond_t idle_bell;
    size_t n_exchanges; /* requests under way */
};

enum exchange_state {
    EXCHANGE_READING,  /* the body comes in */
    EXCHANGE_WORKING,  /* suspended, at a worker */
    EXCHANGE_ANSWERED, /* the reply is there */
};

/* One request. */
struct exchange {
    struct web_request request; /* first: its lookup finds the rest */
    struct web_reply reply;
    struct web_server *server;
    struct MHD_Connection *mhd;
    GString *body;
    struct web_form *form; /* of a page; what request.form refers to */
    uint64_t read;         /* of the body, so far */
    int64_t begun_us;
    enum exchange_state state;
    bool refused; /* the reply says why; the body does not matter */
    bool stream;  /* the reply is the stream of events */
};

/* ---- exchange.c ------------------------------------------------------ */

/* For MHD. */
enum MHD_Result exchange_on_request(void *data, struct MHD_Connection *mhd,
                                    const char *path, const char *method,
                                    const char *version, const char *upload,
                                    size_t *upload_len, void **slot);
void exchange_on_completed(void *data, struct MHD_Connection *mhd, void **slot,
                           enum MHD_RequestTerminationCode why);

/* Run the handler; on any thread. */
void exchange_handle(void *data);

/* ---- guard.c --------------------------------------------------------- */

/* Fill the request; -1 with the reply saying why it may not be. */
int guard_check(struct exchange *x, const char *method, const char *path);

/* ---- stream.c -------------------------------------------------------- */

/* NULL: as many listen as may. */
struct MHD_Response *stream_response(struct exchange *x);

/* ---- worker.c -------------------------------------------------------- */

typedef void worker_job(void *data);

struct workers *workers_new(size_t n, size_t queue_max, worker_job *job);
/* False: the queue is full. */
bool workers_add(struct workers *w, void *data);
/* Jobs that were added are done first. */
void workers_free(struct workers *w);

#endif
