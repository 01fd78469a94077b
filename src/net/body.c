#include "net/body.h"

static uint64_t part_size(const struct net_part *part)
{
    return part->blob != NULL ? blob_size(part->blob) : part->len;
}

void body_init(struct body *b, const struct net_part *parts, size_t n_parts)
{
    *b = (struct body){ .parts = parts, .n_parts = n_parts };
    for (size_t i = 0; i < n_parts; i++)
        b->size += part_size(&parts[i]);
}

static ssize_t read_part(const struct net_part *part, uint64_t offset,
                         void *buf, size_t len, struct err *err)
{
    size_t n;

    if (part->blob != NULL)
        return blob_read_at(part->blob, offset, buf, len, err);
    n = (size_t)MIN((uint64_t)len, part->len - offset);
    if (n > 0)
        memcpy(buf, (const char *)part->text + offset, n);
    return (ssize_t)n;
}

ssize_t body_read(struct body *b, void *buf, size_t len, struct err *err)
{
    size_t done = 0;

    /* A full buffer each time: it becomes one write to the TLS library. */
    while (done < len && b->part < b->n_parts) {
        ssize_t n = read_part(&b->parts[b->part], b->offset, (char *)buf + done,
                              len - done, err);

        if (n < 0)
            return -1;
        done += (size_t)n;
        b->offset += (uint64_t)n;
        if (n == 0) {
            b->part++;
            b->offset = 0;
        }
    }
    b->handed += done;
    if (done > 0)
        b->refused = false;
    return (ssize_t)done;
}

bool body_is_out(const struct body *b)
{
    return b->handed > 0 && !b->refused;
}

bool body_rewind(struct body *b)
{
    if (body_is_out(b))
        return false;
    b->part = 0;
    b->offset = 0;
    b->handed = 0;
    b->refused = false;
    return true;
}

void body_was_refused(struct body *b)
{
    b->refused = true;
}
