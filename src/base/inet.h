/*
 * inet - addresses of the internet, as numbers: what is listened on, who is
 * there, who is trusted.
 */
#ifndef BASE_INET_H
#define BASE_INET_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

/* IPv4 as ::ffff:a.b.c.d, so that one host is one value. */
struct inet_address {
    uint8_t bytes[16];
};

/* "192.0.2.1", "2001:db8::1"; false when it is not one. */
bool inet_address_parse(const char *text, struct inet_address *ret);

/* False for a family that has none. */
bool inet_address_of(const struct sockaddr *from, struct inet_address *ret);

bool inet_address_is_loopback(const struct inet_address *a);

/* Written as people do, IPv4 as IPv4. */
#define INET_TEXT_SIZE INET6_ADDRSTRLEN
void inet_address_text(const struct inet_address *a, char text[INET_TEXT_SIZE]);

/*
 * Without what tells one house from another: the last byte of IPv4, all but
 * the first six of IPv6 become zero.
 */
void inet_address_shorten(struct inet_address *a);

/* Without what one subscriber may choose: the last eight bytes of IPv6. */
void inet_address_subscriber(struct inet_address *a);

/* A network, or one address. */
struct inet_range {
    struct inet_address base;
    unsigned int bits; /* of the 128 that count */
};

/* "10.0.0.0/8", "::1"; bits below the mask must be zero. */
int inet_range_parse(const char *text, struct inet_range *ret,
                     struct err *err) G_GNUC_WARN_UNUSED_RESULT;
bool inet_range_has(const struct inet_range *r, const struct inet_address *a);

/* Where a server listens or a client connects. */
struct inet_endpoint {
    struct sockaddr_storage address;
    socklen_t len;
};

/* "127.0.0.1:8080", "[::1]:8080": numbers only, nothing is looked up. */
int inet_endpoint_parse(const char *text, struct inet_endpoint *ret,
                        struct err *err) G_GNUC_WARN_UNUSED_RESULT;
bool inet_endpoint_is_loopback(const struct inet_endpoint *e);
uint16_t inet_endpoint_port(const struct inet_endpoint *e);

#endif
