#include "lab/ntlm.h"

#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/memops.h>

#include "lab/bytes.h"

static const uint8_t signature[8] = "NTLMSSP";

/* [MS-NLMP] 2.2.2.5 */
#define FLAG_UNICODE           0x00000001u
#define FLAG_REQUEST_TARGET    0x00000004u
#define FLAG_NTLM              0x00000200u
#define FLAG_ALWAYS_SIGN       0x00008000u
#define FLAG_TARGET_DOMAIN     0x00010000u
#define FLAG_EXTENDED_SECURITY 0x00080000u
#define FLAG_TARGET_INFO       0x00800000u
#define FLAG_VERSION           0x02000000u
#define FLAG_128               0x20000000u
#define FLAG_KEY_EXCHANGE      0x40000000u
#define FLAG_56                0x80000000u
#define FLAGS_GRANTED_IF_WANTED                                                \
    (FLAG_EXTENDED_SECURITY | FLAG_128 | FLAG_KEY_EXCHANGE | FLAG_56)

/* [MS-NLMP] 2.2.2.1, in the order in which Windows sends them */
enum av_id {
    AV_END = 0,
    AV_COMPUTER = 1,
    AV_DOMAIN = 2,
    AV_DNS_COMPUTER = 3,
    AV_DNS_DOMAIN = 4,
    AV_FLAGS = 6,
    AV_TIMESTAMP = 7,
    AV_CHANNEL = 10,
};

/* A bit of AV_FLAGS: the last message has an integrity code. */
#define AV_FLAG_MIC 0x2u

enum {
    NEGOTIATE_FLAGS_AT = 12,
    NEGOTIATE_MIN = 16,
    CHALLENGE_HEADER = 56, /* with the version */
    ANSWER_NT_AT = 20,
    ANSWER_DOMAIN_AT = 28,
    ANSWER_USER_AT = 36,
    ANSWER_WORKSTATION_AT = 44,
    ANSWER_KEY_AT = 52,
    ANSWER_FLAGS_AT = 60,
    ANSWER_MIC_AT = 72, /* behind the version, which then is there too */
    ANSWER_MIN = 52,
    PROOF_SIZE = 16,
    /* 2.2.2.7: fixed part of what the proof signs, and one empty AV pair */
    NTLMV2_MIN = PROOF_SIZE + 28 + 4,
    PAIRS_AT = PROOF_SIZE + 28,
};

/* Bytes and offset of a payload field, written twice: length and room. */
static void put_field(GByteArray *out, uint16_t len, uint32_t offset)
{
    bytes_put16(out, len);
    bytes_put16(out, len);
    bytes_put32(out, offset);
}

enum ntlm_type ntlm_type(const uint8_t *message, size_t len)
{
    uint32_t type;

    if (len < 12 || memcmp(message, signature, sizeof(signature)) != 0)
        return NTLM_NOT_ONE;
    type = bytes_u32_at(message + sizeof(signature));
    return type <= NTLM_AUTHENTICATE ? (enum ntlm_type)type : NTLM_NOT_ONE;
}

static void put_av(GByteArray *out, enum av_id id, const char *text)
{
    g_autoptr(GByteArray) wide = bytes_utf8_to_utf16(text);

    bytes_put16(out, id);
    bytes_put16(out, (uint16_t)wide->len);
    g_byte_array_append(out, wide->data, wide->len);
}

static GByteArray *target_info_new(const struct ntlm_names *names,
                                   uint64_t filetime)
{
    GByteArray *out = g_byte_array_new();

    put_av(out, AV_DOMAIN, names->netbios_domain);
    put_av(out, AV_COMPUTER, names->netbios_computer);
    put_av(out, AV_DNS_DOMAIN, names->dns_domain);
    put_av(out, AV_DNS_COMPUTER, names->dns_computer);
    if (filetime != 0) {
        bytes_put16(out, AV_TIMESTAMP);
        bytes_put16(out, 8);
        bytes_put32(out, (uint32_t)filetime);
        bytes_put32(out, (uint32_t)(filetime >> 32));
    }
    bytes_put16(out, AV_END);
    bytes_put16(out, 0);
    return out;
}

GByteArray *ntlm_challenge_new(const struct ntlm_names *names,
                               const uint8_t challenge[NTLM_CHALLENGE_SIZE],
                               uint64_t filetime, const uint8_t *negotiate,
                               size_t len)
{
    static const uint8_t version[8] = { 6, 1, 0xb1, 0x1d, 0, 0, 0, 0x0f };
    g_autoptr(GByteArray) target = NULL, info = NULL;
    GByteArray *out;
    uint32_t wanted;

    if (ntlm_type(negotiate, len) != NTLM_NEGOTIATE || len < NEGOTIATE_MIN)
        return NULL;
    wanted = bytes_u32_at(negotiate + NEGOTIATE_FLAGS_AT);
    target = bytes_utf8_to_utf16(names->netbios_domain);
    info = target_info_new(names, filetime);

    out = g_byte_array_new();
    g_byte_array_append(out, signature, sizeof(signature));
    bytes_put32(out, NTLM_CHALLENGE);
    put_field(out, (uint16_t)target->len, CHALLENGE_HEADER);
    bytes_put32(out, FLAG_UNICODE | FLAG_REQUEST_TARGET | FLAG_NTLM |
                         FLAG_ALWAYS_SIGN | FLAG_TARGET_DOMAIN |
                         FLAG_TARGET_INFO | FLAG_VERSION |
                         (wanted & FLAGS_GRANTED_IF_WANTED));
    g_byte_array_append(out, challenge, NTLM_CHALLENGE_SIZE);
    bytes_put32(out, 0);
    bytes_put32(out, 0);
    put_field(out, (uint16_t)info->len, CHALLENGE_HEADER + target->len);
    g_byte_array_append(out, version, sizeof(version));
    g_byte_array_append(out, target->data, target->len);
    g_byte_array_append(out, info->data, info->len);
    return out;
}

/* The bytes that a field of the message points to; NULL when outside it. */
static const uint8_t *field_peek(const uint8_t *message, size_t len, size_t at,
                                 size_t *ret_len)
{
    size_t n = bytes_u16_at(message + at);
    size_t offset = bytes_u32_at(message + at + 4);

    if (offset > len || n > len - offset)
        return NULL;
    *ret_len = n;
    return message + offset;
}

static char *field_dup_text(const uint8_t *message, size_t len, size_t at)
{
    bool unicode = true;
    const uint8_t *p;
    size_t n = 0;

    if (len >= ANSWER_FLAGS_AT + 4)
        unicode = (bytes_u32_at(message + ANSWER_FLAGS_AT) & FLAG_UNICODE) != 0;
    p = field_peek(message, len, at, &n);
    if (p == NULL)
        return NULL;
    return g_convert((const char *)p, (gssize)n, "UTF-8",
                     unicode ? "UTF-16LE" : "WINDOWS-1252", NULL, NULL, NULL);
}

void ntlm_answer_clear(struct ntlm_answer *answer)
{
    g_clear_pointer(&answer->domain, g_free);
    g_clear_pointer(&answer->user, g_free);
    g_clear_pointer(&answer->workstation, g_free);
    g_clear_pointer(&answer->response, g_byte_array_unref);
    g_clear_pointer(&answer->key, g_byte_array_unref);
}

/* One pair of target information that the client has sent back, signed. */
static void read_pair(struct ntlm_answer *answer, uint32_t id,
                      const uint8_t *value, size_t len)
{
    static const uint8_t nothing[NTLM_CHANNEL_SIZE];

    if (id == AV_FLAGS && len == 4)
        answer->has_mic = (bytes_u32_at(value) & AV_FLAG_MIC) != 0;
    /* all zero is how Windows says that there was no channel */
    if (id != AV_CHANNEL || len != NTLM_CHANNEL_SIZE ||
        memcmp(value, nothing, sizeof(nothing)) == 0)
        return;
    answer->has_channel = true;
    memcpy(answer->channel, value, NTLM_CHANNEL_SIZE);
}

static void read_pairs(struct ntlm_answer *answer)
{
    const uint8_t *p = answer->response->data + PAIRS_AT;
    size_t left = answer->response->len - PAIRS_AT;

    while (left >= 4 && bytes_u16_at(p) != AV_END) {
        size_t len = bytes_u16_at(p + 2);

        if (len > left - 4)
            return;
        read_pair(answer, bytes_u16_at(p), p + 4, len);
        p += 4 + len;
        left -= 4 + len;
    }
}

/* What stands behind the fields that every client sends. */
static bool read_rest(const uint8_t *message, size_t len,
                      struct ntlm_answer *answer)
{
    const uint8_t *key;
    size_t n = 0;

    answer->key = g_byte_array_new();
    if (len >= ANSWER_FLAGS_AT + 4) {
        answer->flags = bytes_u32_at(message + ANSWER_FLAGS_AT);
        key = field_peek(message, len, ANSWER_KEY_AT, &n);
        if (key != NULL)
            g_byte_array_append(answer->key, key, (guint)n);
    }
    read_pairs(answer);
    if (!answer->has_mic)
        return true;
    if (len < ANSWER_MIC_AT + NTLM_MIC_SIZE)
        return false;
    memcpy(answer->mic, message + ANSWER_MIC_AT, NTLM_MIC_SIZE);
    return true;
}

bool ntlm_answer_parse(const uint8_t *message, size_t len,
                       struct ntlm_answer *ret)
{
    g_auto(ntlm_answer) answer = { 0 };
    const uint8_t *response;
    size_t n = 0;

    if (ntlm_type(message, len) != NTLM_AUTHENTICATE || len < ANSWER_MIN ||
        len > NTLM_MESSAGE_MAX)
        return false;
    response = field_peek(message, len, ANSWER_NT_AT, &n);
    if (response == NULL || n < NTLMV2_MIN)
        return false;
    answer.domain = field_dup_text(message, len, ANSWER_DOMAIN_AT);
    answer.user = field_dup_text(message, len, ANSWER_USER_AT);
    answer.workstation = field_dup_text(message, len, ANSWER_WORKSTATION_AT);
    if (answer.domain == NULL || answer.user == NULL ||
        answer.workstation == NULL)
        return false;
    answer.response = g_byte_array_new();
    g_byte_array_append(answer.response, response, (guint)n);
    if (!read_rest(message, len, &answer))
        return false;

    *ret = answer;
    memset(&answer, 0, sizeof(answer));
    return true;
}

static void hmac_md5(const uint8_t key[MD5_DIGEST_SIZE], const GByteArray *one,
                     const uint8_t *two, size_t two_len,
                     uint8_t ret[MD5_DIGEST_SIZE])
{
    struct hmac_md5_ctx ctx;

    hmac_md5_set_key(&ctx, MD5_DIGEST_SIZE, key);
    hmac_md5_update(&ctx, one->len, one->data);
    hmac_md5_update(&ctx, two_len, two);
    hmac_md5_digest(&ctx, MD5_DIGEST_SIZE, ret);
}

/* Character by character: a sharp s must not become two letters. */
static char *upper_dup(const char *text)
{
    GString *out = g_string_new(NULL);

    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p))
        g_string_append_unichar(out, g_unichar_toupper(g_utf8_get_char(p)));
    return g_string_free(out, FALSE);
}

/* [MS-NLMP] 3.3.2 NTOWFv2: the key that only the password gives. */
static void ntowf_v2(const struct ntlm_answer *answer, const char *password,
                     uint8_t ret[MD5_DIGEST_SIZE])
{
    g_autoptr(GByteArray) wide = bytes_utf8_to_utf16(password);
    g_autofree char *user = upper_dup(answer->user);
    g_autoptr(GByteArray) wide_user = bytes_utf8_to_utf16(user);
    g_autoptr(GByteArray) wide_domain = bytes_utf8_to_utf16(answer->domain);
    uint8_t hash[MD4_DIGEST_SIZE];
    struct md4_ctx md4;

    md4_init(&md4);
    md4_update(&md4, wide->len, wide->data);
    md4_digest(&md4, sizeof(hash), hash);
    hmac_md5(hash, wide_user, wide_domain->data, wide_domain->len, ret);
}

bool ntlm_answer_verify(const struct ntlm_answer *answer,
                        const uint8_t challenge[NTLM_CHALLENGE_SIZE],
                        const char *password)
{
    const uint8_t *signed_part = answer->response->data + PROOF_SIZE;
    size_t signed_len = answer->response->len - PROOF_SIZE;
    uint8_t key[MD5_DIGEST_SIZE], proof[MD5_DIGEST_SIZE];
    g_autoptr(GByteArray) first = g_byte_array_new();

    ntowf_v2(answer, password, key);
    g_byte_array_append(first, challenge, NTLM_CHALLENGE_SIZE);
    hmac_md5(key, first, signed_part, signed_len, proof);
    return memeql_sec(proof, answer->response->data, PROOF_SIZE) != 0;
}

/*
 * [MS-NLMP] 3.2.5.1.2: the key that both sides have now; exchanged anew where
 * that was agreed on.
 */
static void session_key(const struct ntlm_answer *answer, const char *password,
                        uint8_t ret[MD5_DIGEST_SIZE])
{
    uint8_t key[MD5_DIGEST_SIZE], base[MD5_DIGEST_SIZE];
    struct hmac_md5_ctx ctx;
    struct arcfour_ctx rc4;

    ntowf_v2(answer, password, key);
    hmac_md5_set_key(&ctx, sizeof(key), key);
    hmac_md5_update(&ctx, PROOF_SIZE, answer->response->data);
    hmac_md5_digest(&ctx, sizeof(base), base);
    memcpy(ret, base, sizeof(base));
    if ((answer->flags & FLAG_KEY_EXCHANGE) == 0 ||
        answer->key->len != MD5_DIGEST_SIZE)
        return;
    arcfour_set_key(&rc4, sizeof(base), base);
    arcfour_crypt(&rc4, MD5_DIGEST_SIZE, ret, answer->key->data);
}

bool ntlm_answer_intact(const struct ntlm_answer *answer,
                        const struct ntlm_messages *messages,
                        const char *password)
{
    static const uint8_t zero[NTLM_MIC_SIZE];
    uint8_t key[MD5_DIGEST_SIZE], mic[MD5_DIGEST_SIZE];
    size_t behind = ANSWER_MIC_AT + NTLM_MIC_SIZE;
    struct hmac_md5_ctx ctx;

    if (!answer->has_mic)
        return true;
    session_key(answer, password, key);
    hmac_md5_set_key(&ctx, sizeof(key), key);
    hmac_md5_update(&ctx, messages->negotiate->len, messages->negotiate->data);
    hmac_md5_update(&ctx, messages->challenge->len, messages->challenge->data);
    /* the code itself is taken to be zero */
    hmac_md5_update(&ctx, ANSWER_MIC_AT, messages->answer);
    hmac_md5_update(&ctx, sizeof(zero), zero);
    hmac_md5_update(&ctx, messages->answer_len - behind,
                    messages->answer + behind);
    hmac_md5_digest(&ctx, sizeof(mic), mic);
    return memeql_sec(mic, answer->mic, sizeof(mic)) != 0;
}
