/*
 * opt - options and arguments of a command, as tables.
 *
 * One row drives the parser, --help, the man page and the completion of three
 * shells, so none can disagree.  A row writes one field of the command's
 * option struct, which is given by its offset.  Groups let commands share
 * tables: the group says where the struct that its rows describe lies inside
 * the command's own.
 *
 * A value comes from the command line ("--name value", "--name=value",
 * "-n value", "-nvalue"), else from the row's environment variable when that
 * is set and not empty, else from the row's default.  The last of several
 * wins.  "--" ends the options; "-" alone is an argument.
 */
#ifndef CMD_OPT_H
#define CMD_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

/* What a row's text means, and the type of the field that it fills. */
enum opt_type {
    OPT_FLAG,      /* bool; takes no value */
    OPT_STR,       /* const char *, never empty */
    OPT_FILE,      /* the same; completes file names */
    OPT_DIRECTORY, /* the same; completes directories */
    OPT_UINT,      /* unsigned int, min..max */
    OPT_SIZE,      /* uint64_t bytes, min..max: "8M" is 8 * 10^6, "8Mi" 2^20 */
    OPT_SECONDS,   /* int64_t us, min..max seconds: "90", "0.5", "2m", "3d" */
    OPT_WORD,      /* any enum: the value of one of words */
    OPT_WORDS,     /* unsigned int: values of words, "a,b", or'ed */
    OPT_DATE,      /* int64_t us: "2026-01-31", "2026-01-31T12:00:00Z"; UTC */
    OPT_HOURS, /* const char *, times of the week as base/hours.h has them */
    OPT_LIST,  /* struct opt_list: may be given more than once */
};

/* Texts in the order in which they were given, never empty.  Borrowed. */
#define OPT_LIST_MAX 64
struct opt_list {
    const char *v[OPT_LIST_MAX + 1]; /* NULL-terminated */
    size_t n;
};

/* A word that OPT_WORD and OPT_WORDS take, and what it stands for. */
struct opt_word {
    const char *word; /* NULL ends the table */
    int value;
    const char *help; /* a few words, or NULL */
};

/* All strings static. */
struct opt {
    char short_name;       /* 0: none */
    const char *long_name; /* without dashes; NULL ends the table */
    enum opt_type type;
    size_t offset;       /* of the field in the rows' struct */
    const char *arg;     /* "N", "FILE"; NULL for a flag */
    const char *help;    /* one line, lower case, no full stop */
    const char *env;     /* variable that gives a default, or NULL */
    const char *initial; /* default, written as a user would; NULL: zero */
    uint64_t min, max;   /* max 0: none but the type's own */
    const struct opt_word *words;
    size_t given; /* of a bool: not from `initial`; 0: nobody wants to know */
    /*
     * Bits 1 << value of the words of the first argument that has words, the
     * action: with these alone the row may be given.  0: with all.
     */
    unsigned int with;
};

/* Rows under a heading of the help. */
struct opt_group {
    const char *title; /* NULL ends the table of groups */
    const struct opt *rows;
    size_t base;       /* of the rows' struct in the command's */
    unsigned int with; /* of the rows that say nothing themselves */
};

/* A positional argument; they are filled in order. */
struct opt_arg {
    const char *name; /* "FILE"; NULL ends the table */
    enum opt_type type;
    size_t offset; /* in the command's struct */
    bool required; /* optional ones come last */
    const char *help;
    const struct opt_word *words; /* of OPT_WORD */
};

/* What a command line may say.  Either table may be NULL for none. */
struct opt_spec {
    const struct opt_group *groups;
    const struct opt_arg *args;
};

/*
 * Fill the struct at `into` (all zero before) from argv[1..argc-1].  Strings
 * in it are borrowed from argv, the environment or the table.  --help, -h and
 * --version are not special here: see cmd.h.
 *
 * -1, with err->code CMD_USAGE and *into half filled: an unknown option (the
 * nearest known one is named), a value missing, not wanted, out of range or
 * not understood or not for that action, an argument too many or a required
 * one missing.
 */
int opt_parse(const struct opt_spec *spec, int argc, const char *const *argv,
              void *into, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The row of "name" (no dashes), or NULL; for tests and generators. */
const struct opt *opt_find(const struct opt_spec *spec, const char *name);

/*
 * The words of the action that these bits stand for: "add, change"; the caller
 * frees.  NULL: with is 0.
 */
char *opt_with(const struct opt_spec *spec, unsigned int with);

#endif
