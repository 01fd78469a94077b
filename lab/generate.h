/*
 * generate - fill a mailbox with years of plausible mail.
 *
 * Everything follows from the seed and the options; nothing from the clock
 * or the machine, so two runs give equal digests.
 */
#ifndef LAB_GENERATE_H
#define LAB_GENERATE_H

#include <stdint.h>

#include "base/err.h"
#include "lab/store.h"

struct lab_generate_options {
    /* No attachment is larger; 0: 30 MB. */
    uint64_t attachment_bytes_max;
    /* The newest item; 0: 2025-12-31.  Older ones spread over six years. */
    int64_t newest_us;
};

/*
 * Make the user folders of the mailbox and n visible items spread over them
 * and the well-known ones, and hidden items beside.  options may be NULL.
 * Writes in a few transactions; a failure leaves what is committed.
 *
 * From 300 items on every kind is there: mail (plain, HTML, RTF, all
 * three), attachments by value, OLE and embedded messages, meeting requests
 * and answers, appointments alone and in series with exceptions, contacts
 * and lists, tasks, notes, journal entries, reports, identical doubles.
 */
int lab_generate(struct lab_store *store, int64_t mailbox, uint64_t n,
                 uint64_t seed, const struct lab_generate_options *options,
                 struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/*
 * Add n items to a mailbox that lab_generate() has filled, spread over the
 * folders that are there.  Another seed gives other items.
 */
int lab_generate_more(struct lab_store *store, int64_t mailbox, uint64_t n,
                      uint64_t seed, const struct lab_generate_options *options,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* n items that were deleted and can be recovered, of a mailbox or archive. */
int lab_generate_recoverable(struct lab_store *store, int64_t mailbox,
                             uint64_t n, uint64_t seed,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Folders and n old items of an archive; mailbox: whose it is. */
int lab_generate_archive(struct lab_store *store, int64_t mailbox,
                         int64_t archive, uint64_t n, uint64_t seed,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* A folder "Big" with n small mails. */
int lab_generate_big(struct lab_store *store, int64_t mailbox, uint64_t n,
                     uint64_t seed, struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/*
 * Let each mailbox share its calendar, contacts, notes and tasks with the
 * next ones by address, and with one who is no more.
 */
int lab_generate_permissions(struct lab_store *store,
                             struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
