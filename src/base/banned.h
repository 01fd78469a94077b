/*
 * banned - C library calls that have no place here, each with its successor.
 *
 * Included before every file by the build.  System headers that are read
 * after it only declare these functions, which poisoning would refuse; so
 * they are read first.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <glib.h>

/* glibc gives clang a macro of this name, and macros cannot be poisoned. */
#undef sprintf

#pragma GCC poison strcpy  /* g_strlcpy, g_strdup */
#pragma GCC poison strcat  /* GString */
#pragma GCC poison sprintf /* g_snprintf, g_strdup_printf */
#pragma GCC poison strtok  /* g_strsplit, strsep */
#pragma GCC poison atoi    /* g_ascii_string_to_signed */
#pragma GCC poison sscanf  /* a parser that can say what is wrong */
#pragma GCC poison gmtime  /* gmtime_r by base/timestamp */
#pragma GCC poison localtime

#endif
