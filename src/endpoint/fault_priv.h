/*
 * fault_priv - between fault.c (which call fails, and what is pending) and the
 * decorator: fault_endpoint.c, fault_settings.c.
 */
#ifndef ENDPOINT_FAULT_PRIV_H
#define ENDPOINT_FAULT_PRIV_H

#include "endpoint/fault.h"

struct strike_item {
    bool hit;
    struct err err;
};

/* What befalls one call. */
struct strike {
    bool hit; /* the call as a whole, by fault and its err */
    struct fault fault;
    struct strike_item *items; /* one a subject; NULL: none is hit */
};

/* Count the call with its subjects (at least one) against every rule. */
void faults_strike(struct faults *f, const struct fault_subject *subjects,
                   size_t n, struct strike *ret);
void strike_clear(struct strike *s);
typedef struct strike strike;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(strike, strike_clear)

/* A call begins: pending puts come nearer, and happen when due. */
void faults_tick(struct faults *f);

/* Keep copies, to be put through a handle of its own. */
void faults_put_later(struct faults *f, struct endpoint *real,
                      const struct endpoint_put *puts, size_t n,
                      unsigned int calls);
void later_free(void *later);

/* ---- fault_endpoint.c, for fault_settings.c ----------------------------- */

struct endpoint *fault_real(struct endpoint *ep);
/*
 * A call about one thing begins.  -1: it fails, and nothing has happened.
 * Nothing of *ret needs clearing.
 */
int fault_begin(struct endpoint *ep, struct fault_subject subject,
                struct strike *ret, struct err *err);
/* Its effect is there.  -1: the answer is lost. */
int fault_end(const struct strike *s, struct err *err);

/* ---- fault_settings.c ---------------------------------------------------- */

int fault_resolve(struct endpoint *ep, const char *address,
                  struct endpoint_person *ret, struct err *err);
int fault_own_name(struct endpoint *ep, char **ret, struct err *err);
int fault_permissions(struct endpoint *ep, const char *const *folder_ids,
                      size_t n, struct endpoint_permissions *ret,
                      struct err *err);
int fault_set_permissions(struct endpoint *ep, const char *folder_id,
                          const struct endpoint_permissions *all,
                          struct err *err);
int fault_delegates(struct endpoint *ep, struct endpoint_delegates *ret,
                    struct err *err);
int fault_add_delegate(struct endpoint *ep, const struct endpoint_delegate *one,
                       struct err *err);
int fault_update_delegate(struct endpoint *ep,
                          const struct endpoint_delegate *one, struct err *err);
int fault_set_delivery(struct endpoint *ep, enum endpoint_delivery delivery,
                       struct err *err);

/* ---- fault_user.c -------------------------------------------------------- */

int fault_rules(struct endpoint *ep, struct endpoint_rules *ret,
                struct err *err);
int fault_put_rule(struct endpoint *ep, const struct endpoint_rule *rule,
                   bool drop_outlook, bool *ret_maybe, struct err *err);
int fault_remove_rule(struct endpoint *ep, const char *rule_id,
                      bool drop_outlook, struct err *err);
int fault_auto_reply(struct endpoint *ep, struct endpoint_auto_reply *ret,
                     struct err *err);
int fault_set_auto_reply(struct endpoint *ep,
                         const struct endpoint_auto_reply *reply,
                         struct err *err);
int fault_options(struct endpoint *ep, struct endpoint_options *ret,
                  struct err *err);
int fault_put_options(struct endpoint *ep,
                      const struct endpoint_options *options, bool exist,
                      struct err *err);
int fault_categories(struct endpoint *ep, struct endpoint_categories *ret,
                     struct err *err);
int fault_add_categories(struct endpoint *ep,
                         const struct endpoint_categories *added,
                         struct err *err);
int fault_photo(struct endpoint *ep, GBytes **ret, struct err *err);
int fault_set_photo(struct endpoint *ep, GBytes *picture, struct err *err);

#endif
