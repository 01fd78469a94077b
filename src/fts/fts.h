/*
 * fts - read a FastTransfer stream: what an Exchange exports an item as.
 *
 * The payload is read where it lies, as the base64 text of ExportItems, and
 * is never rewritten.  Source: [MS-OXCFXICS] 2.2.4 (stream), [MS-OXWSBTRF]
 * (its use by ExportItems and UploadItems).
 */
#ifndef FTS_FTS_H
#define FTS_FTS_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/err.h"

/*
 * What an item is, as a vector: two servers' copies of one item are equal
 * part by part, although ids, stamps, order and sizes differ.
 */
enum fts_part {
    FTS_ENVELOPE, /* class, subject, sender, dates, flags that matter */
    FTS_BODY,
    FTS_RECIPIENTS,
    FTS_ATTACHMENTS, /* embedded messages included */
    FTS_NAMED,       /* named properties */
    FTS_OTHER,
    FTS_N_PARTS
};
/* "envelope", "body", ... */
const char *fts_part_name(enum fts_part part);

#define FTS_PART_BYTES 16

struct fts_digest {
    uint8_t available; /* bit 1 << part; an unknown shape clears it */
    uint8_t part[FTS_N_PARTS][FTS_PART_BYTES]; /* truncated SHA-256 */
};

enum fts_compare {
    FTS_EQUAL,
    FTS_DIFFERENT,
    FTS_UNKNOWN, /* no part available on both sides differs, but not all are */
};
/* *ret_parts: bits of the parts that differ; may be NULL. */
enum fts_compare fts_digest_compare(const struct fts_digest *a,
                                    const struct fts_digest *b,
                                    unsigned int *ret_parts);

/* Packed form for the ledger: FTS_DIGEST_PACKED bytes. */
#define FTS_DIGEST_PACKED (1 + FTS_N_PARTS * FTS_PART_BYTES)
void fts_digest_pack(const struct fts_digest *digest,
                     uint8_t ret[FTS_DIGEST_PACKED]);
bool fts_digest_unpack(const uint8_t *packed, size_t len,
                       struct fts_digest *ret);

/*
 * Somebody whom the item names by an Exchange organisation's own name, its
 * legacyExchangeDN ("/o=Old/ou=.../cn=ann"): a reply to that name finds nobody
 * in another organisation, unless a mailbox there has it as an X500 address.
 */
struct fts_person {
    char *dn;      /* owned */
    char *address; /* the mail address beside it; NULL: not told; owned */
};
void fts_person_free(struct fts_person *person);
/*
 * The directory's name in an address: itself, or what its mail form
 * encapsulates ("IMCEAEX-_o=Old_ou=...@old.example", [MS-OXCMAIL]).  NULL:
 * there is none.  The caller frees.
 */
char *fts_dn_of(const char *address);
/* Of those that one item names, at most so many; mails have to few more. */
#define FTS_PEOPLE_MAX 256

/* What a person knows the item by.  Owned strings, each or NULL. */
struct fts_summary {
    char *item_class;
    char *subject;
    char *sender;        /* address or name */
    int64_t received_us; /* TIMESTAMP_NONE when absent */
    uint64_t bytes;      /* decoded payload */
    /*
     * Of struct fts_person *: the sender, who it was sent for, who received it
     * and the recipients, each name once.  NULL: nobody.
     */
    GPtrArray *people;
    bool partial; /* MetaTagEcWarning or FXErrorInfo: not to be uploaded */
};
void fts_summary_clear(struct fts_summary *summary);
typedef struct fts_summary fts_summary;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fts_summary, fts_summary_clear)

/*
 * Read a payload's base64 text once and take its digest; ret_summary may be
 * NULL.  Memory is bounded whatever the size of a property.
 *
 * -1 (ERR_ITEM) when the payload must not be used, with err->name:
 *   "payload-not-base64"  never: the offset is named
 *   "payload-truncated"   wait: the text is "=== Truncated Data ==="
 *   "payload-broken"      now: it breaks off in the middle of a record, a
 *                         property, a recipient or an attachment, or holds
 *                         none at all
 * (or the spool file's own error).  A whole stream of a shape that we do not
 * know is no error: parts are marked unavailable.
 *
 * What is compared: fts_value.h says in which form, the table in fts_rule.c
 * what is left out and why.  Any thread; nothing is kept between two calls.
 */
int fts_digest_read(const struct blob *base64, struct fts_digest *ret,
                    struct fts_summary *ret_summary,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Name what differs between two payloads, seen from the first: an array of
 * strings, at most 201, such as "0x0037001F subject: changed",
 * "attachment 2: 0x37010102 content: missing", "recipient 3: added".  Empty
 * when they are equal.  Reads both whole; for when digests differ.  The array
 * owns its strings.
 */
int fts_diff(const struct blob *a, const struct blob *b, GPtrArray **ret,
             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* Whether one of those lines says that the second has what the first lacks. */
bool fts_diff_adds(const GPtrArray *lines);

/*
 * What a payload is made of: enough to choose one with more and one with less,
 * and to see what the digest's table does not know.
 */
struct fts_makeup {
    unsigned int n_properties; /* of the message itself, that count */
    unsigned int n_recipients, n_attachments;
    /*
     * "0x7FFF0003", with its name where [MS-OXPROPS] has one: tags anywhere in
     * the item that have no row in the table (fts_rule.c), each once, in
     * order.  They are compared as they are.
     */
    GPtrArray *unknown; /* of char *, owned */
};
void fts_makeup_clear(struct fts_makeup *makeup);
typedef struct fts_makeup fts_makeup;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fts_makeup, fts_makeup_clear)

/* Reads it whole; -1 as fts_digest_read(). */
int fts_makeup_read(const struct blob *base64, struct fts_makeup *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
