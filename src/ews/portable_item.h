/*
 * portable_item - an item between EWS's elements and struct portable, by the
 * tables of portable_field.h.
 */
#ifndef EWS_PORTABLE_ITEM_H
#define EWS_PORTABLE_ITEM_H

#include <stdbool.h>

#include "ews/version.h"
#include "portable/portable.h"
#include "xml/node.h"
#include "xml/writer.h"

/* Whether items of that kind travel as MIME. */
bool kind_has_mime(enum portable_kind kind);

/* ---- reading ----------------------------------------------------------- */

struct item_shape {
    enum ews_level level;
    enum portable_kind kind;
    bool outline; /* no MIME and no body: to see what arrived */
    bool stamp;   /* ours too */
    bool times;   /* when it was made and changed, by the server's clock */
};
/* <m:ItemShape>; with element "m:AttachmentShape" that one. */
void item_write_shape(struct xml_writer *w, const char *element,
                      const struct item_shape *shape);

/* What hangs on an item by an id and is read by itself.  Owned. */
struct item_piece {
    char *id;
    bool is_item;        /* of an attachment: an item, not a file */
    int64_t original_us; /* of an occurrence */
    struct portable_attachment about; /* strings owned; of an attachment */
};

struct item_reading {
    struct portable *p; /* not sealed yet */
    char *id, *change_key;
    bool untouched;         /* nobody has changed it since it was made */
    int64_t original_us;    /* of an occurrence; else TIMESTAMP_NONE */
    GPtrArray *attachments; /* of struct item_piece *, owned */
    GPtrArray *occurrences;
};
void item_reading_clear(struct item_reading *r);
typedef struct item_reading item_reading;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(item_reading, item_reading_clear)

/*
 * Read an item's element; a payload of doc becomes its MIME.  *ret must be
 * cleared.  Items of a class that nobody asked about are read as what they
 * are.
 */
void item_read(struct xml_doc *doc, const struct xml_node *node,
               struct item_reading *ret);
/* The kind that the element's class has. */
enum portable_kind item_read_kind(const struct xml_node *node);

/* ---- writing ------------------------------------------------------------- */

struct item_writing {
    enum ews_level level;
    const char *stamp;  /* or NULL */
    bool unfinished;    /* more requests follow */
    bool zones_by_rule; /* with their definitions */
    bool bare;          /* without MAPI properties that are not needed */
    bool nested;        /* inside an attachment: with its attachments */
};
void item_write(struct xml_writer *w, const struct portable *p,
                const struct item_writing *how);

/* <t:FileAttachment> or <t:ItemAttachment>, whole. */
void item_write_attachment(struct xml_writer *w,
                           const struct portable_attachment *a,
                           const struct item_writing *how);

/*
 * <t:SetItemField> for the property of that key.  False, and nothing written:
 * it has none that can be set.
 */
bool item_write_change(struct xml_writer *w, const struct portable *p,
                       const char *key, const struct item_writing *how);
/* The same for the stamp. */
void item_write_stamp_change(struct xml_writer *w, const struct portable *p,
                             const struct item_writing *how);
/* Whether item_write_change() would write something. */
bool item_can_change(const struct portable *p, const char *key,
                     enum ews_level level);

#endif
