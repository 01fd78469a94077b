#include "lab/ntlm.h"

#include "base/check.h"
#include "lab/bytes.h"
#include "lab/hex_fixture.h"

/* [MS-NLMP] 4.2: the inputs that its examples share */
static const uint8_t example_challenge[] = { 0x01, 0x23, 0x45, 0x67,
                                             0x89, 0xab, 0xcd, 0xef };
/* 4.2.4.2.2: NTProofStr, then `temp` of 4.2.4.1.3 */
static const char example_response[] =
    "68cd0ab851e51c96aabc927bebef6a1c"
    "01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000"
    "02000c0044006f006d00610069006e0001000c00530065007200760065007200"
    "0000000000000000";

static void put_wide(GByteArray *out, const char *ascii)
{
    for (; *ascii != '\0'; ascii++)
        bytes_put16(out, (uint8_t)*ascii);
}

/* An AUTHENTICATE_MESSAGE with these three payload fields (2.2.1.3). */
static GByteArray *answer_message(const char *domain, const char *user,
                                  const GByteArray *response)
{
    GByteArray *m = g_byte_array_new();
    uint16_t domain_len = (uint16_t)(strlen(domain) * 2);
    uint16_t user_len = (uint16_t)(strlen(user) * 2);
    uint32_t at = 64;
    const struct {
        uint16_t len;
        uint32_t at;
    } fields[] = {
        { 0, at },
        { (uint16_t)response->len, at + domain_len + user_len },
        { domain_len, at },
        { user_len, at + domain_len },
        { 0, at },
        { 0, at },
    };

    g_byte_array_append(m, (const uint8_t *)"NTLMSSP", 8);
    bytes_put32(m, 3);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        bytes_put16(m, fields[i].len);
        bytes_put16(m, fields[i].len);
        bytes_put32(m, fields[i].at);
    }
    bytes_put32(m, 0xe2888233);
    put_wide(m, domain);
    put_wide(m, user);
    g_byte_array_append(m, response->data, response->len);
    return m;
}

static void test_published_example(void)
{
    static const struct {
        const char *name, *domain, *user, *password;
        bool want;
    } rows[] = {
        { "as published", "Domain", "User", "Password", true },
        { "user in other case", "Domain", "uSER", "Password", true },
        { "domain in other case", "DOMAIN", "User", "Password", false },
        { "wrong password", "Domain", "User", "password", false },
        { "empty password", "Domain", "User", "", false },
        { "other user", "Domain", "User2", "Password", false },
    };
    g_autoptr(GByteArray) response = hex_bytes(example_response);

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) message =
            answer_message(rows[i].domain, rows[i].user, response);
        g_auto(ntlm_answer) answer = { 0 };

        CHECK_ROW(rows[i].name,
                  ntlm_answer_parse(message->data, message->len, &answer));
        g_assert_cmpstr(answer.domain, ==, rows[i].domain);
        g_assert_cmpstr(answer.user, ==, rows[i].user);
        CHECK_ROW(rows[i].name,
                  ntlm_answer_verify(&answer, example_challenge,
                                     rows[i].password) == rows[i].want);
    }
}

static void test_other_challenge(void)
{
    static const uint8_t other[8] = { 0 };
    g_autoptr(GByteArray) response = hex_bytes(example_response);
    g_autoptr(GByteArray) message = answer_message("Domain", "User", response);
    g_auto(ntlm_answer) answer = { 0 };

    g_assert_true(ntlm_answer_parse(message->data, message->len, &answer));
    g_assert_false(ntlm_answer_verify(&answer, other, "Password"));
}

static void test_cut_anywhere(void)
{
    g_autoptr(GByteArray) response = hex_bytes(example_response);
    g_autoptr(GByteArray) whole = answer_message("Domain", "User", response);

    /* the response is the last field: every shorter message lacks some */
    for (size_t n = 0; n < whole->len; n++) {
        g_autofree uint8_t *copy = g_memdup2(whole->data, n);
        g_auto(ntlm_answer) answer = { 0 };

        g_assert_false(ntlm_answer_parse(copy, n, &answer));
    }
}

static void test_not_v2(void)
{
    /* an NTLMv1 response is 24 bytes; anonymous has none */
    static const size_t sizes[] = { 0, 1, 24, 47 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        g_autoptr(GByteArray) response = g_byte_array_new();
        g_autoptr(GByteArray) message = NULL;
        g_auto(ntlm_answer) answer = { 0 };

        g_byte_array_set_size(response, (guint)sizes[i]);
        if (sizes[i] > 0)
            memset(response->data, 0, sizes[i]);
        message = answer_message("D", "U", response);
        g_assert_false(ntlm_answer_parse(message->data, message->len, &answer));
    }
}

static const struct ntlm_names names = { "CONTOSO", "EXCH01", "contoso.example",
                                         "exch01.contoso.example" };

static void test_challenge(void)
{
    g_autoptr(GByteArray) hello = hex_bytes("4e544c4d5353500001000000078208a2"
                                            "00000000000000000000000000000000");
    g_autoptr(GByteArray) m = ntlm_challenge_new(
        &names, example_challenge, 0x01d0000000000000, hello->data, hello->len);
    g_autoptr(GByteArray) head = hex_bytes(
        "4e544c4d53535000020000000e000e0038000000" /* target name at 56 */
        "058289a2" /* what we say, and of ours what was wanted */
        "0123456789abcdef0000000000000000");

    g_assert_nonnull(m);
    g_assert_cmpint(ntlm_type(m->data, m->len), ==, NTLM_CHALLENGE);
    g_assert_cmpuint(m->len, >, 70);
    g_assert_true(memcmp(m->data, head->data, head->len) == 0);
    g_assert_true(memcmp(m->data + 56, "C\0O\0N\0T\0O\0S\0O\0", 14) == 0);
    g_assert_nonnull(
        memmem(m->data, m->len, "\x07\0\x08\0\0\0\0\0\0\0\xd0\x01", 12));
}

static void test_challenge_without_clock(void)
{
    g_autoptr(GByteArray) hello = hex_bytes("4e544c4d535350000100000007020000");
    g_autoptr(GByteArray) m = ntlm_challenge_new(&names, example_challenge, 0,
                                                 hello->data, hello->len);

    g_assert_nonnull(m);
    g_assert_null(memmem(m->data, m->len, "\x07\0\x08\0", 4));
    g_assert_null(ntlm_challenge_new(&names, example_challenge, 0, hello->data,
                                     hello->len - 1));
}

/*
 * A handshake by python3-ntlm-auth, which is not ours: user1@contoso.example,
 * password "Rosebud-7", an exchanged session key, an integrity code, and a
 * channel binding for a certificate's hash of 00, 01, ... 1f.
 */
static const char mic_negotiate[] =
    "4e544c4d535350000100000032b088e2000000002800000002000200280000000601"
    "b11d0000000f5753";
static const char mic_challenge[] =
    "4e544c4d53535000020000000e000e0038000000058289e2554c317921d8dade0000"
    "0000000000008c008c00460000000601b11d0000000f43004f004e0054004f005300"
    "4f0002000e0043004f004e0054004f0053004f000100100045005800430048004100"
    "4e004700450004001e0063006f006e0074006f0073006f002e006500780061006d00"
    "70006c00650003003000650078006300680061006e00670065002e0063006f006e00"
    "74006f0073006f002e006500780061006d0070006c006500070008001c0b07ac717a"
    "dd0100000000";
static const char mic_answer[] =
    "4e544c4d53535000030000001800180086000000d800d8009e000000000000005800"
    "00002a002a005800000004000400820000001000100076010000038289e20601b11d"
    "0000000f8c0eac992d66a1f763ebbafb7fa9fde57500730065007200310040006300"
    "6f006e0074006f0073006f002e006500780061006d0070006c006500570053000000"
    "00000000000000000000000000000000000000000000f79e725214bcef7c7f781810"
    "8c61e87101010000000000001c0b07ac717add011bb17c939a5c8466000000000200"
    "0e0043004f004e0054004f0053004f0001001000450058004300480041004e004700"
    "450004001e0063006f006e0074006f0073006f002e006500780061006d0070006c00"
    "650003003000650078006300680061006e00670065002e0063006f006e0074006f00"
    "73006f002e006500780061006d0070006c006500070008001c0b07ac717add010600"
    "0400020000000a0010008f1214c9c9cab8dc3bf866da9aba57a70000000000000000"
    "66d2710c045c42a8a32527cd808a85e3";

static const char mic_channel[] = "8f1214c9c9cab8dc3bf866da9aba57a7";

struct handshake {
    GByteArray *negotiate, *challenge, *answer;
};

static void handshake_init(struct handshake *h)
{
    h->negotiate = hex_bytes(mic_negotiate);
    h->challenge = hex_bytes(mic_challenge);
    h->answer = hex_bytes(mic_answer);
}

static void handshake_clear(struct handshake *h)
{
    g_byte_array_unref(h->negotiate);
    g_byte_array_unref(h->challenge);
    g_byte_array_unref(h->answer);
}

static bool is_intact(const struct handshake *h, const char *password)
{
    const struct ntlm_messages messages = { h->negotiate, h->challenge,
                                            h->answer->data, h->answer->len };
    g_auto(ntlm_answer) answer = { 0 };

    if (!ntlm_answer_parse(h->answer->data, h->answer->len, &answer))
        return false;
    return ntlm_answer_verify(&answer, h->challenge->data + 24, password) &&
           ntlm_answer_intact(&answer, &messages, password);
}

static void test_integrity_code(void)
{
    g_autoptr(GByteArray) channel = hex_bytes(mic_channel);
    g_auto(ntlm_answer) answer = { 0 };
    struct handshake h;

    handshake_init(&h);
    g_assert_true(ntlm_answer_parse(h.answer->data, h.answer->len, &answer));
    g_assert_true(answer.has_mic);
    g_assert_true(answer.has_channel);
    g_assert_cmpuint(channel->len, ==, sizeof(answer.channel));
    g_assert_true(memcmp(answer.channel, channel->data, channel->len) == 0);
    g_assert_true(is_intact(&h, "Rosebud-7"));
    g_assert_false(is_intact(&h, "Rosebud-8"));
    handshake_clear(&h);
}

/* Whatever byte is changed on the way: somebody else has been at it. */
static void test_integrity_of_every_byte(void)
{
    struct handshake h;
    GByteArray *all[3];

    handshake_init(&h);
    all[0] = h.negotiate;
    all[1] = h.challenge;
    all[2] = h.answer;
    for (size_t m = 0; m < G_N_ELEMENTS(all); m++)
        for (guint i = 0; i < all[m]->len; i++) {
            all[m]->data[i] ^= 1;
            if (is_intact(&h, "Rosebud-7"))
                g_error("message %zu, byte %u: taken as it was", m, i);
            all[m]->data[i] ^= 1;
        }
    g_assert_true(is_intact(&h, "Rosebud-7"));
    handshake_clear(&h);
}

/* Cut anywhere: no message, or one that somebody has been at. */
static void test_integrity_code_cut(void)
{
    g_autoptr(GByteArray) whole = hex_bytes(mic_answer);

    for (guint n = 0; n < whole->len; n++) {
        struct handshake h;

        handshake_init(&h);
        g_byte_array_set_size(h.answer, n);
        g_assert_false(is_intact(&h, "Rosebud-7"));
        handshake_clear(&h);
    }
}

/* Without one there is nothing to check: curl sends none. */
static void test_without_integrity_code(void)
{
    g_autoptr(GByteArray) response = hex_bytes(example_response);
    g_autoptr(GByteArray) message = answer_message("Domain", "User", response);
    g_autoptr(GByteArray) nothing = g_byte_array_new();
    const struct ntlm_messages messages = { nothing, nothing, message->data,
                                            message->len };
    g_auto(ntlm_answer) answer = { 0 };

    g_assert_true(ntlm_answer_parse(message->data, message->len, &answer));
    g_assert_false(answer.has_mic);
    g_assert_false(answer.has_channel);
    g_assert_true(ntlm_answer_intact(&answer, &messages, "Password"));
}

static void test_type(void)
{
    static const struct {
        const char *hex;
        enum ntlm_type want;
    } rows[] = {
        { "4e544c4d5353500001000000", NTLM_NEGOTIATE },
        { "4e544c4d5353500003000000", NTLM_AUTHENTICATE },
        { "4e544c4d5353500004000000", NTLM_NOT_ONE },
        { "4e544c4d53535000010000", NTLM_NOT_ONE },
        { "604806062b0601050502a03e", NTLM_NOT_ONE }, /* SPNEGO */
        { "", NTLM_NOT_ONE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) m = hex_bytes(rows[i].hex);

        CHECK_ROW(rows[i].hex, ntlm_type(m->data, m->len) == rows[i].want);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/ntlm/published-example", test_published_example);
    g_test_add_func("/ntlm/other-challenge", test_other_challenge);
    g_test_add_func("/ntlm/cut-anywhere", test_cut_anywhere);
    g_test_add_func("/ntlm/not-v2", test_not_v2);
    g_test_add_func("/ntlm/challenge", test_challenge);
    g_test_add_func("/ntlm/challenge-without-clock",
                    test_challenge_without_clock);
    g_test_add_func("/ntlm/integrity-code", test_integrity_code);
    g_test_add_func("/ntlm/integrity-of-every-byte",
                    test_integrity_of_every_byte);
    g_test_add_func("/ntlm/integrity-code-cut", test_integrity_code_cut);
    g_test_add_func("/ntlm/without-integrity-code",
                    test_without_integrity_code);
    g_test_add_func("/ntlm/type", test_type);
    return g_test_run();
}
