/*
 * mime_part - a mail taken apart into its entities, as they lie in the bytes.
 *
 * Nothing is decoded or copied before it is asked for, so a signed part can
 * be had byte for byte.  Nothing in a mail makes it fail: what is broken is
 * taken for what it most looks like, and past the limits below a part is
 * simply not looked into.
 */
#ifndef LAB_MIME_PART_H
#define LAB_MIME_PART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gmime/gmime.h>

/* Parts within parts; Exchange's own limit is 30 for messages. */
#define MIME_DEPTH_MAX 50
/* Parts of one mail: a digest of a year has some hundreds. */
#define MIME_PARTS_MAX 10000
/* Fields of one header: Exchange refuses mail with more than some thousand. */
#define MIME_FIELDS_MAX 5000
/* One field, unfolded: addresses of a circular come to this. */
#define MIME_FIELD_BYTES_MAX (256u * 1024)

struct mime_field {
    const uint8_t *name;
    size_t name_n;
    const uint8_t *value; /* behind the colon, with its folds */
    size_t value_n;
};

struct mime_part {
    const uint8_t *at; /* the whole entity */
    size_t n;
    size_t head_n;       /* bytes of its header, with the empty line */
    const uint8_t *body; /* encoded; inside of `at` */
    size_t body_n;
    struct mime_field *fields;
    size_t n_fields;
    GMimeContentType *type;               /* never NULL */
    GMimeContentDisposition *disposition; /* or NULL */
    GMimeContentEncoding encoding;
    GPtrArray *children; /* of struct mime_part *; NULL: a leaf */
    GByteArray *decoded; /* of a message that came encoded; or NULL */
};

/* GMime wants to be told once; before its first use, from any thread. */
void mime_start(void);

/* Data must outlive the parts.  Never NULL. */
struct mime_part *mime_part_new(const uint8_t *data, size_t len);
void mime_part_free(struct mime_part *part);
typedef struct mime_part mime_part;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(mime_part, mime_part_free)

bool mime_part_is(const struct mime_part *part, const char *type,
                  const char *subtype);
/* "text/plain", in lower case. */
char *mime_part_type(const struct mime_part *part);

/*
 * The first field of that name: unfolded, trimmed, its bytes as they are
 * (NUL is dropped).  NULL when there is none.
 */
char *mime_part_raw(const struct mime_part *part, const char *name);
/* The same for any field. */
char *mime_field_raw(const struct mime_field *field);
bool mime_field_is(const struct mime_field *field, const char *name);
/* Unstructured text: RFC 2047 decoded, UTF-8. */
char *mime_part_text(const struct mime_part *part, const char *name);

/* The content without its transfer encoding. */
GByteArray *mime_part_content(const struct mime_part *part);
/* The name of a file, from wherever it stands; NULL. */
char *mime_part_filename(const struct mime_part *part);
/* Content-Id without its brackets; NULL. */
char *mime_part_content_id(const struct mime_part *part);
bool mime_part_is_attachment(const struct mime_part *part);

#endif
