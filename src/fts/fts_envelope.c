#include <inttypes.h>

#include "fts/fts_priv.h"

/*
 * Records [opcode u32][length u32][data], little-endian: not in any
 * specification; as they are seen in what Exchange 2010 and later export.
 */
enum opcode {
    OPCODE_CONFIG = 1,    /* 8 bytes: flags and transfer method */
    OPCODE_TRANSFER = 2,  /* a piece of the property stream */
    OPCODE_INTERFACE = 3, /* 24 bytes: the id of what was exported */
    OPCODE_PARTNER = 4,   /* 6 bytes: version of the exporting server */
};

void fts_envelope_init(struct fts_envelope *e, const struct blob *base64)
{
    *e = (struct fts_envelope){ 0 };
    fts_b64_init(&e->b64, base64);
}

void fts_envelope_release(struct fts_envelope *e)
{
    fts_b64_release(&e->b64);
}

uint64_t fts_envelope_at(const struct fts_envelope *e)
{
    return e->b64.bytes_at + e->b64.at;
}

int fts_broken(const struct fts_envelope *e, const char *where, struct err *err)
{
    err_set(err, ERR_ITEM, ERR_RETRY_NOW, 0,
            "the payload breaks off after byte %" PRIu64 ", in %s",
            fts_envelope_at(e), where);
    err->name = "payload-broken";
    return -1;
}

/* Bytes of the payload that lie together, records and all. */
static int raw_run(struct fts_envelope *e, size_t max, const uint8_t **ret,
                   size_t *ret_n, struct err *err)
{
    struct fts_b64 *s = &e->b64;

    if (s->at == s->have) {
        int more = fts_b64_fill(s, err);

        if (more <= 0)
            return more;
    }
    *ret = s->out + s->at;
    *ret_n = MIN(max, s->have - s->at);
    s->at += *ret_n;
    return 1;
}

/* n bytes into buf (NULL: away).  0 when the payload ended before the first. */
static int raw_exact(struct fts_envelope *e, uint8_t *buf, size_t n,
                     const char *where, struct err *err)
{
    size_t have = 0;

    while (have < n) {
        const uint8_t *p;
        size_t k;
        int more = raw_run(e, n - have, &p, &k, err);

        if (more < 0)
            return -1;
        if (more == 0)
            return have == 0 ? 0 : fts_broken(e, where, err);
        if (buf != NULL)
            memcpy(buf + have, p, k);
        have += k;
    }
    return 1;
}

static uint32_t get_u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
           (uint32_t)p[3] << 24;
}

static int skip_record(struct fts_envelope *e, uint32_t opcode, uint32_t len,
                       struct err *err)
{
    uint8_t *to = NULL;
    int r = 1;

    if (opcode == OPCODE_PARTNER && len == sizeof(e->version))
        to = e->version;
    else if (opcode != OPCODE_CONFIG && opcode != OPCODE_INTERFACE &&
             opcode != OPCODE_PARTNER)
        e->strange = true;
    if (len > 0)
        r = raw_exact(e, to, len, "a record", err);
    return r != 0 ? r : fts_broken(e, "a record", err);
}

/* On to the next transfer buffer that holds anything. */
static int next_buffer(struct fts_envelope *e, struct err *err)
{
    while (e->left == 0) {
        uint8_t head[8];
        int more = raw_exact(e, head, sizeof(head), "a record's head", err);
        uint32_t opcode;

        if (more <= 0)
            return more;
        opcode = get_u32(head);
        if (opcode == OPCODE_TRANSFER) {
            e->left = get_u32(head + 4);
            e->buffers = true;
        } else if (skip_record(e, opcode, get_u32(head + 4), err) < 0) {
            return -1;
        }
    }
    return 1;
}

int fts_envelope_run(struct fts_envelope *e, size_t max, const uint8_t **ret,
                     size_t *ret_n, struct err *err)
{
    int more = next_buffer(e, err);

    if (more <= 0)
        return more;
    more = raw_run(e, MIN(max, e->left), ret, ret_n, err);
    if (more > 0)
        e->left -= (uint32_t)*ret_n;
    return more;
}
