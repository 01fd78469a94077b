/*
 * capture - write down every EWS conversation, for a test to validate.
 *
 * NNNNNN-OPERATION-request.xml and NNNNNN-OPERATION-answer.xml in a folder;
 * -injected.xml for an answer that a fault on demand has made.
 */
#ifndef LAB_CAPTURE_H
#define LAB_CAPTURE_H

#include <stdbool.h>

#include <glib.h>

#include "base/err.h"

struct capture;
typedef struct capture capture;

/* The folder is made when it is not there; numbers go on after those in it. */
int capture_new(const char *folder, struct capture **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void capture_free(struct capture *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(capture, capture_free)

/*
 * One request and its answer (NULL: there was none).  A NULL c does nothing;
 * a failing disk is said once, on standard error.  Any thread.
 */
void capture_write(struct capture *c, const char *operation,
                   const GString *request, const GString *answer,
                   bool injected);

#endif
