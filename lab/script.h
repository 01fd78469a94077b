/*
 * script - faults and changes over time, a line each.
 *
 *     [at TIME] [until TIME] [for TIME] [every TIME] RULE
 *     [at TIME] [until TIME] [every TIME] do NAME[?KEY=VALUE&...]
 *
 * RULE is a fault (fault.h); its words about time become conditions of it.
 * "do" names a control (control.h) that a POST reaches: "do throttle?burst=5".
 * Times count from when the script was given.  Any thread.
 */
#ifndef LAB_SCRIPT_H
#define LAB_SCRIPT_H

#include "lab/fault.h"

struct script;
typedef struct script script;

/* What carries an action out; called on the script's own thread. */
typedef void script_do_fn(void *data, const char *action);

struct script *script_new(struct faults *rules, script_do_fn *act, void *data);
/* Waits for an action that is under way. */
void script_free(struct script *s);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(script, script_free)

/* Replace rules and actions by these: all or, when a line is wrong, none. */
int script_load(struct script *s, const char *text,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Carry out what is due at `at_us` after the script was given; returns when
 * the next is, INT64_MAX: none.  The thread calls it; so does a test.
 */
int64_t script_run(struct script *s, int64_t at_us);

#endif
