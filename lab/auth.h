/*
 * auth - who is calling: Basic and NTLM over kept connections, Bearer.
 *
 * NTLM proves the connection: the challenge and, after it, the account
 * belong to the connection and not to the request.
 */
#ifndef LAB_AUTH_H
#define LAB_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include <glib.h>

#include "base/err.h"
#include "lab/token.h"

enum auth_scheme {
    AUTH_BASIC = 1 << 0,
    AUTH_NTLM = 1 << 1,
    AUTH_NEGOTIATE = 1 << 2, /* NTLM inside it; a Kerberos ticket is refused */
    AUTH_BEARER = 1 << 3,
};

/* Extended Protection: NTLM bound to the TLS connection that it comes on. */
enum auth_protection {
    AUTH_PROTECTION_OFF,
    AUTH_PROTECTION_ALLOW,   /* a binding that is sent must be right */
    AUTH_PROTECTION_REQUIRE, /* and one must be sent */
};
#define AUTH_CHANNEL_HASH_SIZE 16

/* "ntlm,basic" to bits; 0 when a name in it is none, or it is empty. */
unsigned int auth_schemes_parse(const char *text);

/*
 * Where accounts are looked up.  find: the password of the login (to be
 * freed) and its canonical name in *ret_login, or NULL when there is none.
 */
struct auth_directory {
    char *(*find)(void *data, const char *domain, const char *user,
                  char **ret_login);
    void *data;
};

struct auth_options {
    unsigned int schemes;  /* bits of enum auth_scheme */
    const char *domain;    /* NetBIOS name: "CONTOSO" */
    const char *host;      /* realm of Basic, DNS name in challenges */
    int64_t clock_skew_us; /* how far ahead that clock is */
    bool challenge_clock;  /* as Windows 2008 and later */
    unsigned int lockout;  /* failures in a row; 0: never locks */
    int64_t lockout_us;    /* how long */
    struct auth_directory directory;
    const struct tokens *tokens; /* borrowed; NULL: no Bearer */
    enum auth_protection protection;
    /* of the server's certificate; NULL without TLS; copied */
    const uint8_t *channel_hash;
};

struct auth;
typedef struct auth auth;

/* Strings are copied. */
struct auth *auth_new(const struct auth_options *options);
void auth_free(struct auth *a);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(auth, auth_free)

/* What a connection remembers; zeroed at its start. */
struct auth_conn {
    bool challenged;
    uint8_t challenge[8];
    GByteArray *negotiate, *challenge_message; /* as they went over it */
    char *login;                               /* proven by NTLM; NULL: none */
};
void auth_conn_release(struct auth_conn *c);

struct auth_verdict {
    char *login;     /* canonical, owned; NULL: answer 401 */
    bool proven;     /* the NTLM handshake ended with this request */
    GPtrArray *ask;  /* of char *, owned: WWW-Authenticate values of the 401 */
    const char *why; /* X-MS-Diagnostics of a refused token; NULL */
};
void auth_verdict_clear(struct auth_verdict *v);
typedef struct auth_verdict auth_verdict;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(auth_verdict, auth_verdict_clear)

/*
 * Judge one request by its Authorization header (NULL: none).  A header
 * counts more than what the connection has proven.  Any thread; one
 * connection's requests one at a time.
 */
void auth_check(struct auth *a, struct auth_conn *c, const char *header,
                struct auth_verdict *ret);

/*
 * The canonical login of a user with that password, as by Basic; NULL for a
 * wrong one or a locked login.  To be freed.
 */
char *auth_check_password(struct auth *a, const char *user,
                          const char *password);

/* Forget failures and locks. */
void auth_unlock(struct auth *a);

#endif
