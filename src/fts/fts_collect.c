#include "fts/fts_collect.h"

#include "fts/fts_people.h"
#include "fts/fts_summary.h"

#define ALL_PARTS  ((1u << FTS_N_PARTS) - 1)
#define LATE_PARTS (1u << FTS_RECIPIENTS | 1u << FTS_ATTACHMENTS)

struct collector {
    struct fts_reader reader;
    struct fts_value value;
    GPtrArray *open;  /* of struct fts_node *: the message, what is in it */
    size_t n_entries; /* in all that is open, or kept */
    size_t n_objects; /* recipients and attachments so far */
    struct fts_summing summing;
    struct fts_people people;
    bool keep;
    bool in_error_info; /* what follows tells of the export, not the item */
    bool lost_track;    /* the rest is read, and not understood */
};

static struct fts_node *top(struct collector *c)
{
    return g_ptr_array_index(c->open, c->open->len - 1);
}

static struct fts_node *message(struct collector *c)
{
    return g_ptr_array_index(c->open, 0);
}

static void node_free(void *p)
{
    fts_node_free(p);
}

static void collector_init(struct collector *c, const struct blob *base64,
                           bool keep)
{
    *c = (struct collector){ .keep = keep };
    fts_reader_init(&c->reader, base64);
    fts_value_init(&c->value);
    fts_summing_init(&c->summing);
    c->open = g_ptr_array_new_with_free_func(node_free);
    g_ptr_array_add(c->open, fts_node_new(FTS_IN_MESSAGE, keep));
}

static void collector_release(struct collector *c)
{
    g_ptr_array_unref(c->open);
    fts_summary_clear(&c->summing.summary);
    fts_people_clear(&c->people);
    fts_value_release(&c->value);
    fts_reader_release(&c->reader);
}

void fts_collected_clear(struct fts_collected *c)
{
    fts_summary_clear(&c->summary);
    fts_node_free(c->tree);
    *c = (struct fts_collected){ 0 };
}

/* ---- where nothing is known any more --------------------------------- */

/*
 * A message's own properties come before its recipients, and those before its
 * attachments ([MS-OXCFXICS] 2.2.4.3.16): what is complete stays good.
 */
static void lose_track(struct collector *c)
{
    const struct fts_node *second;

    c->lost_track = true;
    if (c->open->len == 1) {
        message(c)->lost |= ALL_PARTS;
        return;
    }
    second = g_ptr_array_index(c->open, 1);
    message(c)->lost |=
        second->place == FTS_IN_RECIPIENT ? LATE_PARTS : 1u << FTS_ATTACHMENTS;
}

/* ---- objects --------------------------------------------------------- */

static void push(struct collector *c, enum fts_place place)
{
    if (c->open->len > (size_t)2 * FTS_DEPTH_MAX ||
        c->n_objects++ == FTS_OBJECTS_MAX) {
        lose_track(c);
        return;
    }
    g_ptr_array_add(c->open, fts_node_new(place, c->keep));
}

/* Its digest becomes the parent's; the node itself goes, unless it is kept. */
static void hand_over(struct collector *c, struct fts_node *child, int which)
{
    struct fts_node *parent = top(c);

    fts_node_close(child, &c->value);
    if (child->lost != 0)
        parent->lost |= 1u << (which == FTS_CHILD_RECIPIENT ? FTS_RECIPIENTS
                                                            : FTS_ATTACHMENTS);
    g_byte_array_append(parent->digests[which], child->digest, FTS_PART_BYTES);
    if (c->keep)
        g_ptr_array_add(parent->kept[which], child);
    else
        fts_node_free(child);
}

static void hand_over_embedded(struct collector *c, struct fts_node *child)
{
    struct fts_node *parent = top(c);
    struct fts_digest digest;
    uint8_t whole[EVP_MAX_MD_SIZE];

    fts_node_close_message(child, &c->value, &digest);
    fts_hash(&c->value, digest.part, sizeof(digest.part), whole);
    memcpy(parent->embedded_digest, whole, FTS_PART_BYTES);
    parent->has_embedded = true;
    parent->lost |= child->lost;
    if (c->keep)
        parent->embedded = child;
    else
        fts_node_free(child);
}

static void pop(struct collector *c)
{
    struct fts_node *child = g_ptr_array_steal_index(c->open, c->open->len - 1);

    if (!c->keep)
        c->n_entries -= child->entries->len;
    if (c->open->len == 1 && child->place == FTS_IN_RECIPIENT)
        fts_people_end_recipient(&c->people);
    if (child->place == FTS_IN_MESSAGE)
        hand_over_embedded(c, child);
    else
        hand_over(c, child,
                  child->place == FTS_IN_RECIPIENT ? FTS_CHILD_RECIPIENT
                                                   : FTS_CHILD_ATTACHMENT);
}

/* [MS-OXCFXICS] 2.2.4.3: which marker may stand in which object. */
static void on_marker(struct collector *c, uint32_t marker)
{
    static const struct {
        uint32_t marker;
        enum fts_place inside;
        enum fts_place opens; /* 0: it ends what it is inside */
    } grammar[] = {
        { FTS_START_RECIP, FTS_IN_MESSAGE, FTS_IN_RECIPIENT },
        { FTS_END_TO_RECIP, FTS_IN_RECIPIENT, 0 },
        { FTS_NEW_ATTACH, FTS_IN_MESSAGE, FTS_IN_ATTACHMENT },
        { FTS_END_ATTACH, FTS_IN_ATTACHMENT, 0 },
        { FTS_START_EMBED, FTS_IN_ATTACHMENT, FTS_IN_MESSAGE },
        { FTS_END_EMBED, FTS_IN_MESSAGE, 0 },
    };
    struct fts_node *node = top(c);

    for (size_t i = 0; i < G_N_ELEMENTS(grammar); i++) {
        if (grammar[i].marker != marker || grammar[i].inside != node->place)
            continue;
        if (marker == FTS_END_EMBED && c->open->len == 1)
            break;
        if (marker == FTS_START_EMBED && node->has_embedded)
            break;
        if (grammar[i].opens != 0)
            push(c, grammar[i].opens);
        else
            pop(c);
        return;
    }
    lose_track(c);
}

/* ---- properties ------------------------------------------------------ */

/* PS_INTERNET_HEADERS: header names are the same in any case. */
static const uint8_t internet_headers[16] = { 0x86, 0x03, 0x02, 0x00,
                                              0x00, 0x00, 0x00, 0x00,
                                              0xC0, 0x00, 0x00, 0x00,
                                              0x00, 0x00, 0x00, 0x46 };

static struct fts_key canonical_key(const struct fts_token *token)
{
    struct fts_key key = token->key;

    key.type = token->type.canonical;
    if (key.name != NULL &&
        memcmp(key.set, internet_headers, sizeof(key.set)) == 0)
        key.name = g_ascii_strdown(key.name, -1);
    else
        key.name = g_strdup(key.name);
    return key;
}

static uint32_t small_number(const struct fts_value *v)
{
    return v->len > 0 ? v->head[0] : 0;
}

/* Left out of the digest, but they say which body is in it. */
static void note_body(struct fts_node *node, uint16_t id,
                      const struct fts_value *v)
{
    if (id == 0x1016)
        node->native_body = small_number(v);
    if (id == 0x0E1F)
        node->rtf_in_sync = small_number(v) != 0;
}

static void add_entry(struct collector *c, struct fts_key *key)
{
    struct fts_node *node = top(c);
    size_t max = c->keep ? FTS_KEPT_ENTRIES_MAX : FTS_ENTRIES_MAX;
    const uint8_t *bytes;
    size_t len;
    bool hashed = fts_value_get(&c->value, &bytes, &len);
    uint8_t whole[EVP_MAX_MD_SIZE];

    if (c->n_entries == max) {
        lose_track(c);
        return;
    }
    c->n_entries++;
    if (c->value.unknown)
        node->lost |= 1u << fts_rule_part(key, node->place);
    if (c->keep) {
        fts_hash(&c->value, bytes, len, whole);
        bytes = whole;
        len = FTS_PART_BYTES;
        hashed = true;
    }
    fts_node_add(node, key, hashed, bytes, len);
    key->name = NULL;
}

static int on_property(struct collector *c, const struct fts_token *token,
                       struct err *err)
{
    struct fts_node *node = top(c);
    struct fts_key key;
    bool out;

    if (!token->key.named && token->key.id == FTS_META_EC_WARNING)
        c->summing.summary.partial = true;
    out = fts_rule_out(&token->key, node->place);
    if (c->in_error_info || c->lost_track ||
        (out && token->key.id != 0x1016 && token->key.id != 0x0E1F))
        return 0;
    if (fts_value_read(&c->value, &c->reader, err) < 0)
        return -1;
    if (out) {
        note_body(node, token->key.id, &c->value);
        return 0;
    }
    key = canonical_key(token);
    if (c->open->len == 1)
        fts_summing_take(&c->summing, &key, &c->value);
    if (c->open->len <= 2 && node->place != FTS_IN_ATTACHMENT)
        fts_people_take(&c->people, node->place, &key, &c->value);
    add_entry(c, &key);
    g_free(key.name);
    return 0;
}

/* ---- the walk -------------------------------------------------------- */

static int on_token(struct collector *c, const struct fts_token *token,
                    struct err *err)
{
    switch (token->kind) {
    case FTS_PROPERTY:
        return on_property(c, token, err);
    case FTS_STRANGE:
        lose_track(c);
        return 0;
    case FTS_MARKER:
        break;
    }
    c->in_error_info = token->tag == FTS_FX_ERROR_INFO;
    if (c->in_error_info)
        c->summing.summary.partial = true;
    else if (!c->lost_track)
        on_marker(c, token->tag);
    return 0;
}

static int check_end(const struct collector *c, struct err *err)
{
    const struct fts_envelope *e = &c->reader.envelope;
    const struct fts_node *last = g_ptr_array_index(c->open, c->open->len - 1);

    if (!e->buffers)
        return fts_broken(e, "the envelope: there is no transfer buffer", err);
    if (c->lost_track || c->open->len == 1)
        return 0;
    return fts_broken(e,
                      last->place == FTS_IN_RECIPIENT ? "a recipient"
                      : last->place == FTS_IN_ATTACHMENT
                          ? "an attachment"
                          : "an embedded message",
                      err);
}

static int walk(struct collector *c, struct err *err)
{
    const struct fts_token *token;
    int more;

    while ((more = fts_reader_next(&c->reader, &token, err)) > 0)
        if (on_token(c, token, err) < 0)
            return -1;
    return more < 0 ? -1 : check_end(c, err);
}

static void give(struct collector *c, struct fts_collected *ret)
{
    /* A record of a kind that we do not know may hold anything. */
    if (c->reader.envelope.strange)
        message(c)->lost |= ALL_PARTS;
    *ret = (struct fts_collected){ 0 };
    fts_node_close_message(message(c), &c->value, &ret->digest);
    c->summing.summary.bytes = fts_envelope_at(&c->reader.envelope);
    c->summing.summary.people = fts_people_end(&c->people);
    ret->summary = c->summing.summary;
    c->summing.summary = (struct fts_summary){ 0 };
    if (c->keep)
        ret->tree = g_ptr_array_steal_index(c->open, 0);
}

int fts_collect(const struct blob *base64, bool keep, struct fts_collected *ret,
                struct err *err)
{
    struct collector c;
    int r;

    collector_init(&c, base64, keep);
    r = walk(&c, err);
    if (r == 0)
        give(&c, ret);
    collector_release(&c);
    return r;
}
