/*
 * options - what a migration of the service is to do, as JSON.
 *
 * One object; its members have the names of the options of "mailferry
 * migrate" (by-item: of "mailferry check") and mean the same:
 *
 *     { "verify": "full", "since": "2020-01-01", "settings": ["rules"] }
 *
 * Flags are true or false, numbers numbers, sizes and durations numbers or
 * texts ("90d", "8M"), lists arrays of texts.  What is not there is as it is
 * without the option.
 */
#ifndef FLEET_OPTIONS_H
#define FLEET_OPTIONS_H

#include <stdio.h>

#include "fleet/run.h"

struct fleet_options {
    unsigned int verify; /* enum verify_mode, or FLEET_VERIFY_NEW */
    unsigned int parts;  /* enum engine_settings_part */
    unsigned int unlike; /* enum engine_unlike */
    unsigned int kinds;  /* bits 1 << enum item_kind; 0: all */
    bool enable_forwarding, replace_outlook_rules, replace_photo;
    bool dry_run, propagate_deletes, no_digest, adopt, no_archive;
    bool recoverable_items, trial, by_item;
    int64_t doubt_wait_us, patience_us, pre_stage_us;
    int64_t since_us, before_us;
    uint64_t max_item_bytes, request_max_bytes, lanes;
    uint64_t first_requests;                 /* for who opens the servers */
    uint64_t max_failures;                   /* items a mailbox; 0: no limit */
    GStrv folders, not_folders, allow_hosts; /* NULL: none */
};
/* A sample of what the pass copied. */
#define FLEET_VERIFY_NEW (VERIFY_MODE_FULL + 1u)

void fleet_options_clear(struct fleet_options *o);
typedef struct fleet_options fleet_options;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(fleet_options, fleet_options_clear)

/*
 * Read texts, of which a later one outranks those before it; NULL is an empty
 * one.  -1 (name "bad-option") with the first member that is at fault.
 */
int fleet_options_read(const char *const *texts, size_t n,
                       struct fleet_options *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Is a text in order?  *ret (may be NULL) is the same in one form; the caller
 * frees.
 */
int fleet_options_check(const char *text, char **ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* What a run takes from them, but for what it is about; borrows from o. */
void fleet_options_set(const struct fleet_options *o, struct fleet_run *run);

/* The i-th member's name and what it takes; NULL after the last. */
const char *fleet_options_name(size_t i, const char **ret_type);
/* Is there a member of that name? */
bool fleet_options_has(const char *name);

/* ---- passes ------------------------------------------------------------- */

/* "full", "delta", "check", "verify", "settings"; -1, name "bad-pass". */
int fleet_pass_kind(const char *kind, enum fleet_task *ret,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* All kinds, for texts: "full, delta, ..."; static. */
extern const char fleet_pass_kinds[];

#endif
