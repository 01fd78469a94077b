/*
 * extended - MAPI properties under their own names: ExtendedFieldURI and
 * ExtendedProperty, by tag, by name, by number, of every type.
 */
#ifndef LAB_EXTENDED_H
#define LAB_EXTENDED_H

#include "lab/mapi.h"
#include "lab/soap.h"
#include "lab/xmlout.h"

/* An ExtendedFieldURI, taken apart. */
struct extended {
    const xmlNode *node; /* in the request: echoed */
    uint16_t tag;        /* PropertyTag; 0: a named one */
    uint8_t set[16];
    uint32_t id;   /* PropertyId, when name is NULL */
    char *name;    /* PropertyName */
    uint16_t type; /* MAPI type; multi-valued with its flag */
};
void extended_free(struct extended *e);
typedef struct extended extended;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(extended, extended_free)

/* NULL and a fault, ErrorInvalidExtendedProperty. */
struct extended *extended_read(const xmlNode *node, struct problem *p);

/* "00062008-0000-0000-c000-000000000046", to be freed. */
char *extended_guid_format(const uint8_t guid[16]);

/* NULL when absent or of another type. */
const struct mapi_prop *extended_find(const struct mapi_props *props,
                                      const struct extended *e);

/* The path as Exchange echoes it. */
void extended_write_path(struct xmlout *x, const struct extended *e);
/* <t:Value> or <t:Values>; false when the type is none that can be shown. */
bool extended_write_value(struct xmlout *x, const struct mapi_prop *prop,
                          uint16_t type);
/* A whole <t:ExtendedProperty>; nothing when the item has it not. */
void extended_write(struct xmlout *x, const struct mapi_props *props,
                    const struct extended *e);

/*
 * Set it from an <t:ExtendedProperty>.  -1 and p: ErrorInvalidExtendedProperty
 * or ErrorInvalidExtendedPropertyValue.
 */
int extended_set(struct mapi_item *item, struct mapi_props *props,
                 const struct extended *e, const xmlNode *property,
                 struct problem *p);
void extended_clear(struct mapi_props *props, const struct extended *e);

/* ---- shared by reading and setting --------------------------------- */

bool extended_guid_parse(const char *text, uint8_t ret[16]);
/* Of whatever type. */
const struct mapi_prop *extended_find_any(const struct mapi_props *props,
                                          const struct extended *e);
/* Whether each value has the same size, and can be shown. */
bool extended_is_fixed(uint16_t type);

#endif
