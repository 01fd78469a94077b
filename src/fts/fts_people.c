#include "fts/fts_people.h"

#include <string.h>

#include "fts/fts_summary.h"

static void role_clear(struct fts_role *r)
{
    g_clear_pointer(&r->dn, g_free);
    g_clear_pointer(&r->address, g_free);
}

void fts_person_free(struct fts_person *person)
{
    g_free(person->dn);
    g_free(person->address);
    g_free(person);
}

void fts_people_clear(struct fts_people *p)
{
    for (int i = 0; i < FTS_N_ROLES; i++)
        role_clear(&p->message[i]);
    role_clear(&p->recipient);
    g_clear_pointer(&p->found, g_ptr_array_unref);
}

/*
 * [MS-OXOCNTC] 2.2.1.2: an address of a contact that came from the directory is
 * the directory's name, and what was shown of it the mail address.
 */
static struct fts_role *contact_of(struct fts_people *p,
                                   const struct fts_key *key,
                                   bool *ret_is_address)
{
    static const uint8_t address_set[16] = { 0x04, 0x20, 0x06, 0x00, 0x00, 0x00,
                                             0x00, 0x00, 0xC0, 0x00, 0x00, 0x00,
                                             0x00, 0x00, 0x00, 0x46 };
    static const uint32_t first[] = { 0x8080, 0x8090, 0x80A0 };

    if (key->kind != FTS_KIND_ID || memcmp(key->set, address_set, 16) != 0)
        return NULL;
    for (int i = 0; i < (int)G_N_ELEMENTS(first); i++) {
        *ret_is_address = key->lid == first[i] + 4;
        if (*ret_is_address || key->lid == first[i] + 3)
            return &p->message[FTS_ROLE_CONTACT_1 + i];
    }
    return NULL;
}

/* Which field of whom a property is; NULL: of nobody. */
static struct fts_role *role_of(struct fts_people *p, enum fts_place place,
                                uint16_t id, bool *ret_is_address)
{
    static const struct {
        uint16_t dn, address; /* 0: there is none */
    } of_message[FTS_ROLE_CONTACT_1] = {
        [FTS_ROLE_SENDER] = { 0x0C1F, 0x5D01 },
        [FTS_ROLE_REPRESENTED] = { 0x0065, 0x5D02 },
        [FTS_ROLE_RECEIVER] = { 0x0076, 0x5D07 },
        [FTS_ROLE_RECEIVER_FOR] = { 0x0078, 0x5D08 },
    };

    if (place == FTS_IN_RECIPIENT) {
        *ret_is_address = id == 0x39FE;
        return id == 0x3003 || id == 0x39FE ? &p->recipient : NULL;
    }
    for (int i = 0; i < FTS_ROLE_CONTACT_1; i++) {
        *ret_is_address = id == of_message[i].address;
        if (id == of_message[i].dn || *ret_is_address)
            return &p->message[i];
    }
    return NULL;
}

/* [MS-OXOABK] 2.2.1.1: a name in the directory begins with "/o=". */
static bool is_dn(const char *text)
{
    return g_ascii_strncasecmp(text, "/o=", 3) == 0 && text[3] != '\0';
}

#define IMCEAEX "IMCEAEX-"

static bool is_imceaex(const char *text)
{
    return g_ascii_strncasecmp(text, IMCEAEX, strlen(IMCEAEX)) == 0;
}

/* "_" stands for "/", "+2E" for "."; *at moves past what was read. */
static char decode_one(const char **at)
{
    const char *p = *at;

    if (p[0] == '+' && g_ascii_isxdigit(p[1]) && g_ascii_isxdigit(p[2])) {
        *at += 3;
        return (char)(g_ascii_xdigit_value(p[1]) << 4 |
                      g_ascii_xdigit_value(p[2]));
    }
    *at += 1;
    return *p == '_' ? '/' : *p;
}

char *fts_dn_of(const char *address)
{
    const char *end = strrchr(address, '@');
    GString *dn;

    if (is_dn(address))
        return g_strdup(address);
    if (!is_imceaex(address) || end == NULL)
        return NULL;
    dn = g_string_new(NULL);
    for (const char *p = address + strlen(IMCEAEX); p < end;)
        g_string_append_c(dn, decode_one(&p));
    /* A NUL in it would end it early, and a control is in no name. */
    if (is_dn(dn->str) && strlen(dn->str) == dn->len &&
        g_utf8_validate(dn->str, (gssize)dn->len, NULL))
        return g_string_free(dn, FALSE);
    g_string_free(dn, TRUE);
    return NULL;
}

/* Most addresses are no names in the directory, and need not become text. */
static bool begins_like_a_dn(const struct fts_value *value)
{
    return value->len > 2 && value->head[1] == 0 &&
           (value->head[0] == '/' ||
            g_ascii_toupper((char)value->head[0]) == 'I');
}

void fts_people_take(struct fts_people *p, enum fts_place place,
                     const struct fts_key *key, const struct fts_value *value)
{
    bool is_address = false;
    struct fts_role *role;
    g_autofree char *text = NULL;
    char **field;

    if (key->type != FTS_TYPE_STRING || value->unknown ||
        value->len > sizeof(value->head))
        return;
    role =
        key->named
            ? place == FTS_IN_MESSAGE ? contact_of(p, key, &is_address) : NULL
            : role_of(p, place, key->id, &is_address);
    if (role == NULL || (!is_address && !begins_like_a_dn(value)) ||
        (text = fts_summing_text(value)) == NULL)
        return;
    if (is_address && (strchr(text, '@') == NULL || is_imceaex(text)))
        return;
    if (!is_address) {
        char *dn = fts_dn_of(text);

        if (dn == NULL)
            return;
        g_free(text);
        text = dn;
    }
    field = is_address ? &role->address : &role->dn;
    g_free(*field);
    *field = g_steal_pointer(&text);
}

static struct fts_person *find(const GPtrArray *found, const char *dn)
{
    for (guint i = 0; i < found->len; i++) {
        struct fts_person *p = g_ptr_array_index(found, i);

        if (g_ascii_strcasecmp(p->dn, dn) == 0)
            return p;
    }
    return NULL;
}

static void settle(struct fts_people *p, struct fts_role *role)
{
    struct fts_person *person;

    if (role->dn == NULL) {
        role_clear(role);
        return;
    }
    if (p->found == NULL)
        p->found =
            g_ptr_array_new_with_free_func((GDestroyNotify)fts_person_free);
    person = find(p->found, role->dn);
    if (person == NULL && p->found->len < FTS_PEOPLE_MAX) {
        person = g_new0(struct fts_person, 1);
        person->dn = g_steal_pointer(&role->dn);
        g_ptr_array_add(p->found, person);
    }
    if (person != NULL && person->address == NULL)
        person->address = g_steal_pointer(&role->address);
    role_clear(role);
}

void fts_people_end_recipient(struct fts_people *p)
{
    settle(p, &p->recipient);
}

GPtrArray *fts_people_end(struct fts_people *p)
{
    for (int i = 0; i < FTS_N_ROLES; i++)
        settle(p, &p->message[i]);
    return g_steal_pointer(&p->found);
}
