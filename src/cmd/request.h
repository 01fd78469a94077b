/*
 * request - what the files of "mailferry request" share.
 */
#ifndef CMD_REQUEST_H
#define CMD_REQUEST_H

#include <jansson.h>

#include "cmd/cmd.h"
#include "cmd/service_open.h"
#include "store/requests.h"

struct request_options {
    int action;
    const char *config, *id, *text, *reason, *remedy, *account, *find;
    const char *start, *cutover;
    unsigned int states;  /* 1 << enum request_state, or'ed; 0: any */
    unsigned int request; /* of "place" */
    unsigned int mailbox; /* of "ask-owners"; 0: each whose link is over */
    bool json;
};

/* What an action works with; all borrowed. */
struct request_work {
    const struct cmd_context *ctx;
    const struct request_options *o;
    struct service_data *data;
    struct requests *requests;
    int64_t id; /* of the request or the mail; 0: none is named */
};

typedef enum cmd_status request_action(const struct request_work *w);

/*
 * request_list.c, request_tray.c, request_show.c, request_note.c,
 * request_order.c
 */
request_action request_run_list, request_run_tray, request_run_mail,
    request_run_place, request_run_done, request_run_show, request_run_note,
    request_run_invoice, request_run_approve, request_run_refuse,
    request_run_cancel, request_run_schedule, request_run_ask_owners;

/* ---- what they share (cmd_request.c) ------------------------------------- */

/* "mailferry: ..." to ctx->err; CMD_NOTHING_DONE. */
enum cmd_status request_fail(const struct request_work *w,
                             const struct err *err);
/* The request that was named; NULL: there is none, or another failure, told. */
struct request *request_find(const struct request_work *w);

/* ---- lists (request_pages.c) --------------------------------------------- */

/* A page of a list whose elements begin with their id. */
typedef int request_reader(const struct request_work *w,
                           const struct roster_page *page, GPtrArray **ret,
                           struct err *err);
/* All pages in one array, which owns its elements. */
int request_read_all(const struct request_work *w, request_reader *read,
                     GPtrArray **ret, struct err *err);

/* How an element is told: as a line of w's output, as JSON. */
struct request_form {
    void (*print)(const struct request_work *w, const void *element);
    json_t *(*json)(const void *element);
};
/* All of them, as --json or its absence asks. */
enum cmd_status request_tell_all(const struct request_work *w,
                                 request_reader *read,
                                 const struct request_form *form);

#endif
