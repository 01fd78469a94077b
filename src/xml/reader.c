#include "xml/reader.h"

#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "xml/lexer.h"
#include "xml/node_priv.h"

/*
 * The parser is given its text in pieces of this size, whatever came in how:
 * so its result cannot depend on how the network cut the answer.
 */
#define CHUNK ((size_t)16 << 10)

struct xml_reader {
    struct xml_reader_config config;
    struct lexer lexer;
    xmlParserCtxt *ctxt;
    GPtrArray *payloads; /* of struct blob *, in document order */
    size_t text_bytes;
    size_t chunk_len;
    char chunk[CHUNK];
};

static void free_payload(void *payload)
{
    blob_free(payload);
}

/* What the parser found wrong, in one line. */
static int parser_error(struct xml_reader *r, struct err *err)
{
    const xmlError *why = xmlCtxtGetLastError(r->ctxt);
    g_autofree char *text = g_strdup(why != NULL ? why->message : NULL);

    return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                   "the document is not well-formed XML: %s",
                   text != NULL ? g_strstrip(text) : "it ends too early");
}

static int flush(struct xml_reader *r, bool last, struct err *err)
{
    int n = (int)r->chunk_len;

    r->chunk_len = 0;
    if (xmlParseChunk(r->ctxt, r->chunk, n, last ? 1 : 0) != XML_ERR_OK ||
        !r->ctxt->wellFormed || !r->ctxt->nsWellFormed)
        return parser_error(r, err);
    return 0;
}

static int take_text(void *data, const char *bytes, size_t n, struct err *err)
{
    struct xml_reader *r = data;

    r->text_bytes += n;
    if (r->text_bytes > r->config.text_max_bytes)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the document is larger than %zu bytes",
                       r->config.text_max_bytes);
    while (n > 0) {
        size_t part = MIN(n, CHUNK - r->chunk_len);

        memcpy(r->chunk + r->chunk_len, bytes, part);
        r->chunk_len += part;
        bytes += part;
        n -= part;
        if (r->chunk_len == CHUNK && flush(r, false, err) < 0)
            return -1;
    }
    return 0;
}

static int payload_begin(void *data, struct err *err)
{
    struct xml_reader *r = data;

    if (r->payloads->len >= r->config.payloads_max)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the document has more than %zu payloads",
                       r->config.payloads_max);
    g_ptr_array_add(r->payloads, blob_new(r->config.pool));
    return 0;
}

static struct blob *last_payload(struct xml_reader *r)
{
    return g_ptr_array_index(r->payloads, r->payloads->len - 1);
}

static int take_payload(void *data, const char *bytes, size_t n,
                        struct err *err)
{
    struct xml_reader *r = data;
    struct blob *payload = last_payload(r);

    if (blob_size(payload) + n > r->config.payload_max_bytes)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "a payload is larger than %" PRIu64 " bytes",
                       r->config.payload_max_bytes);
    return blob_append(payload, bytes, n, err);
}

static int payload_end(void *data, struct err *err)
{
    (void)err;
    blob_seal(last_payload(data));
    return 0;
}

static const struct lexer_ops reader_lexer_ops = {
    .text = take_text,
    .payload_begin = payload_begin,
    .payload = take_payload,
    .payload_end = payload_end,
};

/* libxml2's own guard against a second call is not free of races. */
static void init_parser(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    (void)pthread_once(&once, xmlInitParser);
}

static xmlParserCtxt *new_parser(void)
{
    xmlParserCtxt *ctxt;

    init_parser();
    ctxt = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
    if (ctxt == NULL)
        g_error("out of memory");
    /*
     * No document type gets past the lexer, so NOENT can only mean the five
     * entities of XML itself, which it makes ordinary text of attributes.
     */
    xmlCtxtUseOptions(ctxt, XML_PARSE_NONET | XML_PARSE_NOERROR |
                                XML_PARSE_NOWARNING | XML_PARSE_NOENT |
                                XML_PARSE_IGNORE_ENC | XML_PARSE_COMPACT);
    /* So that text is one node, and nothing is kept that nobody reads. */
    ctxt->sax->comment = NULL;
    ctxt->sax->processingInstruction = NULL;
    /* Without this the first bytes would choose the encoding. */
    (void)xmlSwitchEncoding(ctxt, XML_CHAR_ENCODING_UTF8);
    return ctxt;
}

static void default_limits(struct xml_reader_config *config)
{
    if (config->payload_max_bytes == 0)
        config->payload_max_bytes = XML_PAYLOAD_MAX;
    if (config->payloads_max == 0)
        config->payloads_max = XML_PAYLOADS_MAX;
    if (config->text_max_bytes == 0)
        config->text_max_bytes = XML_TEXT_MAX;
    if (config->nodes_max == 0)
        config->nodes_max = XML_NODES_MAX;
    if (config->depth_max == 0)
        config->depth_max = XML_DEPTH_MAX;
}

struct xml_reader *xml_reader_new(const struct xml_reader_config *config)
{
    struct xml_reader *r = g_new(struct xml_reader, 1);

    g_assert(config->payloads == NULL || config->pool != NULL);
    r->config = *config;
    default_limits(&r->config);
    r->lexer = (struct lexer){
        .ops = &reader_lexer_ops,
        .data = r,
        .payloads = config->payloads,
        .nodes_max = r->config.nodes_max,
        .depth_max = r->config.depth_max,
    };
    r->ctxt = new_parser();
    r->payloads = g_ptr_array_new_with_free_func(free_payload);
    r->text_bytes = 0;
    r->chunk_len = 0;
    return r;
}

void xml_reader_free(struct xml_reader *r)
{
    if (r == NULL)
        return;
    if (r->ctxt != NULL && r->ctxt->myDoc != NULL)
        xmlFreeDoc(r->ctxt->myDoc);
    xmlFreeParserCtxt(r->ctxt);
    g_clear_pointer(&r->payloads, g_ptr_array_unref);
    g_free(r);
}

int xml_reader_feed(struct xml_reader *r, const char *bytes, size_t n,
                    struct err *err)
{
    return lexer_feed(&r->lexer, bytes, n, err);
}

/*
 * The n-th payload element of the tree is the n-th that the lexer cut out.
 * Where they do not agree on that, the document was made to confuse them.
 */
static int bind_payloads(struct xml_reader *r, xmlNode *root, struct err *err)
{
    size_t n = 0;

    for (xmlNode *node = root; node != NULL;
         node = node_after(node, root, true)) {
        if (!lexer_is_payload(r->config.payloads, (const char *)node->name))
            continue;
        if (++n > r->payloads->len)
            break;
        node->_private = GSIZE_TO_POINTER(n);
    }
    if (n != r->payloads->len)
        return err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                       "the document's payloads cannot be told apart");
    return 0;
}

int xml_reader_finish(struct xml_reader *r, struct xml_doc **ret,
                      struct err *err)
{
    xmlNode *root;
    struct xml_doc *doc;

    if (r->text_bytes == 0)
        return err_set(err, ERR_ITEM, ERR_RETRY_NOW, 0,
                       "the document is empty");
    if (!lexer_at_rest(&r->lexer))
        return err_set(err, ERR_ITEM, ERR_RETRY_NOW, 0,
                       "the document breaks off");
    if (flush(r, true, err) < 0)
        return -1;
    root = xmlDocGetRootElement(r->ctxt->myDoc);
    if (root == NULL)
        return parser_error(r, err);
    if (bind_payloads(r, root, err) < 0)
        return -1;
    doc = g_new(struct xml_doc, 1);
    doc->doc = g_steal_pointer(&r->ctxt->myDoc);
    doc->payloads = g_steal_pointer(&r->payloads);
    *ret = doc;
    return 0;
}
