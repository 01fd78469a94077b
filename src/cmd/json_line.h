/*
 * json_line - JSON for programs that read a command's output, an object a line.
 */
#ifndef CMD_JSON_LINE_H
#define CMD_JSON_LINE_H

#include <stdio.h>

#include <jansson.h>

/* Takes o over. */
void json_line_print(FILE *out, json_t *o);

#endif
