/*
 * resolve - whose address it is: ResolveNames in the organisation's directory.
 */
#include <string.h>

#include "endpoint/settings.h"
#include "ews/call.h"

static void write_resolve(struct xml_writer *w, const struct core *core,
                          const void *data)
{
    xml_attribute(w, "ReturnFullContactData", "false");
    /* Its schema has no scope before 2010: contacts are looked through too. */
    if (core_has(core, EWS_2010))
        xml_attribute(w, "SearchScope", "ActiveDirectory");
    xml_element(w, "m:UnresolvedEntry", data);
}

/*
 * The directory looks for whatever begins so; somebody whose address is only
 * longer is somebody else.  Another address altogether is an alias.
 */
static bool is_meant(const char *found, const char *asked)
{
    size_t n = strlen(asked);

    return found != NULL && strchr(found, '@') != NULL &&
           (g_ascii_strncasecmp(found, asked, n) != 0 || found[n] == '\0');
}

static bool is_exact(const char *found, const char *asked)
{
    return found != NULL && g_ascii_strcasecmp(found, asked) == 0;
}

/* The one whose primary address it is; else the only one there is. */
static const struct xml_node *choose(const struct xml_node *set,
                                     const char *asked)
{
    const struct xml_node *alone = NULL;
    size_t n = 0;

    for (const struct xml_node *r = xml_first(set); r != NULL;
         r = xml_next(r)) {
        const struct xml_node *mailbox = xml_child(r, "Mailbox");
        const char *found = xml_child_text(mailbox, "EmailAddress");

        /* Only what is an item of the mailbox has an id: a contact of theirs */
        if (xml_child(mailbox, "ItemId") != NULL)
            continue;
        if (is_exact(found, asked))
            return mailbox;
        if (!is_meant(found, asked))
            continue;
        alone = mailbox;
        n++;
    }
    return n == 1 ? alone : NULL;
}

int resolve_address(struct endpoint *ep, const char *address,
                    struct endpoint_person *ret, struct err *err)
{
    /* Rules name people by their DN, which is asked for as it is. */
    g_autofree char *entry =
        g_strconcat(address[0] == '/' ? "" : "smtp:", address, NULL);
    const struct call call = {
        .element = "m:ResolveNames",
        .write = write_resolve,
        .data = entry,
        .n = 1,
    };
    g_auto(call_answer) a = { 0 };
    const struct xml_node *person;

    if (call_make(mailbox_of(ep), &call, &a, NULL, err) < 0)
        return -1;
    /* Several is a warning with all of them, which is no failure here. */
    if (soap_message_status(a.messages[0], err) < 0 &&
        err->code != EWS_ErrorNameResolutionMultipleResults)
        return err->code == EWS_ErrorNameResolutionNoResults ? 0 : -1;
    person = choose(xml_child(a.messages[0], "ResolutionSet"), address);
    if (person == NULL)
        return 0;
    *ret = (struct endpoint_person){
        .address = g_strdup(xml_child_text(person, "EmailAddress")),
        .name = g_strdup(xml_child_text(person, "Name")),
    };
    return 1;
}
