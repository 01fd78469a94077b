#include "lab/deliver.h"

#include <string.h>

#include "lab/mapi_tags.h"
#include "lab/occurrence.h"
#include "lab/person.h"

/* PidTagMessageToMe and its like, [MS-OXOMSG] 2.2.1.17 to 2.2.1.19 */
#define PR_MESSAGE_RECIP_ME 0x0059000Bu

static void set_received(struct mapi_item *copy, const struct lab_mailbox *m,
                         enum person_role role)
{
    const struct person owner = { .name = m->display_name,
                                  .smtp = m->address,
                                  .dn = m->legacy_dn };
    struct mapi_props *props = &copy->message.props;

    person_set(copy, props, &person_received_by, &owner);
    person_set(copy, props, &person_received_for, &owner);
    mapi_set_bool(copy, props, PR_MESSAGE_TO_ME, role == PERSON_TO);
    mapi_set_bool(copy, props, PR_MESSAGE_CC_ME, role == PERSON_CC);
    mapi_set_bool(copy, props, PR_MESSAGE_RECIP_ME, role != PERSON_BCC);
}

/* What was the sender's own, and what the receiver's server makes itself. */
static void forget_sender(struct mapi_item *copy)
{
    struct mapi_props *props = &copy->message.props;
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    flags &= ~(MSGFLAG_READ | MSGFLAG_UNSENT | MSGFLAG_FROMME |
               MSGFLAG_EVERREAD | MSGFLAG_SUBMITTED);
    mapi_set_i32(copy, props, PR_MESSAGE_FLAGS, flags);
    mapi_set_time(copy, props, PR_MESSAGE_DELIVERY_TIME, timestamp_now());
    mapi_remove(props, PROP_ID(PR_CREATION_TIME));
    mapi_remove(props, PROP_ID(PR_LAST_MODIFICATION_TIME));
    person_remove_recipients(&copy->message, PERSON_BCC);
    person_display(copy, &copy->message);
}

static int deliver_to(struct op_call *call, const struct lab_mailbox *m,
                      enum person_role role, const struct mapi_item *message,
                      struct problem *p)
{
    g_autoptr(mapi_item) copy = mapi_item_new();
    g_auto(lab_folder) inbox = { 0 };
    struct err err;

    occurrence_copy_message(copy, &copy->message, &message->message);
    forget_sender(copy);
    set_received(copy, m, role);
    if (lab_store_distinguished(call->lab->store, m->key, "inbox", &inbox,
                                &err) < 0 ||
        lab_store_put(call->lab->store, m->key, inbox.id, false, copy, NULL,
                      &err) < 0)
        return problem_from_err(p, &err);
    return 0;
}

/* The mailbox of a recipient; 0 when it is nobody's here. */
static int find_mailbox(struct op_call *call, const struct mapi_props *r,
                        struct lab_mailbox *ret, struct problem *p)
{
    g_auto(person) who = { 0 };
    struct err err;
    int found;

    if (!person_get(r, &person_recipient, &who) || who.smtp == NULL)
        return 0;
    found = lab_store_find_mailbox(call->lab->store, who.smtp, ret, &err);
    return found < 0 ? problem_from_err(p, &err) : found;
}

int deliver_mail(struct op_call *call, const struct mapi_item *message,
                 struct problem *p)
{
    g_autoptr(GHashTable) done =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    const struct mapi_message *m = &message->message;

    for (size_t i = 0; i < m->n_recipients; i++) {
        g_auto(lab_mailbox) to = { 0 };
        int found = find_mailbox(call, &m->recipients[i], &to, p);

        if (found < 0)
            return -1;
        if (found == 0 || g_hash_table_contains(done, &to.key))
            continue;
        g_hash_table_add(done, g_memdup2(&to.key, sizeof(to.key)));
        if (deliver_to(call, &to, person_role(&m->recipients[i]), message, p) <
            0)
            return -1;
    }
    return 0;
}
