#include "base/inet.h"

#include <string.h>

#include <glib.h>

static const uint8_t v4_prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
#define V4_BITS (sizeof(v4_prefix) * 8)

static bool is_v4(const struct inet_address *a)
{
    return memcmp(a->bytes, v4_prefix, sizeof(v4_prefix)) == 0;
}

static void set_v4(struct inet_address *a, const void *four)
{
    memcpy(a->bytes, v4_prefix, sizeof(v4_prefix));
    memcpy(a->bytes + sizeof(v4_prefix), four, 4);
}

bool inet_address_parse(const char *text, struct inet_address *ret)
{
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1)
        set_v4(ret, &v4);
    else if (inet_pton(AF_INET6, text, &v6) == 1)
        memcpy(ret->bytes, &v6, sizeof(ret->bytes));
    else
        return false;
    return true;
}

bool inet_address_of(const struct sockaddr *from, struct inet_address *ret)
{
    if (from->sa_family == AF_INET)
        set_v4(ret,
               &((const struct sockaddr_in *)(const void *)from)->sin_addr);
    else if (from->sa_family == AF_INET6)
        memcpy(ret->bytes,
               &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
               sizeof(ret->bytes));
    else
        return false;
    return true;
}

bool inet_address_is_loopback(const struct inet_address *a)
{
    static const struct inet_address v6 = { { [15] = 1 } };

    if (is_v4(a))
        return a->bytes[12] == 127;
    return memcmp(a, &v6, sizeof(v6)) == 0;
}

void inet_address_text(const struct inet_address *a, char text[INET_TEXT_SIZE])
{
    if (is_v4(a))
        inet_ntop(AF_INET, a->bytes + sizeof(v4_prefix), text, INET_TEXT_SIZE);
    else
        inet_ntop(AF_INET6, a->bytes, text, INET_TEXT_SIZE);
}

void inet_address_shorten(struct inet_address *a)
{
    size_t keep = is_v4(a) ? sizeof(a->bytes) - 1 : 6;

    memset(a->bytes + keep, 0, sizeof(a->bytes) - keep);
}

void inet_address_subscriber(struct inet_address *a)
{
    if (!is_v4(a))
        memset(a->bytes + 8, 0, 8);
}

bool inet_range_has(const struct inet_range *r, const struct inet_address *a)
{
    size_t whole = r->bits / 8;
    unsigned int rest = r->bits % 8;
    unsigned int mask = 0xffu << (8 - rest) & 0xffu;

    if (memcmp(r->base.bytes, a->bytes, whole) != 0)
        return false;
    return rest == 0 || ((r->base.bytes[whole] ^ a->bytes[whole]) & mask) == 0;
}

/* The address as it would be if nothing below the mask were set. */
static bool is_base(const struct inet_range *r)
{
    struct inet_range whole = *r;

    for (unsigned int bit = r->bits; bit < 128; bit++)
        whole.base.bytes[bit / 8] &= (uint8_t) ~(0x80u >> bit % 8);
    return memcmp(&whole.base, &r->base, sizeof(r->base)) == 0;
}

int inet_range_parse(const char *text, struct inet_range *ret, struct err *err)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    struct inet_range r = { .bits = 128 };
    unsigned int most = 128;
    guint64 bits;

    if (parts[0] == NULL || !inet_address_parse(parts[0], &r.base))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%s\" is not an address such as 192.0.2.1, "
                       "2001:db8::1 or 10.0.0.0/8",
                       text);
    if (is_v4(&r.base))
        most = 32;
    if (parts[1] != NULL) {
        if (!g_ascii_string_to_unsigned(parts[1], 10, 0, most, &bits, NULL))
            return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                           "\"%s\": after the slash stands a number from 0 "
                           "to %u",
                           text, most);
        r.bits = (unsigned int)bits + 128 - most;
    }
    if (!is_base(&r))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%s\": the address has bits beside its mask", text);
    *ret = r;
    return 0;
}

static int refuse(struct err *err, const char *text)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                   "\"%s\" is not an address with a port such as "
                   "127.0.0.1:8080 or [::1]:8080",
                   text);
}

static bool set_v6(const char *host, uint16_t port, struct inet_endpoint *ret)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6,
                               .sin6_port = htons(port) };

    if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1)
        return false;
    memcpy(&ret->address, &v6, sizeof(v6));
    ret->len = sizeof(v6);
    return true;
}

static bool set_v4_endpoint(const char *host, uint16_t port,
                            struct inet_endpoint *ret)
{
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };

    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1)
        return false;
    memcpy(&ret->address, &v4, sizeof(v4));
    ret->len = sizeof(v4);
    return true;
}

int inet_endpoint_parse(const char *text, struct inet_endpoint *ret,
                        struct err *err)
{
    const char *colon = strrchr(text, ':');
    struct inet_endpoint e = { 0 };
    g_autofree char *host = NULL;
    guint64 port;
    bool known;
    size_t n;

    if (colon == NULL ||
        !g_ascii_string_to_unsigned(colon + 1, 10, 0, UINT16_MAX, &port, NULL))
        return refuse(err, text);
    n = (size_t)(colon - text);
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        host = g_strndup(text + 1, n - 2);
        known = set_v6(host, (uint16_t)port, &e);
    } else {
        host = g_strndup(text, n);
        known = set_v4_endpoint(host, (uint16_t)port, &e);
    }
    if (!known)
        return refuse(err, text);
    *ret = e;
    return 0;
}

bool inet_endpoint_is_loopback(const struct inet_endpoint *e)
{
    struct inet_address a;

    return inet_address_of((const struct sockaddr *)&e->address, &a) &&
           inet_address_is_loopback(&a);
}

uint16_t inet_endpoint_port(const struct inet_endpoint *e)
{
    /* the port lies at the same place in both families */
    return ntohs(
        ((const struct sockaddr_in *)(const void *)&e->address)->sin_port);
}
