#include "fts/fts_rule.h"

#define M   FTS_IN_MESSAGE
#define R   FTS_IN_RECIPIENT
#define A   FTS_IN_ATTACHMENT
#define ALL (M | R | A)

/* Why a property is left out, once for each kind. */
#define ENTRY_ID  "an address inside one server"
#define KEY       "a key that the server gives out"
#define STAMP     "when and by whom this copy was made or changed"
#define COMPUTED  "computed by the server from the rest"
#define PLACE     "where the copy lies, or its place in a list"
#define ACCESS    "what the reader may do, not what the item is"
#define RETENTION "stamped by the server's retention policy"
#define BODY_NOTE "says which body is the original; the others derive from it"

/*
 * In order of id.  What is not here is part of the digest: of a message's
 * FTS_OTHER, of its recipient, of its attachment.  Names are those of
 * [MS-OXPROPS], in words.
 */
/* clang-format off */
static const struct fts_rule rules[] = {
    { 0x0017, M,   FTS_ENVELOPE, NULL, "importance" },
    { 0x001A, M,   FTS_ENVELOPE, NULL, "message class" },
    { 0x0026, M,   FTS_ENVELOPE, NULL, "priority" },
    { 0x0029, M,   FTS_ENVELOPE, NULL, "read receipt requested" },
    { 0x0036, M,   FTS_ENVELOPE, NULL, "sensitivity" },
    { 0x0037, M,   FTS_ENVELOPE, NULL, "subject" },
    { 0x0039, M,   FTS_ENVELOPE, NULL, "client submit time" },
    { 0x003B, M,   FTS_ENVELOPE, KEY, "sent representing search key" },
    { 0x003D, M,   FTS_ENVELOPE, COMPUTED, "subject prefix" },
    { 0x003F, M,   FTS_ENVELOPE, ENTRY_ID, "received by entry id" },
    { 0x0040, M,   FTS_ENVELOPE, NULL, "received by name" },
    { 0x0041, M,   FTS_ENVELOPE, ENTRY_ID, "sent representing entry id" },
    { 0x0042, M,   FTS_ENVELOPE, NULL, "sent representing name" },
    { 0x0043, M,   FTS_ENVELOPE, ENTRY_ID, "received representing entry id" },
    { 0x0044, M,   FTS_ENVELOPE, NULL, "received representing name" },
    { 0x0045, M,   FTS_ENVELOPE, ENTRY_ID, "report entry id" },
    { 0x0046, M,   FTS_ENVELOPE, ENTRY_ID, "read receipt entry id" },
    { 0x004C, M,   FTS_OTHER,    ENTRY_ID, "original author entry id" },
    { 0x0051, M,   FTS_ENVELOPE, KEY, "received by search key" },
    { 0x0052, M,   FTS_ENVELOPE, KEY, "received representing search key" },
    { 0x0053, M,   FTS_ENVELOPE, KEY, "read receipt search key" },
    { 0x0054, M,   FTS_ENVELOPE, KEY, "report search key" },
    { 0x005B, M,   FTS_OTHER,    ENTRY_ID, "original sender entry id" },
    { 0x005C, M,   FTS_OTHER,    KEY, "original sender search key" },
    { 0x005E, M,   FTS_OTHER,    ENTRY_ID,
      "original sent representing entry id" },
    { 0x005F, M,   FTS_OTHER,    KEY,
      "original sent representing search key" },
    { 0x0064, M,   FTS_ENVELOPE, NULL, "sent representing address type" },
    { 0x0065, M,   FTS_ENVELOPE, NULL, "sent representing address" },
    { 0x0070, M,   FTS_ENVELOPE, NULL, "conversation topic" },
    { 0x0071, M,   FTS_ENVELOPE, NULL, "conversation index" },
    { 0x0075, M,   FTS_ENVELOPE, NULL, "received by address type" },
    { 0x0076, M,   FTS_ENVELOPE, NULL, "received by address" },
    { 0x0077, M,   FTS_ENVELOPE, NULL, "received representing address type" },
    { 0x0078, M,   FTS_ENVELOPE, NULL, "received representing address" },
    { 0x007D, M,   FTS_OTHER,    NULL, "transport message headers" },
    { 0x0C15, R,   FTS_RECIPIENTS, NULL, "recipient type" },
    { 0x0C19, M,   FTS_ENVELOPE, ENTRY_ID, "sender entry id" },
    { 0x0C1A, M,   FTS_ENVELOPE, NULL, "sender name" },
    { 0x0C1D, M,   FTS_ENVELOPE, KEY, "sender search key" },
    { 0x0C1E, M,   FTS_ENVELOPE, NULL, "sender address type" },
    { 0x0C1F, M,   FTS_ENVELOPE, NULL, "sender address" },
    { 0x0E02, M,   FTS_ENVELOPE, COMPUTED, "display bcc" },
    { 0x0E03, M,   FTS_ENVELOPE, COMPUTED, "display cc" },
    { 0x0E04, M,   FTS_ENVELOPE, COMPUTED, "display to" },
    { 0x0E05, M,   FTS_OTHER,    PLACE, "parent display name" },
    { 0x0E06, M,   FTS_ENVELOPE, NULL, "delivery time" },
    { 0x0E07, M,   FTS_ENVELOPE, NULL, "message flags" }, /* some: fts_value */
    { 0x0E08, M,   FTS_OTHER,    COMPUTED, "message size" },
    { 0x0E09, M,   FTS_OTHER,    ENTRY_ID, "parent entry id" },
    { 0x0E0A, M,   FTS_OTHER,    ENTRY_ID, "sent mail entry id" },
    { 0x0E12, M,   FTS_RECIPIENTS, COMPUTED, "recipient table" },
    { 0x0E13, M,   FTS_ATTACHMENTS, COMPUTED, "attachment table" },
    { 0x0E1B, M,   FTS_ATTACHMENTS, COMPUTED, "has attachments" },
    { 0x0E1D, M,   FTS_ENVELOPE, COMPUTED, "normalized subject" },
    { 0x0E1F, M,   FTS_BODY,     BODY_NOTE, "RTF in sync" },
    { 0x0E20, A,   FTS_ATTACHMENTS, COMPUTED, "attachment size" },
    { 0x0E21, A,   FTS_ATTACHMENTS, PLACE, "attachment number" },
    { 0x0E23, M,   FTS_OTHER,    KEY, "internet article number" },
    { 0x0FF4, ALL, FTS_OTHER,    ACCESS, "access" },
    { 0x0FF5, ALL, FTS_OTHER,    PLACE, "row type" },
    { 0x0FF6, ALL, FTS_OTHER,    KEY, "instance key" },
    { 0x0FF7, ALL, FTS_OTHER,    ACCESS, "access level" },
    { 0x0FF8, ALL, FTS_OTHER,    KEY, "mapping signature" },
    { 0x0FF9, ALL, FTS_OTHER,    KEY, "record key" },
    { 0x0FFA, ALL, FTS_OTHER,    KEY, "store record key" },
    { 0x0FFB, ALL, FTS_OTHER,    ENTRY_ID, "store entry id" },
    { 0x0FFE, ALL, FTS_OTHER,    COMPUTED, "object type" },
    { 0x0FFF, ALL, FTS_OTHER,    ENTRY_ID, "entry id" },
    { 0x1000, M,   FTS_BODY,     NULL, "body" },
    { 0x1006, M,   FTS_BODY,     COMPUTED, "RTF sync body checksum" },
    { 0x1007, M,   FTS_BODY,     COMPUTED, "RTF sync body count" },
    { 0x1008, M,   FTS_BODY,     COMPUTED, "RTF sync body tag" },
    { 0x1009, M,   FTS_BODY,     NULL, "RTF body" },
    { 0x1010, M,   FTS_BODY,     COMPUTED, "RTF sync prefix count" },
    { 0x1011, M,   FTS_BODY,     COMPUTED, "RTF sync trailing count" },
    { 0x1013, M,   FTS_BODY,     NULL, "HTML body" },
    { 0x1014, M,   FTS_BODY,     NULL, "body content location" },
    { 0x1015, M,   FTS_BODY,     NULL, "body content id" },
    { 0x1016, M,   FTS_BODY,     BODY_NOTE, "native body" },
    { 0x1035, M,   FTS_ENVELOPE, NULL, "internet message id" },
    { 0x1039, M,   FTS_ENVELOPE, NULL, "internet references" },
    { 0x1042, M,   FTS_ENVELOPE, NULL, "in reply to" },
    { 0x1080, M,   FTS_ENVELOPE, NULL, "icon index" },
    { 0x1081, M,   FTS_ENVELOPE, NULL, "last verb executed" },
    { 0x1082, M,   FTS_ENVELOPE, NULL, "last verb time" },
    { 0x1090, M,   FTS_ENVELOPE, NULL, "flag status" },
    { 0x1091, M,   FTS_ENVELOPE, NULL, "flag completed" },
    { 0x1095, M,   FTS_ENVELOPE, NULL, "follow-up icon" },
    { 0x1097, M,   FTS_OTHER,    COMPUTED, "item temporary flags" },
    { 0x3000, R,   FTS_RECIPIENTS, PLACE, "row id" },
    { 0x3001, R | A, FTS_OTHER,  NULL, "display name" },
    { 0x3002, R,   FTS_RECIPIENTS, NULL, "address type" },
    { 0x3003, R,   FTS_RECIPIENTS, NULL, "address" },
    { 0x3007, ALL, FTS_OTHER,    STAMP, "creation time" },
    { 0x3008, ALL, FTS_OTHER,    STAMP, "last modification time" },
    { 0x300B, ALL, FTS_OTHER,    KEY, "search key" },
    { 0x3013, M,   FTS_OTHER,    KEY, "conversation id" },
    { 0x3018, M,   FTS_OTHER,    RETENTION, "archive tag" },
    { 0x3019, M,   FTS_OTHER,    RETENTION, "policy tag" },
    { 0x301A, M,   FTS_OTHER,    RETENTION, "retention period" },
    { 0x301B, M,   FTS_OTHER,    RETENTION, "start date etc" },
    { 0x301C, M,   FTS_OTHER,    RETENTION, "retention date" },
    { 0x301D, M,   FTS_OTHER,    RETENTION, "retention flags" },
    { 0x301E, M,   FTS_OTHER,    RETENTION, "archive period" },
    { 0x301F, M,   FTS_OTHER,    RETENTION, "archive date" },
    { 0x3701, A,   FTS_ATTACHMENTS, NULL, "content" },
    { 0x3704, A,   FTS_ATTACHMENTS, NULL, "short file name" },
    { 0x3705, A,   FTS_ATTACHMENTS, NULL, "attach method" },
    { 0x3707, A,   FTS_ATTACHMENTS, NULL, "file name" },
    { 0x370B, A,   FTS_ATTACHMENTS, NULL, "rendering position" },
    { 0x370E, A,   FTS_ATTACHMENTS, NULL, "MIME type" },
    { 0x3712, A,   FTS_ATTACHMENTS, NULL, "content id" },
    { 0x39FE, R,   FTS_RECIPIENTS, NULL, "SMTP address" },
    { 0x3FDE, M,   FTS_BODY,     NULL, "internet code page" },
    { 0x3FF8, M,   FTS_OTHER,    STAMP, "creator name" },
    { 0x3FF9, M,   FTS_OTHER,    STAMP, "creator entry id" },
    { 0x3FFA, M,   FTS_OTHER,    STAMP, "last modifier name" },
    { 0x3FFB, M,   FTS_OTHER,    STAMP, "last modifier entry id" },
    { 0x4008, ALL, FTS_OTHER,    PLACE, "distinguished name prefix" },
    { 0x400F, ALL, FTS_OTHER,    COMPUTED, "export warning" },
    { 0x4016, ALL, FTS_OTHER,    COMPUTED, "what an import clears first" },
    { 0x4022, M,   FTS_OTHER,    STAMP, "creator address type" },
    { 0x4023, M,   FTS_OTHER,    STAMP, "creator address" },
    { 0x4024, M,   FTS_OTHER,    STAMP, "last modifier address type" },
    { 0x4025, M,   FTS_OTHER,    STAMP, "last modifier address" },
    { 0x4038, M,   FTS_OTHER,    STAMP, "creator simple name" },
    { 0x4039, M,   FTS_OTHER,    STAMP, "last modifier simple name" },
    { 0x4059, M,   FTS_OTHER,    STAMP, "creator flag" },
    { 0x405A, M,   FTS_OTHER,    STAMP, "modifier flag" },
    { 0x5D01, M,   FTS_ENVELOPE, NULL, "sender SMTP address" },
    { 0x5D02, M,   FTS_ENVELOPE, NULL, "sent representing SMTP address" },
    { 0x5FDF, R,   FTS_RECIPIENTS, PLACE, "recipient order" },
    { 0x5FF7, R,   FTS_RECIPIENTS, ENTRY_ID, "recipient entry id" },
    { 0x65E0, ALL, FTS_OTHER,    KEY, "source key" },
    { 0x65E1, ALL, FTS_OTHER,    KEY, "parent source key" },
    { 0x65E2, ALL, FTS_OTHER,    KEY, "change key" },
    { 0x65E3, ALL, FTS_OTHER,    KEY, "predecessor change list" },
    { 0x6709, ALL, FTS_OTHER,    STAMP, "local commit time" },
    { 0x6748, ALL, FTS_OTHER,    KEY, "folder id" },
    { 0x674A, ALL, FTS_OTHER,    KEY, "message id" },
    { 0x674D, ALL, FTS_OTHER,    KEY, "instance id" },
    { 0x674E, ALL, FTS_OTHER,    KEY, "instance number" },
    { 0x67A4, ALL, FTS_OTHER,    KEY, "change number" },
};
/* clang-format on */

const struct fts_rule *fts_rule_table(size_t *ret_n)
{
    *ret_n = G_N_ELEMENTS(rules);
    return rules;
}

static int by_id(const void *key, const void *row)
{
    uint16_t id = *(const uint16_t *)key;
    const struct fts_rule *rule = row;

    return (id > rule->id) - (id < rule->id);
}

const struct fts_rule *fts_rule_find(uint16_t id, enum fts_place place)
{
    const struct fts_rule *rule =
        bsearch(&id, rules, G_N_ELEMENTS(rules), sizeof(rules[0]), by_id);

    return rule != NULL && (rule->places & place) != 0 ? rule : NULL;
}

enum fts_part fts_rule_part(const struct fts_key *key, enum fts_place place)
{
    const struct fts_rule *rule;

    if (place == FTS_IN_RECIPIENT)
        return FTS_RECIPIENTS;
    if (place == FTS_IN_ATTACHMENT)
        return FTS_ATTACHMENTS;
    if (key->named)
        return FTS_NAMED;
    rule = fts_rule_find(key->id, place);
    return rule != NULL ? (enum fts_part)rule->part : FTS_OTHER;
}

bool fts_rule_out(const struct fts_key *key, enum fts_place place)
{
    const struct fts_rule *rule =
        key->named ? NULL : fts_rule_find(key->id, place);

    return rule != NULL && rule->out != NULL;
}

static char *describe_named(const struct fts_key *key)
{
    const uint8_t *s = key->set;
    g_autofree char *set =
        g_strdup_printf("{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%"
                        "02X%02X%02X%02X}",
                        s[3], s[2], s[1], s[0], s[5], s[4], s[7], s[6], s[8],
                        s[9], s[10], s[11], s[12], s[13], s[14], s[15]);

    if (key->kind == FTS_KIND_NAME)
        return g_strdup_printf("%s \"%s\"", set, key->name);
    return g_strdup_printf("%s 0x%04X", set, key->lid);
}

char *fts_rule_describe(const struct fts_key *key, enum fts_place place)
{
    const struct fts_rule *rule;
    unsigned int tag = (unsigned int)key->id << 16 | key->type;
    const char *name;

    if (key->named)
        return describe_named(key);
    rule = fts_rule_find(key->id, place);
    name = rule != NULL ? rule->name : fts_name_find(key->id);
    if (name == NULL)
        return g_strdup_printf("0x%08X", tag);
    return g_strdup_printf("0x%08X %s", tag, name);
}
