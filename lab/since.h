/*
 * since - with which release each operation, element and attribute of a
 * request came; what a server lacks, its schema refuses.
 *
 * From the "introduced in" of the reference pages, and where they are silent
 * from the schemas that each release shipped with.  Properties that are asked
 * for by FieldURI have their release in field.h.
 */
#ifndef LAB_SINCE_H
#define LAB_SINCE_H

#include "lab/soap.h"
#include "lab/version.h"

/*
 * The release of an operation by its element's name, whether the lab carries
 * it out or not; N_RELEASES when EWS has none of that name.
 */
enum release since_operation(const char *name);

/*
 * The release of an element in the request of that operation, and of an
 * attribute of it; EXCHANGE2007_SP1 for what has been there from the start.
 */
enum release since_element(const char *operation, const char *name);
enum release since_attribute(const char *operation, const char *element,
                             const char *name);

/*
 * What stands in the request and came after `asked`: -1 and a fault, which
 * says whether the server itself lacks it or the client asked for too old a
 * version.
 */
int since_check(const struct version *server,
                const struct soap_request *request, enum release asked,
                struct problem *p);

#endif
