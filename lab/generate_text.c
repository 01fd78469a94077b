#include "lab/generate_priv.h"

#include <string.h>

/* clang-format off */
static const char *const english[] = {
    "the", "budget", "for", "next", "quarter", "needs", "another", "look",
    "before", "we", "send", "it", "to", "customer", "please", "find", "report",
    "attached", "and", "let", "me", "know", "whether", "figures", "agree",
    "with", "yours", "meeting", "moved", "thursday", "because", "of", "audit",
    "invoice", "delivery", "late", "again", "our", "server", "will", "be",
    "down", "on", "sunday", "morning", "thanks", "contract", "draft", "review",
};
static const char *const german[] = {
    "die", "Rechnung", "für", "März", "ist", "noch", "offen",
    "bitte", "prüfen", "Sie", "den", "Anhang", "und", "geben", "uns",
    "Bescheid", "Grüße", "aus", "Köln", "Lieferung",
    "verspätet", "sich", "um", "zwei", "Tage", "Übersicht",
};
static const char *const french[] = {
    "le", "contrat", "est", "prêt", "à", "signer", "veuillez",
    "trouver", "ci-joint", "détail", "réunion", "reportée",
    "dès", "noël", "façade", "cœur",
};
static const char *const japanese[] = {
    "会議", "資料",
    "を", "送ります",
    "ご確認", "ください", "東京",
};
static const char *const russian[] = {
    "отчёт", "за",
    "март", "готов",
    "спасибо",
};
static const char *const arabic[] = {
    "التقرير",
    "جاهز", "شكرا",
};
static const char *const symbols[] = {
    "🚀", "👍🏽", "✅",
    "👩‍💻", "é", "€",
};

static const struct {
    const char *const *words;
    uint32_t n, share; /* of a hundred texts */
} scripts[] = {
    { english, G_N_ELEMENTS(english), 62 },
    { german, G_N_ELEMENTS(german), 16 },
    { french, G_N_ELEMENTS(french), 9 },
    { japanese, G_N_ELEMENTS(japanese), 5 },
    { russian, G_N_ELEMENTS(russian), 4 },
    { arabic, G_N_ELEMENTS(arabic), 2 },
    { symbols, G_N_ELEMENTS(symbols), 2 },
};

static const char *const first_names[] = {
    "Ann", "Ben", "Cleo", "Dörte", "Emil", "Françoise", "Grace",
    "Hiro", "Ingrid", "José", "Kenji", "Lars", "Maria", "Nils", "Olga",
    "Priya",
};
static const char *const last_names[] = {
    "Adams", "Bauer", "Chen", "Dubois", "Erikson", "Fischer", "García",
    "Hoffmann", "Ivanova", "Jensen", "König", "López", "Müller",
    "Nguyen", "O'Brien", "Patel",
};
static const char *const domains[] = {
    "contoso.example", "fabrikam.example", "tailspin.example",
    "xn--mller-kva.example",
};
static const char *const places[] = {
    "Room 1", "Besprechungsraum Köln", "Phone", "Café Central",
    "https://meet.example/j/93481", "",
};
static const char *const categories[] = {
    "Red Category", "Kunden", "Privat", "Follow up; later", "🔥",
};
static const struct {
    const char *name, *mime;
} files[] = {
    { "report.pdf", "application/pdf" },
    { "Angebot Müller.docx",
      "application/vnd.openxmlformats-officedocument"
      ".wordprocessingml.document" },
    { "figures.xlsx",
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" },
    { "IMG_0042.JPG", "image/jpeg" },
    { "archive.zip", "application/zip" },
    { "notes.txt", "text/plain" },
    { "資料.pptx",
      "application/vnd.openxmlformats-officedocument"
      ".presentationml.presentation" },
    { "no extension", "application/octet-stream" },
};
/* clang-format on */

/* ---- words ----------------------------------------------------------- */

static size_t script_of(struct lab_random *r)
{
    uint32_t roll = lab_random_below(r, 100);

    for (size_t i = 0; i < G_N_ELEMENTS(scripts); i++) {
        if (roll < scripts[i].share)
            return i;
        roll -= scripts[i].share;
    }
    return 0;
}

static void add_words(GString *to, struct lab_random *r, size_t script,
                      uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0)
            g_string_append_c(to, ' ');
        g_string_append(
            to, scripts[script].words[lab_random_below(r, scripts[script].n)]);
    }
}

char *lab_text_subject(struct lab_random *r)
{
    GString *s = g_string_new(NULL);
    uint32_t roll = lab_random_below(r, 100);

    add_words(s, r, script_of(r), 2 + lab_random_below(r, 7));
    if (roll < 8)
        g_string_append_printf(s, " #%u", lab_random_below(r, 100000));
    /* Longer than a line, and near Exchange's 255 characters. */
    if (roll == 99)
        while (g_utf8_strlen(s->str, -1) < 240)
            add_words(s, r, 0, 3);
    return g_string_free(s, FALSE);
}

char *lab_text_body(struct lab_random *r, size_t bytes)
{
    GString *s = g_string_sized_new(bytes + 128);
    size_t script = script_of(r);

    do {
        uint32_t sentences = 1 + lab_random_below(r, 4);

        for (uint32_t i = 0; i < sentences; i++) {
            add_words(s, r, script, 4 + lab_random_below(r, 14));
            g_string_append(s, ". ");
        }
        g_string_append(s, "\r\n\r\n");
    } while (s->len < bytes);
    return g_string_free(s, FALSE);
}

char *lab_text_html(const char *text, const char *subject, bool image)
{
    g_autofree char *title = g_markup_escape_text(subject, -1);
    g_autofree char *escaped = g_markup_escape_text(text, -1);
    g_auto(GStrv) lines = g_strsplit(escaped, "\r\n\r\n", -1);
    GString *s = g_string_new("<html>\r\n<head>\r\n<meta http-equiv=\"Content-"
                              "Type\" content=\"text/html; charset=utf-8\">"
                              "<title>");

    g_string_append(s, title);
    g_string_append(s, "</title>\r\n</head>\r\n<body lang=\"EN-US\">\r\n");
    for (size_t i = 0; lines[i] != NULL; i++)
        g_string_append_printf(s, "<p class=\"MsoNormal\">%s</p>\r\n",
                               lines[i]);
    if (image)
        g_string_append(s, "<img src=\"cid:image001@lab\">\r\n");
    g_string_append(s, "</body>\r\n</html>\r\n");
    return g_string_free(s, FALSE);
}

/* ---- RTF ------------------------------------------------------------- */

static GString *rtf_of(const char *text)
{
    GString *s = g_string_new("{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl"
                              "{\\f0\\fswiss Calibri;}}\r\n\\uc1\\pard\\f0 ");

    for (const char *p = text; *p != '\0';) {
        gunichar c = g_utf8_get_char(p);

        if (c == '\n')
            g_string_append(s, "\\par\r\n");
        else if (c >= 0x10000)
            /* two halves of a pair, each as a signed number */
            g_string_append_printf(
                s, "\\u%d?\\u%d?",
                (int)(0xD800 + ((c - 0x10000) >> 10)) - 65536,
                (int)(0xDC00 + ((c - 0x10000) & 0x3FF)) - 65536);
        else if (c >= 0x80)
            g_string_append_printf(s, "\\u%d?",
                                   c >= 0x8000 ? (int)c - 65536 : (int)c);
        else if (c == '\\' || c == '{' || c == '}')
            g_string_append_printf(s, "\\%c", (char)c);
        else if (c != '\r')
            g_string_append_c(s, (char)c);
        p += g_utf8_skip[(unsigned char)*p];
    }
    g_string_append(s, "}\r\n");
    return s;
}

/* The CRC of [MS-OXRTFCP] 2.1.3.2: the usual polynomial, not inverted. */
static uint32_t rtf_crc(const uint8_t *p, size_t n)
{
    uint32_t crc = 0;

    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320u : 0);
    }
    return crc;
}

/*
 * Runs of eight literals under a zero control byte; the end is a reference to
 * the dictionary's own write position, of any length ([MS-OXRTFCP] 2.1.3.1).
 */
static void pack_literals(GByteArray *to, const uint8_t *p, size_t n)
{
    uint32_t end = (207 + (uint32_t)n) % 4096; /* 207: preloaded text */
    uint8_t reference[2] = { (uint8_t)(end >> 4), (uint8_t)(end << 4) };
    uint8_t control;

    for (size_t i = 0; i <= n; i += 8) {
        size_t run = MIN(n - i, 8);

        control = (uint8_t)(run < 8 ? 1u << run : 0u);
        g_byte_array_append(to, &control, 1);
        g_byte_array_append(to, p + i, (guint)run);
        if (run < 8)
            g_byte_array_append(to, reference, 2);
    }
}

static void le32(uint8_t *at, uint32_t v)
{
    v = GUINT32_TO_LE(v);
    memcpy(at, &v, sizeof(v));
}

/* Takes the RTF. */
static GByteArray *packed(GString *rtf, bool compressed)
{
    GByteArray *out = g_byte_array_new();
    uint8_t head[16] = { 0 };

    g_byte_array_append(out, head, sizeof(head));
    if (compressed)
        pack_literals(out, (const uint8_t *)rtf->str, rtf->len);
    else
        g_byte_array_append(out, (const uint8_t *)rtf->str, (guint)rtf->len);
    le32(out->data, out->len - 4);
    le32(out->data + 4, (uint32_t)rtf->len);
    memcpy(out->data + 8, compressed ? "LZFu" : "MELA", 4);
    if (compressed)
        le32(out->data + 12, rtf_crc(out->data + 16, out->len - 16));
    g_string_free(rtf, TRUE);
    return out;
}

GByteArray *lab_text_rtf(const char *text, bool compressed)
{
    return packed(rtf_of(text), compressed);
}

/* [MS-OXRTFEX] 2.2: each tag in a group of its own, text as it is. */
GByteArray *lab_text_html_rtf(const char *text, bool compressed)
{
    g_auto(GStrv) lines = g_strsplit(text, "\r\n\r\n", -1);
    GString *s = g_string_new("{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0"
                              "{\\fonttbl{\\f0\\fswiss Calibri;}}\r\n"
                              "{\\*\\htmltag19 <html>}"
                              "{\\*\\htmltag50 <body>}\r\n");

    for (size_t i = 0; lines[i] != NULL; i++) {
        g_autofree char *escaped = g_markup_escape_text(lines[i], -1);
        GString *line = rtf_of(escaped);
        /* without the head and the brace that rtf_of() puts round it */
        const char *from = strstr(line->str, "\\f0 ") + 4;

        g_string_append(s, "{\\*\\htmltag64 <p>}");
        g_string_append_len(s, from,
                            (gssize)strlen(from) - (gssize)strlen("}\r\n"));
        g_string_append(s,
                        "{\\*\\htmltag72 </p>}\\htmlrtf \\par \\htmlrtf0\r\n");
        g_string_free(line, TRUE);
    }
    g_string_append(s, "{\\*\\htmltag58 </body>}{\\*\\htmltag27 </html>}}\r\n");
    return packed(s, compressed);
}

/* ---- names ----------------------------------------------------------- */

char *lab_text_file_name(struct lab_random *r, const char **ret_mime)
{
    uint32_t i = lab_random_below(r, G_N_ELEMENTS(files));

    *ret_mime = files[i].mime;
    return g_strdup(files[i].name);
}

const char *lab_text_place(struct lab_random *r)
{
    return places[lab_random_below(r, G_N_ELEMENTS(places))];
}

const char *lab_text_category(struct lab_random *r)
{
    return categories[lab_random_below(r, G_N_ELEMENTS(categories))];
}

static void make_person(struct lab_random *r, uint32_t index,
                        struct lab_person *ret)
{
    const char *first =
        first_names[lab_random_below(r, G_N_ELEMENTS(first_names))];
    const char *last =
        last_names[lab_random_below(r, G_N_ELEMENTS(last_names))];
    /* A third of them are colleagues, known by Exchange's own names. */
    bool inside = index % 3 == 0;

    ret->name = g_strdup_printf("%s %s", first, last);
    ret->address = g_strdup_printf(
        "user%u@%s", index,
        inside ? "corp.example"
               : domains[lab_random_below(r, G_N_ELEMENTS(domains))]);
    ret->dn = inside ? g_strdup_printf("/O=OLD ORGANIZATION/OU=EXCHANGE "
                                       "ADMINISTRATIVE GROUP (FYDIBOHF23SPDLT)"
                                       "/CN=RECIPIENTS/CN=USER%u",
                                       index)
                     : NULL;
}

void lab_people_init(struct lab_scene *scene)
{
    struct lab_random r = { lab_hash_u64(scene->seed, 0x70656F70) };

    for (uint32_t i = 0; i < LAB_N_PEOPLE; i++)
        make_person(&r, i, &scene->people[i]);
}

static void person_clear(struct lab_person *p)
{
    g_free(p->name);
    g_free(p->address);
    g_free(p->dn);
}

void lab_people_clear(struct lab_scene *scene)
{
    person_clear(&scene->owner);
    for (uint32_t i = 0; i < LAB_N_PEOPLE; i++)
        person_clear(&scene->people[i]);
}
