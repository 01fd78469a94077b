/*
 * metrics - numbers for Prometheus.
 *
 * Families are added before threads start; then any thread counts.  The
 * values of labels must come from us and be few: a family keeps at most
 * METRICS_SERIES_MAX of them and counts the rest under {overflow="true"}.
 */
#ifndef WEB_METRICS_H
#define WEB_METRICS_H

#include <stdint.h>

#include <glib.h>

#define METRICS_SERIES_MAX 1000

enum metrics_kind { METRICS_COUNTER, METRICS_GAUGE, METRICS_SECONDS };

struct metrics;
struct metrics_family;
typedef struct metrics metrics;

struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(metrics, metrics_free)

/* name and help are static; METRICS_SECONDS is a histogram of durations. */
struct metrics_family *metrics_add(struct metrics *m, enum metrics_kind kind,
                                   const char *name, const char *help);

/* labels: 'route="x",status="200"', or "".  Of a gauge: by how much. */
void metrics_count(struct metrics_family *f, const char *labels, int64_t n);
void metrics_set(struct metrics_family *f, const char *labels, int64_t n);
void metrics_observe(struct metrics_family *f, const char *labels, int64_t us);

/* Text exposition format 0.0.4.  The caller frees. */
char *metrics_text(struct metrics *m);

#endif
