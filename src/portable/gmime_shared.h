/*
 * gmime_shared - what everybody needs who reads mails with GMime.
 */
#ifndef PORTABLE_GMIME_SHARED_H
#define PORTABLE_GMIME_SHARED_H

#include <stdbool.h>

#include <gmime/gmime.h>

/* GMime does not know them. */
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeFilter, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(InternetAddressList, g_object_unref)

/*
 * GMime set up, once for the process, by whoever needs it first: before any
 * other call of GMime's.  Its own g_mime_init() may not be called by two
 * threads at the same time.  Any thread.
 */
void gmime_once(void);

/*
 * A part's content from its beginning, its transfer encoding undone; one of a
 * part at a time.  The caller unrefs it; NULL: it has no content.
 */
GMimeStream *gmime_decoded(GMimePart *part);

/* As g_mime_content_type_is_type(); what has no type is of none. */
bool gmime_is_type(GMimeObject *part, const char *type, const char *sub);

#endif
