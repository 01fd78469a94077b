/*
 * ini - sections, keys and values, a line each.
 *
 * The dialect of GKeyFile and systemd: "[section]", "key = value", comments on
 * lines of their own that begin with # or ;.  Nothing is escaped and nothing
 * is continued.  GKeyFile itself stops at the first fault, drops a key that
 * is given twice and knows no line: a person who mends a file wants all three.
 */
#ifndef BASE_INI_H
#define BASE_INI_H

#include <stddef.h>
#include <stdint.h>

/* What a file of settings may hold; more is something else. */
#define INI_FILE_MAX (1024 * 1024)
#define INI_LINE_MAX 8192

/* Borrowed until the visitor returns. */
struct ini_entry {
    uint32_t line; /* from 1 */
    const char *section, *key, *value;
};

struct ini_visitor {
    void *data;
    void (*section)(void *data, uint32_t line, const char *name);
    void (*entry)(void *data, const struct ini_entry *e);
    /* text is what is wrong with the line; static */
    void (*fault)(void *data, uint32_t line, const char *text);
};

/* Read n bytes, in order, to the end whatever is wrong on the way. */
void ini_read(const char *text, size_t n, const struct ini_visitor *visitor);

#endif
