/*
 * pages - what a browser finds: Outlook Web App's logon page and the
 * redirects that lead to it.
 */
#ifndef LAB_PAGES_H
#define LAB_PAGES_H

#include "lab/http.h"
#include "lab/lab.h"

/* "/" and "/exchange": where people start. */
void pages_root(struct lab *lab, const struct http_request *request,
                struct http_answer *answer);
/* "/owa" and everything under it but the next two: to the logon page. */
void pages_owa(struct lab *lab, const struct http_request *request,
               struct http_answer *answer);
/* "/owa/auth/logon.aspx" */
void pages_logon(struct lab *lab, const struct http_request *request,
                 struct http_answer *answer);
/* "/owa/auth.owa": the form; the lab has no OWA, so nobody comes in. */
void pages_form(struct lab *lab, const struct http_request *request,
                struct http_answer *answer);

/* "https://host:port": this server as its client names it.  Free it. */
char *pages_base_url(const struct http_request *request);

#endif
