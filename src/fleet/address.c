#include "fleet/address.h"

#include <stdbool.h>
#include <string.h>

/* RFC 5321, 4.5.3.1.1; RFC 1035, 2.3.4. */
#define LOCAL_MAX  64
#define DOMAIN_MAX 253
#define LABEL_MAX  63

/* RFC 5322, 3.2.3: atext. */
static bool is_atext(char c)
{
    return g_ascii_isalnum(c) ||
           (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

static const char *local_fault(const char *local, size_t len)
{
    if (len == 0)
        return "there is nothing before the \"@\"";
    if (len > LOCAL_MAX)
        return "the part before the \"@\" is over 64 characters";
    for (size_t i = 0; i < len; i++) {
        if (!g_ascii_isprint(local[i]))
            return "only plain letters can stand before the \"@\"";
        if (local[i] == '.' && (i == 0 || i == len - 1 || local[i - 1] == '.'))
            return "a dot stands at the beginning, at the end or beside a dot";
        if (g_ascii_isspace(local[i]))
            return "there is a blank in it";
        if (local[i] != '.' && !is_atext(local[i]))
            return "a character that is not allowed stands before the \"@\"";
    }
    return NULL;
}

static const char *label_fault(const char *label, size_t len)
{
    if (len == 0)
        return "the domain has an empty part";
    if (len > LABEL_MAX)
        return "a part of the domain is over 63 characters";
    if (label[0] == '-' || label[len - 1] == '-')
        return "a part of the domain begins or ends with a hyphen";
    for (size_t i = 0; i < len; i++)
        if (!g_ascii_isalnum(label[i]) && label[i] != '-')
            return "the domain has a character that is not allowed";
    return NULL;
}

static bool is_number(const char *label)
{
    return label[strspn(label, "0123456789")] == '\0';
}

/* domain is ASCII. */
static const char *domain_fault(const char *domain)
{
    const char *label = domain, *why;

    if (strlen(domain) > DOMAIN_MAX)
        return "the domain is over 253 characters";
    for (;;) {
        size_t len = strcspn(label, ".");

        why = label_fault(label, len);
        if (why != NULL)
            return why;
        if (label[len] == '\0')
            break;
        label += len + 1;
    }
    if (label == domain)
        return "the domain has no dot";
    if (is_number(label))
        return "the domain ends in a number";
    return NULL;
}

char *address_domain_parse(const char *text, const char **ret_why)
{
    g_autofree char *ascii = NULL;
    g_autofree char *lower = NULL;
    const char *why;

    if (*text == '\0') {
        *ret_why = "the domain is missing";
        return NULL;
    }
    ascii = g_hostname_is_non_ascii(text) ? g_hostname_to_ascii(text)
                                          : g_strdup(text);
    if (ascii == NULL) {
        *ret_why = "the domain cannot be written in ASCII";
        return NULL;
    }
    lower = g_ascii_strdown(ascii, -1);
    why = domain_fault(lower);
    if (why != NULL) {
        *ret_why = why;
        return NULL;
    }
    return g_steal_pointer(&lower);
}

char *address_parse(const char *text, const char **ret_why)
{
    const char *at = strrchr(text, '@');
    g_autofree char *domain = NULL;
    g_autofree char *whole = NULL;
    const char *why;

    if (at == NULL) {
        *ret_why = "there is no \"@\"";
        return NULL;
    }
    if (strchr(text, '@') != at) {
        *ret_why = "there is more than one \"@\"";
        return NULL;
    }
    why = local_fault(text, (size_t)(at - text));
    if (why != NULL) {
        *ret_why = why;
        return NULL;
    }
    domain = address_domain_parse(at + 1, ret_why);
    if (domain == NULL)
        return NULL;
    whole = g_strdup_printf("%.*s@%s", (int)(at - text), text, domain);
    if (strlen(whole) > ADDRESS_MAX) {
        *ret_why = "it is over 254 characters";
        return NULL;
    }
    return g_steal_pointer(&whole);
}

const char *address_domain(const char *address)
{
    return strchr(address, '@') + 1;
}

char *address_key(const char *address)
{
    return g_ascii_strdown(address, -1);
}
