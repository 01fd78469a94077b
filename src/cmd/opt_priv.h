/*
 * opt_priv - the values of options, apart from where they are written.
 */
#ifndef CMD_OPT_PRIV_H
#define CMD_OPT_PRIV_H

#include "cmd/opt.h"

/* What a value has to satisfy; the parts that a row and an argument share. */
struct opt_domain {
    enum opt_type type;
    uint64_t min, max; /* as in struct opt */
    const struct opt_word *words;
};

/*
 * Read text into the field.  -1 with "<text> is not ..." and *field as it
 * was; the caller adds which option it was.
 */
int opt_value_set(const struct opt_domain *domain, const char *text,
                  void *field, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
