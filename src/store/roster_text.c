/*
 * What may stand in the roster's texts, wherever they come from.
 */
#include <string.h>

#include "store/roster_accounts.h"
#include "store/roster_priv.h"

static int refuse(struct err *err, const char *remedy)
{
    err->name = "invalid";
    return err_remedy(err, remedy);
}

/* Lines are for notes alone: elsewhere they would forge a line of a log. */
static bool is_plain(const char *text, bool lines)
{
    for (const char *p = text; *p != '\0'; p++)
        if (((unsigned char)*p < 0x20 || *p == 0x7f) &&
            !(lines && (*p == '\n' || *p == '\t')))
            return false;
    return g_utf8_validate(text, -1, NULL);
}

int roster_check_text(const char *what, const char *text, size_t most,
                      struct err *err)
{
    if (store_check(err, what, text, most) < 0)
        return -1;
    if (is_plain(text, most == ROSTER_NOTES_MAX))
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s is not UTF-8 or has control characters", what);
    return refuse(err, NULL);
}

int roster_check_address(const char *text, struct err *err)
{
    const char *at;

    if (roster_check_text("address", text, ROSTER_NAME_MAX, err) < 0)
        return -1;
    at = strchr(text, '@');
    if (at != NULL && at != text && at[1] != '\0' &&
        strchr(at + 1, '@') == NULL && strpbrk(text, " ,;<>\"") == NULL)
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "\"%.100s\" is not an email address", text);
    return refuse(err, NULL);
}

static bool is_domain(const char *text)
{
    size_t label = 0, labels = 1;

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '.') {
            if (label == 0 || p[-1] == '-')
                return false;
            label = 0;
            labels++;
            continue;
        }
        if (!(g_ascii_isalnum(*p) || (*p == '-' && label > 0)) || ++label > 63)
            return false;
    }
    return label > 0 && labels > 1 && text[strlen(text) - 1] != '-';
}

int roster_check_domain(const char *text, struct err *err)
{
    if (store_check(err, "domain", text, ROSTER_DOMAIN_MAX) < 0)
        return -1;
    if (is_domain(text))
        return 0;
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "\"%.100s\" is not a mail domain", text);
    return refuse(err, "like example.com; one that is not ASCII in its form "
                       "of DNS (xn--)");
}

int roster_refuse_changed(struct err *err, const char *what, int64_t id)
{
    err_set(err, ERR_MAILBOX, ERR_RETRY_NEVER, 0,
            "%s %" G_GINT64_FORMAT " has been changed meanwhile", what, id);
    err->name = "changed";
    return err_remedy(err, "look at it again, then change it");
}
