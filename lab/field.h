/*
 * field - the properties of items as EWS names them: one table row each.
 *
 * A row says which FieldURI (or dictionary URI) it is, which element, for
 * which kinds of items, since which release, in which base shape, how it is
 * written out of the item's MAPI properties, set in them and cleared.  Most
 * rows are data: the generic functions at the end read the row's property.
 *
 * The rows stand in sections, in files by subject (field_item.c,
 * field_message.c, field_contact.c, ...).  A section's rows stand in the order
 * of types.xsd, and the sections of one kind in the order of its extensions
 * (item, message, meeting message, meeting request): writing the wanted rows
 * in table order is writing them in the schema's order.  A property that
 * stands at another place in another kind (PostItem's Sender) has a second row
 * there.
 */
#ifndef LAB_FIELD_H
#define LAB_FIELD_H

#include "lab/extended.h"
#include "lab/mapi.h"
#include "lab/mapi_tags.h"
#include "lab/op.h"

/* What an item is to EWS: by its class; the element follows. */
enum item_kind {
    KIND_ITEM = 1 << 0, /* t:Item: notes, journal, unknown classes */
    KIND_MESSAGE = 1 << 1,
    KIND_POST = 1 << 2,
    KIND_CALENDAR = 1 << 3,
    KIND_CONTACT = 1 << 4,
    KIND_LIST = 1 << 5,
    KIND_TASK = 1 << 6,
    KIND_MEETING = 1 << 7, /* t:MeetingMessage: none of the next */
    KIND_REQUEST = 1 << 8,
    KIND_RESPONSE = 1 << 9,
    KIND_CANCELLATION = 1 << 10,
};
#define KINDS_ALL ((1u << 11) - 1)
#define KINDS_MEETING                                                          \
    (KIND_MEETING | KIND_REQUEST | KIND_RESPONSE | KIND_CANCELLATION)
#define KINDS_MESSAGE (KIND_MESSAGE | KINDS_MEETING)

/* By class: "IPM.Task.Own" is a task; NULL is a KIND_ITEM. */
enum item_kind item_kind(const char *item_class);
/* "t:Message"; the same as op_item_element(). */
const char *item_kind_element(enum item_kind kind);
/* The kind that an element of a request names ("Message"); 0: none. */
enum item_kind item_kind_of_element(const xmlNode *node);
/* The class that a new one gets when the request gives none. */
const char *item_kind_class(enum item_kind kind);

/* ---- reading --------------------------------------------------------- */

struct shape;

/*
 * An item while it is written: its tree is read only when a row asks for it,
 * so rows that need only columns use ->item.
 */
struct field_view {
    struct op_call *call;
    struct xmlout *x;
    const struct shape *shape; /* never NULL */
    int64_t mailbox;
    const struct lab_item *item; /* columns; id is NULL for an embedded one */
    enum item_kind kind;
    /* below: through view_message() alone */
    GBytes *payload;
    struct mapi_item *tree;
    const struct mapi_message *message;
    bool failed;         /* the item cannot be read: it is damaged */
    const char *refused; /* a ResponseCode: a row cannot be shown; static */
};

/* NULL when the item is damaged; the whole then ends in ErrorItemCorrupt. */
const struct mapi_message *view_message(struct field_view *v);
const struct mapi_props *view_props(struct field_view *v);
/* NULL when absent. */
const struct mapi_prop *view_find(struct field_view *v, uint32_t tag);
const struct mapi_prop *view_find_id(struct field_view *v,
                                     const uint8_t set[16], uint32_t id);

/* ---- writing --------------------------------------------------------- */

/* An item while it is set: a new one, one that is updated, or an embedded. */
struct field_edit {
    struct op_call *call;
    int64_t mailbox;
    enum item_kind kind;
    struct mapi_item *item;
    struct mapi_message *message;
    struct mapi_props *props;   /* of the message */
    const struct lab_item *was; /* columns before; NULL: it is being made */
    bool appending;             /* AppendToItemField */
    bool embedded;              /* inside an attachment */
    bool associated;            /* IsAssociated, of a new one */
    bool silent;                /* SuppressReadReceipts */
    bool attached;              /* attachments were among what was set */
    bool flags_set;             /* 0x0E07 was among what was set */
    bool read_set;              /* so was IsRead */
    /* A section's own, from one set to its finish(); freed with free_with. */
    void *scratch;
    GDestroyNotify scratch_free;
};

void field_edit_clear(struct field_edit *e);
typedef struct field_edit field_edit;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(field_edit, field_edit_clear)

/* The tag of a row's property in this item: named ones get an id there. */
struct field;
uint32_t field_tag(struct field_edit *e, const struct field *f);

/* ---- the table ------------------------------------------------------- */

enum field_base {
    ON_REQUEST,
    IN_ALL,     /* AllProperties */
    IN_DEFAULT, /* Default and AllProperties */
    ALWAYS,     /* IdOnly too */
};

struct field_path;

struct field {
    const char *uri; /* "item:Subject" */
    enum field_base base;
    enum release since;
    /* Write the whole element, or nothing.  NULL: the lab never has it. */
    void (*write)(struct field_view *v, const struct field *f);
    /* From its element.  -1 and p.  NULL: ErrorInvalidPropertySet. */
    int (*set)(struct field_edit *e, const struct field *f, const xmlNode *node,
               struct problem *p);
    /*
     * Remove it, or the part that path says (NULL: all of it).  NULL:
     * ErrorInvalidPropertyDelete.
     */
    int (*clear)(struct field_edit *e, const struct field *f,
                 const struct field_path *path, struct problem *p);
    /*
     * Its property, for the generic functions and for searching: a tag, or
     * with `pset` a named one of the tag's type, by `name` or by `id`.
     */
    uint32_t tag;
    const uint8_t *pset;
    uint32_t id;
    const char *name;
    /* Enumerations: texts of the values from 0, NULL-terminated. */
    const char *const *values;
    int32_t fallback;       /* value, bit ... when the property is absent */
    uint32_t flags;         /* FIELD_ */
    uint32_t default_kinds; /* which have it IN_DEFAULT; 0: all */
    /* Dictionary URIs of its parts, NULL-terminated; NULL: no dictionary. */
    const char *const *parts;
    const char *element; /* "Subject"; NULL: what follows the uri's ':' */
};

enum field_flag {
    FIELD_APPENDS = 1 << 0,    /* AppendToItemField is allowed */
    FIELD_NOT_LISTED = 1 << 1, /* GetItem alone shows it */
    /* UpdateItem refuses it (ErrorInvalidPropertySet); CreateItem does not */
    FIELD_ONCE = 1 << 2,
};

struct field_section {
    uint32_t kinds; /* bits of enum item_kind */
    const struct field *rows;
    size_t n;
    /*
     * After all was set, before it is stored: what hangs together.  Called
     * for each section of the kind, in order.  May be NULL.
     */
    int (*finish)(struct field_edit *e, struct problem *p);
};

/* In order; the end has rows NULL.  field.c lists them. */
extern const struct field_section *const field_sections[];
extern const struct field_section field_section_item;
extern const struct field_section field_section_message;
extern const struct field_section field_section_post;
extern const struct field_section field_section_contact;
extern const struct field_section field_section_contact_never;
extern const struct field_section field_section_list;
extern const struct field_section field_section_never;
extern const struct field_section field_section_task;

/* Rows in all sections, and one of them by its place. */
#define FIELDS_MAX 512u
size_t field_count(void);
const struct field *field_at(size_t i, uint32_t *ret_kinds);

/*
 * The first row of that uri that one of the kinds has; NULL.  FIELD of a
 * dictionary is found by its own uri and by those of its parts.
 */
const struct field *field_find(const char *uri, uint32_t kinds);
/* The row that an element of an item of that kind is; NULL. */
const struct field *field_of_element(const xmlNode *node, enum item_kind kind);
/* "t:Subject", to be freed. */
char *field_element(const struct field *f);

/* A FieldURI, IndexedFieldURI or ExtendedFieldURI of a request. */
struct field_path {
    const xmlNode *node;
    const struct field *field; /* NULL: an extended property */
    /* of a dictionary; NULL: all of it */
    const char *part;          /* "contacts:PhysicalAddress:City" */
    char *index;               /* "Home"; owned */
    struct extended *extended; /* owned; NULL: a field */
};
void field_path_clear(struct field_path *path);
typedef struct field_path field_path;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(field_path, field_path_clear)

/*
 * Read one, for items of those kinds.  -1 and a fault: the code for one that
 * is none (ErrorInvalidPropertyRequest), of a later release
 * (ErrorIncorrectSchemaVersion), or no extended one
 * (ErrorInvalidExtendedProperty).
 */
int field_path_read(const struct op_call *call, const xmlNode *node,
                    uint32_t kinds, struct field_path *ret, struct problem *p);
/* The MAPI property behind it; NULL when the item has none, or it has none. */
const struct mapi_prop *field_path_find(struct field_view *v,
                                        const struct field_path *path);

/* Whether the shape wants that part of a dictionary. */
bool field_wants(const struct field_view *v, const struct field *f,
                 const char *part_uri, const char *index);

/* One field from its element, as the rules of its row say. */
int field_set(struct field_edit *e, const struct field *f, const xmlNode *node,
              struct problem *p);
/* An item's refusal that names the field.  Returns -1. */
int field_refuse(struct problem *p, const char *code, const struct field *f);

/*
 * Set all that stands in an element of an item ("<t:Message>"), extended
 * properties too, then finish.  Unknown or read-only ones: -1 and p.
 */
int field_set_all(struct field_edit *e, const xmlNode *node, struct problem *p);
int field_finish(struct field_edit *e, struct problem *p);

/* ---- generic rows ---------------------------------------------------- */

void field_write_text(struct field_view *v, const struct field *f);
void field_write_bool(struct field_view *v, const struct field *f);
/* The same, absent when the property is. */
void field_write_bool_if(struct field_view *v, const struct field *f);
void field_write_int(struct field_view *v, const struct field *f);
void field_write_int_if(struct field_view *v, const struct field *f);
void field_write_time(struct field_view *v, const struct field *f);
void field_write_enum(struct field_view *v, const struct field *f);
void field_write_texts(struct field_view *v, const struct field *f);
void field_write_binary(struct field_view *v, const struct field *f);
/* True when a bit (fallback) of an integer property is set. */
void field_write_bit(struct field_view *v, const struct field *f);

int field_set_text(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p);
int field_set_bool(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p);
int field_set_int(struct field_edit *e, const struct field *f,
                  const xmlNode *node, struct problem *p);
int field_set_time(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p);
int field_set_enum(struct field_edit *e, const struct field *f,
                   const xmlNode *node, struct problem *p);
int field_set_texts(struct field_edit *e, const struct field *f,
                    const xmlNode *node, struct problem *p);

int field_clear(struct field_edit *e, const struct field *f,
                const struct field_path *path, struct problem *p);

/*
 * Values of a request's elements: -1 and ErrorSchemaValidation.
 * xs:dateTime without a zone is UTC.
 */
int field_parse_bool(const xmlNode *node, bool *ret, struct problem *p);
int field_parse_int(const xmlNode *node, int32_t *ret, struct problem *p);
int field_parse_double(const xmlNode *node, double *ret, struct problem *p);
int field_parse_time(const xmlNode *node, int64_t *ret_us, struct problem *p);
GBytes *field_parse_binary(const xmlNode *node, struct problem *p);

#endif
