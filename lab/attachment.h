/*
 * attachment - attachments as EWS shows and takes them.
 *
 * The id of an attachment is that of its item and the numbers on the way
 * down to it, so it goes on with the item alone: another item's, or a moved
 * item's, is another id.  An item inside an attachment has the attachment's
 * id for its own.
 */
#ifndef LAB_ATTACHMENT_H
#define LAB_ATTACHMENT_H

#include "lab/field.h"

/* [MS-OXWSATT]: ErrorInvalidIdTooManyAttachmentLevels above it. */
#define ATTACHMENT_LEVELS_MAX 255u
/* From 2010 SP2 on: ErrorAttachmentNestLevelLimitExceeded above it. */
#define ATTACHMENT_NEST_MAX 10u

struct attachment_id {
    char *item_id; /* of the root item */
    uint32_t *numbers;
    unsigned int levels; /* at least 1 */
};
void attachment_id_clear(struct attachment_id *id);
typedef struct attachment_id attachment_id;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(attachment_id, attachment_id_clear)

/*
 * The id of one attachment of a message, by the id of the message: an item's
 * or an attachment's.
 */
char *attachment_id_format(const char *message_id, uint32_t number);
/* "ErrorInvalidIdMalformed", "ErrorInvalidIdTooManyAttachmentLevels". */
int attachment_id_parse(const char *text, struct attachment_id *ret,
                        struct problem *p);

/* The number that an attachment has in its message. */
uint32_t attachment_number(const struct mapi_attachment *a);
/*
 * Where an id leads in the tree of its item; *ret_parent (may be NULL) is
 * the message that it hangs on.  NULL when there is none.
 */
struct mapi_attachment *attachment_find(struct mapi_message *root,
                                        const struct attachment_id *id,
                                        struct mapi_message **ret_parent);
/* Whether clients see it: exceptions of a series are none. */
bool attachment_is_visible(const struct mapi_attachment *a);

/*
 * <t:FileAttachment> or <t:ItemAttachment> up to where its content stands;
 * details: size, time and whether it is inline too.
 */
const char *attachment_element(const struct mapi_attachment *a);
void attachment_write_head(struct op_call *call,
                           const struct mapi_attachment *a, const char *id,
                           bool details);

/* <t:Attachments> of a new item: the ids alone, in their order. */
void attachment_write_ids(struct op_call *call, const char *item_id,
                          const struct mapi_message *m);

/* Add what an element of a request says to the item in the making. */
int attachment_add(struct field_edit *e, const xmlNode *node,
                   struct problem *p);

/* Rows of the field table. */
void field_write_attachments(struct field_view *v, const struct field *f);
int field_set_attachments(struct field_edit *e, const struct field *f,
                          const xmlNode *node, struct problem *p);
void field_write_mime(struct field_view *v, const struct field *f);
int field_set_mime(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p);

#endif
