/*
 * wsdl - what the lab can do, for tools that make clients of it: a WSDL of
 * its own out of the table of operations, and Microsoft's schema beside it
 * where a folder with that is at hand.
 */
#ifndef LAB_WSDL_H
#define LAB_WSDL_H

#include "lab/http.h"
#include "lab/lab.h"

/* Whether the path is one of them: beside Exchange.asmx, in any case. */
bool wsdl_is(const struct lab *lab, const char *path);
void wsdl_handle(struct lab *lab, const struct http_request *request,
                 struct http_answer *answer);

#endif
