/*
 * field_priv - what the files of the field table share among themselves.
 */
#ifndef LAB_FIELD_PRIV_H
#define LAB_FIELD_PRIV_H

#include "lab/field.h"

/* Ids in PSETID_COMMON, [MS-OXPROPS]. */
enum {
    LID_REMINDER_DELTA = 0x8501,
    LID_REMINDER_TIME = 0x8502,
    LID_REMINDER_SET = 0x8503,
    LID_REMINDER_SIGNAL = 0x8560,
};

/* Subject, its prefix and what remains; the topic of a new conversation. */
void field_put_subject(struct field_edit *e, const char *subject);

int field_set_extended(struct field_edit *e, const struct extended *path,
                       const xmlNode *property, struct problem *p);

#endif
