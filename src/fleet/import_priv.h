/*
 * import_priv - the steps of reading an import file, for each other.
 *
 *   bytes --text--> UTF-8 --header--> layout --row, one by one--> candidates
 *         --across--> duplicates marked --> the good ones are kept
 */
#ifndef FLEET_IMPORT_PRIV_H
#define FLEET_IMPORT_PRIV_H

#include "base/csv.h"
#include "fleet/import.h"

/* ---- text: import_text.c -------------------------------------------- */

/* The file as UTF-8, without byte order mark.  Holds passwords. */
struct import_text {
    char *bytes; /* owned */
    size_t n, size;
    const char *encoding; /* static */
};

/*
 * Never fails: what cannot be read becomes U+FFFD, which no known column may
 * hold.
 */
void import_text_decode(const char *bytes, size_t n, struct import_text *ret);
void import_text_clear(struct import_text *text); /* wipes */

/* Bytes of the character at p. */
static inline size_t import_char_bytes(const char *p)
{
    return (size_t)g_utf8_skip[(unsigned char)*p];
}

/* ---- columns: import_header.c ---------------------------------------- */

enum import_column {
    COLUMN_SOURCE_EMAIL,
    COLUMN_SOURCE_USER,
    COLUMN_SOURCE_PASSWORD,
    COLUMN_DESTINATION_EMAIL,
    COLUMN_DESTINATION_USER,
    COLUMN_DESTINATION_PASSWORD,
    COLUMN_FLAGS,
    COLUMN_N
};
/* The column of the other side's kind: (side, COLUMN_SOURCE_USER). */
enum import_column import_column_of(enum import_side side,
                                    enum import_column source_column);

#define NO_FIELD SIZE_MAX

struct import_layout {
    char delimiter;
    size_t at[COLUMN_N];   /* index of the field, or NO_FIELD */
    char *names[COLUMN_N]; /* as the header has them; owned; or NULL */
    size_t width;          /* fields up to the last one with a name */
    size_t n;              /* and the nameless ones that follow */
};

/* ---- reading --------------------------------------------------------- */

struct import_reading {
    struct import *import;
    const struct import_context *context;
    char *domain; /* of the context, in its one form; or NULL */
    struct import_text text;
    struct csv_reader *reader;
    struct import_layout layout;
    GPtrArray *candidates; /* of struct import_candidate * */
    size_t n_broken_quotes;
    /* rows with each flag that has no effect, by bit; the first one's line */
    size_t idle_rows[32];
    uint32_t idle_line[32];
};

/* A row that may be kept. */
struct import_candidate {
    struct import_row *row;     /* owned */
    char *keys[IMPORT_N_SIDES]; /* of good addresses; NULL for others */
    bool bad;
    bool told[IMPORT_N_SIDES]; /* that a later row repeats its address */
};

/* Where a fault is. */
struct import_place {
    uint32_t line;
    enum import_column column; /* COLUMN_N: the row as a whole */
};

/* fmt is what was found; the remedy comes with the kind. */
void import_fault_add(struct import_reading *r, enum import_fault_kind kind,
                      const struct import_place *at, const char *fmt, ...)
    PRINTF(4, 5);
/* The same for a column by number and name (copied), known or not. */
void import_fault_add_at(struct import_reading *r, enum import_fault_kind kind,
                         const struct import_fault *at, const char *fmt, ...)
    PRINTF(4, 5);
void import_fault_free(void *fault);

/*
 * Text from the file as a message may show it: without control characters,
 * cut when long.  The caller frees.
 */
char *import_show(const char *text, size_t len) G_GNUC_MALLOC;
/* The same in quotes. */
char *import_quote(const char *text, size_t len) G_GNUC_MALLOC;

/*
 * Find delimiter and columns; leaves r->reader at the first row.  False when
 * no row can be read: the faults say why.
 */
bool import_header_read(struct import_reading *r);

/* ---- a row: import_row.c, import_value.c, import_credentials.c -------- */

/* A row being read. */
struct import_line {
    struct import_reading *r;
    const struct csv_row *csv;
    struct import_candidate *candidate;
};

struct import_place import_line_place(const struct import_line *row,
                                      enum import_column column);

/* Add a fault of fixed text, and mark the row as bad. */
void import_line_fault(struct import_line *row, enum import_fault_kind kind,
                       enum import_column column, const char *text);

/* A value of a known column: what is between the blanks, borrowed. */
struct import_value {
    const char *text;
    size_t len;
    const struct csv_field *field; /* NULL: the file has no such column */
    bool bad;                      /* a fault has been added */
};

/* Trimmed, but for passwords; checked for what no value may hold. */
struct import_value import_value_of(struct import_line *row,
                                    enum import_column column);
char *import_value_dup(const struct import_value *v) G_GNUC_MALLOC;

/* User name and password of one side, into the candidate. */
void import_credentials_read(struct import_line *row, enum import_side side);

/* One row becomes a candidate, good or bad. */
void import_row_read(struct import_reading *r, const struct csv_row *row);

/* Mark addresses that are there more than once. */
void import_mark_duplicates(struct import_reading *r);

void import_row_free(void *row);
void import_candidate_free(void *candidate);

#endif
