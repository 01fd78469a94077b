/*
 * fts_summary - the few properties of a message that a person knows it by.
 */
#ifndef FTS_FTS_SUMMARY_H
#define FTS_FTS_SUMMARY_H

#include "fts/fts_value.h"

/* A summary in the making. */
struct fts_summing {
    struct fts_summary summary;
    unsigned int sender_rank; /* of what sender is now; 0: nothing */
};

void fts_summing_init(struct fts_summing *s);
/* A property of the top message, just read into value. */
void fts_summing_take(struct fts_summing *s, const struct fts_key *key,
                      const struct fts_value *value);

/* The beginning of a string's value, as UTF-8; NULL when it is empty. */
char *fts_summing_text(const struct fts_value *v);

#endif
