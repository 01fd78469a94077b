/*
 * version - which Exchange answers, and what that allows.
 *
 * A server says its version in the header of every answer.  What counts is
 * the mailbox's server, which may be older than the one that was asked.
 */
#ifndef EWS_VERSION_H
#define EWS_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xml/node.h"

/* What we can ask for as RequestServerVersion, oldest first. */
enum ews_level {
    EWS_2007_SP1,
    EWS_2010,
    EWS_2010_SP1,
    EWS_2010_SP2,
    EWS_2013,
    EWS_2013_SP1,
    EWS_2016,
    EWS_N_LEVELS
};

/* The first request is made at these: the second where the first is refused. */
#define EWS_PROBE_LEVEL     EWS_2010_SP1
#define EWS_PROBE_OLD_LEVEL EWS_2007_SP1

struct ews_version {
    unsigned int major, minor, build;
    char name[32]; /* "Exchange2010_SP2", as the server puts it; or "" */
};

/* From a ServerVersionInfo element; false (and nothing touched): not there. */
bool ews_version_read(const struct xml_node *info, struct ews_version *ret);

/* "14.3.123 (Exchange2010_SP2)", "unknown".  The caller frees. */
char *ews_version_text(const struct ews_version *v);

/* The newest level that the server and we both know. */
enum ews_level ews_version_level(const struct ews_version *v);

/*
 * Whether concurrency under impersonation is charged to the mailbox that is
 * opened: from Exchange 2010 SP2 RU4 (14.2.318) on.
 */
bool ews_version_charges_target(const struct ews_version *v);

/* "Exchange2010_SP1" */
const char *ews_level_name(enum ews_level level);

/* The most bytes that one request may have by default. */
uint64_t ews_level_request_max(enum ews_level level);

/*
 * Distinguished ids of folders below msgfolderroot which that level knows, in
 * the order of their introduction; *ret_n their number.
 */
const char *const *ews_level_folders(enum ews_level level, size_t *ret_n);

#endif
