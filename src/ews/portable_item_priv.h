/*
 * portable_item_priv - what the files of portable_item.h share: each of them
 * reads and writes one sort of property.
 */
#ifndef EWS_PORTABLE_ITEM_PRIV_H
#define EWS_PORTABLE_ITEM_PRIV_H

#include "ews/portable_field.h"
#include "ews/portable_item.h"

/* What is read of one item at most, far beyond what a person makes. */
#define PEOPLE_MAX 5000u

#define TAG_CREATED         "0x3007"
#define TAG_CREATED_NUMBER  0x3007u
#define TAG_MODIFIED        "0x3008"
#define TAG_MODIFIED_NUMBER 0x3008u

/* ---- values ------------------------------------------------------------ */

/* Of whatever type the bag has it. */
bool value_find(const struct portable *p, const char *key,
                struct portable_value *ret);
/* An empty list is not to be written: the schema wants one at least. */
bool value_is_empty(const struct portable_value *v);
void value_write(struct xml_writer *w, const char *element,
                 const struct portable_value *v);
void value_write_texts(struct xml_writer *w, const char *element,
                       const char *item, const char *const *texts);

/* Into the bag; what is no value of that type is left out. */
void value_read(struct item_reading *r, const struct portable_label *label,
                enum portable_type type, const char *text);
void value_read_texts(struct item_reading *r,
                      const struct portable_label *label,
                      const struct xml_node *node);
void value_read_binary(struct item_reading *r,
                       const struct portable_label *label, const char *text);

/* ---- entries by index, people -------------------------------------------- */

void entries_write(struct xml_writer *w, const struct portable *p,
                   const struct field *f, enum ews_level level);
void entries_read(const struct field *f, const struct xml_node *node,
                  struct item_reading *r);

/* Those of the field's role. */
void people_write(struct xml_writer *w, const struct portable *p,
                  const struct field *f);
/* Whether somebody else has sent the meeting to this mailbox. */
bool people_invited(const struct portable *p);
void people_read(const struct field *f, const struct xml_node *node,
                 struct item_reading *r);

/* ---- MAPI properties ----------------------------------------------------- */

/* What is to be written, which is not always what the bag has. */
bool extra_value(const struct portable *p, const struct extra *x,
                 struct portable_value *ret);
bool extra_is_flags(const struct extra *x);
void extra_write(struct xml_writer *w, const struct extra *x,
                 const struct portable_value *v);
void extras_write(struct xml_writer *w, const struct portable *p,
                  const struct item_writing *how);
void stamp_write(struct xml_writer *w, const struct item_writing *how);
/* <t:ExtendedProperty> */
void extra_read(const struct xml_node *node, struct item_reading *r);

/* ---- the item ----------------------------------------------------------- */

void item_write_field(struct xml_writer *w, const struct portable *p,
                      const struct field *f, const struct item_writing *how);

/* What hangs on it by ids: into r->attachments and r->occurrences. */
void piece_free(void *piece);
void pieces_read_attachments(const struct xml_node *node,
                             struct item_reading *r);
void pieces_read_modified(const struct xml_node *node, struct item_reading *r);
/* These have no ids: into the bag. */
void pieces_read_deleted(const struct xml_node *node, struct item_reading *r);

/* What follows from several properties, once all of them have been read. */
void item_settle(struct item_reading *r);

#endif
