/*
 * mime_address - people, between the header of a mail and MAPI properties.
 */
#ifndef LAB_MIME_ADDRESS_H
#define LAB_MIME_ADDRESS_H

#include "lab/mapi.h"

/* Someone; both may be "" but not NULL. */
struct mime_address {
    char *name;
    char *smtp;
};
void mime_address_free(struct mime_address *a);

/* Addresses of one header: Exchange ends at some thousand recipients. */
#define MIME_ADDRESSES_MAX 10000u

/*
 * The mailboxes of an address list as it stands in a header, groups taken
 * apart: an array of struct mime_address *, owned; empty when there are none.
 */
GPtrArray *mime_addresses_parse(const char *raw);

/* A person's properties; 0: there is none such. */
struct mime_address_tags {
    uint32_t name, kind, address, entry_id, key, smtp;
};
extern const struct mime_address_tags mime_tags_sender;
extern const struct mime_address_tags mime_tags_representing;
extern const struct mime_address_tags mime_tags_received;
extern const struct mime_address_tags mime_tags_recipient;

void mime_address_set(struct mapi_item *item, struct mapi_props *props,
                      const struct mime_address_tags *tags,
                      const struct mime_address *a);
/*
 * NULL when the properties name nobody.  An address of Exchange's own kind
 * without SMTP becomes "IMCEAEX-...", as Exchange encapsulates it.
 */
struct mime_address *mime_address_get(const struct mapi_props *props,
                                      const struct mime_address_tags *tags);

/* A row of the recipient table; type: 1 to, 2 cc, 3 bcc. */
struct mapi_props *mime_recipient_add(struct mapi_item *item,
                                      struct mapi_message *m,
                                      const struct mime_address *a,
                                      int32_t type);

/* Reply-To: PidTagReplyRecipientNames and -Entries. */
void mime_reply_to_set(struct mapi_item *item, struct mapi_props *props,
                       GPtrArray *addresses);
/* An array of struct mime_address *, owned; NULL when there are none. */
GPtrArray *mime_reply_to_get(const struct mapi_props *props);

#endif
