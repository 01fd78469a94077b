/*
 * config - what the service is told: one table of every key.
 *
 * A value comes from the command line, else from the environment variable
 * MAILFERRY_SECTION_KEY, else from the file, else from the table.  Every fault
 * is found in one reading, each with file, line and key.  A struct config
 * never changes: a reload makes a new one.
 */
#ifndef BASE_CONFIG_H
#define BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <glib.h>

#include "base/config_table.h"
#include "base/err.h"

enum config_key {
#define X(id, ...) CONFIG_##id,
    CONFIG_KEYS(X)
#undef X
        CONFIG_N
};

enum config_type {
    CONFIG_TEXT,
    CONFIG_PATH,     /* of a file or directory */
    CONFIG_NUMBER,   /* config_number() */
    CONFIG_BYTES,    /* config_number() */
    CONFIG_SECONDS,  /* config_us() */
    CONFIG_WORD,     /* config_word() */
    CONFIG_ENDPOINT, /* "127.0.0.1:8080" */
    CONFIG_RANGES,   /* "10.0.0.0/8, ::1", or none */
    CONFIG_URL,      /* http or https, a host, no path; or none */
};

/* When a changed value takes effect. */
enum config_when {
    CONFIG_AT_START,
    CONFIG_ON_RELOAD, /* also on SIGHUP */
};

/* All static. */
struct config_row {
    const char *section, *key;
    const char *option; /* of the command line, without dashes */
    const char *arg;    /* what stands for the value: "FILE" */
    enum config_type type;
    enum config_when when;
    const char *initial; /* written as a person would; never NULL */
    uint64_t min, max;   /* of numbers, bytes and seconds */
    const char *words;   /* of CONFIG_WORD, in the order of its enum: "a b" */
    bool optional;       /* "none" is a value */
    bool secret;         /* the password of a URL in it is never shown */
    const char *help;    /* one line, lower case, no full stop */
};
extern const struct config_row config_rows[CONFIG_N];

/* Where to look.  All borrowed; NULL: not there. */
struct config_sources {
    const char *file;
    const char *const *environment; /* as environ has it */
    const char *const *given;       /* CONFIG_N texts of the command line */
};

/* One thing that is wrong. */
struct config_fault {
    char *where; /* "mailferry.conf:12", "environment variable ...", ... */
    struct err why;
};

struct config;
typedef struct config config;

/*
 * Read all sources.  Faults (struct config_fault, freed by the array) are
 * appended in the order of the sources; then *ret has the default wherever a
 * value was at fault, and is not fit to run with.  -1: the file cannot be
 * read, *ret untouched.
 */
int config_load(const struct config_sources *sources, struct config **ret,
                GPtrArray *faults, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void config_free(struct config *c);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(config, config_free)

/* For config_load(): an array that frees its faults. */
GPtrArray *config_faults_new(void);

/* Borrowed from c.  NULL: none. */
const char *config_text(const struct config *c, enum config_key key);
uint64_t config_number(const struct config *c, enum config_key key);
int64_t config_us(const struct config *c, enum config_key key);
int config_word(const struct config *c, enum config_key key);
/* "mailferry.conf:12", "default", ...: who says so.  Borrowed from c. */
const char *config_origin(const struct config *c, enum config_key key);

/*
 * As it may be shown: without the password of a URL.  The caller frees; NULL:
 * none.
 */
char *config_shown(const struct config *c, enum config_key key);

/*
 * A path, the data directory before it where it is relative.  The caller frees.
 * NULL: none.
 */
char *config_path(const struct config *c, enum config_key key);

/* "MAILFERRY_HTTP_LISTEN".  The caller frees. */
char *config_variable(enum config_key key);

/* The keys in which two configurations differ; *ret holds CONFIG_N. */
void config_compare(const struct config *a, const struct config *b,
                    bool ret[CONFIG_N]);

/* As a file that could be read again, each value under where it is from. */
void config_print(const struct config *c, FILE *out);

/* The table as Markdown: docs/guide/configuration.md. */
void config_markdown(FILE *out);

#endif
