/*
 * mapi - an item as a tree of MAPI properties, in memory.
 *
 * A message has properties, recipients and attachments; an attachment may
 * hold another message.  Everything lives in the item's arena and is copied
 * into it.  Values keep the form that they have in a FastTransfer stream
 * ([MS-OXCFXICS] 2.2.4.1.3).  One thread at a time.
 *
 * The lab's own: nothing here is shared with the client's reader.
 */
#ifndef LAB_MAPI_H
#define LAB_MAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/timestamp.h"

/* Property types, [MS-OXCDATA] 2.11.1; MV_FLAG makes the multi-valued one. */
enum mapi_type {
    PT_I2 = 0x0002,
    PT_LONG = 0x0003,
    PT_R4 = 0x0004,
    PT_DOUBLE = 0x0005,
    PT_CURRENCY = 0x0006,
    PT_APPTIME = 0x0007,
    PT_ERROR = 0x000A,
    PT_BOOLEAN = 0x000B,
    PT_OBJECT = 0x000D,
    PT_I8 = 0x0014,
    PT_STRING8 = 0x001E,
    PT_UNICODE = 0x001F,
    PT_SYSTIME = 0x0040,
    PT_CLSID = 0x0048,
    PT_SVREID = 0x00FB,
    PT_BINARY = 0x0102,
    MV_FLAG = 0x1000,
    /* code page strings, [MS-OXCFXICS] 2.2.4.1.1.1: flag and code page */
    PT_CODEPAGE_FLAG = 0x8000,
    PT_CP_UNICODE = 0x84B0,
    PT_CP_1252 = 0x84E4,
};

#define PROP_ID(tag)   ((uint16_t)((tag) >> 16))
#define PROP_TYPE(tag) ((uint16_t)((tag)&0xFFFF))
#define PROP_TAG(id, type)                                                     \
    ((uint32_t)(((uint32_t)(uint16_t)(id) << 16) | (uint16_t)(type)))
/* From here on a property is known by its name; the id is the mailbox's own. */
#define PROP_ID_NAMED 0x8000

/* What a named property is called.  By number when text is NULL. */
struct mapi_name {
    uint8_t set[16];     /* as in the stream: GUID, first three parts LE */
    uint32_t id;         /* 0 when by text */
    const uint8_t *text; /* UTF-16LE without the terminator; borrowed */
    uint32_t text_bytes;
};

struct mapi_prop {
    uint32_t tag;
    const struct mapi_name *name; /* NULL for ids below PROP_ID_NAMED */
    /*
     * The value as in the stream, without its length (variable) or count
     * (multi-valued); each value of a multi-valued variable type keeps its
     * length in front.  Strings keep their terminator.
     */
    const uint8_t *data;
    uint32_t size;
    uint32_t count; /* of values, for multi-valued types; else 1 */
};

struct mapi_props {
    struct mapi_prop *v;
    size_t n, room;
};

struct mapi_message {
    struct mapi_props props;
    struct mapi_props *recipients;
    size_t n_recipients, room_recipients;
    struct mapi_attachment *attachments;
    size_t n_attachments, room_attachments;
};

struct mapi_attachment {
    struct mapi_props props;
    struct mapi_message *embedded; /* or NULL */
};

struct mapi_arena;

/* A whole item: owns everything below it. */
struct mapi_item {
    struct mapi_arena *arena;
    struct mapi_message message;
    uint16_t version[3];   /* of the server that wrote it; 0 when not told */
    bool partial;          /* MetaTagEcWarning or FXErrorInfo stood in it */
    const char *dn_prefix; /* MetaTagDnPrefix, UTF-8; NULL when absent */
    GPtrArray *names;      /* of const struct mapi_name *, by id */
    GHashTable *name_ids;  /* name to id */
};

typedef struct mapi_item mapi_item;
struct mapi_item *mapi_item_new(void);
void mapi_item_free(struct mapi_item *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mapi_item, mapi_item_free)

/* Zeroed memory that lives as long as the item. */
void *mapi_alloc(struct mapi_item *item, size_t n) G_GNUC_MALLOC;
void *mapi_copy(struct mapi_item *item, const void *data, size_t n);

/* Add an empty one; the pointer is good until the next is added. */
struct mapi_props *mapi_add_recipient(struct mapi_item *item,
                                      struct mapi_message *m);
struct mapi_attachment *mapi_add_attachment(struct mapi_item *item,
                                            struct mapi_message *m);
/* An empty message inside an attachment, instead of bytes. */
struct mapi_message *mapi_embed(struct mapi_item *item,
                                struct mapi_attachment *a);

/* Append a property as it is, found already or not. */
struct mapi_prop *mapi_append(struct mapi_item *item, struct mapi_props *props,
                              uint32_t tag);

/*
 * Setters replace a property of that id (whatever its type) or append it.
 * The tag of a named property comes from mapi_named().  Text is UTF-8 (what
 * is ill-formed in it becomes U+FFFD) and is kept as UTF-16LE.
 */
void mapi_set(struct mapi_item *item, struct mapi_props *props, uint32_t tag,
              const void *value, size_t size);
void mapi_set_i32(struct mapi_item *item, struct mapi_props *props,
                  uint32_t tag, int32_t v);
void mapi_set_i64(struct mapi_item *item, struct mapi_props *props,
                  uint32_t tag, int64_t v);
void mapi_set_bool(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, bool v);
void mapi_set_double(struct mapi_item *item, struct mapi_props *props,
                     uint32_t tag, double v);
void mapi_set_time(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, int64_t us);
void mapi_set_text(struct mapi_item *item, struct mapi_props *props,
                   uint32_t tag, const char *utf8);
/* In code page 1252; characters outside it become '?'. */
void mapi_set_text_1252(struct mapi_item *item, struct mapi_props *props,
                        uint32_t tag, const char *utf8);
/* NULL-terminated list, of type MV_FLAG | a string type. */
void mapi_set_texts(struct mapi_item *item, struct mapi_props *props,
                    uint32_t tag, const char *const *utf8);

/*
 * The tag for a named property in this item: one name has one id in it, from
 * PROP_ID_NAMED on; what id a stream gave it is forgotten by the reader, and
 * the writer gives its own.  0 when the item has MAPI_NAMES_MAX names
 * already.  The name is copied.
 */
#define MAPI_NAMES_MAX 4096u /* a real mailbox has some 2,000 in all */
uint32_t mapi_named(struct mapi_item *item, const struct mapi_name *name,
                    uint16_t type);
/* The same with a well-known set: mapi_named_id(i, PSETID_TASK, 0x8104, t). */
uint32_t mapi_named_id(struct mapi_item *item, const uint8_t set[16],
                       uint32_t id, uint16_t type);
uint32_t mapi_named_text(struct mapi_item *item, const uint8_t set[16],
                         const char *utf8, uint16_t type);
/* The name behind an id from PROP_ID_NAMED; NULL when there is none. */
const struct mapi_name *mapi_name_of(const struct mapi_item *item, uint16_t id);
/* By set, then kind, then number or text: less, equal, greater than 0. */
int mapi_name_compare(const struct mapi_name *a, const struct mapi_name *b);

/* Property sets, [MS-OXPROPS] 1.3.2, as they stand in a stream. */
extern const uint8_t PSETID_APPOINTMENT[16];
extern const uint8_t PSETID_TASK[16];
extern const uint8_t PSETID_ADDRESS[16];
extern const uint8_t PSETID_COMMON[16];
extern const uint8_t PSETID_LOG[16];
extern const uint8_t PSETID_NOTE[16];
extern const uint8_t PSETID_MEETING[16];
extern const uint8_t PS_PUBLIC_STRINGS[16];
extern const uint8_t PS_INTERNET_HEADERS[16];
extern const uint8_t PSETID_CALENDAR_ASSISTANT[16];
extern const uint8_t PSETID_UNIFIED_MESSAGING[16];
extern const uint8_t PSETID_SHARING[16];

/* Look up by id (below PROP_ID_NAMED) or by name; NULL when absent. */
struct mapi_prop *mapi_find(const struct mapi_props *props, uint16_t id);
struct mapi_prop *mapi_find_name(const struct mapi_props *props,
                                 const struct mapi_name *name);
struct mapi_prop *mapi_find_id(const struct mapi_props *props,
                               const uint8_t set[16], uint32_t id);
struct mapi_prop *mapi_find_text(const struct mapi_props *props,
                                 const uint8_t set[16], const char *utf8);
void mapi_remove(struct mapi_props *props, uint16_t id);

/* Values; a NULL property or one of another type gives the fallback. */
int32_t mapi_get_i32(const struct mapi_prop *p, int32_t fallback);
int64_t mapi_get_i64(const struct mapi_prop *p, int64_t fallback);
bool mapi_get_bool(const struct mapi_prop *p, bool fallback);
double mapi_get_double(const struct mapi_prop *p, double fallback);
int64_t mapi_get_time(const struct mapi_prop *p); /* or TIMESTAMP_NONE */
/*
 * UTF-8 of any string type, up to the terminator; a character that cannot be
 * read becomes U+FFFD.  NULL when the property is absent or no string.
 */
char *mapi_dup_text(const struct mapi_prop *p);
/* The i-th value of a multi-valued string. */
char *mapi_dup_text_at(const struct mapi_prop *p, uint32_t i);

/*
 * The value as UTF-16LE without its terminator, whatever string type it has;
 * *ret_size in bytes; owned by the caller.  NULL when it is no single string
 * or its code page is not known here.
 */
uint8_t *mapi_dup_utf16(const struct mapi_prop *p, size_t *ret_size);

/* How a type is laid out.  Text: one or many strings of any encoding. */
bool mapi_type_is_text(uint16_t type);
bool mapi_type_is_utf16(uint16_t type);
bool mapi_type_is_multi(uint16_t type);
/* The type of one value of a multi-valued type; of others the type. */
uint16_t mapi_type_single(uint16_t type);
/* Bytes of one value, fixed; 0: variable; -1: no such type in a stream. */
int mapi_type_size(uint16_t type);

/* FILETIME, 100 ns since 1601, to and from microseconds since 1970. */
int64_t mapi_filetime(int64_t us);
int64_t mapi_filetime_to_us(int64_t filetime);

#endif
