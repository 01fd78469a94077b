#include "lab/delegate.h"

static const char *const deliveries[] = {
    "DelegatesOnly",
    "DelegatesAndMe",
    "DelegatesAndSendInformationToMe",
    "NoForward",
    NULL,
};

/* ---- who ----------------------------------------------------------- */

static int by_sid(struct op_call *call, const char *sid,
                  struct lab_mailbox *ret, struct err *err)
{
    g_auto(lab_account) account = { 0 };
    int found = lab_store_find_sid(call->lab->store, sid, &account, err);

    if (found <= 0 || account.mailbox == 0)
        return MIN(found, 0);
    return lab_store_get_mailbox(call->lab->store, account.mailbox, ret, err) <
                   0
               ? -1
               : 1;
}

/* The mailbox that a <t:UserId> names. */
static int find_user(struct op_call *call, const xmlNode *id,
                     struct lab_mailbox *ret, struct problem *p)
{
    g_autofree char *address =
        soap_text_dup(soap_child(id, NS_TYPES, "PrimarySmtpAddress"));
    g_autofree char *sid = soap_text_dup(soap_child(id, NS_TYPES, "SID"));
    struct err err;
    int found;

    if (address != NULL && address[0] != '\0')
        found = lab_store_find_mailbox(call->lab->store, address, ret, &err);
    else if (sid != NULL && sid[0] != '\0')
        found = by_sid(call, sid, ret, &err);
    else
        return problem_set(p, "ErrorInvalidDelegateUserId");
    if (found < 0)
        return problem_from_err(p, &err);
    return found > 0 ? 0 : problem_set(p, "ErrorDelegateNoUser");
}

/* SID, address and name of a delegate, as Exchange tells all three. */
static int write_user_id(struct op_call *call, const struct lab_mailbox *m,
                         struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_account) account = { 0 };
    g_autofree char *sid = NULL;
    struct err err;
    int found = lab_store_find_account(call->lab->store, NULL, m->address,
                                       &account, &err);

    if (found < 0)
        return problem_from_err(p, &err);
    xml_open(x, "t:UserId");
    if (found > 0) {
        sid = lab_store_sid(call->lab->store, account.key);
        xml_text(x, "t:SID", sid);
    }
    xml_text(x, "t:PrimarySmtpAddress", m->address);
    xml_text(x, "t:DisplayName", m->display_name);
    xml_close(x, "t:UserId");
    return 0;
}

/* <m:DelegateUser> of one; permissions where they are asked for. */
static int write_delegate(struct op_call *call, const struct delegates *d,
                          const struct delegate *one, bool permissions,
                          struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    g_auto(lab_mailbox) m = { 0 };
    struct err err;

    if (lab_store_get_mailbox(call->lab->store, one->mailbox, &m, &err) < 0)
        return problem_from_err(p, &err);
    reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType", NULL);
    xml_open(x, "m:DelegateUser");
    if (write_user_id(call, &m, p) < 0)
        return -1;
    if (permissions) {
        xml_open(x, "t:DelegatePermissions");
        if (delegates_write_levels(call, d, one->mailbox, p) < 0)
            return -1;
        xml_close(x, "t:DelegatePermissions");
    }
    xml_bool(x, "t:ReceiveCopiesOfMeetingMessages", one->copies);
    xml_bool(x, "t:ViewPrivateItems", one->private_items);
    xml_close(x, "m:DelegateUser");
    xml_close(x, "m:DelegateUserResponseMessageType");
    return 0;
}

/* ---- one answer for each ------------------------------------------- */

/* Does its work for one <t:UserId> or <t:DelegateUser>, and writes it. */
typedef int each_fn(struct op_call *call, struct delegates *d,
                    const xmlNode *node, struct problem *p);

/* The messages within the message; none at all without a list. */
static int for_each(struct op_call *call, struct delegates *d,
                    const xmlNode *list, each_fn *each)
{
    struct xmlout *x = &call->reply.x;

    if (soap_first(list) == NULL)
        return 0;
    xml_open(x, "m:ResponseMessages");
    for (const xmlNode *n = soap_first(list); n != NULL; n = soap_next(n)) {
        gsize before = x->text->len;
        struct problem p;

        if (each(call, d, n, &p) == 0)
            continue;
        g_string_truncate(x->text, before);
        reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType",
                          &p);
        xml_close(x, "m:DelegateUserResponseMessageType");
    }
    xml_close(x, "m:ResponseMessages");
    return 0;
}

/* ---- GetDelegate --------------------------------------------------- */

static bool wants_permissions(const struct op_call *call)
{
    return soap_attr_bool(call->request->operation, "IncludePermissions");
}

static int get_named(struct op_call *call, struct delegates *d,
                     const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    const struct delegate *one;

    if (find_user(call, node, &m, p) < 0)
        return -1;
    one = delegates_find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    return write_delegate(call, d, one, wants_permissions(call), p);
}

static int write_all(struct op_call *call, const struct delegates *d,
                     struct problem *p)
{
    if (d->all->len == 0)
        return 0;
    xml_open(&call->reply.x, "m:ResponseMessages");
    for (guint i = 0; i < d->all->len; i++)
        if (write_delegate(call, d, &g_array_index(d->all, struct delegate, i),
                           wants_permissions(call), p) < 0)
            return -1;
    xml_close(&call->reply.x, "m:ResponseMessages");
    return 0;
}

static int get_once(struct op_call *call, struct problem *p)
{
    const xmlNode *users = op_child(call, "UserIds");
    g_auto(delegates) d = { 0 };
    int status;

    if (delegates_load(call, &d, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    status = users != NULL ? for_each(call, &d, users, get_named)
                           : write_all(call, &d, p);
    if (status < 0)
        return -1;
    xml_text(&call->reply.x, "m:DeliverMeetingRequests", d.deliver);
    reply_message_end(&call->reply);
    return 0;
}

int op_get_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, get_once, p);
}

/* ---- Add, Update, Remove ------------------------------------------- */

static void read_flag(const xmlNode *user, const char *name, bool *to)
{
    if (soap_child(user, NS_TYPES, name) != NULL)
        *to = soap_child_bool(user, NS_TYPES, name);
}

static void read_flags(const xmlNode *user, struct delegate *one)
{
    read_flag(user, "ReceiveCopiesOfMeetingMessages", &one->copies);
    read_flag(user, "ViewPrivateItems", &one->private_items);
}

static int add_one(struct op_call *call, struct delegates *d,
                   const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct delegate one = { 0 };

    if (find_user(call, soap_child(node, NS_TYPES, "UserId"), &m, p) < 0)
        return -1;
    if (m.key == d->of.key)
        return problem_set(p, "ErrorDelegateCannotAddOwner");
    if (delegates_find(d, m.key) != NULL)
        return problem_set(p, "ErrorDelegateAlreadyExists");
    if (delegates_set_levels(call, d, m.key, node, p) < 0)
        return -1;
    one.mailbox = m.key;
    read_flags(node, &one);
    g_array_append_val(d->all, one);
    return write_delegate(call, d, &one, false, p);
}

static int update_one(struct op_call *call, struct delegates *d,
                      const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    struct delegate *one;

    if (find_user(call, soap_child(node, NS_TYPES, "UserId"), &m, p) < 0)
        return -1;
    one = delegates_find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    if (delegates_set_levels(call, d, m.key, node, p) < 0)
        return -1;
    read_flags(node, one);
    return write_delegate(call, d, one, false, p);
}

static int remove_one(struct op_call *call, struct delegates *d,
                      const xmlNode *node, struct problem *p)
{
    g_auto(lab_mailbox) m = { 0 };
    const struct delegate *one;

    if (find_user(call, node, &m, p) < 0)
        return -1;
    one = delegates_find(d, m.key);
    if (one == NULL)
        return problem_set(p, "ErrorNotDelegate");
    if (delegates_clear_levels(call, d, m.key, p) < 0)
        return -1;
    g_array_remove_index(
        d->all, (guint)(one - (const struct delegate *)(void *)d->all->data));
    reply_named_begin(&call->reply, "m:DelegateUserResponseMessageType", NULL);
    xml_close(&call->reply.x, "m:DelegateUserResponseMessageType");
    return 0;
}

static int read_delivery(const struct op_call *call, struct delegates *d,
                         struct problem *p)
{
    const xmlNode *node = op_child(call, "DeliverMeetingRequests");
    g_autofree char *text = soap_text_dup(node);

    if (node == NULL)
        return 0;
    if (text == NULL || !g_strv_contains(deliveries, text))
        return soap_violation(
            p, node, "The 'DeliverMeetingRequests' element is invalid.");
    g_free(d->deliver);
    d->deliver = g_steal_pointer(&text);
    return 0;
}

static int change(struct op_call *call, const char *list, each_fn *each,
                  struct problem *p)
{
    g_auto(delegates) d = { 0 };

    if (delegates_load(call, &d, p) < 0 || read_delivery(call, &d, p) < 0)
        return -1;
    reply_message_begin(&call->reply, NULL);
    if (for_each(call, &d, op_child(call, list), each) < 0 ||
        delegates_save(call, &d, p) < 0)
        return -1;
    reply_message_end(&call->reply);
    return 0;
}

static int add_once(struct op_call *call, struct problem *p)
{
    return change(call, "DelegateUsers", add_one, p);
}

static int update_once(struct op_call *call, struct problem *p)
{
    return change(call, "DelegateUsers", update_one, p);
}

static int remove_once(struct op_call *call, struct problem *p)
{
    return change(call, "UserIds", remove_one, p);
}

int op_add_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, add_once, p);
}

int op_update_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, update_once, p);
}

int op_remove_delegate(struct op_call *call, struct problem *p)
{
    return op_one(call, remove_once, p);
}
