#include "ews/person_id.h"

/* An empty element tells as much as none. */
static char *text_of(const struct xml_node *user, const char *name)
{
    const char *text = xml_child_text(user, name);

    return text != NULL && *text != '\0' ? g_strdup(text) : NULL;
}

void person_id_read(const struct xml_node *user, struct endpoint_person *ret)
{
    *ret = (struct endpoint_person){
        .address = text_of(user, "PrimarySmtpAddress"),
        .name = text_of(user, "DisplayName"),
        .sid = text_of(user, "SID"),
        .external = text_of(user, "ExternalUserIdentity"),
    };
}

void person_id_write(struct xml_writer *w, const struct endpoint_person *p)
{
    xml_open(w, "t:UserId");
    if (p->sid != NULL)
        xml_element(w, "t:SID", p->sid);
    else if (p->address != NULL)
        xml_element(w, "t:PrimarySmtpAddress", p->address);
    else if (p->external != NULL)
        xml_element(w, "t:ExternalUserIdentity", p->external);
    else
        xml_element(w, "t:DisplayName", p->name);
    xml_close(w);
}
