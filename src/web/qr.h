/*
 * qr - a text as a picture that telephones read (ISO/IEC 18004).
 */
#ifndef WEB_QR_H
#define WEB_QR_H

#include <jansson.h>

/*
 * Its rows from the top, each a text of '1' (dark) and '0', as many as there
 * are rows; the quiet zone around it is the drawer's.  NULL: the text is too
 * long for one.
 */
json_t *qr_json(const char *text);

#endif
