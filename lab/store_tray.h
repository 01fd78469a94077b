/*
 * store_tray - what the server would have sent to somebody, kept.
 */
#ifndef LAB_STORE_TRAY_H
#define LAB_STORE_TRAY_H

#include "lab/store.h"

enum lab_sent {
    LAB_SENT_MAIL,
    LAB_SENT_RECEIPT,
    LAB_SENT_INVITATION,
    LAB_SENT_CANCELLATION,
    LAB_SENT_RESPONSE, /* to an invitation */
    N_LAB_SENT,
};

/* "mail" */
const char *lab_sent_name(enum lab_sent kind);

struct lab_sending {
    enum lab_sent kind;
    int64_t mailbox;  /* whose */
    char *from;       /* its address; not looked at when it is added */
    char *recipients; /* addresses, "; " between them */
    char *subject;    /* NULL: none */
    int64_t at_us;
};
void lab_sending_free(struct lab_sending *s);

int lab_store_tray_add(struct lab_store *store, const struct lab_sending *s,
                       struct err *err) G_GNUC_WARN_UNUSED_RESULT;
/* Oldest first: an array of struct lab_sending *, owned. */
int lab_store_tray(struct lab_store *store, GPtrArray **ret,
                   struct err *err) G_GNUC_WARN_UNUSED_RESULT;
int lab_store_tray_empty(struct lab_store *store,
                         struct err *err) G_GNUC_WARN_UNUSED_RESULT;

#endif
