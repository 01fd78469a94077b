/*
 * member - members of a JSON object by their names, to read and to set.
 *
 * What is read may come from anywhere: what is missing, or of another type
 * than asked for, is as if it was not there.
 */
#ifndef FLEET_MEMBER_H
#define FLEET_MEMBER_H

#include <stdint.h>

#include <jansson.h>

/* Borrowed; NULL: there is none. */
const char *member_text(const json_t *o, const char *name);
/* 0 also for what is below it. */
uint64_t member_number(const json_t *o, const char *name);

/* NULL is null; text that is not UTF-8 is left out. */
void member_set_text(json_t *o, const char *name, const char *text);
void member_set_number(json_t *o, const char *name, uint64_t n);
/* As timestamp_format() has it; 0 is null. */
json_t *member_time(int64_t us);
void member_set_time(json_t *o, const char *name, int64_t us);

#endif
