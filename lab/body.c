#include "lab/body.h"

#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/mime_charset.h"
#include "lab/rtf.h"

static const struct mapi_prop *find(const struct mapi_props *props,
                                    uint32_t tag)
{
    return mapi_find(props, PROP_ID(tag));
}

/* HTML stands as bytes in the message's code page, or so it says. */
static char *html_of(const struct mapi_props *props)
{
    const struct mapi_prop *html = find(props, PR_HTML);
    int32_t page = mapi_get_i32(find(props, PR_INTERNET_CPID), CPID_UTF8);

    if (html == NULL)
        return NULL;
    /* some write it as text: [MS-OXCMSG] 2.2.1.56.9 allows both */
    if (mapi_type_is_text(PROP_TYPE(html->tag)))
        return mapi_dup_text(html);
    return mime_charset_decode(html->data, html->size, mime_charset_name(page),
                               &page);
}

/* RTF, decompressed; NULL when there is none that can be read. */
static GByteArray *rtf_of(const struct mapi_props *props)
{
    const struct mapi_prop *rtf = find(props, PR_RTF_COMPRESSED);

    return rtf != NULL ? rtf_decompress(rtf->data, rtf->size) : NULL;
}

static enum rtf_origin origin_of(const GByteArray *rtf)
{
    return rtf_origin((const char *)rtf->data, rtf->len);
}

bool body_is_html(const struct mapi_props *props)
{
    g_autoptr(GByteArray) rtf = NULL;

    if (find(props, PR_HTML) != NULL)
        return true;
    rtf = rtf_of(props);
    if (rtf == NULL)
        return false;
    /* RTF with its own looks is shown as HTML, as a server does */
    return origin_of(rtf) != RTF_FROM_TEXT;
}

static char *as_html(const struct mapi_props *props)
{
    g_autoptr(GByteArray) rtf = NULL;
    g_autofree char *text = NULL;
    char *html = html_of(props);

    if (html != NULL)
        return html;
    rtf = rtf_of(props);
    if (rtf != NULL)
        return rtf_to_html((const char *)rtf->data, rtf->len);
    text = mapi_dup_text(find(props, PR_BODY));
    return text != NULL ? body_text_to_html(text) : NULL;
}

static char *as_text(const struct mapi_props *props)
{
    g_autoptr(GByteArray) rtf = NULL;
    g_autofree char *html = NULL;
    char *text = mapi_dup_text(find(props, PR_BODY));

    if (text != NULL)
        return text;
    html = html_of(props);
    if (html != NULL)
        return body_html_to_text(html);
    rtf = rtf_of(props);
    return rtf != NULL ? rtf_to_text((const char *)rtf->data, rtf->len) : NULL;
}

void body_read(const struct mapi_props *props, enum body_want want,
               struct body *ret)
{
    bool html = want == BODY_BEST ? body_is_html(props) : want == BODY_HTML;

    *ret = (struct body){ .html = html,
                          .text = html ? as_html(props) : as_text(props) };
}

void body_clear(struct mapi_props *props)
{
    static const uint32_t tags[] = { PR_BODY, PR_HTML, PR_RTF_COMPRESSED,
                                     PR_RTF_IN_SYNC, PR_NATIVE_BODY_INFO };

    for (size_t i = 0; i < G_N_ELEMENTS(tags); i++)
        mapi_remove(props, PROP_ID(tags[i]));
}

void body_set(struct mapi_item *item, struct mapi_props *props, bool html,
              const char *utf8)
{
    body_clear(props);
    if (html) {
        mapi_set(item, props, PR_HTML, utf8, strlen(utf8));
        mapi_set_i32(item, props, PR_INTERNET_CPID, CPID_UTF8);
    } else {
        mapi_set_text(item, props, PR_BODY, utf8);
    }
    /* [MS-OXCMSG] 2.2.1.56.2: 1 plain text, 3 HTML */
    mapi_set_i32(item, props, PR_NATIVE_BODY_INFO, html ? 3 : 1);
}
