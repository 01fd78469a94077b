/*
 * portable_field - which properties of an item travel on the portable path,
 * as tables.
 *
 * One row an EWS element, in the order that the schema wants, and one row a
 * MAPI property that EWS has no element for.  Asking, reading, writing,
 * correcting and naming what was lost all go by these rows.  Every element
 * here is known to Exchange 2007 SP1 unless its row says otherwise.
 *
 * A row's key in the bag of struct portable is its FieldURI, or as extra_key()
 * writes it.
 */
#ifndef EWS_PORTABLE_FIELD_H
#define EWS_PORTABLE_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ews/version.h"
#include "portable/portable.h"
#include "xml/writer.h"

enum field_type {
    FIELD_TEXT,
    FIELD_INTEGER,
    FIELD_BOOL,
    FIELD_TIME,
    FIELD_DOUBLE,
    FIELD_STRINGS,
    FIELD_ENTRIES,   /* <Entry Key="index">text</Entry> */
    FIELD_ADDRESSES, /* <Entry Key="index"><Street>... */
    /* what is not in the bag */
    FIELD_CLASS,
    FIELD_BODY,
    FIELD_EXTRAS, /* where MAPI properties stand */
    FIELD_PEOPLE,
    FIELD_RECURRENCE,
    FIELD_ZONE,
    FIELD_OLD_ZONE,
    FIELD_ATTACHMENTS, /* asked for, never written with the item */
    FIELD_OCCURRENCES, /* the same */
    FIELD_ORIGINAL,    /* of an occurrence: the same */
    FIELD_N_TYPES
};

struct field {
    const char *uri;     /* NULL: not asked for */
    const char *element; /* "t:Subject"; NULL: not written */
    enum field_type type;
    enum portable_part part;
    unsigned int kinds;   /* bits 1 << enum portable_kind */
    enum ews_level level; /* the first that knows it */
    enum ews_level until; /* the last that is asked for it; 0: all */
    const char *const *indices;
    int more;         /* of people: their role; of a zone: whether the end's */
    const char *out;  /* why it is carried and not compared, or NULL */
    const char *name; /* for people; NULL: as the element */
};

const struct field *field_table(size_t *ret_n);
/* Whether the row concerns items of that kind on a server of that level. */
bool field_fits(const struct field *f, enum portable_kind kind,
                enum ews_level level);
/* Of a key in the bag ("contacts:EmailAddress/EmailAddress1" too), or NULL. */
const struct field *field_of(const char *key);
/*
 * "contacts:EmailAddress/EmailAddress1"; part NULL or a child.  Caller frees.
 */
char *field_key(const struct field *f, const char *index, const char *part);
/* Names of an address's lines: children of Entry, NULL-terminated. */
const char *const *field_address_lines(void);

/* ---- MAPI properties ---------------------------------------------------- */

struct extra {
    const char *set;  /* DistinguishedPropertySetId, a GUID; NULL: a tag */
    uint32_t id;      /* of a tag without its type, or of a named property */
    const char *type; /* MapiPropertyTypeType */
    enum portable_part part;
    unsigned int kinds;
    const char *out;
    const char *name;
};

const struct extra *extra_table(size_t *ret_n);
bool extra_fits(const struct extra *x, enum portable_kind kind);
const struct extra *extra_of(const char *key);
/* "0x0E06", "Appointment/0x8217".  The caller frees. */
char *extra_key(const struct extra *x);
/* Whether that path (an ExtendedFieldURI) names the property. */
bool extra_is(const struct extra *x, const struct xml_node *path);
/* <t:ExtendedFieldURI .../> */
void extra_write_path(struct xml_writer *w, const struct extra *x);
bool extra_is_array(const struct extra *x);

/* For people: "follow-up flag", "contacts: given name".  The caller frees. */
char *field_words(const char *key);

/* Bits for sets of kinds. */
#define KIND(k)    (1u << PORTABLE_##k)
#define KINDS_MIME (KIND(MAIL) | KIND(POST) | KIND(MEETING) | KIND(REPORT))
#define KINDS_ALL  ((1u << PORTABLE_N_KINDS) - 1)

/* "t:Message", "t:Contact": what an item of that kind is created as. */
const char *field_item_element(enum portable_kind kind);

/* ---- the stamp ----------------------------------------------------------- */

/* Our own named property: whose copy an item is. */
#define STAMP_NAME       "MailferrySource"
#define STAMP_UNFINISHED "unfinished:"
void stamp_write_path(struct xml_writer *w);
/* Of an item in an answer; NULL: it has none.  *ret_unfinished may be NULL. */
const char *stamp_read(const struct xml_node *item, bool *ret_unfinished);

#endif
