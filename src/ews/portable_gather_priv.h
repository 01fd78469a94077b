/*
 * What the files of portable_gather.h share: portable_gather.c reads items and
 * their occurrences, portable_attachments.c what is attached to them.
 */
#ifndef EWS_PORTABLE_GATHER_PRIV_H
#define EWS_PORTABLE_GATHER_PRIV_H

#include "ews/portable_gather.h"
#include "xml/writer.h"

/* As fetch.c: one item of the largest size, over a slow line. */
#define DEADLINE_MS      600000u
#define ANSWER_MAX_BYTES ((uint64_t)2 << 30)

/* A shape of that name that asks for the class alone. */
void gather_write_class_shape(struct xml_writer *w, const char *element);

/* As gather_rest(): its attachments. */
int gather_attachments(struct mailbox *mb, struct item_reading *r,
                       unsigned int depth, struct blob_pool *pool,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
