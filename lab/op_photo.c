#include "lab/directory.h"
#include "lab/photo.h"

#define SETTING "photo"
/* Set-UserPhoto takes pictures of up to 20 MB. */
#define PHOTO_MAX (20u * 1024 * 1024)

/* UserPhotoSizeType.  The lab keeps one size, which it gives for all. */
static const char *const sizes[] = {
    "HR48x48",   "HR64x64",   "HR96x96",   "HR120x120",
    "HR240x240", "HR360x360", "HR432x432", "HR504x504",
    "HR648x648", "HR1024xN",  "HR1920xN",  NULL,
};

/* Returns 1 and the picture, 0 when there is none or nobody of that name. */
static int load(struct lab *lab, const char *address, GBytes **ret,
                struct err *err)
{
    g_auto(lab_mailbox) m = { 0 };
    int found = lab_store_find_mailbox(lab->store, address, &m, err);

    return found <= 0 ? found
                      : lab_store_setting(lab->store, m.key, SETTING, ret, err);
}

/* ---- GetUserPhoto -------------------------------------------------- */

static int get_once(struct op_call *call, struct problem *p)
{
    g_autofree char *address = soap_text_dup(op_child(call, "Email"));
    g_autofree char *size = soap_text_dup(op_child(call, "SizeRequested"));
    g_autoptr(GBytes) photo = NULL;
    struct err err;
    const void *data;
    gsize n = 0;
    int found;

    if (size == NULL || !g_strv_contains(sizes, size))
        return soap_violation(p, call->request->operation,
                              "The 'SizeRequested' element is invalid.");
    found = load(call->lab, address != NULL ? address : "", &photo, &err);
    if (found < 0)
        return problem_from_err(p, &err);
    /* docs: HTTP status 500, not a response message that says so */
    if (found == 0)
        return problem_fault(p, "ErrorItemNotFound");
    data = g_bytes_get_data(photo, &n);
    reply_message_begin(&call->reply, NULL);
    xml_bool(&call->reply.x, "m:HasChanged", true);
    xml_base64(&call->reply.x, "m:PictureData", data, n);
    reply_message_end(&call->reply);
    return 0;
}

int op_get_user_photo(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- SetUserPhoto -------------------------------------------------- */

static int set_once(struct op_call *call, struct problem *p)
{
    g_autofree char *address = soap_text_dup(op_child(call, "Email"));
    g_autofree char *text = soap_text_dup(op_child(call, "Content"));
    g_autofree uint8_t *raw = NULL;
    g_autoptr(GBytes) photo = NULL;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;
    gsize n = 0;

    if (directory_mailbox(call, address, &m, p) < 0)
        return -1;
    raw = g_base64_decode(text != NULL ? text : "", &n);
    if (n == 0 || n > PHOTO_MAX)
        return problem_set(p, "ErrorInvalidPhotoSize");
    photo = g_bytes_new(raw, n);
    if (lab_store_set_setting(call->lab->store, m.key, SETTING, photo, &err) <
        0)
        return problem_from_err(p, &err);
    reply_message_begin(&call->reply, NULL);
    reply_message_end(&call->reply);
    return 0;
}

int op_set_user_photo(struct op_call *call, struct problem *p)
{
    return op_one(call, set_once, p);
}

/* ---- by GET -------------------------------------------------------- */

bool photo_is(const struct lab *lab, const char *path)
{
    size_t n = strlen(lab->ews_path);

    return lab->version->release >= EXCHANGE2013 &&
           g_ascii_strncasecmp(path, lab->ews_path, n) == 0 &&
           g_ascii_strcasecmp(path + n, "/s/GetUserPhoto") == 0;
}

/* The same as long as the picture is. */
static char *etag_new(GBytes *photo)
{
    g_autofree char *sum =
        g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, photo);

    return g_strdup_printf("\"%.16s\"", sum);
}

static void answer_photo(const struct http_request *request, GBytes *photo,
                         struct http_answer *answer)
{
    g_autofree char *etag = etag_new(photo);
    const char *known = http_header(request, "If-None-Match");
    const void *data;
    gsize n = 0;

    http_answer_header(answer, "ETag", "%s", etag);
    if (known != NULL && strcmp(known, etag) == 0) {
        answer->status = 304;
        return;
    }
    answer->content_type = "image/jpeg";
    data = g_bytes_get_data(photo, &n);
    g_string_append_len(answer->body, data, (gssize)n);
}

void photo_handle(struct lab *lab, const struct http_request *request,
                  struct http_answer *answer)
{
    const char *address = http_query(request, "email");
    const char *size = http_query(request, "size");
    g_autoptr(GBytes) photo = NULL;
    struct err err;

    counters_note(lab->counters, "requests.photo");
    if (address == NULL || size == NULL || !g_strv_contains(sizes, size))
        answer->status = 400;
    else if (load(lab, address, &photo, &err) <= 0)
        answer->status = 404;
    else
        answer_photo(request, photo, answer);
}
