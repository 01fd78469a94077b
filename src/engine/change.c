#include "engine/change.h"

#include "engine/filter.h"
#include "engine/hidden.h"

void change_for_ledger(const struct endpoint_change *from,
                       const struct engine_filter *filter, bool skip_all,
                       bool hidden, struct store_change *ret)
{
    const struct filter_item item = { from->item_class, from->received_us,
                                      from->size_bytes };

    *ret = (struct store_change){
        .kind = STORE_CREATED,
        .source_id = from->id,
        .change_key = from->change_key,
        .item_class = from->item_class,
        .search_key = from->search_key,
        .received_us = from->received_us,
        .size_bytes = from->size_bytes,
        .read = from->read,
        .filtered = skip_all || (hidden ? !hidden_is_copied(item.item_class)
                                        : filter_skips_item(filter, &item)),
    };
    switch (from->kind) {
    case ENDPOINT_CREATED:
        break;
    case ENDPOINT_UPDATED:
        ret->kind = STORE_UPDATED;
        break;
    case ENDPOINT_DELETED:
        ret->kind = STORE_DELETED;
        break;
    case ENDPOINT_READ_FLAG:
        ret->kind = STORE_READ_FLAG;
        break;
    }
}
