/* What strangers give as addresses, redirects and Autodiscover answers. */
#include <stdlib.h>
#include <string.h>

#include "ews/autodiscover.h"
#include "ews/owa.h"
#include "xml/reader.h"

/* An address that was taken is https, and taken again is itself. */
static void check_url(const struct net_url *url)
{
    g_autofree char *text = owa_url_text(url);
    g_autofree char *again = NULL;
    struct net_url parsed;
    struct err err;

    if (!url->https || url->host[0] == '\0' || strpbrk(text, "\r\n ") != NULL)
        abort();
    if (net_url_parse(text, &parsed, &err) < 0)
        abort();
    again = owa_url_text(&parsed);
    net_url_clear(&parsed);
    if (strcmp(text, again) != 0)
        abort();
}

static void try_address(const char *text)
{
    struct net_url url;
    struct err err;

    if (owa_parse(text, &url, &err) < 0)
        return;
    check_url(&url);
    net_url_clear(&url);
}

static void try_redirect(const char *text)
{
    struct net_url from = { true, g_strdup("mail.example.com"), 443,
                            g_strdup("/owa/auth") };
    struct net_url to;
    struct err err;

    if (owa_follow(&from, text, &to, &err) == 0) {
        check_url(&to);
        net_url_clear(&to);
    }
    net_url_clear(&from);
}

/* Where an answer leads is one place, whatever it says. */
static void check_answer(int rc, const struct autodiscover_answer *a,
                         const struct err *err)
{
    int set = (a->ews_url != NULL) + (a->redirect_url != NULL) +
              (a->redirect_address != NULL);

    if (rc < 0 ? err->name == NULL : set != 1)
        abort();
}

static void try_json(const char *text, size_t size)
{
    g_auto(autodiscover_answer) a = { 0 };
    struct err err = { 0 };

    check_answer(autodiscover_read_json(text, size, &a, &err), &a, &err);
}

typedef int read_fn(const struct xml_doc *doc, struct autodiscover_answer *ret,
                    struct err *err);

static void try_answer(const char *text, size_t size, read_fn *read)
{
    struct xml_reader_config config = { 0 };
    g_autoptr(xml_reader) r = xml_reader_new(&config);
    g_autoptr(xml_doc) doc = NULL;
    g_auto(autodiscover_answer) a = { 0 };
    struct err err = { 0 };

    if (xml_reader_feed(r, text, size, &err) < 0 ||
        xml_reader_finish(r, &doc, &err) < 0)
        return;
    check_answer(read(doc, &a, &err), &a, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autofree char *text = NULL;

    if (size < 1)
        return 0;
    text = g_strndup((const char *)data + 1, size - 1);
    switch (data[0] % 5) {
    case 0:
        try_address(text);
        break;
    case 1:
        try_redirect(text);
        break;
    case 2:
        try_answer((const char *)data + 1, size - 1, autodiscover_read);
        break;
    case 3:
        try_answer((const char *)data + 1, size - 1, autodiscover_read_soap);
        break;
    default:
        try_json((const char *)data + 1, size - 1);
    }
    return 0;
}
