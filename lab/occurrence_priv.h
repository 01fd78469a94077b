/*
 * occurrence_priv - what the files of occurrences share.
 */
#ifndef LAB_OCCURRENCE_PRIV_H
#define LAB_OCCURRENCE_PRIV_H

#include "lab/occurrence.h"

/* afException of PidTagAttachmentFlags, [MS-OXCMSG] 2.2.2.23 */
#define ATTACHMENT_EXCEPTION 2

/* The midnight before. */
static inline uint32_t occurrence_date(uint32_t minutes)
{
    return minutes - minutes % RECUR_DAY;
}

/* What stands in the message inside but is not the occurrence's. */
bool occurrence_of_embedding(const struct mapi_prop *p);
void occurrence_drop_attachment(struct mapi_message *m, size_t at);
void occurrence_copy_recipients(struct mapi_item *to_item,
                                struct mapi_message *to,
                                const struct mapi_message *from);
void occurrence_copy_attachment(struct mapi_item *to_item,
                                struct mapi_message *to,
                                const struct mapi_attachment *from);

#endif
