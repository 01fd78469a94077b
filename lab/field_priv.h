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
    LID_COMMON_START = 0x8516,
    LID_COMMON_END = 0x8517,
    LID_MILEAGE = 0x8534,
    LID_BILLING = 0x8535,
    LID_COMPANIES = 0x8539,
    LID_CONTACTS = 0x853A,
    LID_FLAG_REQUEST = 0x8530,
    LID_REMINDER_SIGNAL = 0x8560,
};

/* In PSETID_TASK. */
enum {
    LID_TASK_STATUS = 0x8101,
    LID_TASK_PERCENT = 0x8102,
    LID_TEAM_TASK = 0x8103,
    LID_TASK_START = 0x8104,
    LID_TASK_DUE = 0x8105,
    LID_TASK_ACCEPTED = 0x8108,
    LID_TASK_COMPLETED = 0x810F,
    LID_TASK_ACTUAL = 0x8110,
    LID_TASK_ESTIMATED = 0x8111,
    LID_TASK_VERSION = 0x8112,
    LID_TASK_STATE = 0x8113,
    LID_TASK_ASSIGNED_AT = 0x8115,
    LID_TASK_RECURRENCE = 0x8116,
    LID_TASK_COMPLETE = 0x811C,
    LID_TASK_OWNER = 0x811F,
    LID_TASK_ASSIGNER = 0x8121,
    LID_TASK_RECURRING = 0x8126,
    LID_TASK_OWNERSHIP = 0x8129,
    LID_TASK_ACCEPTANCE = 0x812A,
};

#define FIELD_WRITER(name)                                                     \
    void name(struct field_view *v, const struct field *f)
#define FIELD_SETTER(name)                                                     \
    int name(struct field_edit *e, const struct field *f, const xmlNode *node, \
             struct problem *p)
#define FIELD_CLEARER(name)                                                    \
    int name(struct field_edit *e, const struct field *f,                      \
             const struct field_path *path, struct problem *p)

/* Subject, its prefix and what remains; the topic of a new conversation. */
void field_put_subject(struct field_edit *e, const char *subject);
/* What stands behind "RE: " and the like. */
const char *field_plain_subject(const char *subject);

int field_set_extended(struct field_edit *e, const struct extended *path,
                       const xmlNode *property, struct problem *p);

/* Whether a receipt is still owed to the sender when this is read. */
bool field_receipt_pending(const struct mapi_props *props);

/* An entry of a dictionary: its key, and the text property behind it. */
struct field_entry {
    const char *key;
    uint32_t tag; /* or a named one: */
    const uint8_t *pset;
    uint32_t id;
    const char *name;
};

/* field_body.c */
FIELD_WRITER(field_write_body);
FIELD_WRITER(field_write_unique_body);
FIELD_WRITER(field_write_normalized_body);
FIELD_WRITER(field_write_text_body);
FIELD_WRITER(field_write_preview);
FIELD_SETTER(field_set_body);
FIELD_SETTER(field_set_text_body);
FIELD_CLEARER(field_clear_body);
/* field_contact.c */
FIELD_WRITER(field_write_source);
/* field_dictionary.c */
/* The element; it goes again when nothing was written inside of it since. */
gsize field_dictionary_begin(struct field_view *v, const struct field *f);
void field_dictionary_end(struct field_view *v, const struct field *f,
                          gsize inside);
int field_unknown_key(struct problem *p, const xmlNode *node, const char *key);
FIELD_WRITER(field_write_phones);
FIELD_SETTER(field_set_phones);
FIELD_CLEARER(field_clear_phones);
FIELD_WRITER(field_write_im);
FIELD_SETTER(field_set_im);
FIELD_CLEARER(field_clear_im);
FIELD_WRITER(field_write_addresses);
FIELD_SETTER(field_set_addresses);
FIELD_CLEARER(field_clear_addresses);
/* field_email.c */
FIELD_WRITER(field_write_emails);
FIELD_SETTER(field_set_emails);
FIELD_CLEARER(field_clear_emails);
/* field_extended.c */
FIELD_WRITER(field_write_extended);
FIELD_SETTER(field_set_extended_row);
/* field_flag.c */
FIELD_WRITER(field_write_flag);
FIELD_SETTER(field_set_flag);
FIELD_CLEARER(field_clear_flag);
/* field_headers.c */
FIELD_WRITER(field_write_headers);
/* field_message.c */
FIELD_WRITER(field_write_sender);
FIELD_WRITER(field_write_from);
FIELD_WRITER(field_write_message_id);
FIELD_WRITER(field_write_is_read);
FIELD_SETTER(field_set_sender);
FIELD_SETTER(field_set_from);
FIELD_SETTER(field_set_is_read);
/* field_store.c */
FIELD_WRITER(field_write_response_objects);
FIELD_WRITER(field_write_culture);
FIELD_SETTER(field_set_culture);
FIELD_WRITER(field_write_read_form);
FIELD_WRITER(field_write_edit_form);
FIELD_WRITER(field_write_conversation);
FIELD_WRITER(field_write_instance);
FIELD_WRITER(field_write_tag_guid);
FIELD_WRITER(field_write_icon);
FIELD_WRITER(field_write_false);

#endif
