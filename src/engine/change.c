#include "engine/change.h"

void change_for_ledger(const struct endpoint_change *from,
                       unsigned int skip_kinds, struct store_change *ret)
{
    *ret = (struct store_change){
        .kind = STORE_CREATED,
        .source_id = from->id,
        .change_key = from->change_key,
        .item_class = from->item_class,
        .search_key = from->search_key,
        .received_us = from->received_us,
        .size_bytes = from->size_bytes,
        .read = from->read,
        .filtered =
            (skip_kinds & (1u << item_kind_of_class(from->item_class))) != 0,
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
