#include "web/access.h"

#include <string.h>

static const char *const roles[WEB_ROLE_N] = {
    [WEB_ADMIN] = "admin",         [WEB_OPERATOR] = "operator",
    [WEB_PRIMARY] = "primary",     [WEB_BILLING] = "billing",
    [WEB_TECHNICAL] = "technical",
};

static const char *const scopes[WEB_SCOPE_N] = {
    [WEB_SCOPE_NONE] = "",
    [WEB_SCOPE_EVENTS_READ] = "events:read",
    [WEB_SCOPE_METRICS_READ] = "metrics:read",
    [WEB_SCOPE_AUDIT_READ] = "audit:read",
    [WEB_SCOPE_OPERATORS_READ] = "operators:read",
    [WEB_SCOPE_OPERATORS_WRITE] = "operators:write",
    [WEB_SCOPE_ACCOUNTS_READ] = "accounts:read",
    [WEB_SCOPE_ACCOUNTS_WRITE] = "accounts:write",
    [WEB_SCOPE_MIGRATIONS_READ] = "migrations:read",
    [WEB_SCOPE_MIGRATIONS_WRITE] = "migrations:write",
    [WEB_SCOPE_FLEET_READ] = "fleet:read",
    [WEB_SCOPE_FLEET_WRITE] = "fleet:write",
    [WEB_SCOPE_REQUESTS_READ] = "requests:read",
    [WEB_SCOPE_REQUESTS_WRITE] = "requests:write",
    [WEB_SCOPE_SETTINGS_READ] = "settings:read",
};

const char *web_role_name(enum web_role role)
{
    return roles[role];
}

const char *web_scope_name(enum web_scope scope)
{
    return scopes[scope];
}

enum web_scope web_scope_parse(const char *name)
{
    int scope = WEB_SCOPE_NONE + 1;

    while (scope < WEB_SCOPE_N && strcmp(scopes[scope], name) != 0)
        scope++;
    return (enum web_scope)scope;
}

enum web_verdict web_access(const struct web_principal *p, unsigned may,
                            enum web_scope scope)
{
    if ((may & WEB_ANYONE) != 0)
        return WEB_YES;
    if (!p->known)
        return WEB_SIGN_IN;
    if ((may & p->roles) == 0)
        return WEB_FORBIDDEN;
    if (p->by_token &&
        (scope == WEB_SCOPE_NONE || (p->scopes & (1u << scope)) == 0))
        return WEB_FORBIDDEN;
    return WEB_YES;
}
