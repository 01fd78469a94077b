/*
 * token - bearer tokens that the lab makes and reads itself: JWTs signed
 * with a key of this process (HS256), so they end with it.
 *
 * Clients are registered on the command line.  Any thread.
 */
#ifndef LAB_TOKEN_H
#define LAB_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"

struct tokens;
typedef struct tokens tokens;

/* Of secrets: takes as long whatever is different. */
bool token_same(const char *a, const char *b);

/* A token of ours has some 500 characters. */
#define TOKEN_MAX 8192

/* lifetime_us: of a token; clock_skew_us: of this server. */
struct tokens *tokens_new(int64_t lifetime_us, int64_t clock_skew_us);
void tokens_free(struct tokens *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(tokens, tokens_free)

/*
 * "ID:SECRET", or "ID" for a client that keeps no secret: it may only ask in
 * a user's name.  Before the first request.  -1 when ID is empty or known.
 */
int tokens_add_client(struct tokens *t, const char *text,
                      struct err *err) G_GNUC_WARN_UNUSED_RESULT;
bool tokens_has_clients(const struct tokens *t);
/* The id of the i-th; NULL after the last. */
const char *tokens_client(const struct tokens *t, guint i);

/* Whether a client may come in with that secret (NULL: none given). */
enum token_client {
    TOKEN_CLIENT_WRONG,
    TOKEN_CLIENT_PUBLIC,       /* has no secret, and gave none */
    TOKEN_CLIENT_CONFIDENTIAL, /* has given its secret */
};
enum token_client tokens_check_client(const struct tokens *t, const char *id,
                                      const char *secret);

/*
 * A token for client: in the name of user, or (NULL) its own.  To be freed.
 */
char *tokens_issue(const struct tokens *t, const char *client,
                   const char *user);
int64_t tokens_lifetime_us(const struct tokens *t);

enum token_state {
    TOKEN_GOOD,
    TOKEN_EXPIRED,
    TOKEN_BAD, /* not ours, or changed */
};

/* *ret_client and *ret_user (NULL: the client's own) only when good. */
enum token_state tokens_check(const struct tokens *t, const char *text,
                              char **ret_client, char **ret_user);

#endif
