/*
 * generate_priv - what the generator's files share.
 */
#ifndef LAB_GENERATE_PRIV_H
#define LAB_GENERATE_PRIV_H

#include "lab/generate.h"
#include "lab/hash.h"
#include "lab/mapi.h"

/* A stream of numbers that follows from its first state. */
struct lab_random {
    uint64_t state;
};

static inline uint64_t lab_random_next(struct lab_random *r)
{
    r->state += UINT64_C(0x9E3779B97F4A7C15);
    return lab_hash_mix(r->state);
}

/* 0 to n - 1; n is not 0. */
static inline uint32_t lab_random_below(struct lab_random *r, uint32_t n)
{
    return (uint32_t)(lab_random_next(r) % n);
}

/* True in `percent` of a hundred cases. */
static inline bool lab_random_chance(struct lab_random *r, uint32_t percent)
{
    return lab_random_below(r, 100) < percent;
}

/* Someone who writes and is written to. */
struct lab_person {
    char *name;
    char *address; /* SMTP */
    char *dn;      /* Exchange's name for one inside, upper case; else NULL */
};

#define LAB_N_PEOPLE 48

/* What all items of one mailbox have in common. */
struct lab_scene {
    struct lab_store *store;
    int64_t mailbox;
    uint64_t seed;
    uint64_t attachment_max;
    int64_t newest_us;
    struct lab_person owner;
    struct lab_person people[LAB_N_PEOPLE];
};

/* One item in the making. */
struct lab_sketch {
    const struct lab_scene *scene;
    struct lab_random random;
    struct mapi_item *item;
    struct mapi_props *props; /* of item's message */
    int64_t at_us;            /* when it came to be */
    bool outgoing;            /* the owner wrote it */
    bool draft;
};

const struct lab_person *lab_someone(struct lab_sketch *s);

/*
 * Fill in the rest of a scene whose store, mailbox and seed are set; then
 * lab_people_clear() ends it.  options may be NULL.
 */
int lab_scene_open(struct lab_scene *scene,
                   const struct lab_generate_options *options, struct err *err);

/* ---- generate_text.c: all returned text is the caller's -------------- */

char *lab_text_subject(struct lab_random *r);
/* Paragraphs, about `bytes` long, in one of several scripts. */
char *lab_text_body(struct lab_random *r, size_t bytes);
char *lab_text_html(const char *text, const char *subject, bool image);
/* HTML inside of RTF, as Outlook keeps it; packed as above. */
GByteArray *lab_text_html_rtf(const char *text, bool compressed);
/* [MS-OXRTFCP], compressed with literals alone or stored. */
GByteArray *lab_text_rtf(const char *text, bool compressed);
char *lab_text_file_name(struct lab_random *r, const char **ret_mime);
const char *lab_text_place(struct lab_random *r);
const char *lab_text_category(struct lab_random *r);
void lab_people_init(struct lab_scene *scene);
void lab_people_clear(struct lab_scene *scene);

/* ---- generate_part.c: what many kinds of item have ------------------- */

void lab_part_head(struct lab_sketch *s, const char *item_class,
                   const char *subject);
void lab_part_sender(struct lab_sketch *s, const struct lab_person *from);
void lab_part_recipient(struct lab_sketch *s, struct mapi_message *m,
                        const struct lab_person *p, int type);
void lab_part_body_plain(struct lab_sketch *s, const char *text);
void lab_part_body_html(struct lab_sketch *s, const char *text, bool image);
void lab_part_body_rtf(struct lab_sketch *s, const char *text);
/* An attachment by value of that many bytes. */
void lab_part_file(struct lab_sketch *s, uint64_t bytes);
/* With its number and time stamps; the caller sets the rest. */
struct mapi_attachment *lab_part_attachment(struct lab_sketch *s,
                                            struct mapi_message *m, int method);
void lab_part_binary(struct lab_sketch *s, struct mapi_props *props,
                     uint32_t tag, size_t bytes);
/* A list of binary values, of type MV_FLAG | PT_BINARY. */
void lab_part_binaries(struct lab_sketch *s, uint32_t tag, GByteArray **values,
                       uint32_t n);
GByteArray *lab_part_entry_id(const struct lab_person *p);

/* ---- the kinds ------------------------------------------------------- */

typedef void (*lab_kind_fn)(struct lab_sketch *s);

/* generate_mail.c */
void lab_kind_plain(struct lab_sketch *s);
void lab_kind_html(struct lab_sketch *s);
void lab_kind_rtf(struct lab_sketch *s);
void lab_kind_all_bodies(struct lab_sketch *s);
void lab_kind_files(struct lab_sketch *s);
void lab_kind_large(struct lab_sketch *s);
void lab_kind_ole(struct lab_sketch *s);
void lab_kind_forwarded(struct lab_sketch *s);
void lab_kind_signed(struct lab_sketch *s);
void lab_kind_report(struct lab_sketch *s);
void lab_kind_receipt(struct lab_sketch *s);
void lab_kind_custom(struct lab_sketch *s);
void lab_kind_no_subject(struct lab_sketch *s);
void lab_kind_draft(struct lab_sketch *s);

/* All of a mail but its body and attachments. */
void lab_mail_start(struct lab_sketch *s, const char *item_class);
char *lab_mail_text(struct lab_sketch *s);
char *lab_mail_message_id(struct lab_random *r);
/*
 * A mail inside of m, and mails inside of that, so many more levels deep.
 * Returns the innermost.
 */
struct mapi_message *lab_mail_forward(struct lab_sketch *s,
                                      struct mapi_message *m, uint32_t depth);

/* generate_odd.c */
void lab_kind_opaque(struct lab_sketch *s);
void lab_kind_wrong_charset(struct lab_sketch *s);
void lab_kind_broken(struct lab_sketch *s);
void lab_kind_receipt_wanted(struct lab_sketch *s);
void lab_kind_pictures(struct lab_sketch *s);
void lab_kind_nested(struct lab_sketch *s);
void lab_kind_voice(struct lab_sketch *s);
void lab_kind_html_rtf(struct lab_sketch *s);
void lab_kind_odd_dates(struct lab_sketch *s);

/* generate_calendar.c */
void lab_kind_appointment(struct lab_sketch *s);
void lab_kind_series(struct lab_sketch *s);
void lab_kind_meeting(struct lab_sketch *s);
void lab_kind_request(struct lab_sketch *s);
void lab_kind_response(struct lab_sketch *s);

/* generate_pim.c */
void lab_kind_contact(struct lab_sketch *s);
void lab_kind_list(struct lab_sketch *s);
void lab_kind_task(struct lab_sketch *s);
void lab_kind_note(struct lab_sketch *s);
void lab_kind_journal(struct lab_sketch *s);
void lab_kind_configuration(struct lab_sketch *s, const char *item_class);

#endif
