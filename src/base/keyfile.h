/*
 * keyfile - where the sealing key comes from, and how it gets there.
 *
 * In this order: the environment (MAILFERRY_SEALING_KEY; wiped and unset when
 * read), the systemd credential sealing-key in $CREDENTIALS_DIRECTORY, the
 * file.  Text as in base/seal.h; in the first two a key may stand without the
 * word before it.
 */
#ifndef BASE_KEYFILE_H
#define BASE_KEYFILE_H

#include "base/seal.h"

/*
 * The keyring.  With `make` a file that is not there is made, mode 0600, with
 * one new key: *ret_made (may be NULL) says so.  -1: it can be read by others,
 * is not a file, or has no key in it.  Before other threads start: it changes
 * the environment.
 */
int keyfile_load(const char *path, bool make, struct keyring **ret,
                 bool *ret_made, struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* A new file; -1 when there is one already, whatever it is. */
int keyfile_make(const char *path, const struct keyring *k,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * The file's keys become those of k, or nothing changes: written beside it,
 * synchronised and renamed.  -1 likewise when the key is not from a file.
 */
int keyfile_replace(const char *path, const struct keyring *k,
                    struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
