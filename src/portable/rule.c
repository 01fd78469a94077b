#include "portable/rule.h"

#include <string.h>

#include <glib.h>

#define REMADE "a server makes it when it makes the MIME"
#define PROPERTY                                                               \
    "compared as a property: where the item has none, a server makes one"
#define TRACE  "a trace of transport, of which servers keep what they like"
#define THREAD "made of the subject and the conversation index"

/* clang-format off */
static const struct rule rules[] = {
    { "from",                        RULE_ADDRESSES, false, true, NULL },
    { "sender",                      RULE_ADDRESSES, false, true,
      "left out by servers where it equals From" },
    { "reply-to",                    RULE_ADDRESSES, false, true, NULL },
    { "to",                          RULE_ADDRESSES, true, false, NULL },
    { "cc",                          RULE_ADDRESSES, true, false, NULL },
    { "bcc",                         RULE_ADDRESSES, true, false, NULL },
    { "subject",                     RULE_TEXT, false, false, NULL },
    { "in-reply-to",                 RULE_TEXT, false, false, NULL },
    { "references",                  RULE_TEXT, false, false, NULL },
    { "message-id",                  RULE_TEXT, false, true, PROPERTY },
    { "date",                        RULE_TEXT, false, true, PROPERTY },
    { "importance",                  RULE_TEXT, false, false, PROPERTY },
    { "priority",                    RULE_TEXT, false, false, PROPERTY },
    { "x-priority",                  RULE_TEXT, false, false, PROPERTY },
    { "sensitivity",                 RULE_TEXT, false, false, PROPERTY },
    { "disposition-notification-to", RULE_ADDRESSES, false, false, PROPERTY },
    { "return-receipt-to",           RULE_ADDRESSES, false, false, PROPERTY },
    { "thread-index",                RULE_TEXT, false, false, THREAD },
    { "thread-topic",                RULE_TEXT, false, false, THREAD },
    { "mime-version",                RULE_TEXT, false, false, REMADE },
    { "content-*",                   RULE_TEXT, false, false, REMADE },
    { "received",                    RULE_TEXT, false, false, TRACE },
    { "return-path",                 RULE_TEXT, false, false, TRACE },
    { "authentication-results",      RULE_TEXT, false, false, TRACE },
    { "dkim-signature",              RULE_TEXT, false, false, TRACE },
    { "arc-*",                       RULE_TEXT, false, false, TRACE },
    { "x-*",                         RULE_TEXT, false, false, TRACE },
};
/* clang-format on */

const struct rule *rule_table(size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS(rules);
    return rules;
}

static bool fits(const char *pattern, const char *name)
{
    size_t n = strlen(pattern);

    if (pattern[n - 1] == '*')
        return g_ascii_strncasecmp(pattern, name, n - 1) == 0;
    return g_ascii_strcasecmp(pattern, name) == 0;
}

const struct rule *rule_find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (fits(rules[i].name, name))
            return &rules[i];
    }
    return NULL;
}
