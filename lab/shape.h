/*
 * shape - which properties a client wants of items or folders, and writing
 * them in the order of the schema.
 */
#ifndef LAB_SHAPE_H
#define LAB_SHAPE_H

#include "lab/op.h"

enum shape_base {
    SHAPE_ID_ONLY,
    SHAPE_DEFAULT,
    SHAPE_ALL,
};

/* An ExtendedFieldURI, taken apart. */
struct shape_extended {
    xmlNode *node; /* in the request: echoed */
    uint16_t tag;  /* PropertyTag; 0: a named one */
    uint8_t set[16];
    uint32_t id;   /* PropertyId, when name is NULL */
    char *name;    /* PropertyName */
    uint16_t type; /* MAPI type; multi-valued with its flag */
};

struct shape {
    enum shape_base base;
    uint64_t fields;     /* bits: rows of the field table asked for */
    GPtrArray *extended; /* of struct shape_extended *, owned */
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

/* Write a whole <t:Message> or <t:Folder>. */
int shape_write_item(struct op_call *call, const struct shape *s,
                     int64_t mailbox, const struct lab_item *item,
                     struct problem *p);
void shape_write_folder(struct op_call *call, const struct shape *s,
                        const struct lab_folder *folder);

/* ---- shared by the two --------------------------------------------- */

/* BaseShape and the extended properties of AdditionalProperties. */
int shape_read(const xmlNode *node, struct shape *ret, struct problem *p);

/* The FieldURIs of AdditionalProperties, one by one. */
const xmlNode *shape_first_field(const xmlNode *node);

/* <t:ExtendedProperty> with the path; then the value; then the end. */
void shape_extended_begin(struct op_call *call, const struct shape_extended *e);
void shape_extended_end(struct op_call *call);

#endif
