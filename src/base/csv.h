/*
 * csv - tables as text: read what people's programs write, write what theirs
 * read.
 *
 * Reading: RFC 4180 and its neighbours (any delimiter, CRLF, LF or CR, blank
 * lines passed over, blanks around an unquoted field dropped).  The reader
 * knows line and field, and goes on after a fault.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

/* A spreadsheet's cell holds 32,767 characters; two of those. */
#define CSV_MAX_ROW_BYTES (64 * 1024)
/* More columns than any table that we read has. */
#define CSV_MAX_FIELDS 256

enum csv_fault {
    CSV_FINE,
    CSV_BROKEN_QUOTE, /* text after a closing quote, or none before the end */
    CSV_ROW_TOO_LONG, /* over CSV_MAX_ROW_BYTES */
    CSV_TOO_MANY_FIELDS, /* over CSV_MAX_FIELDS */
};

struct csv_field {
    const char *text; /* NUL after it; may hold others when the file does */
    size_t len;
    bool quoted; /* was in quotes */
    bool padded; /* was not, and had blanks around it, which are dropped */
};

/* Valid until the next call on its reader. */
struct csv_row {
    uint32_t line;        /* on which it begins, from 1 */
    enum csv_fault fault; /* in the field after the last one of fields */
    const struct csv_field *fields;
    size_t n;
};

struct csv_reader;
typedef struct csv_reader csv_reader;

/*
 * Read n bytes of text (borrowed until the reader is freed) from its
 * first_line on.  One thread.
 */
struct csv_reader *csv_reader_new(const char *text, size_t n, char delimiter,
                                  uint32_t first_line);

/* Wipes what it held of the text. */
void csv_reader_free(struct csv_reader *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(csv_reader, csv_reader_free)

/*
 * The next row that is not blank; false at the end.  After a faulty row the
 * reader goes on at the line after the one on which that row began, so an
 * open quote does not take the rest of the file with it.
 */
bool csv_reader_next(struct csv_reader *r, struct csv_row *ret);

/*
 * Treat the row just read as a faulty one: go on at the line after the one on
 * which it began.  For callers who know that a field cannot hold a line end.
 */
void csv_reader_rewind(struct csv_reader *r);

/*
 * Writing: rows are appended to out, commas between fields, quotes where they
 * are needed, LF at the end.  Begin with { .out = string }.
 */
struct csv_writer {
    GString *out; /* borrowed */
    size_t n;     /* fields of the row so far */
};

/*
 * For text of which a part came from outside: what a spreadsheet would take
 * for a formula (it begins with = + - @, a tab or a line end) gets an
 * apostrophe in front.  NULL is an empty field.
 */
void csv_put(struct csv_writer *w, const char *text);

/* The text as it is, for files that programs read. */
void csv_put_exact(struct csv_writer *w, const char *text);

void csv_put_number(struct csv_writer *w, int64_t number);
void csv_end_row(struct csv_writer *w);

#endif
