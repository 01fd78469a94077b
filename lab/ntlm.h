/*
 * ntlm - the server's half of NTLMv2 ([MS-NLMP]): make a challenge, read the
 * answer to it, verify the answer against a password.
 *
 * Messages are those inside "Authorization: NTLM <base64>".  NTLMv1 and LM
 * answers are refused, as a server of today is set up to do.  No session
 * security follows the handshake in HTTP, so a key is derived for one thing
 * alone: the integrity code over all three messages, where there is one.
 */
#ifndef LAB_NTLM_H
#define LAB_NTLM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <glib.h>

#define NTLM_CHALLENGE_SIZE 8
#define NTLM_MIC_SIZE       16
#define NTLM_CHANNEL_SIZE   16

/*
 * Longest message taken: names are at most 256 characters, target information
 * a few hundred bytes; what IIS accepts in a header bounds the rest.
 */
#define NTLM_MESSAGE_MAX 12288

enum ntlm_type {
    NTLM_NOT_ONE = 0, /* not a message of this protocol */
    NTLM_NEGOTIATE = 1,
    NTLM_CHALLENGE = 2,
    NTLM_AUTHENTICATE = 3,
};

/* What kind of message it claims to be. */
enum ntlm_type ntlm_type(const uint8_t *message, size_t len);

/* How the server names itself in a challenge. */
struct ntlm_names {
    const char *netbios_domain;   /* "CONTOSO": the target name */
    const char *netbios_computer; /* "EXCH01" */
    const char *dns_domain;       /* "contoso.example" */
    const char *dns_computer;     /* "exch01.contoso.example" */
};

/*
 * The answer to a NEGOTIATE message.  filetime: 100 ns since 1601, sent as
 * the server's clock; 0: none is sent (as Exchange 2007 on Windows 2003).
 * NULL when the message is not one or is cut off.
 */
GByteArray *ntlm_challenge_new(const struct ntlm_names *names,
                               const uint8_t challenge[NTLM_CHALLENGE_SIZE],
                               uint64_t filetime, const uint8_t *negotiate,
                               size_t len);

/* The last message, taken apart.  Strings and bytes are owned. */
struct ntlm_answer {
    char *domain; /* UTF-8; may be "" */
    char *user;   /* "user" or "user@domain" */
    char *workstation;
    GByteArray *response; /* NTProofStr and what it signs */
    GByteArray *key;      /* session key as sent; empty: none was */
    uint32_t flags;
    bool has_mic; /* says, in what the proof signs, that it has one */
    uint8_t mic[NTLM_MIC_SIZE];
    bool has_channel; /* is bound to a channel */
    uint8_t channel[NTLM_CHANNEL_SIZE];
};

void ntlm_answer_clear(struct ntlm_answer *answer);
typedef struct ntlm_answer ntlm_answer;
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ntlm_answer, ntlm_answer_clear)

/* False (and nothing in *ret) when it is malformed, or not NTLMv2. */
bool ntlm_answer_parse(const uint8_t *message, size_t len,
                       struct ntlm_answer *ret);

/* Whether whoever made the answer to this challenge knew the password. */
bool ntlm_answer_verify(const struct ntlm_answer *answer,
                        const uint8_t challenge[NTLM_CHALLENGE_SIZE],
                        const char *password);

/* The three messages of a handshake, byte by byte. */
struct ntlm_messages {
    const GByteArray *negotiate, *challenge;
    const uint8_t *answer;
    size_t answer_len;
};

/*
 * Whether nobody has changed any of them on the way: true also for an answer
 * that has no integrity code.  After ntlm_answer_verify().
 */
bool ntlm_answer_intact(const struct ntlm_answer *answer,
                        const struct ntlm_messages *messages,
                        const char *password);

#endif
