/*
 * access - who somebody is, and what they may do.
 */
#ifndef WEB_ACCESS_H
#define WEB_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the order of what they may do to the service as a whole. */
enum web_role {
    WEB_ADMIN,     /* an operator who may also manage operators */
    WEB_OPERATOR,  /* runs migrations for all accounts */
    WEB_PRIMARY,   /* contact of one account: everything of it */
    WEB_BILLING,   /* contact of one account: quotes and approvals too */
    WEB_TECHNICAL, /* contact of one account: its migrations */
    WEB_ROLE_N
};

/* A route's roles, or'ed. */
#define WEB_MAY(role) (1u << (role))
#define WEB_ANYONE    (1u << WEB_ROLE_N) /* without signing in */
#define WEB_STAFF     (WEB_MAY(WEB_ADMIN) | WEB_MAY(WEB_OPERATOR))
#define WEB_CONTACTS                                                           \
    (WEB_MAY(WEB_PRIMARY) | WEB_MAY(WEB_BILLING) | WEB_MAY(WEB_TECHNICAL))

/* Of an account's contacts, who may ask for what costs money. */
#define WEB_PAYERS (WEB_MAY(WEB_PRIMARY) | WEB_MAY(WEB_BILLING))

/* What an API token may be used for; a session may all of its role's. */
enum web_scope {
    WEB_SCOPE_NONE, /* of routes that no token may use */
    WEB_SCOPE_EVENTS_READ,
    WEB_SCOPE_METRICS_READ,
    WEB_SCOPE_AUDIT_READ,
    WEB_SCOPE_OPERATORS_READ,
    WEB_SCOPE_OPERATORS_WRITE,
    WEB_SCOPE_ACCOUNTS_READ,
    WEB_SCOPE_ACCOUNTS_WRITE,
    WEB_SCOPE_MIGRATIONS_READ,
    WEB_SCOPE_MIGRATIONS_WRITE,
    WEB_SCOPE_FLEET_READ,
    WEB_SCOPE_FLEET_WRITE,
    WEB_SCOPE_REQUESTS_READ,
    WEB_SCOPE_REQUESTS_WRITE,
    WEB_SCOPE_SETTINGS_READ,
    WEB_SCOPE_N
};

/* Who asks.  Strings are owned by whoever filled it. */
struct web_principal {
    bool known;         /* false: nobody has signed in */
    int64_t id;         /* of the operator or contact */
    int64_t account;    /* of a contact; 0: of none */
    enum web_role role; /* the first of theirs */
    unsigned roles;     /* all of them, as a route's */
    bool by_token;      /* else by a session's cookie */
    unsigned scopes;    /* of a token: 1 << enum web_scope, or'ed */
    char name[256];     /* address, for logs and the audit trail */
};

enum web_verdict {
    WEB_YES,
    WEB_SIGN_IN,   /* nobody is signed in: 401 */
    WEB_FORBIDDEN, /* they may not: 403 */
};

/* May the principal use a route of these roles and this scope? */
enum web_verdict web_access(const struct web_principal *p, unsigned roles,
                            enum web_scope scope);

const char *web_role_name(enum web_role role);
const char *web_scope_name(enum web_scope scope);
/* WEB_SCOPE_N when there is none. */
enum web_scope web_scope_parse(const char *name);

#endif
