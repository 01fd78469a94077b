#include "lab/op_item.h"

#include <string.h>

#include "lab/body.h"
#include "lab/field_priv.h"
#include "lab/person.h"

/*
 * Response objects: items that a CreateItem makes out of another one, by
 * reference.
 */

/* PidTagLastVerbExecuted, [MS-OXOMSG] 2.2.1.12; PidTagIconIndex, 2.2.1.10 */
struct manner {
    const char *element, *prefix;
    int32_t verb, icon;
    bool reply, all, forward;
};
static const struct manner manners[] = {
    { "ReplyToItem", "RE: ", 102, 0x105, true, false, false },
    { "ReplyAllToItem", "RE: ", 103, 0x105, true, true, false },
    { "ForwardItem", "FW: ", 104, 0x106, false, false, true },
};

static const struct manner *manner_of(const xmlNode *node)
{
    for (size_t i = 0; i < G_N_ELEMENTS(manners); i++)
        if (soap_is(node, NS_TYPES, manners[i].element))
            return &manners[i];
    return NULL;
}

/* ---- out of the original ------------------------------------------- */

/* An answer while it is made; the original's tree is its arena too. */
struct answer {
    const struct manner *how;
    struct op_loaded original;
    struct mapi_message old; /* the original's message */
    struct field_edit e;     /* the new one */
};

static char *text_of(const struct mapi_message *m, uint32_t tag)
{
    char *text = mapi_dup_text(mapi_find(&m->props, PROP_ID(tag)));

    return text != NULL ? text : g_strdup("");
}

static void answer_subject(struct answer *a)
{
    g_autofree char *old = text_of(&a->old, PR_SUBJECT);
    g_autofree char *topic = text_of(&a->old, PR_CONVERSATION_TOPIC);
    g_autofree char *subject =
        g_strconcat(a->how->prefix, field_plain_subject(old), NULL);

    if (topic[0] != '\0')
        mapi_set_text(a->e.item, a->e.props, PR_CONVERSATION_TOPIC, topic);
    field_put_subject(&a->e, subject);
}

/* RFC 5322 3.6.4, and the index one level deeper ([MS-OXOMSG] 2.2.1.3). */
static void answer_thread(struct answer *a)
{
    const struct mapi_prop *index =
        mapi_find(&a->old.props, PROP_ID(PR_CONVERSATION_INDEX));
    g_autofree char *id = text_of(&a->old, PR_INTERNET_MESSAGE_ID);
    g_autofree char *references = text_of(&a->old, PR_INTERNET_REFERENCES);
    g_autofree char *more = g_strdup_printf(
        "%s%s%s", references, references[0] != '\0' ? " " : "", id);

    if (id[0] != '\0') {
        mapi_set_text(a->e.item, a->e.props, PR_INTERNET_REFERENCES, more);
        mapi_set_text(a->e.item, a->e.props, PR_IN_REPLY_TO, id);
    }
    if (index != NULL && index->size >= 22 && index->size < 1024) {
        g_autofree uint8_t *deeper = g_malloc(index->size + 5);
        uint32_t delta = g_random_int();

        memcpy(deeper, index->data, index->size);
        memcpy(deeper + index->size, &delta, sizeof(delta));
        deeper[index->size + 4] = 0;
        mapi_set(a->e.item, a->e.props, PR_CONVERSATION_INDEX, deeper,
                 index->size + 5);
    }
}

static bool is_owner(const struct person *who, const struct person *owner)
{
    return who->smtp != NULL && owner->smtp != NULL &&
           g_ascii_strcasecmp(who->smtp, owner->smtp) == 0;
}

/* All who got it, but for the one who answers. */
static int answer_all(struct answer *a, struct problem *p)
{
    g_auto(person) owner = { 0 };

    if (person_owner(a->e.call, a->e.mailbox, &owner, p) < 0)
        return -1;
    for (size_t i = 0; i < a->old.n_recipients; i++) {
        const struct mapi_props *r = &a->old.recipients[i];
        enum person_role role = person_role(r);
        g_auto(person) who = { 0 };

        if ((role == PERSON_TO || role == PERSON_CC) &&
            person_get(r, &person_recipient, &who) && !is_owner(&who, &owner))
            person_add_recipient(a->e.item, a->e.message, &who, role);
    }
    return 0;
}

static int answer_recipients(struct answer *a, struct problem *p)
{
    g_auto(person) from = { 0 };

    if (!a->how->reply)
        return 0;
    if (person_get(&a->old.props, &person_from, &from) ||
        person_get(&a->old.props, &person_sender, &from))
        person_add_recipient(a->e.item, a->e.message, &from, PERSON_TO);
    return a->how->all ? answer_all(a, p) : 0;
}

/* ---- the body ------------------------------------------------------ */

/* "From: ... Sent: ... To: ... Subject: ..." above what is quoted. */
static char *quote_head(const struct answer *a)
{
    g_autofree char *subject = text_of(&a->old, PR_SUBJECT);
    g_autofree char *to = text_of(&a->old, PR_DISPLAY_TO);
    g_autofree char *sent = NULL;
    g_auto(person) from = { 0 };

    sent = a->original.item.sent_us != TIMESTAMP_NONE
               ? timestamp_format(a->original.item.sent_us)
               : g_strdup("");
    person_get(&a->old.props, &person_from, &from);
    return g_strdup_printf(
        "\n________________________________\nFrom: %s\nSent: %s\nTo: %s\n"
        "Subject: %s\n\n",
        from.name != NULL ? from.name : "", sent, to, subject);
}

/* The inside of a document's body. */
static char *inside_of(const char *html)
{
    const char *start = strstr(html, "<body");
    const char *end = g_strrstr(html, "</body>");

    start = start != NULL ? strchr(start, '>') : NULL;
    if (start == NULL)
        return g_strdup(html);
    start++;
    return end != NULL && end >= start ? g_strndup(start, (gsize)(end - start))
                                       : g_strdup(start);
}

static void answer_body(struct answer *a, bool html, const char *text)
{
    g_autofree char *head = quote_head(a);
    g_autofree char *whole = NULL;
    struct body old;

    body_read(&a->old.props, html ? BODY_HTML : BODY_TEXT, &old);
    if (html) {
        g_autofree char *mine = inside_of(text);
        g_autofree char *quoted = inside_of(old.text != NULL ? old.text : "");
        g_autofree char *marked = body_escape(head);

        whole = g_strdup_printf("<html><body>%s<div id=\"divRplyFwdMsg\">%s"
                                "</div>%s</body></html>",
                                mine, marked, quoted);
    } else {
        whole = g_strconcat(text, "\n", head, old.text != NULL ? old.text : "",
                            NULL);
    }
    body_set(a->e.item, a->e.props, html, whole);
    g_free(old.text);
}

static int set_new_body(struct answer *a, const xmlNode *node,
                        struct problem *p)
{
    const xmlNode *body = soap_child(node, NS_TYPES, "NewBodyContent");
    g_autofree char *type = soap_attr_dup(body, "BodyType");
    g_autofree char *text = soap_text_dup(body);
    bool html = body != NULL ? g_strcmp0(type, "HTML") == 0
                             : body_is_html(&a->old.props);

    if (body != NULL && !html && g_strcmp0(type, "Text") != 0)
        return soap_violation(p, body, "The 'BodyType' attribute is invalid.");
    answer_body(a, html, text != NULL ? text : "");
    return 0;
}

/* ---- what the request says itself ---------------------------------- */

static int set_given(struct answer *a, const xmlNode *node, struct problem *p)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        const struct field *f;

        if (soap_is(node, NS_TYPES, "ReferenceItemId") ||
            soap_is(node, NS_TYPES, "NewBodyContent"))
            continue;
        f = field_of_element(node, a->e.kind);
        if (f == NULL)
            return soap_violation(p, node, "Invalid element '%.40s'.",
                                  (const char *)node->name);
        if (field_set(&a->e, f, node, p) < 0)
            return -1;
    }
    return field_finish(&a->e, p);
}

/* ---- the original afterwards --------------------------------------- */

/* "You replied on ...": only when the answer went out. */
static int note_verb(struct op_call *call, const struct manner *how,
                     const xmlNode *reference, struct problem *p)
{
    g_auto(op_loaded) l = { 0 };
    struct mapi_props *props;

    if (op_load(call, reference, &l, p) < 0)
        return -1;
    props = &l.tree->message.props;
    mapi_set_i32(l.tree, props, PR_LAST_VERB_EXECUTED, how->verb);
    mapi_set_time(l.tree, props, PR_LAST_VERB_TIME, timestamp_now());
    mapi_set_i32(l.tree, props, PR_ICON_INDEX, how->icon);
    return op_save(call, &l, NULL, p);
}

static const xmlNode *reference_of(const xmlNode *node)
{
    return soap_child(node, NS_TYPES, "ReferenceItemId");
}

static int load_reference(struct op_call *call, const xmlNode *node,
                          uint32_t kinds, struct op_loaded *ret,
                          struct problem *p)
{
    if (op_load(call, reference_of(node), ret, p) < 0)
        return -1;
    if (((uint32_t)item_kind(ret->item.item_class) & kinds) == 0)
        return problem_set(p, "ErrorInvalidReferenceItem");
    return 0;
}

static void begin_answer(struct answer *a, struct op_call *call,
                         enum item_kind kind)
{
    struct mapi_item *tree = a->original.tree;

    a->old = tree->message;
    tree->message = (struct mapi_message){ 0 };
    a->e = (struct field_edit){ .call = call,
                                .mailbox = a->original.mailbox,
                                .kind = kind,
                                .item = tree,
                                .message = &tree->message,
                                .props = &tree->message.props };
    mapi_set_text(tree, &tree->message.props, PR_MESSAGE_CLASS,
                  item_kind_class(kind));
}

/* A forwarded mail takes its attachments along. */
static void take_attachments(struct answer *a)
{
    a->e.message->attachments = a->old.attachments;
    a->e.message->n_attachments = a->old.n_attachments;
    a->e.message->room_attachments = a->old.room_attachments;
}

static int answer(struct op_call *call, const xmlNode *node,
                  const struct creation *c, struct problem *p)
{
    struct answer a = { .how = manner_of(node) };
    int status = -1;

    g_assert(a.how != NULL); /* the table below has no others */
    if (c->disposition == DISPOSITION_NONE)
        return problem_set(p, "ErrorMessageDispositionRequired");
    if (load_reference(call, node,
                       KINDS_MESSAGE | KIND_CALENDAR | KIND_POST |
                           (a.how->forward ? KINDS_ALL : 0),
                       &a.original, p) == 0) {
        begin_answer(&a, call, KIND_MESSAGE);
        answer_subject(&a);
        answer_thread(&a);
        if (a.how->forward)
            take_attachments(&a);
        status = answer_recipients(&a, p);
        if (status == 0)
            status = set_new_body(&a, node, p);
        if (status == 0)
            status = set_given(&a, node, p);
        if (status == 0)
            status = op_finish_message(call, c, &a.e, p);
        if (status == 0 && c->disposition != SAVE_ONLY)
            status = note_verb(call, a.how, reference_of(node), p);
        field_edit_clear(&a.e);
    }
    op_loaded_clear(&a.original);
    return status;
}

/* ---- posts --------------------------------------------------------- */

static int save_post(struct answer *a, struct problem *p)
{
    g_auto(lab_item) item = { 0 };
    struct place at = { .mailbox = a->e.mailbox };
    g_auto(person) owner = { 0 };

    if (person_owner(a->e.call, a->e.mailbox, &owner, p) < 0)
        return -1;
    person_set(a->e.item, a->e.props, &person_from, &owner);
    person_set(a->e.item, a->e.props, &person_sender, &owner);
    mapi_set_i32(a->e.item, a->e.props, PR_MESSAGE_FLAGS, MSGFLAG_READ);
    mapi_set_time(a->e.item, a->e.props, PR_CLIENT_SUBMIT_TIME,
                  timestamp_now());
    at.folder.id = a->original.item.folder_id;
    if (op_save_new(a->e.call, &at, &a->e, &item, p) < 0)
        return -1;
    op_write_item(a->e.call, &item);
    return 0;
}

static int post_reply(struct op_call *call, const xmlNode *node,
                      const struct creation *c, struct problem *p)
{
    static const struct manner how = { .prefix = "" };
    struct answer a = { .how = &how };
    int status = -1;

    (void)c;
    if (load_reference(call, node, KIND_POST, &a.original, p) == 0) {
        begin_answer(&a, call, KIND_POST);
        answer_subject(&a);
        answer_thread(&a);
        status = set_new_body(&a, node, p);
        if (status == 0)
            status = set_given(&a, node, p);
        if (status == 0)
            status = save_post(&a, p);
        field_edit_clear(&a.e);
    }
    op_loaded_clear(&a.original);
    return status;
}

/* ---- receipts ------------------------------------------------------ */

static int suppress_receipt(struct op_call *call, const xmlNode *node,
                            const struct creation *c, struct problem *p)
{
    g_auto(op_loaded) l = { 0 };
    struct mapi_props *props;
    int32_t flags;

    (void)c;
    if (load_reference(call, node, KINDS_MESSAGE, &l, p) < 0)
        return -1;
    props = &l.tree->message.props;
    if (!field_receipt_pending(props))
        return problem_set(p, "ErrorReadReceiptNotPending");
    flags = mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);
    mapi_set_i32(l.tree, props, PR_MESSAGE_FLAGS, flags | MSGFLAG_EVERREAD);
    return op_save(call, &l, NULL, p);
}

/* ---- the table ----------------------------------------------------- */

static const struct {
    const char *element;
    op_response_fn *respond;
} responses[] = {
    { "ReplyToItem", answer },
    { "ReplyAllToItem", answer },
    { "ForwardItem", answer },
    { "PostReplyItem", post_reply },
    { "SuppressReadReceipt", suppress_receipt },
};

op_response_fn *op_response_of(const xmlNode *node)
{
    for (size_t i = 0; i < G_N_ELEMENTS(responses); i++)
        if (soap_is(node, NS_TYPES, responses[i].element))
            return responses[i].respond;
    return NULL;
}
