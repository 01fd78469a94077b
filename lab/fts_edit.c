#include "lab/fts_edit.h"

#include <string.h>

#include "lab/bytes.h"
#include "lab/fts_read.h"
#include "lab/hash.h"
#include "lab/mapi_tags.h"

/*
 * What a server makes itself, whatever an upload says.  Nothing outside this
 * table (and the forms of strings, below) is touched: the content is what
 * the client sent.
 *
 *   0x0FFF 0x0FF9           entry id, record key: name the item in this store
 *   0x65E0 0x65E1 0x65E2    source, parent source and change keys: replica and
 *   0x65E3                  counter of this store; list of predecessors
 *   0x674A                  message id: the store's counter
 *   0x0E23                  article number: the folder's counter for IMAP
 *   0x3007 0x3008           creation, modification: of the item in this store
 *   0x3FF8-0x3FFB           who created and last modified it here
 *   0x0E08 0x0E20           sizes: as this store counts
 *   0x0E07, some bits       unmodified, has attachments, associated, ever read
 *   0x0E21 0x0FF9 0x0FF7    attachments: number, record key, access level
 *   0x3013                  conversation id: from topic, by this server's key
 *   0x301C 0x301D           retention: by this organisation's policy
 */

/* The bits of PR_MESSAGE_FLAGS that are the server's to say. */
#define FLAGS_COMPUTED                                                         \
    (MSGFLAG_UNMODIFIED | MSGFLAG_HASATTACH | MSGFLAG_EVERREAD)

/* What stores count for a row beside its values; theirs differ as well. */
#define ROW_BYTES 48u

struct editor {
    struct mapi_item *item;
    const struct lab_edit *edit;
    uint64_t next_mid; /* of the next embedded message */
};

static uint64_t seed_of(const struct editor *e)
{
    return e->edit->profile->seed;
}

/* ---- keys ------------------------------------------------------------ */

/* A counter of the store: replica and six bytes, most significant first. */
static void counter_key(const uint8_t replica[16], uint64_t counter,
                        uint8_t ret[22])
{
    memcpy(ret, replica, 16);
    for (int i = 0; i < 6; i++)
        ret[16 + i] = (uint8_t)(counter >> (40 - 8 * i));
}

static void set_store_keys(struct editor *e, struct mapi_props *props)
{
    const struct lab_edit *edit = e->edit;
    uint8_t key[22], list[23], entry[70] = { 0 };

    counter_key(edit->replica, edit->mid, key);
    mapi_set(e->item, props, PR_SOURCE_KEY, key, sizeof(key));
    memcpy(entry + 4, edit->replica, 16);
    entry[20] = 7; /* eitLTPrivateMessage, [MS-OXCDATA] 2.2.4.2 */
    memcpy(entry + 46, key, sizeof(key));
    mapi_set(e->item, props, PR_ENTRYID, entry, sizeof(entry));
    mapi_set(e->item, props, PR_RECORD_KEY, entry, sizeof(entry));

    counter_key(edit->replica, edit->mid - 1, key);
    mapi_set(e->item, props, PR_PARENT_SOURCE_KEY, key, sizeof(key));
    counter_key(edit->replica, edit->change, key);
    mapi_set(e->item, props, PR_CHANGE_KEY, key, sizeof(key));
    list[0] = sizeof(key);
    memcpy(list + 1, key, sizeof(key));
    mapi_set(e->item, props, PR_PREDECESSOR_CHANGE_LIST, list, sizeof(list));
    mapi_set_i32(e->item, props, PR_INTERNET_ARTICLE_NUMBER,
                 (int32_t)(edit->mid & 0x7FFFFFFF));
}

/*
 * As [MS-OXOMSG] 2.2.1.3: of the index's GUID, else of the topic; servers
 * differ in it, so ours does.
 */
static void set_conversation(struct editor *e, struct mapi_props *props)
{
    const struct mapi_prop *topic =
        mapi_find(props, PROP_ID(PR_CONVERSATION_TOPIC));
    uint64_t h = seed_of(e);
    uint8_t id[16];

    if (topic == NULL)
        return;
    h = lab_hash_bytes(h, topic->data, topic->size);
    lab_hash_fill(h, id, sizeof(id));
    mapi_set(e->item, props, PR_CONVERSATION_ID, id, sizeof(id));
}

static void set_text(struct editor *e, struct mapi_props *props, uint32_t tag,
                     const char *text)
{
    uint16_t type =
        e->edit->profile->codepage_text ? PT_CP_UNICODE : PT_UNICODE;

    mapi_set_text(e->item, props, PROP_TAG(PROP_ID(tag), type), text);
}

static void set_actor(struct editor *e, struct mapi_props *props)
{
    const char *name = e->edit->actor != NULL ? e->edit->actor : "SYSTEM";
    g_autofree char *dn = g_strconcat(e->edit->profile->dn_prefix, name, NULL);
    size_t n = strlen(dn) + 1;
    g_autofree uint8_t *entry = g_malloc0(28 + n);
    /* Provider of Exchange address book entries, [MS-OXCDATA] 2.2.5.2. */
    static const uint8_t muidEMSAB[16] = {
        0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A,
        0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82,
    };

    memcpy(entry + 4, muidEMSAB, sizeof(muidEMSAB));
    entry[20] = 1;
    memcpy(entry + 28, dn, n);
    set_text(e, props, PR_CREATOR_NAME, name);
    set_text(e, props, PR_LAST_MODIFIER_NAME, name);
    mapi_set(e->item, props, PR_CREATOR_ENTRYID, entry, 28 + n);
    mapi_set(e->item, props, PR_LAST_MODIFIER_ENTRYID, entry, 28 + n);
}

static void set_retention(struct editor *e, struct mapi_props *props)
{
    /* Ten years after it came; flags 0x4: kept by the mailbox's policy. */
    const int64_t years = INT64_C(3650) * 24 * 3600 * TIMESTAMP_SECOND;
    int64_t received =
        mapi_get_time(mapi_find(props, PROP_ID(PR_MESSAGE_DELIVERY_TIME)));

    if (!e->edit->profile->retention_stamps || received == TIMESTAMP_NONE)
        return;
    mapi_set_time(e->item, props, PR_RETENTION_DATE, received + years);
    mapi_set_i32(e->item, props, PR_RETENTION_FLAGS, 4);
}

/* ---- strings --------------------------------------------------------- */

static void to_unicode(struct editor *e, struct mapi_prop *p, uint16_t type)
{
    size_t n;
    g_autofree uint8_t *units = mapi_dup_utf16(p, &n);
    uint8_t *mine;

    /* A code page that this server does not know stays as it came. */
    if (units == NULL)
        return;
    mine = mapi_alloc(e->item, n + 2);
    memcpy(mine, units, n);
    p->data = mine;
    p->size = (uint32_t)n + 2;
    p->tag = PROP_TAG(PROP_ID(p->tag), type);
}

/* Exchange keeps strings as Unicode and exports them in one form. */
static void normalise_text(struct editor *e, struct mapi_props *props)
{
    const struct lab_profile *profile = e->edit->profile;
    uint16_t form = profile->codepage_text ? PT_CP_UNICODE : PT_UNICODE;

    for (size_t i = 0; i < props->n; i++) {
        struct mapi_prop *p = &props->v[i];
        uint16_t type = PROP_TYPE(p->tag);

        if (!mapi_type_is_text(type) || mapi_type_is_multi(type))
            continue;
        if (mapi_type_is_utf16(type))
            p->tag = PROP_TAG(PROP_ID(p->tag), form);
        else if (!profile->keep_8bit)
            to_unicode(e, p, form);
    }
}

/* ---- sizes ----------------------------------------------------------- */

static size_t props_size(const struct mapi_props *props)
{
    size_t n = ROW_BYTES;

    for (size_t i = 0; i < props->n; i++)
        n += props->v[i].size + 8u;
    return n;
}

static size_t message_size(const struct mapi_message *m);

static size_t attachment_size(const struct mapi_attachment *a)
{
    size_t n = props_size(&a->props);

    return a->embedded != NULL ? n + message_size(a->embedded) : n;
}

static size_t message_size(const struct mapi_message *m)
{
    size_t n = props_size(&m->props);

    for (size_t i = 0; i < m->n_recipients; i++)
        n += props_size(&m->recipients[i]);
    for (size_t i = 0; i < m->n_attachments; i++)
        n += attachment_size(&m->attachments[i]);
    return n;
}

/* ---- the parts ------------------------------------------------------- */

static void edit_message(struct editor *e, struct mapi_message *m);

/* The number that this store gave it; -1: none. */
static int64_t kept_number(const struct editor *e,
                           const struct mapi_attachment *a)
{
    const struct mapi_prop *p = mapi_find(&a->props, PROP_ID(PR_RECORD_KEY));
    uint32_t key;

    if (!e->edit->keep_attachments || p == NULL || p->size != sizeof(key))
        return -1;
    key = bytes_u32_at(p->data);
    return key <= INT32_MAX ? (int64_t)key : -1;
}

/* For new ones: behind all that are there. */
static uint32_t next_number(const struct editor *e,
                            const struct mapi_message *m)
{
    int64_t next = (int64_t)(seed_of(e) % 3);

    for (size_t i = 0; i < m->n_attachments; i++)
        next = MAX(next, kept_number(e, &m->attachments[i]) + 1);
    return (uint32_t)next;
}

static void edit_attachment(struct editor *e, struct mapi_attachment *a,
                            uint32_t number)
{
    struct mapi_props *props = &a->props;
    uint32_t key = GUINT32_TO_LE(number);

    normalise_text(e, props);
    mapi_set_i32(e->item, props, PR_ATTACH_NUM, (int32_t)number);
    mapi_set(e->item, props, PR_RECORD_KEY, &key, sizeof(key));
    mapi_set_i32(e->item, props, PR_ACCESS_LEVEL, (int32_t)(seed_of(e) & 1));
    mapi_set_time(e->item, props, PR_CREATION_TIME, e->edit->now_us);
    mapi_set_time(e->item, props, PR_LAST_MODIFICATION_TIME, e->edit->now_us);
    if (a->embedded != NULL)
        edit_message(e, a->embedded);
    mapi_set_i32(e->item, props, PR_ATTACH_SIZE, (int32_t)attachment_size(a));
}

static void set_associated(struct editor *e, struct mapi_props *props)
{
    int32_t flags =
        mapi_get_i32(mapi_find(props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    flags &= ~MSGFLAG_ASSOCIATED;
    if (e->edit->associated)
        flags |= MSGFLAG_ASSOCIATED;
    mapi_set_i32(e->item, props, PR_MESSAGE_FLAGS, flags);
}

static void edit_flags(struct editor *e, struct mapi_message *m)
{
    int32_t flags =
        mapi_get_i32(mapi_find(&m->props, PROP_ID(PR_MESSAGE_FLAGS)), 0);

    flags &= ~(e->edit->stored ? FLAGS_COMPUTED & ~MSGFLAG_EVERREAD
                               : FLAGS_COMPUTED);
    if (m->n_attachments > 0)
        flags |= MSGFLAG_HASATTACH;
    if ((flags & MSGFLAG_READ) != 0)
        flags |= MSGFLAG_EVERREAD;
    if (flags != 0 || mapi_find(&m->props, PROP_ID(PR_MESSAGE_FLAGS)) != NULL)
        mapi_set_i32(e->item, &m->props, PR_MESSAGE_FLAGS, flags);
}

/* What embedded messages have in common with the item itself. */
static void edit_message(struct editor *e, struct mapi_message *m)
{
    uint32_t next = next_number(e, m);

    normalise_text(e, &m->props);
    for (size_t i = 0; i < m->n_recipients; i++)
        normalise_text(e, &m->recipients[i]);
    for (size_t i = 0; i < m->n_attachments; i++) {
        int64_t kept = kept_number(e, &m->attachments[i]);

        edit_attachment(e, &m->attachments[i],
                        kept >= 0 ? (uint32_t)kept : next++);
    }
    mapi_set_i64(e->item, &m->props, PR_MID,
                 (int64_t)(e->next_mid++ << 16 | 1));
    mapi_set_time(e->item, &m->props, PR_LAST_MODIFICATION_TIME,
                  e->edit->now_us);
    edit_flags(e, m);
}

void lab_fts_edit_tree(struct mapi_item *item, const struct lab_edit *edit)
{
    struct mapi_props *props = &item->message.props;
    struct editor e = { .item = item, .edit = edit, .next_mid = edit->mid };
    int64_t created = edit->created_us;

    edit_message(&e, &item->message);
    set_associated(&e, props);
    set_store_keys(&e, props);
    set_conversation(&e, props);
    set_actor(&e, props);
    set_retention(&e, props);
    mapi_set_time(item, props, PR_CREATION_TIME,
                  created == TIMESTAMP_NONE ? edit->now_us : created);
    memcpy(item->version, edit->profile->version, sizeof(item->version));
    mapi_set_i32(item, props, PR_MESSAGE_SIZE,
                 (int32_t)message_size(&item->message));
}

int lab_fts_edit(const uint8_t *data, size_t len, const struct lab_edit *edit,
                 GBytes **ret, struct mapi_item **ret_item, struct err *err)
{
    g_autoptr(mapi_item) item = NULL;

    if (lab_fts_read(data, len, &item, err) < 0)
        return -1;
    if (item->partial) {
        err_set(err, ERR_ITEM, ERR_RETRY_NEVER, 0,
                "stream is a partial export: it has a warning or error inside");
        err->name = "ErrorCorruptData";
        return -1;
    }
    lab_fts_edit_tree(item, edit);
    *ret = lab_fts_write(item, edit->profile);
    if (ret_item != NULL)
        *ret_item = g_steal_pointer(&item);
    return 0;
}
