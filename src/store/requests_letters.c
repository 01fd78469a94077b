/*
 * The conversation about a request: mails that came in and mails that go out,
 * one after the other.
 */
#include "store/requests_priv.h"

/*
 * Two tables in one order that pages can go on from: the time, and below it
 * (1,024 to a microsecond) which of those of that moment.  Good until 2255.
 */
#define PLACE_IN  "received_us * 1024 + id % 512 * 2"
#define PLACE_OUT "o.created_us * 1024 + o.id % 512 * 2 + 1"

static const char sql[] =
    "SELECT place, id, dir, at_us, person, subject, state, verdict, redacted,"
    " why FROM (SELECT " PLACE_IN " AS place, id, 0 AS dir,"
    "  received_us AS at_us, sender AS person, subject, place AS state,"
    "  verdict, redacted, NULL AS why FROM request_mails WHERE request = ?4"
    " UNION ALL"
    " SELECT " PLACE_OUT ", o.id, 1, o.created_us, o.recipient, o.subject,"
    "  o.state, '', 0, o.why FROM outbox o WHERE o.request = ?4"
    "  AND (?5 = 0 OR EXISTS (SELECT 1 FROM contacts k"
    "   JOIN requests r ON r.account = k.account WHERE r.id = ?4"
    "   AND lower(k.address) = lower(o.recipient)))) AS l"
    " WHERE {after} ORDER BY {order} LIMIT ?3";

void request_letter_free(struct request_letter *l)
{
    if (l == NULL)
        return;
    g_free(l->person);
    g_free(l->subject);
    g_free(l->verdict);
    g_free(l->why);
    g_free(l);
}

static void free_letter(void *p)
{
    request_letter_free(p);
}

static int read_letter(struct sq_conn *c, struct sq_rows *rows, GPtrArray *to,
                       struct err *err)
{
    struct request_letter *l;
    bool out = sq_int64(rows, 2) != 0;
    unsigned int state;

    if (sq_column_enum(c, rows, 6, &state,
                       out ? OUTBOX_N_STATES : REQUEST_MAIL_N_PLACES, err) < 0)
        return -1;
    l = g_new(struct request_letter, 1);
    *l = (struct request_letter){
        .place = sq_int64(rows, 0),
        .id = sq_int64(rows, 1),
        .out = out,
        .at_us = sq_int64(rows, 3),
        .person = sq_column_dup(rows, 4),
        .subject = sq_column_dup(rows, 5),
        .verdict = sq_column_dup(rows, 7),
        .redacted = sq_int64(rows, 8) != 0,
        .why = sq_column_dup(rows, 9),
    };
    if (out)
        l->state = (enum outbox_state)state;
    else
        l->where = (enum request_mail_place)state;
    g_ptr_array_add(to, l);
    return 0;
}

int requests_letters(struct requests *p,
                     const struct request_letter_filter *filter,
                     const struct roster_page *page, GPtrArray **ret,
                     struct err *err)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_letter);
    struct sq_conn *c = requests_begin(p, DB_READ, err);

    if (c == NULL ||
        sq_end(c,
               roster_read(c, roster_page_sql(page, "place", sql),
                           ARGS(ROSTER_PAGE_ARGS(page), INT(filter->request_id),
                                INT(filter->for_contacts)),
                           read_letter, all, err),
               err) < 0)
        return -1;
    *ret = g_steal_pointer(&all);
    return 0;
}
