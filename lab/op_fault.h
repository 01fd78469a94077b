/*
 * op_fault - what goes wrong on demand with single items.
 */
#ifndef LAB_OP_FAULT_H
#define LAB_OP_FAULT_H

#include "lab/op.h"

/*
 * Before an item of a batch is done: -1 and p when it must fail (with
 * p->fault the whole request).  node: the item in the request, as an id or
 * as a whole.
 */
int op_fault_item(struct op_call *call, const xmlNode *node, struct problem *p);

/*
 * Whether such a fault hits the item that node is, or (node NULL) that has
 * these columns; counts it.
 */
bool op_fault_node(struct op_call *call, enum fault_kind kind,
                   const xmlNode *node, struct fault_hit *ret);
bool op_fault_stored(struct op_call *call, enum fault_kind kind,
                     const struct lab_item *item, struct fault_hit *ret);

#endif
