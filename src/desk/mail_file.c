/*
 * What a file is, by what is in it: names and types are the sender's program's
 * guess, and "text/plain" or "application/vnd.ms-excel" is what it guesses of
 * CSV.
 */
#include <string.h>

#include "base/secret.h"
#include "desk/mail_priv.h"
#include "fleet/import.h"

static const char *const names[MAIL_FILE_N_KINDS] = {
    [MAIL_FILE_OTHER] = "other",      [MAIL_FILE_IMPORT] = "import file",
    [MAIL_FILE_ARCHIVE] = "archive",  [MAIL_FILE_WORKBOOK] = "workbook",
    [MAIL_FILE_TNEF] = "winmail.dat",
};

const char *mail_file_kind_name(enum mail_file_kind kind)
{
    return names[kind];
}

void mail_file_free(struct mail_file *f)
{
    if (f == NULL)
        return;
    if (f->bytes != NULL)
        secret_wipe(f->bytes, f->size);
    g_free(f->bytes);
    g_free(f->name);
    g_free(f);
}

/* How files of a sort begin. */
static const struct {
    const char *bytes;
    size_t n;
    enum mail_file_kind kind;
} beginnings[] = {
    { "PK\x03\x04", 4, MAIL_FILE_ARCHIVE },
    { "PK\x05\x06", 4, MAIL_FILE_ARCHIVE }, /* an empty one */
    { "\x1f\x8b", 2, MAIL_FILE_ARCHIVE },
    { "7z\xbc\xaf\x27\x1c", 6, MAIL_FILE_ARCHIVE },
    { "Rar!\x1a\x07", 6, MAIL_FILE_ARCHIVE },
    { "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, MAIL_FILE_WORKBOOK },
    /* [MS-OXTNEF] 2.1.3.1: TNEFSignature */
    { "\x78\x9f\x3e\x22", 4, MAIL_FILE_TNEF },
};

/* Office's and OpenDocument's files are zips; these lie in them. */
static const char *const workbook_marks[] = {
    "xl/workbook.xml",
    "xl/_rels/",
    "opendocument.spreadsheet",
};

static bool is_workbook(const char *bytes, size_t n)
{
    for (size_t i = 0; i < G_N_ELEMENTS(workbook_marks); i++)
        if (memmem(bytes, n, workbook_marks[i], strlen(workbook_marks[i])) !=
            NULL)
            return true;
    return false;
}

/* Would the import file's reader find a header in it? */
static bool has_header(const char *bytes, size_t n)
{
    static const struct import_context nothing = { 0 };
    g_autoptr(import_t) m = import_read(bytes, n, &nothing);

    return m->delimiter != '\0';
}

static bool is_binary(const char *bytes, size_t n)
{
    size_t look = MIN(n, 4096), controls = 0;

    for (size_t i = 0; i < look; i++)
        controls += (unsigned char)bytes[i] < 0x20 &&
                    strchr("\t\n\v\f\r", bytes[i]) == NULL && bytes[i] != '\0';
    return controls > 0;
}

static enum mail_file_kind kind_of(const char *bytes, size_t n, bool says_csv)
{
    for (size_t i = 0; i < G_N_ELEMENTS(beginnings); i++)
        if (n >= beginnings[i].n &&
            memcmp(bytes, beginnings[i].bytes, beginnings[i].n) == 0)
            return beginnings[i].kind == MAIL_FILE_ARCHIVE &&
                           is_workbook(bytes, n)
                       ? MAIL_FILE_WORKBOOK
                       : beginnings[i].kind;
    if (says_csv)
        return MAIL_FILE_IMPORT;
    if (n > IMPORT_MAX_BYTES || is_binary(bytes, n))
        return MAIL_FILE_OTHER;
    return has_header(bytes, n) ? MAIL_FILE_IMPORT : MAIL_FILE_OTHER;
}

struct mail_file *mail_file_new(const char *name, bool says_csv, char *bytes,
                                size_t n)
{
    struct mail_file *f = g_new0(struct mail_file, 1);
    g_autofree char *sum =
        g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *)bytes, n);

    f->kind = kind_of(bytes, n, says_csv);
    f->name = g_strdup(name);
    f->size = n;
    g_strlcpy(f->sha256, sum, sizeof(f->sha256));
    if (f->kind == MAIL_FILE_IMPORT && n <= IMPORT_MAX_BYTES) {
        f->bytes = bytes;
        return f;
    }
    if (bytes != NULL)
        secret_wipe(bytes, n);
    g_free(bytes);
    return f;
}
