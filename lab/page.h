/*
 * page - which part of a list a Find* request wants: a view by index or by
 * fraction, from either end.
 */
#ifndef LAB_PAGE_H
#define LAB_PAGE_H

#include "lab/op.h"

enum page_kind {
    PAGE_NONE, /* no view: all, as far as the limit goes */
    PAGE_INDEXED,
    PAGE_INDEXED_END, /* counted from the end, backwards */
    PAGE_FRACTION,
};

struct page {
    enum page_kind kind;
    uint64_t max;    /* as asked, and no more than the limit */
    uint64_t offset; /* INDEXED: from its base */
    uint64_t numerator, denominator;
    uint64_t headers; /* of groups: counted in the total, and nowhere else */
};

/*
 * Read the view of a FindItem ("IndexedPageItemView", ...) or FindFolder
 * (item false).  limit: the most of one answer.  -1 and a fault:
 * ErrorInvalidPagingMaxRows, ErrorInvalidIndexedPagingParameters,
 * ErrorInvalidFractionalPagingParameters, ErrorSchemaValidation.
 */
int page_read(const struct op_call *call, bool item, uint64_t limit,
              struct page *ret, struct problem *p);

/* What of `total` it is, from the beginning of the list. */
struct page_range {
    uint64_t start, count;
};
struct page_range page_range(const struct page *page, uint64_t total);

/* ErrorExceededFindCountLimit: who speaks 2007 cannot be told of more. */
int page_check_count(const struct op_call *call, const struct page *page,
                     uint64_t total, struct problem *p);

/*
 * The attributes of <m:RootFolder>: where the next page begins, total, and
 * whether this was the last.
 */
void page_write(struct xmlout *x, const struct page *page,
                const struct page_range *range, uint64_t total);

#endif
