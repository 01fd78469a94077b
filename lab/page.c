#include "lab/page.h"

#include <string.h>

/* An xs:int attribute that must be there; *ret stays without one. */
static int read_int(const xmlNode *node, const char *name, gint64 *ret,
                    struct problem *p)
{
    g_autofree char *text = soap_attr_dup(node, name);

    if (text == NULL)
        return 0;
    if (!g_ascii_string_to_signed(text, 10, INT32_MIN, INT32_MAX, ret, NULL))
        return soap_violation(p, node, "The '%s' attribute is invalid.", name);
    return 0;
}

static int read_max(const xmlNode *view, uint64_t limit, struct page *page,
                    struct problem *p)
{
    gint64 max = (gint64)MIN(limit, INT32_MAX);

    if (read_int(view, "MaxEntriesReturned", &max, p) < 0)
        return -1;
    if (max <= 0)
        return problem_fault(p, "ErrorInvalidPagingMaxRows");
    page->max = MIN((uint64_t)max, limit);
    return 0;
}

static int read_indexed(const xmlNode *view, struct page *page,
                        struct problem *p)
{
    g_autofree char *base = soap_attr_dup(view, "BasePoint");
    gint64 offset = 0;

    if (g_strcmp0(base, "End") != 0 && g_strcmp0(base, "Beginning") != 0)
        return soap_violation(p, view, "The 'BasePoint' attribute is invalid.");
    if (read_int(view, "Offset", &offset, p) < 0)
        return -1;
    if (offset < 0)
        return problem_fault(p, "ErrorInvalidIndexedPagingParameters");
    page->kind = strcmp(base, "End") == 0 ? PAGE_INDEXED_END : PAGE_INDEXED;
    page->offset = (uint64_t)offset;
    return 0;
}

static int read_fraction(const xmlNode *view, struct page *page,
                         struct problem *p)
{
    gint64 numerator = -1, denominator = 0;

    if (read_int(view, "Numerator", &numerator, p) < 0 ||
        read_int(view, "Denominator", &denominator, p) < 0)
        return -1;
    if (numerator < 0 || denominator <= 0 || numerator > denominator)
        return problem_fault(p, "ErrorInvalidFractionalPagingParameters");
    page->kind = PAGE_FRACTION;
    page->numerator = (uint64_t)numerator;
    page->denominator = (uint64_t)denominator;
    return 0;
}

int page_read(const struct op_call *call, bool item, uint64_t limit,
              struct page *ret, struct problem *p)
{
    const xmlNode *indexed =
        op_child(call, item ? "IndexedPageItemView" : "IndexedPageFolderView");
    const xmlNode *fraction = op_child(call, item ? "FractionalPageItemView"
                                                  : "FractionalPageFolderView");
    struct page page = { .kind = PAGE_NONE, .max = limit };

    if (indexed != NULL && (read_indexed(indexed, &page, p) < 0 ||
                            read_max(indexed, limit, &page, p) < 0))
        return -1;
    if (fraction != NULL && (read_fraction(fraction, &page, p) < 0 ||
                             read_max(fraction, limit, &page, p) < 0))
        return -1;
    *ret = page;
    return 0;
}

struct page_range page_range(const struct page *page, uint64_t total)
{
    struct page_range range = { 0, 0 };

    switch (page->kind) {
    case PAGE_INDEXED_END:
        range.count = MIN(page->max, total - MIN(page->offset, total));
        range.start = total - MIN(page->offset, total) - range.count;
        return range;
    case PAGE_FRACTION:
        range.start = total * page->numerator / page->denominator;
        break;
    case PAGE_INDEXED:
        range.start = MIN(page->offset, total);
        break;
    case PAGE_NONE:
    default:
        break;
    }
    range.count = MIN(page->max, total - range.start);
    return range;
}

int page_check_count(const struct op_call *call, const struct page *page,
                     uint64_t total, struct problem *p)
{
    if (page->kind == PAGE_NONE && total > page->max &&
        call->asked < EXCHANGE2010)
        return problem_set(p, "ErrorExceededFindCountLimit");
    return 0;
}

static void write_number(struct xmlout *x, const char *name, uint64_t n)
{
    char text[24];

    g_snprintf(text, sizeof(text), "%" G_GUINT64_FORMAT, n);
    xml_attr(x, name, text);
}

void page_write(struct xmlout *x, const struct page *page,
                const struct page_range *range, uint64_t total)
{
    uint64_t end = range->start + range->count;
    bool backwards = page->kind == PAGE_INDEXED_END;

    if (page->kind == PAGE_INDEXED)
        write_number(x, "IndexedPagingOffset", MAX(end, page->offset));
    if (backwards)
        write_number(x, "IndexedPagingOffset", total - range->start);
    if (page->kind == PAGE_FRACTION) {
        write_number(x, "NumeratorOffset", end);
        write_number(x, "AbsoluteDenominator", MAX(total, 1));
    }
    write_number(x, "TotalItemsInView", total + page->headers);
    xml_attr(x, "IncludesLastItemInRange",
             (backwards ? range->start == 0 : end >= total) ? "true" : "false");
}
