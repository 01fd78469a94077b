/*
 * portable - one item, apart from any server's own format.
 *
 * How an item travels where FastTransfer is not to be had: its MIME as it
 * came, and beside it the properties, people, attachments and occurrences
 * that MIME does not carry.  Made by one thread, then sealed; a sealed one
 * never changes, is passed on by reference, and any thread may read it.
 * Bytes of any size lie in blobs.
 *
 * Keys are the maker's: opaque here, equal for equal things on every server.
 */
#ifndef PORTABLE_PORTABLE_H
#define PORTABLE_PORTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#include "base/blob.h"
#include "base/err.h"

struct portable;
typedef struct portable portable;

enum portable_kind {
    PORTABLE_MAIL, /* and everything that is nothing below */
    PORTABLE_POST,
    PORTABLE_MEETING, /* request, response or cancellation in a mail folder */
    PORTABLE_REPORT,  /* delivery and read receipts */
    PORTABLE_APPOINTMENT,
    PORTABLE_CONTACT,
    PORTABLE_LIST,
    PORTABLE_TASK,
    PORTABLE_NOTE,
    PORTABLE_JOURNAL,
    PORTABLE_N_KINDS
};
/* "mail", "post", ... */
const char *portable_kind_name(enum portable_kind kind);
/* By message class ("IPM.Appointment.Foo"); NULL: mail. */
enum portable_kind portable_kind_of(const char *item_class);

/* As fts_part has it: the two digests are vectors over the same parts. */
enum portable_part {
    PORTABLE_ENVELOPE,
    PORTABLE_BODY,
    PORTABLE_RECIPIENTS,
    PORTABLE_ATTACHMENTS,
    PORTABLE_NAMED,
    PORTABLE_OTHER,
    PORTABLE_N_PARTS
};

/*
 * Items inside items: a mail that holds an appointment that holds a mail is
 * three; Exchange itself stops near here.  Deeper ones are not read.
 */
#define PORTABLE_DEPTH_MAX 8u

/* ---- making ---------------------------------------------------------- */

/* One reference, the caller's. */
struct portable *portable_new(enum portable_kind kind, const char *item_class);
/* No more changes; twice is fine.  Whatever hangs on it is sealed already. */
void portable_seal(struct portable *p);
/* Of a sealed one.  Any thread. */
struct portable *portable_ref(const struct portable *p);
void portable_unref(struct portable *p); /* NULL: nothing */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(portable, portable_unref)

enum portable_type {
    PORTABLE_TEXT,
    PORTABLE_INTEGER,
    PORTABLE_BOOL,
    PORTABLE_TIME, /* us UTC */
    PORTABLE_TEXTS,
    PORTABLE_BINARY,
    PORTABLE_DOUBLE,
};

struct portable_value {
    enum portable_type type;
    union {
        const char *text;
        int64_t integer; /* and time */
        bool boolean;
        const char *const *texts; /* NULL-terminated */
        GBytes *binary;
        double real;
    };
};

struct portable_label {
    const char *key;
    enum portable_part part;
    /* Why it is carried and not compared (static); NULL: it is compared. */
    const char *out;
};

/* Copies label and value; the last one of a key counts. */
void portable_set(struct portable *p, const struct portable_label *label,
                  const struct portable_value *value);

/* The whole message as base64 text; takes a sealed blob. */
void portable_take_mime(struct portable *p, struct blob *base64);
/* Not sent yet: what it gets when it is sent is not compared. */
void portable_set_draft(struct portable *p);
/* For what has no MIME. */
void portable_set_body(struct portable *p, const char *text, bool html);

enum portable_role {
    PORTABLE_TO,
    PORTABLE_CC,
    PORTABLE_BCC,
    PORTABLE_ORGANISER,
    PORTABLE_REQUIRED,
    PORTABLE_OPTIONAL,
    PORTABLE_RESOURCE,
    PORTABLE_MEMBER, /* of a distribution list */
    PORTABLE_N_ROLES
};
const char *portable_role_name(enum portable_role role);

/* Strings borrowed; each may be NULL. */
struct portable_person {
    enum portable_role role;
    const char *name;
    const char *address;
    const char *routing;  /* "SMTP", "EX"; NULL: SMTP */
    const char *kind;     /* of a member: "OneOff", "Contact", ... */
    const char *response; /* of an attendee: "Accept", ... */
    int64_t responded_us; /* when; 0: not told.  Carried, not compared. */
};
void portable_add_person(struct portable *p, const struct portable_person *one);

/* Strings borrowed; each may be NULL.  Either content or item. */
struct portable_attachment {
    const char *name;
    const char *content_type;
    const char *content_id;
    const char *location;
    bool is_inline;
    bool photo;   /* of a contact */
    bool in_mime; /* a file of an item that travels as MIME: by name alone */
    struct blob *content;  /* base64 text */
    struct portable *item; /* sealed */
};
/*
 * Takes content and item; copies the rest.  Of an item that travels as MIME
 * they are carried beside it, and compared with the MIME only.
 */
void portable_add_attachment(struct portable *p,
                             const struct portable_attachment *one);

enum portable_pattern {
    PORTABLE_DAILY,
    PORTABLE_WEEKLY,
    PORTABLE_MONTHLY,     /* on a day of the month */
    PORTABLE_MONTHLY_NTH, /* on the second Tuesday */
    PORTABLE_YEARLY,
    PORTABLE_YEARLY_NTH,
    /* of tasks: so long after the last one was done */
    PORTABLE_REGENERATE_DAILY,
    PORTABLE_REGENERATE_WEEKLY,
    PORTABLE_REGENERATE_MONTHLY,
    PORTABLE_REGENERATE_YEARLY,
    PORTABLE_N_PATTERNS
};

/* Bits for struct portable_recurrence; Sunday is 1 << 0. */
#define PORTABLE_ALL_DAYS 0x7Fu
#define PORTABLE_WEEKDAYS 0x3Eu
#define PORTABLE_WEEKEND  0x41u

struct portable_recurrence {
    enum portable_pattern pattern;
    unsigned int interval;  /* every so many; at least 1 */
    unsigned int days;      /* bits of days of the week */
    unsigned int first_day; /* of the week: 0 Sunday ... 6 */
    unsigned int nth;       /* 1 first ... 4 fourth, 5 last */
    unsigned int day;       /* of the month, 1 ... 31 */
    unsigned int month;     /* 1 ... 12 */
    uint32_t start;         /* date, as yyyymmdd, where the series is at home */
    uint32_t end;           /* date; 0: none */
    unsigned int count;     /* of occurrences; 0: not counted */
};
void portable_set_recurrence(struct portable *p,
                             const struct portable_recurrence *r);

/* When local time changes: "the nth such day of the month, at that time". */
struct portable_change {
    unsigned int month;  /* 1 ... 12; 0: never */
    unsigned int nth;    /* 1 ... 4, 5 last */
    unsigned int day;    /* of the week: 0 Sunday ... 6 */
    unsigned int minute; /* of the day, local */
};

struct portable_zone {
    const char *id;    /* "W. Europe Standard Time"; or NULL */
    bool has_rule;     /* the rest is known */
    int bias;          /* minutes: UTC = local + bias */
    int standard_bias; /* added to it */
    int daylight_bias;
    struct portable_change standard, daylight; /* when each begins */
};
/* Copies the id. */
void portable_set_zone(struct portable *p, bool end,
                       const struct portable_zone *zone);

/* Of a series, by when it would have been.  Takes a sealed item. */
void portable_add_exception(struct portable *p, int64_t original_us,
                            struct portable *changed);
void portable_add_deletion(struct portable *p, int64_t original_us);

/* ---- reading: all borrowed ------------------------------------------- */

enum portable_kind portable_kind(const struct portable *p);
const char *portable_class(const struct portable *p);

size_t portable_n(const struct portable *p);
/* In order of keys.  label and value may be NULL. */
void portable_at(const struct portable *p, size_t i,
                 struct portable_label *label, struct portable_value *value);
/* False (and nothing touched): it has none, or of another type. */
bool portable_get(const struct portable *p, const char *key,
                  enum portable_type type, struct portable_value *ret);
const char *portable_text(const struct portable *p, const char *key);
bool portable_flag(const struct portable *p, const char *key); /* not set: no */
bool portable_integer(const struct portable *p, const char *key, int64_t *ret);
bool portable_time(const struct portable *p, const char *key, int64_t *ret_us);

const struct blob *portable_mime(const struct portable *p); /* or NULL */
bool portable_draft(const struct portable *p);
const char *portable_body(const struct portable *p, bool *ret_html);
size_t portable_n_people(const struct portable *p);
const struct portable_person *portable_person_at(const struct portable *p,
                                                 size_t i);
/* How many have that role. */
size_t portable_count(const struct portable *p, enum portable_role role);
size_t portable_n_attachments(const struct portable *p);
const struct portable_attachment *
portable_attachment_at(const struct portable *p, size_t i);
const struct portable_recurrence *portable_recurrence(const struct portable *p);
const struct portable_zone *portable_zone(const struct portable *p, bool end);
size_t portable_n_exceptions(const struct portable *p);
const struct portable *portable_exception_at(const struct portable *p, size_t i,
                                             int64_t *ret_original_us);
size_t portable_n_deletions(const struct portable *p);
int64_t portable_deletion_at(const struct portable *p, size_t i);

/* What it weighs: MIME or attachments as base64 text, and the texts. */
uint64_t portable_bytes(const struct portable *p);

/* ---- comparing -------------------------------------------------------- */

#define PORTABLE_PART_BYTES 16

struct portable_digest {
    uint8_t available; /* bit 1 << part; what cannot be read clears it */
    uint8_t part[PORTABLE_N_PARTS][PORTABLE_PART_BYTES];
};

/*
 * Over canonical values in canonical order, so that two servers' copies of an
 * item are equal: canon.h says in which form, rule.c what is left out and
 * why.  -1 only when a blob cannot be read (ERR_RUN).
 */
int portable_digest_take(const struct portable *p, struct portable_digest *ret,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

enum portable_compare {
    PORTABLE_EQUAL,
    PORTABLE_DIFFERENT,
    PORTABLE_UNKNOWN, /* no part that both have differs, but not all are there
                       */
};
/* *ret_parts: bits of the parts that differ; may be NULL. */
enum portable_compare portable_digest_compare(const struct portable_digest *a,
                                              const struct portable_digest *b,
                                              unsigned int *ret_parts);

/*
 * Packed for the ledger.  The first byte says that it is of this format (the
 * two high bits are 1; those of a FastTransfer digest are 0): the two are
 * never equal.
 */
#define PORTABLE_DIGEST_PACKED (1 + PORTABLE_N_PARTS * PORTABLE_PART_BYTES)
void portable_digest_pack(const struct portable_digest *digest,
                          uint8_t ret[PORTABLE_DIGEST_PACKED]);
bool portable_digest_unpack(const uint8_t *packed, size_t len,
                            struct portable_digest *ret);

/*
 * Name what differs, seen from the first: an array of strings that it owns,
 * at most 201, such as "attendee ann@x.example: missing".  Empty when the
 * two are equal.
 */
int portable_diff(const struct portable *a, const struct portable *b,
                  GPtrArray **ret, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * What of a is not in b, MIME, body and contents apart: whether what was
 * written is there.  b may have more.  Names as portable_diff() has them: keys
 * of properties, "class", "recurrence", "attendee ann@x.example".
 */
GPtrArray *portable_missing(const struct portable *a, const struct portable *b);

/* ---- series ------------------------------------------------------------ */

/*
 * first_day where it makes a difference, else 0: which day a week begins on
 * matters to every other week alone, and there only when it parts the days:
 * Monday or Sunday is all one for Tuesdays.
 */
unsigned int portable_week_start(const struct portable_recurrence *r);

/*
 * Which occurrence that is, counted from 1 over the whole pattern: EWS names
 * occurrences so.  first_us: start of the first one; original_us: when the
 * one in question would start.  0: the pattern has none on that day, or it
 * regenerates.
 */
uint32_t portable_occurrence(const struct portable_recurrence *r,
                             int64_t first_us, int64_t original_us);

#endif
