/* photo - the user's picture: GetUserPhoto, SetUserPhoto. */
#include "ews/call.h"
#include "ews/offered.h"

/* The largest that is square; a server without it gives the next smaller. */
#define SIZE "HR648x648"

/* Set-UserPhoto takes 20 MB; as base64 it is a third more. */
#define ANSWER_MAX ((uint64_t)30 << 20)

static void write_get(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    (void)data;
    xml_element(w, "m:Email", core->address);
    xml_element(w, "m:SizeRequested", SIZE);
}

/*
 * Somebody without a picture is an error, in whatever way (EWS-QUIRKS 29);
 * one that the server names otherwise is an error to us too.
 */
static bool is_none(const struct err *err)
{
    return err->code == EWS_ErrorItemNotFound ||
           g_strcmp0(err->name, "HttpStatus") == 0;
}

static int read_picture(const struct xml_node *message, GBytes **ret,
                        struct err *err)
{
    const char *text = xml_child_text(message, "PictureData");
    gsize n = 0;
    guchar *picture;

    if (text == NULL || text[0] == '\0')
        return 0;
    picture = g_base64_decode(text, &n);
    if (n == 0) {
        g_free(picture);
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the server's picture of the user is not base64");
    }
    *ret = g_bytes_new_take(picture, n);
    return 1;
}

int photo_get(struct endpoint *ep, GBytes **ret, struct err *err)
{
    static const struct call call = {
        .element = "m:GetUserPhoto",
        .shape = SOAP_ALONE,
        .write = write_get,
        .n = 1,
        .answer_max_bytes = ANSWER_MAX,
    };
    struct mailbox *mb = mailbox_of(ep);
    g_auto(call_answer) a = { 0 };

    if (!core_has(mb->core, EWS_2013))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, &a, NULL, err) < 0)
        return is_none(err) ? 0 : offered_judge(mb->core, &call, &a, err);
    if (soap_message_status(a.messages[0], err) < 0)
        return is_none(err) ? 0 : -1;
    return read_picture(a.messages[0], ret, err);
}

static void write_set(struct xml_writer *w, const struct core *core,
                      const void *data)
{
    xml_element(w, "m:Email", core->address);
    xml_element(w, "m:Content", data);
}

int photo_set(struct endpoint *ep, GBytes *picture, struct err *err)
{
    gsize n = 0;
    const guchar *bytes = g_bytes_get_data(picture, &n);
    g_autofree char *text = g_base64_encode(bytes, n);
    const struct call call = {
        .element = "m:SetUserPhoto",
        .shape = SOAP_ALONE,
        .write = write_set,
        .data = text,
        .n = 1,
        .writing = true,
    };
    struct mailbox *mb = mailbox_of(ep);
    g_auto(call_answer) a = { 0 };
    bool maybe;

    if (!core_has(mb->core, EWS_2013))
        return offered_not(mb->core, &call, err);
    if (call_make(mb, &call, &a, &maybe, err) < 0)
        return offered_judge(mb->core, &call, &a, err);
    return soap_message_status(a.messages[0], err);
}
