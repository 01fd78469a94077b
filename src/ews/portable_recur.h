/*
 * portable_recur - a series' pattern, between EWS and struct portable.
 */
#ifndef EWS_PORTABLE_RECUR_H
#define EWS_PORTABLE_RECUR_H

#include <stdbool.h>

#include "ews/version.h"
#include "portable/portable.h"
#include "xml/node.h"
#include "xml/writer.h"

/*
 * Of a Recurrence element (of appointments and tasks).  False, and nothing
 * touched: it is none that we know.
 */
bool recur_read(const struct xml_node *node, struct portable_recurrence *ret);

/*
 * <t:Recurrence>...</t:Recurrence>.  Before 2010 SP1 a week begins on Sunday,
 * and there is no word for any other.
 */
void recur_write(struct xml_writer *w, const struct portable_recurrence *r,
                 enum ews_level level);
/* The pattern as a server of that level takes it. */
struct portable_recurrence recur_at(const struct portable_recurrence *r,
                                    enum ews_level level);

/* Names of days and months by their number from 0; static. */
const char *recur_day_name(unsigned int day);
const char *recur_month_name(unsigned int month);
bool recur_day_of(const char *name, unsigned int *ret);
/* "First" ... "Last" for 1 ... 5. */
const char *recur_nth_name(unsigned int nth);

#endif
