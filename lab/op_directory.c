#include "lab/alternate.h"
#include "lab/directory.h"
#include "lab/mapi_tags.h"

/* ResolveNames answers with no more candidates than this. */
#define CANDIDATES_MAX 100u

/* The longest name that is looked for: an address has 320 characters. */
#define ENTRY_MAX 1024

/* Contacts are searched through in pages of this many. */
#define PAGE 500u

/* ---- ResolveNames -------------------------------------------------- */

struct names {
    char *text;
    bool book, contacts, contacts_first;
    bool full;      /* ReturnFullContactData */
    bool ids_only;  /* ContactDataShape IdOnly */
    GString *found; /* <t:Resolution> elements */
    uint32_t n;
    bool more;
};

static void names_clear(struct names *in)
{
    g_free(in->text);
    if (in->found != NULL)
        g_string_free(in->found, TRUE);
}

static const struct {
    const char *name;
    bool book, contacts, contacts_first;
} scopes[] = {
    { "ActiveDirectory", true, false, false },
    { "ActiveDirectoryContacts", true, true, false },
    { "Contacts", false, true, false },
    { "ContactsActiveDirectory", true, true, true },
};

static int read_scope(const struct op_call *call, struct names *in,
                      struct problem *p)
{
    const xmlNode *op = call->request->operation;
    g_autofree char *scope = soap_attr_dup(op, "SearchScope");
    const char *name = scope != NULL ? scope : "ActiveDirectoryContacts";

    for (size_t i = 0; i < G_N_ELEMENTS(scopes); i++)
        if (strcmp(scopes[i].name, name) == 0) {
            in->book = scopes[i].book;
            in->contacts = scopes[i].contacts;
            in->contacts_first = scopes[i].contacts_first;
            return 0;
        }
    return soap_violation(p, op, "The 'SearchScope' attribute is invalid.");
}

static int read_names(const struct op_call *call, struct names *in,
                      struct problem *p)
{
    const xmlNode *op = call->request->operation;
    g_autofree char *shape = soap_attr_dup(op, "ContactDataShape");
    g_autofree char *full = soap_attr_dup(op, "ReturnFullContactData");

    if (full == NULL)
        return soap_violation(
            p, op,
            "The required attribute 'ReturnFullContactData' is missing.");
    in->full = soap_attr_bool(op, "ReturnFullContactData");
    in->ids_only = g_strcmp0(shape, "IdOnly") == 0;
    in->text = soap_text_dup(op_child(call, "UnresolvedEntry"));
    if (in->text == NULL || g_strstrip(in->text)[0] == '\0')
        return soap_violation(p, op,
                              "The 'UnresolvedEntry' element is invalid - "
                              "The actual length is less than the MinLength "
                              "value.");
    if (strlen(in->text) > ENTRY_MAX)
        return problem_set(p, "ErrorNameResolutionNoResults");
    return read_scope(call, in, p);
}

static void write_book_contact(struct op_call *call, const struct names *in,
                               const struct lab_entry *e)
{
    g_autofree char *alias = directory_alias(e->address);
    g_autofree char *entry = g_strconcat("SMTP:", e->address, NULL);
    const char *space = strchr(e->display_name, ' ');
    bool person = e->kind == LAB_ENTRY_MAILBOX && space != NULL;
    g_autofree char *given =
        g_strndup(e->display_name, strcspn(e->display_name, " "));
    struct xmlout *x = &call->reply.x;

    if (in->ids_only)
        return;
    xml_open(x, "t:Contact");
    xml_text(x, "t:DisplayName", e->display_name);
    if (person)
        xml_text(x, "t:GivenName", given);
    xml_text(x, "t:CompanyName", lab_store_organisation(call->lab->store));
    xml_raw(x, "<t:EmailAddresses><t:Entry Key=\"EmailAddress1\">");
    xml_chars(x, entry);
    xml_raw(x, "</t:Entry></t:EmailAddresses>");
    xml_text(x, "t:ContactSource", "ActiveDirectory");
    if (person)
        xml_text(x, "t:Surname", space + 1);
    if (call->lab->version->release >= EXCHANGE2010_SP2 &&
        call->asked >= EXCHANGE2010_SP2) {
        xml_text(x, "t:Alias", alias);
        xml_text(x, "t:DirectoryId", e->guid != NULL ? e->guid : alias);
    }
    xml_close(x, "t:Contact");
}

static bool room_for_one(struct names *in)
{
    if (in->n < CANDIDATES_MAX) {
        in->n++;
        return true;
    }
    in->more = true;
    return false;
}

static int find_in_book(struct op_call *call, struct names *in,
                        struct problem *p)
{
    g_autoptr(GPtrArray) entries = NULL;
    struct err err;

    if (lab_store_resolve(call->lab->store, in->text, CANDIDATES_MAX + 1,
                          &entries, &err) < 0)
        return problem_from_err(p, &err);
    for (guint i = 0; i < entries->len && room_for_one(in); i++) {
        const struct lab_entry *e = entries->pdata[i];

        xml_open(&call->reply.x, "t:Resolution");
        directory_write_entry(call, "t:Mailbox", e);
        if (in->full)
            write_book_contact(call, in, e);
        xml_close(&call->reply.x, "t:Resolution");
    }
    return 0;
}

/* What is looked at of a contact or a private list. */
struct contact {
    char *name, *address, *given, *surname, *company;
};

static void contact_clear(struct contact *c)
{
    g_free(c->name);
    g_free(c->address);
    g_free(c->given);
    g_free(c->surname);
    g_free(c->company);
}

static char *text_of(const struct mapi_props *props, uint32_t tag)
{
    return mapi_dup_text(mapi_find(props, PROP_ID(tag)));
}

/* [MS-OXOCNTC] 2.2.1.2: the first address; its original form is SMTP's. */
static char *email_of(const struct mapi_props *props)
{
    static const uint32_t ids[] = { 0x8084, 0x8083 };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        char *text = mapi_dup_text(mapi_find_id(props, PSETID_ADDRESS, ids[i]));

        if (text != NULL && strchr(text, '@') != NULL)
            return text;
        g_free(text);
    }
    return NULL;
}

static bool begins(const char *text, const char *with)
{
    g_autofree char *a = NULL, *b = NULL;

    if (text == NULL)
        return false;
    a = g_utf8_casefold(text, -1);
    b = g_utf8_casefold(with, -1);
    return g_str_has_prefix(a, b);
}

static bool is_meant(const struct contact *c, const char *text)
{
    if (g_ascii_strncasecmp(text, "smtp:", strlen("smtp:")) == 0)
        return begins(c->address, text + strlen("smtp:"));
    return begins(c->name, text) || begins(c->address, text) ||
           begins(c->given, text) || begins(c->surname, text);
}

static void write_contact(struct op_call *call, const struct names *in,
                          const struct contact *c)
{
    g_autofree char *entry = g_strconcat("SMTP:", c->address, NULL);
    struct xmlout *x = &call->reply.x;

    if (!in->full || in->ids_only)
        return;
    xml_open(x, "t:Contact");
    if (c->name != NULL)
        xml_text(x, "t:DisplayName", c->name);
    if (c->given != NULL)
        xml_text(x, "t:GivenName", c->given);
    if (c->company != NULL)
        xml_text(x, "t:CompanyName", c->company);
    xml_raw(x, "<t:EmailAddresses><t:Entry Key=\"EmailAddress1\">");
    xml_chars(x, entry);
    xml_raw(x, "</t:Entry></t:EmailAddresses>");
    xml_text(x, "t:ContactSource", "Store");
    if (c->surname != NULL)
        xml_text(x, "t:Surname", c->surname);
    xml_close(x, "t:Contact");
}

static void write_found(struct op_call *call, struct names *in,
                        const struct lab_item *item, const struct contact *c)
{
    bool list = g_str_has_prefix(item->item_class, "IPM.DistList");
    const struct directory_address a = {
        .name = c->name,
        .address = list ? NULL : c->address,
        .type = list ? "PrivateDL" : "Contact",
        .id = item->id,
        .change_key = item->change_key,
    };

    xml_open(&call->reply.x, "t:Resolution");
    directory_write(call, "t:Mailbox", &a);
    if (!list)
        write_contact(call, in, c);
    xml_close(&call->reply.x, "t:Resolution");
}

static void look_at(struct op_call *call, int64_t mailbox, struct names *in,
                    const struct lab_item *item)
{
    g_autoptr(mapi_item) tree = NULL;
    struct contact c;
    struct problem ignored;
    const struct mapi_props *props;

    /* one that cannot be read is nobody's name */
    if (directory_load(call, mailbox, item->id, &tree, &ignored) < 0)
        return;
    props = &tree->message.props;
    c = (struct contact){
        .name = text_of(props, PR_DISPLAY_NAME),
        .address = email_of(props),
        .given = text_of(props, PR_GIVEN_NAME),
        .surname = text_of(props, PR_SURNAME),
        .company = text_of(props, PR_COMPANY_NAME),
    };
    if ((c.address != NULL ||
         g_str_has_prefix(item->item_class, "IPM.DistList")) &&
        is_meant(&c, in->text) && room_for_one(in))
        write_found(call, in, item, &c);
    contact_clear(&c);
}

static bool is_of_people(const struct lab_item *item)
{
    return item->item_class != NULL &&
           (g_str_has_prefix(item->item_class, "IPM.Contact") ||
            g_str_has_prefix(item->item_class, "IPM.DistList"));
}

static int look_through(struct op_call *call, const struct place *folder,
                        struct names *in, struct problem *p)
{
    struct lab_list list = { .folder_id = folder->folder.id, .max = PAGE };
    struct err err;

    for (;;) {
        g_autoptr(GPtrArray) items = NULL;
        uint64_t total = 0;

        if (lab_store_list(call->lab->store, folder->mailbox, &list, &items,
                           &total, &err) < 0)
            return problem_from_err(p, &err);
        for (guint i = 0; i < items->len && !in->more; i++)
            if (is_of_people(items->pdata[i]))
                look_at(call, folder->mailbox, in, items->pdata[i]);
        list.offset += items->len;
        if (items->len == 0 || list.offset >= total || in->more)
            return 0;
    }
}

/* The folder that the request names, else the caller's own Contacts. */
static int find_in_contacts(struct op_call *call, struct names *in,
                            struct problem *p)
{
    const xmlNode *named = soap_first(op_child(call, "ParentFolderIds"));
    g_auto(place) folder = { 0 };
    struct err err;

    if (named != NULL) {
        if (access_folder(call->lab, call->caller, named, "ErrorFolderNotFound",
                          &folder, p) < 0)
            return -1;
    } else {
        folder.mailbox = call->caller->mailbox;
        if (folder.mailbox == 0)
            return 0;
        if (lab_store_distinguished(call->lab->store, folder.mailbox,
                                    "contacts", &folder.folder, &err) < 0)
            return problem_from_err(p, &err);
    }
    return look_through(call, &folder, in, p);
}

static int find_all(struct op_call *call, struct names *in, struct problem *p)
{
    if (in->contacts_first && find_in_contacts(call, in, p) < 0)
        return -1;
    if (in->book && find_in_book(call, in, p) < 0)
        return -1;
    return in->contacts && !in->contacts_first ? find_in_contacts(call, in, p)
                                               : 0;
}

static int write_names(struct op_call *call, const struct names *in,
                       struct problem *p)
{
    struct xmlout *x = &call->reply.x;
    struct problem several;
    char n[16];

    if (in->n == 0)
        return problem_set(p, "ErrorNameResolutionNoResults");
    problem_set(&several, "ErrorNameResolutionMultipleResults");
    g_snprintf(n, sizeof(n), "%u", in->n);
    reply_message_begin(&call->reply, in->n > 1 ? &several : NULL);
    xml_begin(x, "m:ResolutionSet");
    xml_attr(x, "TotalItemsInView", n);
    xml_attr(x, "IncludesLastItemInRange", in->more ? "false" : "true");
    xml_end(x);
    xml_raw(x, in->found->str);
    xml_close(x, "m:ResolutionSet");
    reply_message_end(&call->reply);
    return 0;
}

static int resolve_once(struct op_call *call, struct problem *p)
{
    struct names in = { .found = g_string_new(NULL) };
    int status = read_names(call, &in, p);

    if (status == 0) {
        GString *was = directory_divert(call, in.found);

        status = find_all(call, &in, p);
        directory_divert(call, was);
    }
    if (status == 0)
        status = write_names(call, &in, p);
    names_clear(&in);
    return status;
}

int op_resolve_names(struct op_call *call, struct problem *p)
{
    return op_one(call, resolve_once, p);
}
