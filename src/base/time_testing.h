/*
 * time_testing - times and hours as tests write them: for test programs only.
 */
#ifndef BASE_TIME_TESTING_H
#define BASE_TIME_TESTING_H

#include "base/check.h"
#include "base/hours.h"
#include "base/timestamp.h"

static inline int64_t time_of(const char *text)
{
    int64_t us = TIMESTAMP_NONE;

    if (!timestamp_parse(text, &us))
        g_error("no time: %s", text);
    return us;
}

/* The caller frees. */
static inline struct hours *hours_of(const char *text)
{
    struct hours *h = NULL;
    struct err err;

    CHECK_OK(hours_parse(text, &h, &err), &err);
    return h;
}

#endif
