/*
 * lexer - tell markup, text and payloads of an XML document apart, byte by
 * byte, without understanding any of it.
 *
 *                  +-----------------------------------------------+
 *   BOM -> TEXT --'<'--> OPEN -+-> START --'>'--> TEXT or PAYLOAD   |
 *           | ^                +-> END   --'>'--> TEXT              |
 *          '&' |               +-> PI   --'?>'--> TEXT              |
 *           v ';'              +-> BANG -+-> COMMENT --'-->'--> TEXT|
 *           REF                          +-> CDATA   --']]>'--> TEXT|
 *   PAYLOAD --'<'--> PAYLOAD_END --'>'--> TEXT                      |
 *                  +-----------------------------------------------+
 *
 * Invariants: whatever the lexer passes on as text is what a parser must see,
 * in order and whole (a CDATA section as plain text); what it passes on as
 * payload is base64 and nothing else; the state after n bytes depends on these
 * n bytes alone.
 */
#ifndef XML_LEXER_H
#define XML_LEXER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum lexer_state {
    LEXER_BOM,
    LEXER_TEXT,
    LEXER_REF,
    LEXER_OPEN,
    LEXER_START,
    LEXER_END,
    LEXER_PI,
    LEXER_BANG,
    LEXER_COMMENT,
    LEXER_CDATA,
    LEXER_PAYLOAD,
    LEXER_PAYLOAD_END,
    LEXER_N_STATES
};

/* Where the lexer's findings go.  Each may fail and end the reading. */
struct lexer_ops {
    int (*text)(void *data, const char *bytes, size_t n, struct err *err);
    int (*payload_begin)(void *data, struct err *err);
    int (*payload)(void *data, const char *bytes, size_t n, struct err *err);
    int (*payload_end)(void *data, struct err *err);
};

/* Exchange's longest element name has 57 letters, and prefixes are short. */
#define LEXER_NAME_MAX 200
/* "&#x10FFFF;" and leading zeroes; what is longer is the parser's to refuse. */
#define LEXER_REF_MAX 16

/* Caller's storage; zero but for the first group. */
struct lexer {
    const struct lexer_ops *ops;
    void *data;
    const char *const *payloads; /* local names, NULL-terminated; or NULL */
    size_t nodes_max;
    unsigned int depth_max;

    enum lexer_state state, after_ref;
    char name[LEXER_NAME_MAX + 1]; /* of the start tag, with its prefix */
    size_t name_len;
    bool name_done;
    char quote; /* in an attribute's value: which; else 0 */
    char last;  /* byte before this one, where it matters */
    char ref[LEXER_REF_MAX + 1];
    size_t ref_len;
    size_t matched; /* of a fixed string that is being looked for */
    size_t nodes;
    unsigned int depth;
};

int lexer_feed(struct lexer *lx, const char *bytes, size_t n,
               struct err *err) G_GNUC_WARN_UNUSED_RESULT;

/* True where a document may end. */
bool lexer_at_rest(const struct lexer *lx);

/* True when name, without its prefix, is a payload element's. */
bool lexer_is_payload(const char *const *payloads, const char *name);

#endif
