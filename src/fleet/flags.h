/*
 * flags - the Flags column of the import file.
 *
 * The names are those that MigrationWiz made known; the numbers are ours.
 */
#ifndef FLEET_FLAGS_H
#define FLEET_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum flags {
    FLAG_NO_MAIL = 1 << 0,
    FLAG_NO_CALENDAR = 1 << 1,
    FLAG_NO_CONTACT = 1 << 2,
    FLAG_NO_TASK = 1 << 3,
    FLAG_NO_NOTE = 1 << 4,
    FLAG_NO_JOURNAL = 1 << 5,
    FLAG_NO_RULE = 1 << 6,
    FLAG_NOTIFY_SOURCE_COMPLETE = 1 << 8,
    FLAG_NOTIFY_SOURCE_FAILED = 1 << 9,
    FLAG_NOTIFY_DESTINATION_COMPLETE = 1 << 10,
    FLAG_NOTIFY_DESTINATION_FAILED = 1 << 11,
    FLAG_ASK_SOURCE_OWNER = 1 << 12,
    FLAG_ASK_DESTINATION_OWNER = 1 << 13,
    FLAG_NO_DESTINATION_SEARCH = 1 << 14,
    FLAG_NO_RETRY = 1 << 15,
};

/* Who heeds a flag. */
enum flag_scope {
    FLAG_SCOPE_ENGINE,  /* every migration */
    FLAG_SCOPE_SERVICE, /* mails and questions: only the managed service */
};

/* In the order of their bits; NULL name ends the table. */
struct flag_row {
    enum flags flag;
    const char *name;
    enum flag_scope scope;
};
extern const struct flag_row flag_table[];

/* All bits that have a name. */
uint32_t flags_known(void);

enum flags_fault { FLAGS_OK, FLAGS_UNKNOWN_NAME, FLAGS_UNKNOWN_BITS };
struct flags_result {
    enum flags_fault fault;
    uint32_t bits;    /* FLAGS_OK: the flags */
    const char *name; /* FLAGS_UNKNOWN_NAME: inside text, name_len bytes */
    size_t name_len;
    uint64_t unknown;    /* FLAGS_UNKNOWN_BITS: those; UINT64_MAX: too big */
    const char *nearest; /* FLAGS_UNKNOWN_NAME: what may be meant, or NULL */
};

/*
 * A number, or names joined by "|", in any case, blanks around each ignored;
 * empty text is 0.
 */
struct flags_result flags_parse(const char *text);

/* The name of one flag; static. */
const char *flags_name(enum flags flag);
/* Which flag leaves items of that kind out; 0: none does. */
enum flags flags_of_kind(enum item_kind kind);

/* Bits 1 << enum item_kind of what is left out, for engine_options. */
unsigned int flags_skip_kinds(uint32_t bits);

#endif
