#include "ews/portable_item_priv.h"

/* asfMeeting, asfReceived: [MS-OXOCAL] 2.2.1.10 */
#define RECEIVED_MEETING 0x3
static void write_mailbox(struct xml_writer *w,
                          const struct portable_person *one)
{
    xml_open(w, "t:Mailbox");
    if (one->name != NULL)
        xml_element(w, "t:Name", one->name);
    if (one->address != NULL)
        xml_element(w, "t:EmailAddress", one->address);
    if (one->address != NULL && one->routing != NULL)
        xml_element(w, "t:RoutingType", one->routing);
    /*
     * Whoever the member was in the old directory, in the new one it may not
     * be found: written as an address of its own it cannot be refused.
     */
    if (one->role == PORTABLE_MEMBER)
        xml_element(w, "t:MailboxType", "OneOff");
    xml_close(w);
}

static void write_person(struct xml_writer *w,
                         const struct portable_person *one)
{
    const struct portable_value responded = { .type = PORTABLE_TIME,
                                              .integer = one->responded_us };

    if (one->role == PORTABLE_BCC) {
        write_mailbox(w, one);
        return;
    }
    xml_open(w, one->role == PORTABLE_MEMBER ? "t:Member" : "t:Attendee");
    write_mailbox(w, one);
    if (one->role != PORTABLE_MEMBER && one->response != NULL)
        xml_element(w, "t:ResponseType", one->response);
    if (one->role != PORTABLE_MEMBER && one->responded_us != 0)
        value_write(w, "t:LastResponseTime", &responded);
    xml_close(w);
}

void people_write(struct xml_writer *w, const struct portable *p,
                  const struct field *f)
{
    enum portable_role role = (enum portable_role)f->more;

    if (portable_count(p, role) == 0)
        return;
    xml_open(w, f->element);
    for (size_t i = 0; i < portable_n_people(p); i++) {
        if (portable_person_at(p, i)->role == role)
            write_person(w, portable_person_at(p, i));
    }
    xml_close(w);
}

static void read_person(const struct xml_node *node, enum portable_role role,
                        struct item_reading *r)
{
    const struct xml_node *mailbox =
        xml_is(node, "Mailbox") ? node : xml_child(node, "Mailbox");
    struct portable_person one = {
        .role = role,
        .name = xml_child_text(mailbox, "Name"),
        .address = xml_child_text(mailbox, "EmailAddress"),
        .routing = xml_child_text(mailbox, "RoutingType"),
        .kind = xml_child_text(mailbox, "MailboxType"),
        .response = xml_child_text(node, "ResponseType"),
    };

    (void)xml_parse_time(xml_child_text(node, "LastResponseTime"),
                         &one.responded_us);
    if (one.address != NULL || one.name != NULL)
        portable_add_person(r->p, &one);
}

/* Whose calendar it lies in organises everything else, under any address. */
bool people_invited(const struct portable *p)
{
    int64_t state;

    return portable_integer(p, "Appointment/0x8217", &state) &&
           (state & RECEIVED_MEETING) == RECEIVED_MEETING;
}

void people_read(const struct field *f, const struct xml_node *node,
                 struct item_reading *r)
{
    enum portable_role role = (enum portable_role)f->more;
    const struct xml_node *one = xml_first(node);

    if (role == PORTABLE_ORGANISER && !people_invited(r->p))
        return;
    for (size_t i = 0; one != NULL && i < PEOPLE_MAX; i++, one = xml_next(one))
        read_person(one, role, r);
}
