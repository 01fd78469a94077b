/*
 * asked_priv - what the files of asked.h share:
 *
 *   asked.c        lines, labels, sentences
 *   asked_label.c  which field a label means
 *   asked_value.c  a value in its one form
 */
#ifndef DESK_ASKED_PRIV_H
#define DESK_ASKED_PRIV_H

#include "desk/asked.h"

/* ASKED_N_FIELDS: it is no label that we know. */
enum asked_field asked_label(const char *label);

/* Each in its one form, or NULL: it is none.  The caller frees. */
char *asked_partner_value(const char *text);
char *asked_domain_value(const char *text);
char *asked_url_value(const char *text);
char *asked_user_value(const char *text);

enum asked_date { ASKED_DATE, ASKED_NO_DATE, ASKED_DATE_UNCLEAR };
/* "2026-12-01" in *ret; UNCLEAR: 03/04/2026 has two meanings. */
enum asked_date asked_date_value(const char *text, char **ret);

/* NULL: a placeholder, or words that say that there is none. */
struct secret *asked_secret_value(const char *text);

#endif
