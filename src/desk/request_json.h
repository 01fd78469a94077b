/*
 * request_json - a request, and what came with it, as programs read them: the
 * same from the command line and from the API.  Times are RFC 3339, amounts
 * whole minor units.  No password is ever in them.
 */
#ifndef DESK_REQUEST_JSON_H
#define DESK_REQUEST_JSON_H

#include <jansson.h>

#include "desk/order.h"
#include "desk/waits.h"
#include "store/requests.h"
#include "store/roster.h"

/* New references all. */
json_t *request_json(const struct request *r);
json_t *request_waits_json(const struct waits *w);
/* What an order would do, by order_foresee(). */
json_t *request_order_json(enum order_verb verb, const struct life_step *to);
json_t *request_mail_json(const struct request_mail *m); /* without raw */
json_t *request_file_json(const struct request_file *f);
json_t *request_letter_json(const struct request_letter *l);
/* What goes out, without its body. */
json_t *request_outbox_json(const struct outbox_mail *m);
/* A line of the trail, as a line of the request's own. */
json_t *request_line_json(const struct audit_entry *e);

#endif
