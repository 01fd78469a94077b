#include "lab/store_priv.h"

#include <string.h>

#include "lab/hash.h"

/*
 * An EWS id as Exchange 2010 and later make it, before base64: compression
 * (0: none), kind (3: mailbox by GUID), the GUID as counted text, processing
 * instruction, and a counted store entry id: 46 bytes for a folder, 70 for a
 * message ([MS-OXCDATA] 2.2.4.1 and 2.2.4.2).
 */
enum {
    GUID_TEXT = 36,
    HEAD = 4,
    ENTRY_FOLDER = 46,
    ENTRY_ITEM = 70,
    BEFORE_ENTRY = HEAD + GUID_TEXT + 3,
    DATE = 4, /* behind the entry id of an occurrence */
};

/* The instruction: how the entry id is to be taken. */
enum { ID_NORMAL, ID_OCCURRENCE };

/* MAPI's provider of private stores, and the types of entry id. */
enum entry_type { ENTRY_IS_FOLDER = 1, ENTRY_IS_MESSAGE = 7 };

static void put_counter(uint8_t *at, int64_t counter)
{
    for (int i = 0; i < 6; i++)
        at[i] = (uint8_t)((uint64_t)counter >> (40 - 8 * i));
}

static int64_t get_counter(const uint8_t *at)
{
    uint64_t v = 0;

    for (int i = 0; i < 6; i++)
        v = v << 8 | at[i];
    return (int64_t)v;
}

char *lab_id_format(const struct lab_id *id)
{
    uint8_t raw[BEFORE_ENTRY + ENTRY_ITEM + DATE] = { 0, 3, GUID_TEXT, 0 };
    uint8_t *entry = raw + BEFORE_ENTRY;
    size_t n = id->item ? ENTRY_ITEM : ENTRY_FOLDER;
    uint32_t date = GUINT32_TO_LE(id->occurrence);

    memcpy(raw + HEAD, id->mailbox, GUID_TEXT);
    raw[HEAD + GUID_TEXT + 1] = (uint8_t)n;
    memcpy(entry + 4, id->replica, 16);
    entry[20] = id->item ? ENTRY_IS_MESSAGE : ENTRY_IS_FOLDER;
    memcpy(entry + 22, id->replica, 16);
    put_counter(entry + 38, id->folder);
    if (id->item) {
        memcpy(entry + 46, id->replica, 16);
        put_counter(entry + 62, id->key);
    }
    if (id->item && date != 0) {
        raw[HEAD + GUID_TEXT] = ID_OCCURRENCE;
        raw[HEAD + GUID_TEXT + 1] = (uint8_t)(n + DATE);
        memcpy(entry + n, &date, sizeof(date));
        n += DATE;
    }
    return g_base64_encode(raw, BEFORE_ENTRY + n);
}

int lab_id_parse(const char *text, struct lab_id *ret)
{
    struct lab_id id = { 0 };
    g_autofree uint8_t *raw = NULL;
    g_autofree char *again = NULL;
    const uint8_t *entry;
    gsize n;

    /* No id is longer; what is need not be decoded. */
    if (strlen(text) > 168)
        return -1;
    raw = g_base64_decode(text, &n);
    if (n != BEFORE_ENTRY + ENTRY_ITEM && n != BEFORE_ENTRY + ENTRY_FOLDER &&
        n != BEFORE_ENTRY + ENTRY_ITEM + DATE)
        return -1;
    id.item = n != BEFORE_ENTRY + ENTRY_FOLDER;
    entry = raw + BEFORE_ENTRY;
    memcpy(id.mailbox, raw + HEAD, GUID_TEXT);
    memcpy(id.replica, entry + 4, 16);
    id.folder = get_counter(entry + 38);
    if (id.item)
        id.key = get_counter(entry + 62);
    if (n == BEFORE_ENTRY + ENTRY_ITEM + DATE) {
        memcpy(&id.occurrence, entry + ENTRY_ITEM, sizeof(id.occurrence));
        id.occurrence = GUINT32_FROM_LE(id.occurrence);
    }
    /* GLib skips what is not base64: only what we would write is an id. */
    again = lab_id_format(&id);
    if (strcmp(again, text) != 0)
        return -1;
    *ret = id;
    return 0;
}

unsigned int lab_object_type(const char *item_class)
{
    /* StoreObjectType of Exchange; it shows in a change key's first bytes. */
    static const struct {
        const char *prefix;
        unsigned int type;
    } types[] = {
        { "IPM.Appointment", 15 },      { "IPM.Contact", 17 },
        { "IPM.DistList", 18 },         { "IPM.Task", 19 },
        { "IPM.Schedule.Meeting", 11 }, { "IPM.Post", 25 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++)
        if (item_class != NULL && g_str_has_prefix(item_class, types[i].prefix))
            return types[i].type;
    return 9;
}

char *lab_change_key(const struct lab_store *store, unsigned int type,
                     int64_t change)
{
    uint8_t raw[30] = { (uint8_t)type, 0, 0, 0, 22 };

    memcpy(raw + 8, store->replica, 16);
    put_counter(raw + 24, change);
    return g_base64_encode(raw, sizeof(raw));
}

/* ---- sync states ----------------------------------------------------- */

struct packed_state {
    uint8_t replica[16];
    int64_t folder, epoch, base, position, high, associated;
    uint64_t check; /* a state that someone edited is refused */
};

static uint64_t check_of(const struct lab_store *store,
                         const struct packed_state *packed)
{
    return lab_hash_bytes(store->seed, packed,
                          offsetof(struct packed_state, check));
}

char *lab_sync_format(const struct lab_store *store,
                      const struct lab_sync_state *state)
{
    struct packed_state packed;

    memset(&packed, 0, sizeof(packed));
    memcpy(packed.replica, store->replica, sizeof(packed.replica));
    packed.folder = state->folder;
    packed.epoch = state->epoch;
    packed.base = state->base;
    packed.position = state->position;
    packed.high = state->high;
    packed.associated = state->associated;
    packed.check = check_of(store, &packed);
    return g_base64_encode((const uint8_t *)&packed, sizeof(packed));
}

int lab_sync_parse(const struct lab_store *store, const char *text,
                   struct lab_sync_state *ret)
{
    struct packed_state packed;
    g_autofree uint8_t *raw = NULL;
    gsize n;

    if (strlen(text) > 2 * sizeof(packed))
        return -1;
    raw = g_base64_decode(text, &n);
    if (n != sizeof(packed))
        return -1;
    memcpy(&packed, raw, sizeof(packed));
    if (packed.check != check_of(store, &packed) ||
        memcmp(packed.replica, store->replica, sizeof(packed.replica)) != 0)
        return -1;
    *ret = (struct lab_sync_state){
        .folder = packed.folder,
        .epoch = packed.epoch,
        .base = packed.base,
        .position = packed.position,
        .high = packed.high,
        .associated = packed.associated != 0,
    };
    return 0;
}
