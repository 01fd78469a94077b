/*
 * fts_fault - payloads as a server that fails, or half does its work, makes
 * them.
 */
#ifndef LAB_FTS_FAULT_H
#define LAB_FTS_FAULT_H

#include "lab/fts_write.h"
#include "lab/store.h"

/*
 * The stream with a mark in front that says that it is not whole:
 * MetaTagEcWarning, or FXErrorInfo when error_info.
 */
GBytes *lab_fts_warn(const uint8_t *data, size_t len, bool error_info);

/* The item without that property of its message. */
int lab_fts_drop(const uint8_t *data, size_t len, uint16_t id,
                 const struct lab_profile *profile, GBytes **ret,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* The item with a number of that id among its message's properties. */
int lab_fts_add(const uint8_t *data, size_t len, uint16_t id,
                const struct lab_profile *profile, GBytes **ret,
                struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * upload's item with what only the old one has: properties, recipients
 * (by address) and attachments (by name).
 */
int lab_fts_merge(const uint8_t *old, size_t old_len,
                  const struct lab_upload *upload,
                  const struct lab_profile *profile, GBytes **ret,
                  struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
