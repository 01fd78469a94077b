/*
 * mime_priv - what the files of mime share.
 */
#ifndef LAB_MIME_PRIV_H
#define LAB_MIME_PRIV_H

#include "lab/mime.h"
#include "lab/mime_part.h"

/* Tags that only mail has. */
#define PR_REPLY_RECIPIENT_ENTRIES 0x004F0102u
#define PR_INTERNET_CONTENT_BASE   0x3711001Fu
#define PR_ATTACH_CONTENT_LOCATION 0x3713001Fu
#define PR_TEXT_ATTACHMENT_CHARSET 0x371B001Fu
#define PR_NDR_REASON_CODE         0x0C040003u
#define PR_NDR_DIAG_CODE           0x0C050003u
#define PR_NDR_STATUS_CODE         0x0C200003u
#define PR_SUPPLEMENTARY_INFO      0x0C1B001Fu
#define PR_ORIGINAL_SUBJECT        0x0049001Fu
#define PR_ORIGINAL_SUBMIT_TIME    0x004E0040u
#define PR_REPORT_DISPOSITION      0x00800003u
#define PR_ORIGINAL_MESSAGE_ID     0x1046001Fu
#define PR_REPORTING_MTA           0x6820001Fu
#define ATTACH_MHTML_REF           4 /* bit of PR_ATTACH_FLAGS: shown inside */

/* ---- in -------------------------------------------------------------- */

/* A mail on its way into a message. */
struct mime_in {
    struct mapi_item *item;
    struct mapi_message *m;
    unsigned int depth; /* messages around this one */
};

/* Properties out of the header (mime_head_in.c). */
void mime_head_in(const struct mime_in *in, const struct mime_part *part);
/* PR_SUBJECT and what hangs on it. */
void mime_subject_in(const struct mime_in *in, const char *subject);
/* RFC 5322's date, or TIMESTAMP_NONE (mime_head_in.c). */
int64_t mime_date_in(const char *raw);

/* A whole message: header, body, attachments (mime_in.c). */
void mime_message_in(const struct mime_in *in, const struct mime_part *part);
/* Attachments (mime_file_in.c): an empty one, its names, a part as a file. */
struct mapi_attachment *mime_attachment_new(const struct mime_in *in,
                                            int32_t method);
void mime_names_in(const struct mime_in *in, struct mapi_attachment *a,
                   const char *name);
struct mapi_attachment *mime_file_in(const struct mime_in *in,
                                     const struct mime_part *part);
void mime_text_in(const struct mime_in *in, const char *text);
/* A mail inside, which the part has; at most so many deep (fts_read.h). */
#define MIME_MESSAGES_DEEP_MAX 28
void mime_embed_in(const struct mime_in *in, const struct mime_part *part);
/* A part that is no body: a mail inside, or a file. */
void mime_beside_in(const struct mime_in *in, const struct mime_part *part);

/* S/MIME (mime_smime.c): what is signed, and what nobody can look into. */
void mime_signed_entity_in(const struct mime_in *in,
                           const struct mime_part *part);
bool mime_is_pkcs7(const struct mime_part *part);
void mime_opaque_in(const struct mime_in *in, const struct mime_part *part);

/*
 * A multipart/report's machine-readable part; false when it is none that
 * Exchange has a class for (mime_report.c).
 */
bool mime_report_in(const struct mime_in *in, const struct mime_part *report);

/* ---- out ------------------------------------------------------------- */

/* What is written, and what its boundaries are made of. */
struct mime_out {
    GString *text;
    uint64_t salt;
    unsigned int boundaries;
    unsigned int depth; /* messages around this one */
};

/* All fields but those of the content (mime_head_out.c). */
void mime_head_out(struct mime_out *o, const struct mapi_message *m);
/* "Name: value", unstructured, encoded and folded. */
void mime_field_out(struct mime_out *o, const char *name, const char *value);
/* The same for what must stay as it is: ids, types. */
void mime_raw_field_out(struct mime_out *o, const char *name,
                        const char *value);
/* RFC 5322's date. */
void mime_date_out(struct mime_out *o, const char *name, int64_t us);

/* A whole message (mime_out.c). */
void mime_message_out(struct mime_out *o, const struct mapi_message *m);
/* A text part with its content fields, from UTF-8. */
void mime_text_part_out(struct mime_out *o, const char *type, const char *utf8,
                        int32_t cpid);
void mime_base64_out(struct mime_out *o, const void *data, size_t n);
/* Any content with the encoding that it needs (mime_encode.c). */
void mime_content_out(struct mime_out *o, const void *data, size_t n);
/* A container's Content-Type; its boundary, the caller's. */
char *mime_multipart_out(struct mime_out *o, const char *subtype,
                         const char *parameters);
/* "--x\r\n", "--x--\r\n" of a boundary that mime_boundary() made. */
char *mime_boundary(struct mime_out *o);
void mime_boundary_out(struct mime_out *o, const char *boundary, bool last);
/* The parts of a report, with its Content-Type (mime_report.c). */
bool mime_is_report(const char *item_class);
void mime_report_out(struct mime_out *o, const struct mapi_message *m);
/* name NULL: neither name nor size are told (mime_file_out.c). */
void mime_disposition_out(struct mime_out *o, const char *how, const char *name,
                          size_t size);
/* An exception of a series; one that the HTML shows. */
bool mime_is_exception(const struct mapi_attachment *a);
bool mime_is_shown(const struct mapi_attachment *a);
/* An attachment as a part, with its fields. */
void mime_attachment_out(struct mime_out *o, const struct mapi_attachment *a);

/* ---- both ------------------------------------------------------------ */

/* The text of a property; NULL when it is absent or empty. */
char *mime_text_of(const struct mapi_props *props, uint32_t tag);
/* "text/plain" for "a.txt"; NULL when the name tells nothing. */
const char *mime_type_of_name(const char *name);
/* ".txt" for "text/plain"; ".dat" for what nobody knows. */
const char *mime_extension_of(const char *type);
/* Fields that are made from properties, and so are not taken from 0x007D. */
bool mime_is_own_field(const char *name);

#endif
