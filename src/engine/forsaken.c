#include "engine/forsaken.h"

#include "base/step.h"
#include "engine/reader.h"

static int remove_once(struct endpoint *ep, const struct endpoint_ref *refs,
                       size_t n, struct err *err)
{
    g_autofree struct endpoint_done *done = g_new0(struct endpoint_done, n + 1);
    int r = endpoint_remove(ep, refs, n, done, err);

    for (size_t i = 0; i < n && r == 0; i++) {
        if (done[i].status == 0)
            continue;
        *err = done[i].why;
        r = -1;
    }
    endpoint_done_free(done, n);
    return r;
}

/* What is gone already counts as deleted: repeating does no harm. */
int forsaken_remove(struct pass *p, struct endpoint *ep,
                    const struct endpoint_ref *refs, size_t n, struct err *err)
{
    unsigned int failures = 0;
    struct err why;

    while (n > 0 && remove_once(ep, refs, n, &why) < 0) {
        if (pass_endure(p, DESTINATION, &failures, &why))
            continue;
        *err = why;
        return -1;
    }
    if (n > 0)
        step("ruin");
    return 0;
}

int forsaken_find(struct pass *p, const struct store_item *const *rows,
                  const char *const *ids, size_t n, bool *ret, struct err *err)
{
    const struct reader r = {
        .ep = pass_own_hands(p).at[DESTINATION],
        .side = DESTINATION,
        .format = PAYLOAD_PORTABLE,
    };
    g_autofree struct reading *got = g_new0(struct reading, n + 1);
    int end = reader_read(p, &r, ids, n, got, err);

    for (size_t i = 0; i < n; i++) {
        struct digest sent;

        ret[i] =
            end == 0 && got[i].end == READING_DONE && got[i].untouched &&
            digest_unpack(rows[i]->digest, rows[i]->digest_len, &sent) &&
            digest_compare(&sent, &got[i].digest, NULL) == DIGEST_DIFFERENT;
        reading_clear(&got[i]);
    }
    return end;
}
