#include "desk/poll_imap.h"

#include "desk/mail.h"

/* Taken in one look; the next one finds the others. */
#define MAILS_MAX 500u

static void leave(struct poll_done *done, const struct err *why)
{
    if (done->n_left++ == 0)
        done->why = *why;
}

/* One more byte than a mail may have says that there was more. */
static int take(const struct intake *in, struct imap *m, uint32_t uid,
                struct err *err)
{
    g_autoptr(GByteArray) mail = g_byte_array_new();
    struct intake_done done;
    int result = imap_fetch(m, uid, MAIL_BYTES_MAX + 1, mail, err);

    if (result == 0 &&
        intake_take(in, mail->data, mail->len, 0, &done, err) < 0) {
        err->scope = ERR_RUN; /* ours: the mail stays where it is */
        result = -1;
    }
    secret_wipe(mail->data, mail->len);
    return result;
}

/* -1: nothing more can be done now. */
static int take_one(const struct intake *in, struct imap *m, uint32_t uid,
                    struct poll_done *done, struct err *err)
{
    struct err why;

    if (take(in, m, uid, &why) == 0 &&
        imap_move(m, uid, POLL_FOLDER, &why) == 0) {
        done->n_taken++;
        return 0;
    }
    if (why.scope == ERR_RUN) {
        *err = why;
        return -1;
    }
    leave(done, &why);
    return 0;
}

int poll_imap(const struct intake *in, struct imap *m, struct poll_done *ret,
              struct err *err)
{
    g_autoptr(GArray) uids = NULL;
    struct poll_done done = { 0 };

    if (imap_list(m, MAILS_MAX, &uids, err) < 0)
        return -1;
    for (guint i = 0; i < uids->len; i++)
        if (take_one(in, m, g_array_index(uids, uint32_t, i), &done, err) < 0)
            return -1;
    *ret = done;
    return 0;
}
