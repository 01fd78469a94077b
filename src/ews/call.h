/*
 * call - one operation on the server: governed, signed in, judged.
 *
 * A read waits for its turn and for the server's back-off, and is repeated
 * within limits.  A write is sent at most once; what may have become of it is
 * told exactly.
 */
#ifndef EWS_CALL_H
#define EWS_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ews/ews_code.h"
#include "ews/mailbox.h"
#include "ews/reply.h"
#include "xml/node.h"
#include "xml/writer.h"

/* Writes the operation's attributes and content; its element is open. */
typedef void call_writer(struct xml_writer *w, const struct core *core,
                         const void *data);

struct call {
    const char *element;   /* "m:GetFolder" */
    const char *operation; /* NULL: as the element is called */
    enum soap_shape shape; /* of the answer */
    call_writer *write;
    const void *data;          /* for it */
    size_t n;                  /* objects asked about: each has its message */
    bool writing;              /* sent at most once */
    bool sync;                 /* counts among the concurrent sync calls */
    uint32_t deadline_ms;      /* 0: 100 s */
    int64_t over_by_us;        /* see struct endpoint_put */
    uint64_t answer_max_bytes; /* 0: 256 MiB */
    const struct reply_payloads *payloads; /* or NULL */
};

struct call_answer {
    struct xml_doc *doc; /* everything below lives in it; NULL on failure */
    const struct xml_node **messages; /* one for each object, in order */
    bool has_version;
    struct ews_version version;
    enum ews_code code;    /* of a fault; else EWS_NO_ERROR */
    char *primary_address; /* that a fault names; or NULL */
};
void call_answer_clear(struct call_answer *a);
typedef struct call_answer call_answer;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(call_answer, call_answer_clear)

/*
 * 0: there is a message for each object; each may still say that its object
 * failed.  -1: there is none that counts; for a writing call *ret_maybe (NULL
 * else) says whether it may have been carried out.  *ret is filled in both
 * cases and must be cleared.
 */
int call_make(struct mailbox *mb, const struct call *call,
              struct call_answer *ret, bool *ret_maybe,
              struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Make an error's scope at least that wide: of what the caller worked on. */
int call_widen(struct err *err, enum err_scope least);

/* ---- call_ids.c: ids in requests ----------------------------------------- */

/* <element><t:FolderId Id="id"/></element>; element NULL: only the id. */
void call_folder_id(struct xml_writer *w, const char *element, const char *id);

/* A distinguished id; it names the mailbox where the rights need it. */
void call_distinguished_id(struct xml_writer *w, const struct core *core,
                           const char *id);
void call_item_id(struct xml_writer *w, const char *id);
void call_attachment_id(struct xml_writer *w, const char *id);
/* <m:AttachmentIds> with n of them. */
void call_attachment_ids(struct xml_writer *w, const char *const *ids,
                         size_t n);

/* <FieldURI>: what to show of an object, or to change. */
void call_field_uri(struct xml_writer *w, const char *uri);
/* A shape with the ids and these fields, and nothing else. */
void call_shape(struct xml_writer *w, const char *element,
                const char *const *uris, size_t n);
/* <t:ExtendedFieldURI .../> of a property tag ("0x0E06") and EWS type. */
void call_property_tag(struct xml_writer *w, const char *tag, const char *type);

/*
 * Text of an extended property by its tag, however the server writes tags
 * (EWS-QUIRKS 9); NULL when the object does not have it.
 */
const char *call_read_property(const struct xml_node *object, uint32_t tag);

#endif
