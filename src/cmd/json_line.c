#include "cmd/json_line.h"

void json_line_print(FILE *out, json_t *o)
{
    json_dumpf(o, out, JSON_COMPACT);
    fputc('\n', out);
    json_decref(o);
}
