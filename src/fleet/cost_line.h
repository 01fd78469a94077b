/*
 * cost_line - the weights of a line through what was measured, of which some
 * is out of all bounds.
 *
 * What is to be small is each row's ratio to what is predicted of it, not the
 * difference; a row that is off by more than is usual counts as if it were
 * just that far off (Huber), so the line stays near the mean of what is
 * usual, however far one row strays.  No weight is negative.
 */
#ifndef FLEET_COST_LINE_H
#define FLEET_COST_LINE_H

#include <glib.h>

#define COST_WEIGHTS 3 /* of one, of items, of megabytes */

struct cost_row {
    double x[COST_WEIGHTS];
    double y_s;    /* > 0 */
    double weight; /* > 0 */
    /* by cost_line_fit(): */
    double predicted_s;
    double counted_s; /* y_s, or as much of it as is not out of all bounds */
};

/*
 * rows: of struct cost_row, at least one.  beta: in: the proportions to keep
 * to where the rows tell too little; a weight of 0 stays 0.  Out: the weights.
 */
void cost_line_fit(GArray *rows, double beta[COST_WEIGHTS]);

#endif
