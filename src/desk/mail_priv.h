/*
 * mail_priv - what the files of mail.h share:
 *
 *   mail.c           the whole, and who wrote it
 *   mail_nature.c    whether a person did
 *   mail_proof.c     whether it was sent from where it says
 *   mail_parts.c     bodies and files
 *   mail_file.c      what a file is
 *   mail_text.c      what is new in a text
 *   mail_html.c      an HTML body's text
 *   mail_redact.c    what is kept of one with passwords
 */
#ifndef DESK_MAIL_PRIV_H
#define DESK_MAIL_PRIV_H

#include "desk/mail.h"
#include "portable/gmime_shared.h"

/* A header is a list of fields; a mail has a few dozens. */
#define MAIL_FIELDS_MAX 1000

/* One line, of at most MAIL_LINE_MAX bytes; what is no UTF-8 is marked. */
char *mail_line(const char *text);
/* How long the header is, with the blank line after it. */
size_t mail_header_length(const char *bytes, size_t n);

/* Overwrite a text in which a password may stand, and free it; NULL is fine. */
void mail_wipe(char *text);

/* How many fields have that name. */
guint mail_count_fields(GMimeMessage *message, const char *name);
/* A field's value, decoded; NULL: there is none.  Borrowed. */
const char *mail_field(GMimeMessage *message, const char *name);

/* Sets nature and nature_why. */
void mail_judge_nature(struct mail *m, GMimeMessage *message,
                       const char *own_address);
/* Sets proof; after from is known. */
void mail_judge_proof(struct mail *m, GMimeMessage *message,
                      const char *authserv_id);
/* Sets texts, files and faults. */
void mail_read_parts(struct mail *m, GMimeMessage *message);

/* The file takes over its bytes. */
struct mail_file *mail_file_new(const char *name, bool says_csv, char *bytes,
                                size_t n);
void mail_file_free(struct mail_file *f);

/* The text of an HTML document; what it quotes in lines that begin with ">". */
char *mail_html_text(const char *html);

/* What is new in a body, and what one that was sent on says (else NULL). */
struct mail_words {
    char *fresh, *forwarded;
};
/* Of text in UTF-8, with "\n" as line ends. */
struct mail_words mail_words_of(const char *text);

#endif
