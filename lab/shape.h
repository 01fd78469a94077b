/*
 * shape - which properties a client wants of items or folders, and writing
 * them in the order of the schema.
 */
#ifndef LAB_SHAPE_H
#define LAB_SHAPE_H

#include "lab/body.h"
#include "lab/field.h"

enum shape_base {
    SHAPE_ID_ONLY,
    SHAPE_DEFAULT,
    SHAPE_ALL,
};

/* Whether a row of the field table is wanted. */
enum shape_want {
    WANT_NOT,
    WANT_ALL,
    WANT_PARTS,   /* of a dictionary, those in ->parts */
    WANT_DEFAULT, /* by the kinds that have it by default */
};

struct shape {
    enum shape_base base;
    uint64_t fields;            /* of a folder: bits, rows asked for */
    uint8_t wanted[FIELDS_MAX]; /* of an item: enum shape_want, by row */
    GPtrArray *parts;           /* of struct field_path *, owned */
    GPtrArray *extended;        /* of struct extended *, owned */
    bool mime;                  /* IncludeMimeContent */
    bool listing;               /* not GetItem: bodies are not shown */
    enum body_want body, unique_body, normalized_body;
    uint32_t max_body; /* bytes of a body, then it is cut; 0: all */
};
void shape_clear(struct shape *s);
typedef struct shape shape;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(shape, shape_clear)

/*
 * Read an ItemShape or FolderShape.  -1 and a fault for a field that is none
 * of this kind (ErrorInvalidPropertyRequest) or of this version.
 */
int shape_read_item(const struct op_call *call, const xmlNode *node,
                    struct shape *ret, struct problem *p);
int shape_read_folder(const struct op_call *call, const xmlNode *node,
                      struct shape *ret, struct problem *p);

/*
 * Write a whole <t:Message> or <t:Folder>.  What an item has not is left
 * out; -1 and ErrorItemCorrupt for one that cannot be read.
 */
int shape_write_item(struct op_call *call, const struct shape *s,
                     int64_t mailbox, const struct lab_item *item,
                     struct problem *p);
/* The same for a message inside an attachment. */
struct shape_inside {
    struct mapi_item *tree;
    const struct mapi_message *message;
    const char *id; /* the attachment's; NULL: none is shown */
    const char *change_key;
};
int shape_write_message(struct op_call *call, const struct shape *s,
                        int64_t mailbox, const struct shape_inside *inside,
                        struct problem *p);
/* -1 and ErrorAccessDenied: its permissions are not for the caller. */
int shape_write_folder(struct op_call *call, const struct shape *s,
                       int64_t mailbox, const struct lab_folder *folder,
                       struct problem *p);

/* ---- shared by the two --------------------------------------------- */

/* BaseShape and the extended properties of AdditionalProperties. */
int shape_read(const xmlNode *node, struct shape *ret, struct problem *p);

/* The FieldURIs of AdditionalProperties, one by one. */
const xmlNode *shape_first_field(const xmlNode *node);

#endif
