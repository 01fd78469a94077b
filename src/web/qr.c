#include "web/qr.h"

#include <glib.h>
#include <qrencode.h>

/* What is read from a screen has little that could hide a part of it. */
#define LEVEL QR_ECLEVEL_M

json_t *qr_json(const char *text)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, LEVEL);
    g_autoptr(GString) row = g_string_new(NULL);
    json_t *rows;

    if (code == NULL)
        return NULL;
    rows = json_array();
    for (int y = 0; y < code->width; y++) {
        g_string_truncate(row, 0);
        for (int x = 0; x < code->width; x++)
            /* its lowest bit is the colour, the others say what it is for */
            g_string_append_c(
                row, (code->data[y * code->width + x] & 1) != 0 ? '1' : '0');
        json_array_append_new(rows, json_string(row->str));
    }
    QRcode_free(code);
    return rows;
}
