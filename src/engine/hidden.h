/*
 * hidden - the hidden (associated) items of a folder: views, rules, settings.
 *
 * They lie beside a folder's visible items and have a list of their own.  In
 * the ledger they are a folder below theirs, "Inbox/%hidden", whose ids, at
 * both sides, are the real folder's behind a mark that no server's id has.
 * Whoever lists, reads or removes them needs to know nothing else: drain.c
 * sees the mark.
 *
 * Few of them may be copied.  Most are one to a mailbox, carry ids of the old
 * one, or act: rules and forms are how a mailbox stays infected.
 */
#ifndef ENGINE_HIDDEN_H
#define ENGINE_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of the folder's hidden items; the caller frees. */
char *hidden_id(const char *folder_id);
bool hidden_is(const char *id);
/* The real folder's id, of either kind; lives as long as id. */
const char *hidden_base(const char *id);
/* The caller frees. */
char *hidden_path(const char *folder_path);

/*
 * What stands for a token: n items are there, and something in the folder was
 * changed then (TIMESTAMP_NONE: nobody knows).  The caller frees.
 */
char *hidden_token(size_t n, int64_t changed_us);

/*
 * EWS tells whole seconds: a list that is made within the second of a change
 * may lack what follows in the same second, of which the time of the folder's
 * last change then tells nothing.  So the token of such a list says since when
 * that time has been known here (told_us, wall clock), and equals no
 * hidden_token: the next pass lists again.  begun_us: when the list was asked
 * for.  The caller frees.
 */
char *hidden_list_token(size_t n, int64_t changed_us, int64_t told_us,
                        int64_t begun_us);
/*
 * Since when that has been known, if such a list told it; TIMESTAMP_NONE where
 * the token is another's.
 */
int64_t hidden_told_us(const char *token, size_t n, int64_t changed_us);

/* item_class: or NULL. */
bool hidden_is_copied(const char *item_class);
/* "3 hidden items of class ... are left behind: ..."; the caller frees. */
char *hidden_text(const char *item_class, size_t n);
/* Why not, for people; NULL of one that is copied.  Static. */
const char *hidden_why_not(const char *item_class);

#endif
