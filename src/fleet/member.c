#include "fleet/member.h"

#include "base/timestamp.h"

const char *member_text(const json_t *o, const char *name)
{
    return json_string_value(json_object_get(o, name));
}

uint64_t member_number(const json_t *o, const char *name)
{
    return (uint64_t)MAX(json_integer_value(json_object_get(o, name)), 0);
}

void member_set_text(json_t *o, const char *name, const char *text)
{
    json_object_set_new(o, name,
                        text != NULL ? json_string(text) : json_null());
}

void member_set_number(json_t *o, const char *name, uint64_t n)
{
    json_object_set_new(o, name, json_integer((json_int_t)n));
}

json_t *member_time(int64_t us)
{
    g_autofree char *text = us != 0 ? timestamp_format(us) : NULL;

    return text != NULL ? json_string(text) : json_null();
}

void member_set_time(json_t *o, const char *name, int64_t us)
{
    json_object_set_new(o, name, member_time(us));
}
