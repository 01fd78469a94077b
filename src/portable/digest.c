#include <string.h>

#include "portable/canon.h"

#define ALL_PARTS ((1u << PORTABLE_N_PARTS) - 1)

/* [fts] The FastTransfer digest's first byte has 00 here. */
#define FORMAT      0xC0u
#define FORMAT_MASK 0xC0u

/* What a person reads; more is the report's own limit on one item. */
#define DIFF_MAX 200u

int portable_digest_take(const struct portable *p, struct portable_digest *ret,
                         struct err *err)
{
    struct portable_digest d = { .available = ALL_PARTS };
    struct canon c;
    int rc;

    canon_init(&c);
    rc = canon_take(p, &c, err);
    for (unsigned int i = 0; rc == 0 && i < PORTABLE_N_PARTS; i++) {
        g_autoptr(GBytes) sum = canon_hash(&c, (enum portable_part)i);

        if ((c.broken & 1u << i) != 0)
            d.available &= (uint8_t) ~(1u << i);
        else
            memcpy(d.part[i], g_bytes_get_data(sum, NULL), PORTABLE_PART_BYTES);
    }
    canon_release(&c);
    if (rc == 0)
        *ret = d;
    return rc;
}

enum portable_compare portable_digest_compare(const struct portable_digest *a,
                                              const struct portable_digest *b,
                                              unsigned int *ret_parts)
{
    unsigned int both = a->available & b->available & ALL_PARTS;
    unsigned int differ = 0;

    for (unsigned int i = 0; i < PORTABLE_N_PARTS; i++)
        if ((both & 1u << i) != 0 &&
            memcmp(a->part[i], b->part[i], PORTABLE_PART_BYTES) != 0)
            differ |= 1u << i;
    if (ret_parts != NULL)
        *ret_parts = differ;
    if (differ != 0)
        return PORTABLE_DIFFERENT;
    return both == ALL_PARTS ? PORTABLE_EQUAL : PORTABLE_UNKNOWN;
}

void portable_digest_pack(const struct portable_digest *digest,
                          uint8_t ret[PORTABLE_DIGEST_PACKED])
{
    ret[0] = (uint8_t)(FORMAT | (digest->available & ALL_PARTS));
    memcpy(ret + 1, digest->part, sizeof(digest->part));
}

bool portable_digest_unpack(const uint8_t *packed, size_t len,
                            struct portable_digest *ret)
{
    if (len != PORTABLE_DIGEST_PACKED || (packed[0] & FORMAT_MASK) != FORMAT)
        return false;
    ret->available = packed[0] & ALL_PARTS;
    memcpy(ret->part, packed + 1, sizeof(ret->part));
    return true;
}

/* ---- for people ---------------------------------------------------------- */

static char *name_of(const char *line)
{
    return g_strndup(line, strcspn(line, "\t"));
}

static void say(GPtrArray *out, const char *line, const char *what)
{
    g_autofree char *name = NULL;

    if (out->len > DIFF_MAX)
        return;
    if (out->len == DIFF_MAX) {
        g_ptr_array_add(out, g_strdup("and more"));
        return;
    }
    name = name_of(line);
    g_ptr_array_add(out, g_strdup_printf("%s: %s", name, what));
}

static bool same_name(const char *a, const char *b)
{
    size_t n = strcspn(a, "\t");

    return n == strcspn(b, "\t") && strncmp(a, b, n) == 0;
}

/* Which comes first; one that is not there comes last. */
static int order_of(const char *x, const char *y)
{
    if (x == NULL || y == NULL)
        return x == NULL ? 1 : -1;
    return strcmp(x, y);
}

static const char *line_at(const GPtrArray *lines, guint i)
{
    return i < lines->len ? g_ptr_array_index(lines, i) : NULL;
}

/* Both are sorted: a merge; of one name on both sides it is a change. */
static void diff_lines(const GPtrArray *a, const GPtrArray *b, GPtrArray *out)
{
    guint i = 0, k = 0;

    while (i < a->len || k < b->len) {
        const char *x = line_at(a, i), *y = line_at(b, k);
        int order = order_of(x, y);

        if (order != 0 && x != NULL && y != NULL && same_name(x, y)) {
            say(out, x, "changed");
            order = 0;
        } else if (order < 0 && x != NULL) {
            say(out, x, "missing");
        } else if (order > 0 && y != NULL) {
            say(out, y, "added");
        }
        i += order <= 0 ? 1 : 0;
        k += order >= 0 ? 1 : 0;
    }
}

int portable_diff(const struct portable *a, const struct portable *b,
                  GPtrArray **ret, struct err *err)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new_with_free_func(g_free);
    struct canon x, y;
    int rc;

    canon_init(&x);
    canon_init(&y);
    rc = canon_take(a, &x, err);
    if (rc == 0)
        rc = canon_take(b, &y, err);
    for (size_t i = 0; rc == 0 && i < PORTABLE_N_PARTS; i++)
        if (((x.broken | y.broken) & 1u << i) == 0)
            diff_lines(x.lines[i], y.lines[i], out);
    canon_release(&x);
    canon_release(&y);
    if (rc == 0)
        *ret = g_steal_pointer(&out);
    return rc;
}

/* ---- what arrived ---------------------------------------------------- */

static bool has_line(const GPtrArray *lines, const char *line)
{
    for (guint i = 0; i < lines->len; i++) {
        if (strcmp(g_ptr_array_index(lines, i), line) == 0)
            return true;
    }
    return false;
}

GPtrArray *portable_missing(const struct portable *a, const struct portable *b)
{
    GPtrArray *out = g_ptr_array_new_with_free_func(g_free);
    struct canon x, y;
    struct err err;

    canon_init(&x);
    canon_init(&y);
    x.outline = y.outline = true;
    /* Outlines read no blobs: they cannot fail. */
    if (canon_take(a, &x, &err) < 0 || canon_take(b, &y, &err) < 0)
        g_assert_not_reached();
    for (size_t i = 0; i < PORTABLE_N_PARTS; i++) {
        for (guint k = 0; k < x.lines[i]->len; k++) {
            const char *line = g_ptr_array_index(x.lines[i], k);

            if (!has_line(y.lines[i], line))
                g_ptr_array_add(out, name_of(line));
        }
    }
    canon_release(&x);
    canon_release(&y);
    return out;
}
