/*
 * photo - pictures of users: GetUserPhoto and SetUserPhoto, and the same by
 * GET (".../Exchange.asmx/s/GetUserPhoto?email=...&size=HR48x48").
 */
#ifndef LAB_PHOTO_H
#define LAB_PHOTO_H

#include "lab/http.h"
#include "lab/lab.h"

bool photo_is(const struct lab *lab, const char *path);
void photo_handle(struct lab *lab, const struct http_request *request,
                  struct http_answer *answer);

#endif
