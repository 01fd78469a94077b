#include "lab/field_priv.h"

#include "lab/bytes.h"
#include "lab/person.h"

/*
 * Private distribution lists, [MS-OXOCNTC] 2.2.2.2: the members as entry ids,
 * and beside them as one-off entry ids with names and addresses.
 */
enum {
    LID_NAME = 0x8053,
    LID_CHECKSUM = 0x804C,
    LID_ONE_OFF = 0x8054,
    LID_MEMBERS = 0x8055,
};

/* Outlook keeps larger lists in a stream; this is some 10,000 members. */
#define MEMBERS_BYTES_MAX (1024u * 1024)

static void add_value(GByteArray *to, const uint8_t *data, uint32_t n)
{
    bytes_put32(to, n);
    g_byte_array_append(to, data, n);
}

/* The next value of a multi-valued binary; false at the end. */
static bool next_value(const struct mapi_prop *prop, size_t *at,
                       const uint8_t **ret, uint32_t *ret_n)
{
    if (prop == NULL || prop->size < 4 || *at > prop->size - 4)
        return false;
    *ret_n = bytes_u32_at(prop->data + *at);
    *ret = prop->data + *at + 4;
    if (*ret_n > prop->size - *at - 4)
        return false;
    *at += 4 + *ret_n;
    return true;
}

static const struct mapi_prop *find(const struct mapi_props *props, uint32_t id)
{
    const struct mapi_prop *prop = mapi_find_id(props, PSETID_ADDRESS, id);

    return prop != NULL && PROP_TYPE(prop->tag) == (PT_BINARY | MV_FLAG) ? prop
                                                                         : NULL;
}

/* ---- writing ------------------------------------------------------- */

/* The one-off id knows name and address; the other may be a contact's. */
static void write_member(struct field_view *v, const struct field *f,
                         const uint8_t *id, uint32_t n, struct person *who)
{
    g_autofree char *key = g_base64_encode(id, n);

    if (!field_wants(v, f, f->parts[0], key))
        return;
    xml_begin(v->x, "t:Member");
    xml_attr(v->x, "Key", key);
    xml_end(v->x);
    person_write(v->call, v->x, who, false);
    xml_text(v->x, "t:Status", "Normal");
    xml_close(v->x, "t:Member");
}

static void write_members(struct field_view *v, const struct field *f)
{
    const struct mapi_props *props = view_props(v);
    const struct mapi_prop *members, *one_offs;
    size_t at = 0, one_at = 0;
    const uint8_t *id, *one;
    uint32_t n, one_n;

    members = props != NULL ? find(props, LID_MEMBERS) : NULL;
    if (members == NULL || members->count == 0)
        return;
    one_offs = find(props, LID_ONE_OFF);
    xml_open(v->x, "t:Members");
    while (next_value(members, &at, &id, &n)) {
        bool has_one = next_value(one_offs, &one_at, &one, &one_n);
        g_auto(person) who = { 0 };

        if ((has_one && person_of_entry_id(one, one_n, &who)) ||
            person_of_entry_id(id, n, &who))
            write_member(v, f, id, n, &who);
    }
    xml_close(v->x, "t:Members");
}

/* ---- setting ------------------------------------------------------- */

struct members {
    GByteArray *ids, *one_offs;
    uint32_t n;
};

static void members_init(struct members *m)
{
    *m = (struct members){ .ids = g_byte_array_new(),
                           .one_offs = g_byte_array_new() };
}

static void members_clear(struct members *m)
{
    g_byte_array_unref(m->ids);
    g_byte_array_unref(m->one_offs);
}

/* CRC-32 of ISO 8802-3 that begins with 0, [MS-OXOCNTC] 2.2.2.2.3 */
static uint32_t checksum(const GByteArray *ids)
{
    uint32_t crc = 0;

    for (guint i = 0; i < ids->len; i++) {
        crc ^= ids->data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return crc;
}

static void put_values(struct field_edit *e, uint32_t id, const GByteArray *v,
                       uint32_t n)
{
    uint32_t tag =
        mapi_named_id(e->item, PSETID_ADDRESS, id, PT_BINARY | MV_FLAG);

    mapi_set(e->item, e->props, tag, v->data, v->len);
    mapi_find(e->props, PROP_ID(tag))->count = n;
}

static int put_members(struct field_edit *e, const struct members *m,
                       struct problem *p)
{
    if (m->ids->len > MEMBERS_BYTES_MAX)
        return problem_set(p, "ErrorMessageSizeExceeded");
    put_values(e, LID_MEMBERS, m->ids, m->n);
    put_values(e, LID_ONE_OFF, m->one_offs, m->n);
    mapi_set_i32(e->item, e->props,
                 mapi_named_id(e->item, PSETID_ADDRESS, LID_CHECKSUM, PT_LONG),
                 (int32_t)checksum(m->ids));
    return 0;
}

/* Those that are there, without the one that `except` is the key of. */
static void old_members(const struct field_edit *e, const char *except,
                        struct members *m)
{
    const struct mapi_prop *ids = find(e->props, LID_MEMBERS);
    const struct mapi_prop *one_offs = find(e->props, LID_ONE_OFF);
    size_t at = 0, one_at = 0;
    const uint8_t *id, *one;
    uint32_t n, one_n;

    while (next_value(ids, &at, &id, &n)) {
        g_autofree char *key = g_base64_encode(id, n);

        if (!next_value(one_offs, &one_at, &one, &one_n)) {
            one = id;
            one_n = n;
        }
        if (g_strcmp0(key, except) == 0)
            continue;
        add_value(m->ids, id, n);
        add_value(m->one_offs, one, one_n);
        m->n++;
    }
}

/* One of the address book is wrapped, [MS-OXOCNTC] 2.2.2.2.4.1.1. */
static void add_member(struct members *m, const struct person *who)
{
    static const uint8_t head[21] = {
        0,    0,    0,    0,    0xC0, 0x91, 0xAD, 0xD3, 0x51, 0x9D, 0xCF,
        0x11, 0xA4, 0xA9, 0x00, 0xAA, 0x00, 0x47, 0xFA, 0xA4, 0xB5,
    };
    /* an Exchange name that nobody here has is an address of its own kind */
    bool foreign = who->dn != NULL && who->smtp == NULL;
    g_auto(person) outside = {
        .name = g_strdup(who->name),
        .smtp = g_strdup(who->smtp),
        .routing = g_strdup(foreign ? "EX" : who->routing),
        .address = g_strdup(foreign ? who->dn : who->address),
    };
    g_autoptr(GByteArray) id = person_entry_id(who);
    g_autoptr(GByteArray) one_off = person_entry_id(&outside);

    if (who->dn != NULL)
        g_byte_array_prepend(id, head, sizeof(head));
    add_value(m->ids, id->data, id->len);
    add_value(m->one_offs, one_off->data, one_off->len);
    m->n++;
}

static int read_members(struct field_edit *e, const xmlNode *node,
                        struct members *m, struct problem *p)
{
    for (node = soap_first(node); node != NULL; node = soap_next(node)) {
        g_auto(person) who = { 0 };

        if (person_read(e->call, soap_child(node, NS_TYPES, "Mailbox"), &who,
                        p) < 0)
            return -1;
        add_member(m, &who);
    }
    return 0;
}

static int set_members(struct field_edit *e, const struct field *f,
                       const xmlNode *node, struct problem *p)
{
    struct members m;
    int status;

    (void)f;
    members_init(&m);
    if (e->appending)
        old_members(e, NULL, &m);
    status = read_members(e, node, &m, p);
    if (status == 0)
        status = put_members(e, &m, p);
    members_clear(&m);
    return status;
}

static int clear_members(struct field_edit *e, const struct field *f,
                         const struct field_path *path, struct problem *p)
{
    struct members m;
    int status;

    (void)f;
    members_init(&m);
    if (path != NULL && path->index != NULL)
        old_members(e, path->index, &m);
    status = put_members(e, &m, p);
    members_clear(&m);
    return status;
}

/* The name stands in three places. */
static int set_name(struct field_edit *e, const struct field *f,
                    const xmlNode *node, struct problem *p)
{
    g_autofree char *name = soap_text_dup(node);

    if (field_set_text(e, f, node, p) < 0)
        return -1;
    mapi_set_text(e->item, e->props,
                  mapi_named_id(e->item, PSETID_ADDRESS, LID_NAME, PT_UNICODE),
                  name != NULL ? name : "");
    mapi_set_text(e->item, e->props,
                  mapi_named_id(e->item, PSETID_ADDRESS, 0x8005, PT_UNICODE),
                  name != NULL ? name : "");
    field_put_subject(e, name != NULL ? name : "");
    return 0;
}

/* ---- the rows ------------------------------------------------------ */

static const char *const member_parts[] = { "distributionlist:Members:Member",
                                            NULL };

/* clang-format off */
static const struct field rows[] = {
    { .uri = "contacts:DisplayName", .base = IN_DEFAULT,
      .tag = PR_DISPLAY_NAME, .write = field_write_text, .set = set_name },
    { .uri = "contacts:FileAs", .base = IN_DEFAULT,
      .tag = PROP_TAG(0, PT_UNICODE), .pset = PSETID_ADDRESS, .id = 0x8005,
      .write = field_write_text, .set = field_set_text,
      .clear = field_clear },
    { .uri = "contacts:ContactSource", .base = IN_ALL, .since = EXCHANGE2010,
      .write = field_write_source },
    { .uri = "distributionlist:Members", .base = IN_ALL,
      .since = EXCHANGE2010, .parts = member_parts,
      .flags = FIELD_NOT_LISTED | FIELD_APPENDS, .write = write_members,
      .set = set_members, .clear = clear_members },
};
/* clang-format on */

const struct field_section field_section_list = {
    .kinds = KIND_LIST,
    .rows = rows,
    .n = G_N_ELEMENTS(rows),
};
