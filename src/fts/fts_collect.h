/*
 * fts_collect - walk a whole stream once, and make of it what was asked for.
 */
#ifndef FTS_FTS_COLLECT_H
#define FTS_FTS_COLLECT_H

#include "fts/fts_node.h"

/*
 * Limits on what one stream may make us remember.  Past them the parts that
 * it concerns are unavailable.
 */
/* Embedded messages in each other; Outlook stops before that. */
#define FTS_DEPTH_MAX 32
/* Properties of all open objects; a message has about 150. */
#define FTS_ENTRIES_MAX 16384
/* Recipients and attachments; Exchange lets few messages have over 5,000. */
#define FTS_OBJECTS_MAX 131072
/* The same when everything is kept for a comparison. */
#define FTS_KEPT_ENTRIES_MAX 262144

struct fts_collected {
    struct fts_digest digest;
    struct fts_summary summary;
    struct fts_node *tree; /* NULL unless asked for */
};

/*
 * keep: the whole tree, with a hash for every value.  -1 as
 * fts_digest_read() has it; *ret is untouched then.
 */
int fts_collect(const struct blob *base64, bool keep, struct fts_collected *ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;
void fts_collected_clear(struct fts_collected *c);
typedef struct fts_collected fts_collected;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fts_collected, fts_collected_clear)

#endif
