/*
 * folder - the properties of folders: as EWS names them, and as MAPI does.
 */
#ifndef LAB_FOLDER_H
#define LAB_FOLDER_H

#include "lab/extended.h"
#include "lab/op.h"
#include "lab/restriction.h"

/*
 * A folder as a tree of properties: what the server computes, and what
 * clients have put on it.  NULL and p.
 */
struct mapi_item *folder_tree(struct op_call *call, int64_t mailbox,
                              const struct lab_folder *f, struct problem *p);

/* A property of a folder. */
struct folder_field {
    const char *uri;
    enum release since;
    bool in_default, in_all;
    uint32_t tag; /* in the tree; 0: none, it cannot be searched for */
};

/* Rows in the order of the schema. */
enum folder_field_id {
    FOLDER_PARENT,
    FOLDER_CLASS,
    FOLDER_NAME,
    FOLDER_TOTAL,
    FOLDER_CHILDREN,
    FOLDER_MANAGED,
    FOLDER_RIGHTS,
    FOLDER_DISTINGUISHED,
    FOLDER_POLICY_TAG,
    FOLDER_ARCHIVE_TAG,
    FOLDER_REPLICAS,
    FOLDER_SHARING,
    FOLDER_PERMISSIONS,
    FOLDER_UNREAD,
    FOLDER_SEARCH_PARAMETERS,
    FOLDER_ID,
    N_FOLDER_FIELDS,
};
extern const struct folder_field folder_fields[N_FOLDER_FIELDS];

/* A FieldURI of a folder, or an ExtendedFieldURI. */
struct folder_path {
    enum folder_field_id field; /* N_FOLDER_FIELDS: an extended property */
    struct extended *extended;  /* owned; or NULL */
};
void folder_path_clear(struct folder_path *path);
typedef struct folder_path folder_path;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(folder_path, folder_path_clear)

/* -1 and a fault, as field_path_read(). */
int folder_path_read(const struct op_call *call, const xmlNode *node,
                     struct folder_path *ret, struct problem *p);

/* For restrictions on folders: an object is a struct mapi_item * tree. */
struct restriction_paths folder_paths(const struct op_call *call);
void folder_value(void *tree, const struct restriction_path *path,
                  struct value *ret);

/* "t:CalendarFolder" and the like. */
const char *folder_element(enum lab_folder_kind kind);

#endif
