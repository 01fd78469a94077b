/*
 * step - places where the program may die.
 *
 * Called after every durable effect with the name of what was done: by store/
 * after each commit, by ews/ after each request that writes (an operation's
 * name: an item may take several), by the engine where one of its own actions
 * is over, and after each report file.  The crash test runs a scenario once to
 * count steps, then again with MAILFERRY_DIE_AT=n (the n-th step of the
 * process) or MAILFERRY_DIE_AT=NAME[:n] (the n-th step of that name), restarts,
 * and requires the same end state each time.  The death is SIGKILL: no handler
 * runs, no buffer is flushed.  MAILFERRY_STEP_LOG=FILE appends a line
 * "n name" for each step, so that a test can list them.
 *
 * The environment is read once, by step_init() in main(), before threads
 * start; without it, or with neither variable set, step() does nothing.
 * Any thread may call step().
 */
#ifndef BASE_STEP_H
#define BASE_STEP_H

void step_init(void);

/* name is static: "list", "intend", "send", "record", "advance", ... */
void step(const char *name);

#endif
