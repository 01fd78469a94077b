#include <string.h>

#include <openssl/evp.h>

#include "lab/ews_priv.h"

/*
 * A server, or a box in front of it, that misreports: the finished answer is
 * read, changed and written anew.
 */

/* An answer that is changed. */
struct bent {
    struct job *job;
    xmlDoc *doc;
    xmlNode *body;     /* first element in the SOAP body */
    xmlNode *messages; /* ResponseMessages; NULL: the operation has none */
    const struct fault_hit *hit;
};

static const xmlChar *x(const char *text)
{
    return (const xmlChar *)text;
}

/* The tree of an answer is ours to change; soap.h hands out const. */
static xmlNode *own(const xmlNode *node)
{
    return (xmlNode *)(uintptr_t)node;
}

static void remove_node(xmlNode *node)
{
    xmlUnlinkNode(node);
    xmlFreeNode(node);
}

static void set_text(xmlNode *node, const char *text)
{
    g_autofree char *escaped = g_markup_escape_text(text, -1);

    xmlNodeSetContent(node, x(escaped));
}

static xmlNode *last_element(const xmlNode *parent)
{
    const xmlNode *last = NULL;

    for (const xmlNode *n = soap_first(parent); n != NULL; n = soap_next(n))
        last = n;
    return own(last);
}

typedef void visit_fn(struct bent *b, xmlNode *node);

/* Every element of the answer; the tree is as deep as the lab wrote it. */
static void visit(struct bent *b, xmlNode *node, visit_fn *each)
{
    xmlNode *child = node->children;

    while (child != NULL) {
        xmlNode *next = child->next;

        if (child->type == XML_ELEMENT_NODE)
            visit(b, child, each);
        child = next;
    }
    each(b, node);
}

/* ---- the messages -------------------------------------------------- */

static void fewer(struct bent *b)
{
    for (uint32_t i = 0; i < b->hit->n; i++) {
        xmlNode *last = last_element(b->messages);

        if (last != NULL)
            remove_node(last);
    }
}

/* No client needs to see more of one thing to know. */
#define COPIES_MAX 100u

static void more(struct bent *b)
{
    const xmlNode *last = last_element(b->messages);

    for (uint32_t i = 0; last != NULL && i < MIN(b->hit->n, COPIES_MAX); i++)
        xmlAddChild(b->messages, xmlCopyNode(own(last), 1));
}

/* The first to the end, and so on: the other way round. */
static void reverse_children(xmlNode *parent)
{
    xmlNode *first = own(soap_first(parent));

    while (first != NULL && soap_next(first) != NULL) {
        xmlNode *last = last_element(parent);

        xmlUnlinkNode(last);
        xmlAddPrevSibling(first, last);
    }
}

static void shuffled(struct bent *b)
{
    if (b->messages != NULL)
        reverse_children(b->messages);
}

static void wrong_operation(struct bent *b)
{
    const char *to = b->hit->to[0] != '\0' ? b->hit->to : "GetFolder";
    g_autofree char *name = g_strconcat(to, "Response", NULL);

    xmlNodeSetName(b->body, x(name));
}

/* ---- lists --------------------------------------------------------- */

/* An id like the store's own, of nothing. */
static char *stray_id(const struct bent *b, uint32_t i)
{
    g_autofree char *text = g_strdup_printf("%s/%u", b->job->request.name, i);
    g_autofree char *hash =
        g_compute_checksum_for_string(G_CHECKSUM_SHA512, text, -1);

    return g_strconcat("AAMkAD", hash, "AAA=", NULL);
}

static void add_stray(struct bent *b, xmlNode *changes)
{
    bool folders = strcmp(b->job->request.name, "SyncFolderHierarchy") == 0;
    xmlNs *types =
        xmlSearchNsByHref(b->doc, changes, x(soap_namespace(NS_TYPES)));

    for (uint32_t i = 0; i < MIN(b->hit->n, COPIES_MAX); i++) {
        xmlNode *gone = xmlNewChild(changes, types, x("Delete"), NULL);
        xmlNode *id =
            xmlNewChild(gone, types, x(folders ? "FolderId" : "ItemId"), NULL);
        g_autofree char *text = stray_id(b, i);

        xmlNewProp(id, x("Id"), x(text));
    }
}

static void stray_deletes_at(struct bent *b, xmlNode *node)
{
    if (soap_is(node, NS_MESSAGES, "Changes"))
        add_stray(b, node);
}

static void read_as_update_at(struct bent *b, xmlNode *node)
{
    xmlNode *item, *child;

    (void)b;
    if (!soap_is(node, NS_TYPES, "ReadFlagChange"))
        return;
    child = node->children;
    item = xmlNewDocNode(node->doc, node->ns, x("Message"), NULL);
    while (child != NULL) {
        xmlNode *next = child->next;

        xmlUnlinkNode(child);
        xmlAddChild(item, child);
        child = next;
    }
    xmlAddChild(node, item);
    xmlNodeSetName(node, x("Update"));
}

static void remove_children(xmlNode *node)
{
    while (node->children != NULL)
        remove_node(node->children);
}

/* The list that a listing operation answers with, but for its end. */
static bool empty_list_at(xmlNode *node)
{
    if (!soap_is(node, NS_MESSAGES, "Changes") &&
        !soap_is(node, NS_TYPES, "Items") &&
        !soap_is(node, NS_TYPES, "Folders"))
        return false;
    remove_children(node);
    return true;
}

static void say_last(xmlNode *node, const char *last)
{
    if (soap_is(node, NS_MESSAGES, "IncludesLastItemInRange") ||
        soap_is(node, NS_MESSAGES, "IncludesLastFolderInRange"))
        set_text(node, last);
    else if (soap_is(node, NS_MESSAGES, "RootFolder"))
        xmlSetProp(node, x("IncludesLastItemInRange"), x(last));
}

/* Nothing of what was not told may be lost: the state stays where it was. */
static void keep_state_at(struct bent *b, xmlNode *node)
{
    g_autofree char *state = NULL;

    if (!soap_is(node, NS_MESSAGES, "SyncState"))
        return;
    state = soap_text_dup(
        soap_child(b->job->request.operation, NS_MESSAGES, "SyncState"));
    set_text(node, state != NULL ? state : "");
}

static void empty_listing_at(struct bent *b, xmlNode *node)
{
    empty_list_at(node);
    keep_state_at(b, node);
    say_last(node, "true");
    if (!soap_is(node, NS_MESSAGES, "RootFolder"))
        return;
    xmlSetProp(node, x("TotalItemsInView"), x("0"));
    if (xmlHasProp(node, x("IndexedPagingOffset")) != NULL)
        xmlSetProp(node, x("IndexedPagingOffset"), x("0"));
}

/* The offset of the next page is that of this one. */
static void hollow_page_at(struct bent *b, xmlNode *node)
{
    const xmlNode *operation = b->job->request.operation;
    const xmlNode *view =
        soap_child(operation, NS_MESSAGES, "IndexedPageItemView");
    g_autofree char *offset = NULL;

    empty_list_at(node);
    keep_state_at(b, node);
    say_last(node, "false");
    if (view == NULL)
        view = soap_child(operation, NS_MESSAGES, "IndexedPageFolderView");
    offset = soap_attr_dup(view, "Offset");
    if (soap_is(node, NS_MESSAGES, "RootFolder") && offset != NULL)
        xmlSetProp(node, x("IndexedPagingOffset"), x(offset));
}

/* ---- properties ---------------------------------------------------- */

static void short_tags_at(struct bent *b, xmlNode *node)
{
    g_autofree char *tag = soap_attr_dup(node, "PropertyTag");
    g_autofree char *text = NULL;

    (void)b;
    if (!soap_is(node, NS_TYPES, "ExtendedFieldURI") || tag == NULL)
        return;
    text = g_strdup_printf("0x%x", (unsigned)g_ascii_strtoull(tag, NULL, 0));
    xmlSetProp(node, x("PropertyTag"), x(text));
}

/* They stand together: the last one goes in front of the first. */
static void reverse_properties_at(struct bent *b, xmlNode *node)
{
    const xmlNode *first = soap_child(node, NS_TYPES, "ExtendedProperty");
    const xmlNode *next = soap_next(first);

    (void)b;
    while (next != NULL && soap_is(next, NS_TYPES, "ExtendedProperty")) {
        const xmlNode *after = soap_next(next);

        xmlUnlinkNode(own(next));
        xmlAddPrevSibling(own(first), own(next));
        first = next;
        next = after;
    }
}

static void received_is_created_at(struct bent *b, xmlNode *node)
{
    const xmlNode *id = soap_child(node->parent, NS_TYPES, "ItemId");
    struct lab_store *store = b->job->lab->store;
    g_autofree char *text = soap_attr_dup(id, "Id");
    g_autofree char *when = NULL;
    g_auto(lab_item) item = { 0 };
    int64_t mailbox = 0;
    struct err err;

    if (!soap_is(node, NS_TYPES, "DateTimeReceived") || text == NULL)
        return;
    if (lab_store_id_mailbox(store, text, &mailbox, &err) <= 0 ||
        lab_store_item(store, mailbox, text, &item, &err) < 0 ||
        item.created_us == TIMESTAMP_NONE)
        return;
    when = timestamp_format(item.created_us);
    set_text(node, when);
}

/* "2024-05-06T07:08:09Z", as the lab writes every time. */
static bool is_time(const char *text)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";

    if (text == NULL || strlen(text) != strlen(shape))
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++)
        if (shape[i] == 'd' ? !g_ascii_isdigit(text[i]) : text[i] != shape[i])
            return false;
    return true;
}

/* n=10, the default, takes them by turns. */
static void fractions_at(struct bent *b, xmlNode *node)
{
    static const char *const digits[] = { "", ".000", ".000000", ".000000000" };
    size_t len = 0;
    const char *text = soap_text_peek(node, &len);
    g_autofree char *changed = NULL;

    if (!is_time(text))
        return;
    if (b->hit->n <= 9)
        changed =
            g_strdup_printf("%.19s%s%.*sZ", text, b->hit->n > 0 ? "." : "",
                            (int)b->hit->n, "000000000");
    else
        changed = g_strdup_printf("%.19s%sZ", text,
                                  digits[(text[17] + text[18]) % 4]);
    set_text(node, changed);
}

/* ---- MIME ---------------------------------------------------------- */

/* What stands between the quotes of the n-th boundary="..."; NULL: no more. */
static char *boundary_after(const char *mime, const char **ret_end)
{
    const char *at = g_strstr_len(mime, -1, "boundary=\"");
    const char *end;

    if (at == NULL)
        return NULL;
    at += strlen("boundary=\"");
    end = strchr(at, '"');
    if (end == NULL || end == at)
        return NULL;
    *ret_end = end;
    return g_strndup(at, (gsize)(end - at));
}

/* Every boundary becomes another one of equal length. */
static void renew_boundaries(GString *mime)
{
    const char *at = mime->str;
    char *boundary;

    while ((boundary = boundary_after(at, &at)) != NULL) {
        g_autofree char *other = g_strdup(boundary);
        gsize offset = (gsize)(at - mime->str);

        for (char *c = other; *c != '\0'; c++)
            if (g_ascii_isalnum(*c))
                *c = "0123456789ABCDEF"[g_random_int_range(0, 16)];
        g_string_replace(mime, boundary, other, 0);
        at = mime->str + offset;
        g_free(boundary);
    }
}

static void mime_anew_at(struct bent *b, xmlNode *node)
{
    g_autofree char *text = NULL;
    g_autofree char *encoded = NULL;
    GString *mime;
    gsize len = 0;

    (void)b;
    if (!soap_is(node, NS_TYPES, "MimeContent"))
        return;
    text = soap_text_dup(node);
    if (text == NULL || text[0] == '\0')
        return;
    g_base64_decode_inplace(text, &len);
    mime = g_string_new_len(text, (gssize)len);
    /* a NUL in it would end the search early, which is all the same */
    renew_boundaries(mime);
    encoded = g_base64_encode((const guchar *)mime->str, mime->len);
    xmlNodeSetContent(node, x(encoded));
    g_string_free(mime, TRUE);
}

/* ---- the table ----------------------------------------------------- */

static const struct {
    enum fault_kind kind;
    void (*whole)(struct bent *b); /* or */
    visit_fn *each;
} bends[] = {
    { FAULT_FEWER, fewer, NULL },
    { FAULT_MORE, more, NULL },
    { FAULT_SHUFFLED, shuffled, NULL },
    { FAULT_WRONG_OPERATION, wrong_operation, NULL },
    { FAULT_STRAY_DELETES, NULL, stray_deletes_at },
    { FAULT_READ_AS_UPDATE, NULL, read_as_update_at },
    { FAULT_EMPTY_LISTING, NULL, empty_listing_at },
    { FAULT_HOLLOW_PAGE, NULL, hollow_page_at },
    { FAULT_SHORT_TAGS, NULL, short_tags_at },
    { FAULT_PROPERTIES_REVERSED, NULL, reverse_properties_at },
    { FAULT_RECEIVED_IS_CREATED, NULL, received_is_created_at },
    { FAULT_FRACTIONS, NULL, fractions_at },
    { FAULT_MIME_ANEW, NULL, mime_anew_at },
};

static bool open_answer(struct bent *b, const GString *body)
{
    const xmlNode *envelope;
    struct problem p;

    b->doc = soap_parse_document(body->str, body->len, &p);
    if (b->doc == NULL)
        return false;
    envelope = xmlDocGetRootElement(b->doc);
    b->body = own(soap_first(soap_child(envelope, NS_ENVELOPE, "Body")));
    b->messages = own(soap_child(b->body, NS_MESSAGES, "ResponseMessages"));
    return b->body != NULL;
}

static void bend(struct bent *b, size_t row)
{
    if (bends[row].whole != NULL)
        bends[row].whole(b);
    else
        visit(b, b->body, bends[row].each);
}

static void write_answer(struct bent *b, GString *body)
{
    xmlChar *text = NULL;
    int len = 0;

    xmlDocDumpMemoryEnc(b->doc, &text, &len, "utf-8");
    g_string_truncate(body, 0);
    g_string_append_len(body, (const char *)text, len);
    xmlFree(text);
}

void fault_bend_answer(struct job *job, GString *body)
{
    struct bent b = { .job = job };
    struct fault_hit hit;

    for (size_t i = 0; i < G_N_ELEMENTS(bends); i++) {
        if (!inject_due(job, bends[i].kind, &hit) ||
            (b.doc == NULL && !open_answer(&b, body)))
            continue;
        b.hit = &hit;
        bend(&b, i);
    }
    if (b.doc == NULL)
        return;
    write_answer(&b, body);
    xmlFreeDoc(b.doc);
}
