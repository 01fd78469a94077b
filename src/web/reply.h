/*
 * reply - what a handler answers.
 */
#ifndef WEB_REPLY_H
#define WEB_REPLY_H

#include <glib.h>
#include <jansson.h>

#include "base/blob.h"
#include "base/err.h"

struct web_reply {
    unsigned status;
    int64_t version;    /* of what is shown, told as an ETag; 0: it has none */
    GString *body;      /* owned */
    struct blob *blob;  /* in place of the body; owned; or NULL */
    const char *type;   /* static media type; NULL: no body */
    GPtrArray *headers; /* of char *, "Name: value"; owned */
};

void web_reply_init(struct web_reply *r);
void web_reply_release(struct web_reply *r);

/* Takes over json, which may be NULL for an empty object. */
void web_reply_json(struct web_reply *r, unsigned status, json_t *json);
/* text is copied; type static. */
void web_reply_text(struct web_reply *r, unsigned status, const char *type,
                    const char *text);
/* The same of any bytes. */
void web_reply_bytes(struct web_reply *r, unsigned status, const char *type,
                     GBytes *bytes);
/* 200; takes over b, which is sealed; type static. */
void web_reply_blob(struct web_reply *r, const char *type, struct blob *b);
void web_reply_empty(struct web_reply *r, unsigned status);

/* Control characters in what is printed become spaces. */
void web_reply_header(struct web_reply *r, const char *name, const char *fmt,
                      ...) PRINTF(3, 4);

#define WEB_PROBLEM_TYPE "application/problem+json"

/*
 * RFC 9457: type "urn:mailferry:problem:<slug>", the status' own title, and
 * the detail that is printed.
 */
void web_problem(struct web_reply *r, unsigned status, const char *slug,
                 const char *fmt, ...) PRINTF(4, 5);

/* The same of a member of the body that is wrong: "field" names it. */
void web_problem_field(struct web_reply *r, const char *field, const char *fmt,
                       ...) PRINTF(3, 4);

/* 422 with one more member, which it takes over. */
void web_problem_with(struct web_reply *r, const char *slug, const char *name,
                      json_t *more, const char *fmt, ...) PRINTF(5, 6);

/* Its member "remedy" says what to do about it; NULL: nothing is known. */
void web_problem_remedy(struct web_reply *r, unsigned status, const char *slug,
                        const char *remedy, const char *fmt, ...) PRINTF(5, 6);

/*
 * A failure below, with its remedy: 404 "not-found", 409 "taken" and
 * "wrong-state", 503 when it may be tried again, else 500.  Its text stays in
 * the log where it may tell about the inside: the caller logs it.
 */
void web_problem_err(struct web_reply *r, const struct err *err);

#endif
