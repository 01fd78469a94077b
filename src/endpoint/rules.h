/*
 * rules - the inbox rules of a mailbox, apart from any protocol.
 *
 * A rule is a name and its clauses.  What a clause says is understood where it
 * points to something (people, a folder, an item) or sends mail; everything
 * else is carried along as text.
 */
#ifndef ENDPOINT_RULES_H
#define ENDPOINT_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "endpoint/endpoint.h"

enum rule_part {
    RULE_CONDITION,
    RULE_EXCEPTION,
    RULE_ACTION,
};

enum rule_value {
    RULE_TEXTS,  /* words, a flag, the two ends of a range */
    RULE_PEOPLE, /* in people */
    RULE_FOLDER, /* its id, the only text */
    RULE_ITEM,   /* an item's id, the only text */
};

/* Somebody in a rule.  Owned strings. */
struct rule_person {
    char *name;    /* or NULL */
    char *address; /* a mail address where it could be found out */
    char *routing; /* "SMTP", "EX", "MOBILE" */
};

struct rule_clause {
    enum rule_part part;
    enum rule_value value;
    const char *name;  /* as Exchange calls it: "MoveToFolder"; static */
    bool sends;        /* something leaves the mailbox by it */
    GPtrArray *texts;  /* of char *, owned */
    GPtrArray *people; /* of struct rule_person *, owned */
};
struct rule_clause *rule_clause_new(enum rule_part part, enum rule_value value,
                                    const char *name);
/* routing NULL: "SMTP" */
void rule_clause_add_person(struct rule_clause *c, const char *name,
                            const char *address, const char *routing);

struct endpoint_rule {
    char *id; /* the server's; NULL: it has none yet */
    char *name;
    unsigned int priority; /* the order in which they run, from 1 */
    bool enabled;
    bool client_only;   /* the server cannot carry it out, and shows no more */
    bool broken;        /* the server says that it is in error */
    GPtrArray *clauses; /* of struct rule_clause *, owned */
};
typedef struct endpoint_rule endpoint_rule;
struct endpoint_rule *endpoint_rule_new(const char *name);
struct endpoint_rule *endpoint_rule_copy(const struct endpoint_rule *rule);
void endpoint_rule_free(struct endpoint_rule *rule);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(endpoint_rule, endpoint_rule_free)

/* By priority, for g_ptr_array_sort(). */
gint endpoint_rule_order(gconstpointer a, gconstpointer b);

/* Something leaves the mailbox when it runs. */
bool endpoint_rule_sends(const struct endpoint_rule *rule);

/*
 * The same name and the same clauses, people in any order; id, place and
 * whether it is enabled do not count.
 */
bool endpoint_rule_same(const struct endpoint_rule *a,
                        const struct endpoint_rule *b);

/* All of a mailbox, in the order in which they run. */
struct endpoint_rules {
    GPtrArray *rules; /* of struct endpoint_rule *, owned */
    /*
     * Outlook keeps rules of its own beside the server's; writing any rule
     * destroys those that it alone knows.
     */
    bool outlook_blob;
};
void endpoint_rules_clear(struct endpoint_rules *rules);
typedef struct endpoint_rules endpoint_rules;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(endpoint_rules, endpoint_rules_clear)

/* ---- checked wrappers: the contracts stand in struct endpoint_ops ---- */

int endpoint_get_rules(struct endpoint *ep, struct endpoint_rules *ret,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                      bool drop_outlook, bool *ret_maybe,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int endpoint_remove_rule(struct endpoint *ep, const char *rule_id,
                         bool drop_outlook,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
