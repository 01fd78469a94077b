/*
 * token_page - the token endpoint (RFC 6749): client credentials, and a
 * user's name and password.
 */
#ifndef LAB_TOKEN_PAGE_H
#define LAB_TOKEN_PAGE_H

#include "lab/http.h"
#include "lab/lab.h"

/* "/oauth2/token" and "/TENANT/oauth2/v2.0/token". */
void token_page_handle(struct lab *lab, const struct http_request *request,
                       struct http_answer *answer);
/* Whether that is one of its paths. */
bool token_page_is(const char *path);

#endif
