#include "ews/ews_code.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *name = g_strndup((const char *)data, size);
    enum ews_code code = ews_code_parse(name);
    struct err err;

    if (code == EWS_NO_ERROR) {
        if (strcmp(name, "NoError") != 0)
            abort();
        return 0;
    }
    /* Not merely "does not crash": parsing and printing must agree. */
    if (code != EWS_OTHER && strcmp(ews_code_row(code)->name, name) != 0)
        abort();
    ews_code_err(&err, code, name, name, (uint32_t)size);
    if (!g_utf8_validate(err.msg, -1, NULL) || strpbrk(err.msg, "\r\n") != NULL)
        abort();
    return 0;
}
