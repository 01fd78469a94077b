/*
 * service_desk_links - what the pages behind the desk's links share.
 */
#ifndef WEB_SERVICE_DESK_LINKS_H
#define WEB_SERVICE_DESK_LINKS_H

#include "desk/desk.h"
#include "web/service.h"

/* Somebody with a link that works; strings are of what it owns. */
struct desk_page {
    uint8_t hash[TOKEN_HASH_BYTES];
    struct request_link link;
    struct request *request;
    struct roster_contact *contact;
    struct roster_account *account;
    int64_t now_us;
};

/* Of the token in the path; false: it is none. */
bool desk_page_hash(const struct web_request *r, uint8_t ret[TOKEN_HASH_BYTES]);
/* False: the link is none of that purpose, and the reply says so. */
bool desk_page_open(struct service *s, const struct web_request *r,
                    enum request_purpose purpose, struct desk_page *ret,
                    struct web_reply *reply);
void desk_page_close(struct desk_page *p);

/* Which request, of whom, in one line. */
void desk_page_about(GString *body, const struct desk_page *p);
/* A page of one sentence. */
void desk_page_say(struct web_reply *reply, unsigned status, const char *title,
                   const char *text);
/* What failed, in words for people; the log has it all. */
void desk_page_fail(const struct service *s, const struct web_request *r,
                    struct web_reply *reply, const struct err *err);

#endif
