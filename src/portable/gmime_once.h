/*
 * gmime_once - GMime set up, once for the process, by whoever needs it first.
 *
 * Its own g_mime_init() may not be called by two threads at the same time.
 */
#ifndef PORTABLE_GMIME_ONCE_H
#define PORTABLE_GMIME_ONCE_H

/* Before any other call of GMime's.  Any thread. */
void gmime_once(void);

#endif
