/*
 * prepare - what both sides need before data lands, with the cmdlets.
 *
 * None of it can be read over EWS: an administrator sees to it once.  Which
 * cmdlet it is depends on the version of the side concerned.  Pure.
 */
#ifndef ENGINE_PREPARE_H
#define ENGINE_PREPARE_H

#include <stdbool.h>
#include <stddef.h>

/* Releases that differ in what an administrator types. */
enum release {
    RELEASE_UNKNOWN,
    RELEASE_2007,
    RELEASE_2010,
    RELEASE_2013,
    RELEASE_2016, /* 2019 too */
    RELEASE_N
};
/* Of "14.3.123 (Exchange2010_SP2)"; NULL: unknown. */
enum release release_of(const char *server_version);
/* "Exchange 2010", "Exchange 2016 or 2019"; static. */
const char *release_name(enum release release);

struct prepare_step {
    const char *name;   /* "retention-hold": for programs */
    bool source;        /* to be done there; else at the destination */
    const char *what;   /* for people */
    const char *why;    /* or NULL */
    const char *cmdlet; /* USER stands for the mailbox */
};

/*
 * The steps for one side of that release, in order: at most max into ret;
 * returns how many.  All of them are static.
 */
size_t prepare_steps(bool source, enum release release,
                     const struct prepare_step **ret, size_t max);
#define PREPARE_MAX 8

#endif
