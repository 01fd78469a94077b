/*
 * The round trip of a trial: what a server does to an item of each class is
 * seen before the many are sent.
 *
 * For each class one item, the one that has most, goes to a scratch folder
 * (scratch.h), comes back and is compared.  Then its copy is updated with an
 * item that has less, to see whether what is gone goes.  Nothing of it is in
 * the ledger of items: the folder is removed at the end, by this pass or, when
 * that dies, by the next one.
 */
#include "engine/trial_priv.h"

#include "base/step.h"

/* Of what differs, so many lines are told. */
#define LINES_MAX 8

/* ---- there and back ------------------------------------------------------ */

/* Once more, when the failure may pass: nothing here may not be repeated. */
static bool again(struct pass *p, unsigned int *failures, const struct err *why)
{
    enum policy policy = policy_of(why);

    return (policy == POLICY_PAUSE || policy == POLICY_LATER) &&
           pass_endure(p, DESTINATION, failures, why) &&
           *failures < p->options.item_tries;
}

int trial_put(struct trial *t, const struct endpoint_put *put, char **ret_id,
              struct err *ret_why)
{
    struct pass *p = &t->copy->pass;
    unsigned int failures = 0;
    struct err why;
    bool maybe;

    do {
        struct endpoint_done done = { 0 };

        if (endpoint_put(t->at[DESTINATION], put, 1, &done, &maybe, &why) ==
            0) {
            if (done.status == 0) {
                *ret_id = g_steal_pointer(&done.id);
                endpoint_done_free(&done, 1);
                return 1;
            }
            why = done.why;
            endpoint_done_free(&done, 1);
        }
    } while (again(p, &failures, &why));
    *ret_why = why;
    return policy_of(&why) == POLICY_STOP || pass_is_over(p) ? -1 : 0;
}

int trial_read(struct trial *t, const char *id, enum payload_format format,
               struct reading *ret, struct err *err)
{
    const struct reader r = {
        .ep = t->at[DESTINATION],
        .side = DESTINATION,
        .keep = true,
        .format = format,
    };

    return reader_read(&t->copy->pass, &r, &id, 1, ret, err);
}

/* ---- what came back ------------------------------------------------------ */

char *trial_text(const GPtrArray *lines)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < MIN(lines->len, LINES_MAX); i++)
        g_string_append_printf(text, "%s%s", i > 0 ? "; " : "",
                               (const char *)lines->pdata[i]);
    if (lines->len > LINES_MAX)
        g_string_append_printf(text, "; and %u more", lines->len - LINES_MAX);
    return g_string_free(text, FALSE);
}

static int differences(const struct reading *sent, const struct reading *back,
                       char **ret, struct err *err)
{
    g_autoptr(GPtrArray) lines = NULL;
    unsigned int parts = 0;

    if (digest_compare(&sent->digest, &back->digest, &parts) == DIGEST_EQUAL)
        return 0;
    if (sent->payload == NULL) {
        *ret = digest_part_names(parts);
        return 0;
    }
    if (fts_diff(sent->payload, back->payload, &lines, err) < 0)
        return -1;
    *ret = lines->len > 0 ? trial_text(lines) : NULL;
    return 0;
}

/* The tags of both, each once. */
static char *unknown_of(const struct fts_makeup *sent,
                        const struct fts_makeup *back)
{
    GString *text = g_string_new(NULL);

    for (guint i = 0; i < sent->unknown->len + back->unknown->len; i++) {
        bool ours = i < sent->unknown->len;
        const char *tag = ours ? sent->unknown->pdata[i]
                               : back->unknown->pdata[i - sent->unknown->len];

        if (!ours && g_ptr_array_find_with_equal_func(sent->unknown, tag,
                                                      g_str_equal, NULL))
            continue;
        g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", tag);
    }
    return g_string_free(text, text->len == 0);
}

static int compare(const struct trial_item *sent, const struct reading *back,
                   struct store_trial *line, struct err *err)
{
    g_auto(fts_makeup) makeup = { 0 };

    if (back->end != READING_DONE) {
        line->outcome = TRIAL_FAILED;
        line->what =
            g_strdup_printf("it could not be read again: %s", back->why.msg);
        return 0;
    }
    if (differences(&sent->now, back, &line->what, err) < 0)
        return -1;
    line->outcome = line->what != NULL ? TRIAL_ALTERED : TRIAL_WHOLE;
    if (back->payload == NULL)
        return 0;
    if (fts_makeup_read(back->payload, &makeup, err) < 0)
        return -1;
    line->unknown = unknown_of(&sent->makeup, &makeup);
    return 0;
}

/* ---- class after class --------------------------------------------------- */

static void add_line(struct trial *t, const struct trial_class *class,
                     struct store_trial *line)
{
    line->source = g_strdup(t->copy->servers[SOURCE]);
    line->destination = g_strdup(t->copy->servers[DESTINATION]);
    line->item_class = g_strdup(class->item_class);
    line->format = route_format(t->copy);
    line->pass_id = t->copy->pass.record.id;
    g_array_append_val(t->lines, *line);
}

static int try_back(struct trial *t, const struct trial_class *class,
                    const struct trial_pair *pair, const char *folder_id,
                    const char *id, struct store_trial *line, struct err *err)
{
    struct reading back = { 0 };
    bool update = pair->poor != NULL && pair->rich->now.payload != NULL &&
                  (t->at[DESTINATION]->caps & ENDPOINT_CAP_UPDATE) != 0;
    int r = trial_read(t, id, pair->rich->now.digest.format, &back, err);

    if (r == 0)
        r = compare(pair->rich, &back, line, err);
    if (r == 0 && update && back.end == READING_DONE)
        r = trial_edit(t, class, pair, folder_id, id, &back, err);
    reading_clear(&back);
    return r;
}

static int try_pair(struct trial *t, const struct trial_class *class,
                    const struct trial_pair *pair, struct store_trial *line,
                    struct err *err)
{
    struct endpoint_put put = {
        .format = pair->rich->now.digest.format,
        .payload = pair->rich->now.payload,
        .portable = pair->rich->now.portable,
    };
    g_autofree char *id = NULL;
    struct err why;
    int r;

    if (scratch_get(&t->copy->pass, &t->scratch, t->copy->scratch_parent,
                    item_kind_of_class(class->item_class), &put.folder_id,
                    err) < 0)
        return -1;
    r = trial_put(t, &put, &id, &why);
    if (r < 0) {
        *err = why;
        return -1;
    }
    step("scratch-put");
    if (r > 0)
        return try_back(t, class, pair, put.folder_id, id, line, err);
    line->outcome = TRIAL_FAILED;
    line->what = g_strdup_printf("it is refused: %s", why.msg);
    return 0;
}

static int try_class(struct trial *t, const struct trial_class *class,
                     struct err *err)
{
    struct store_trial line = { 0 };
    struct trial_pair pair;
    int r;

    if (trial_pick(&t->copy->pass, t->at[SOURCE], route_format(t->copy), class,
                   &pair, err) < 0)
        return -1;
    /* Its failure to be read is on record where it is copied. */
    r = pair.rich != NULL ? try_pair(t, class, &pair, &line, err) : 0;
    if (r == 0 && pair.rich != NULL)
        add_line(t, class, &line);
    trial_pair_release(&pair);
    return r;
}

/* ---- the result ---------------------------------------------------------- */

/* True: something is to be said about edits. */
static bool judge_edits(const struct trial *t, struct store_edits *ret)
{
    static char proven[] = "an update was seen to remove what is gone";
    static char half[] =
        "no item with an attachment, or more properties, and one of its class "
        "without were there to try it with";
    static char refused[] = "the destination takes no updates";
    const struct trial_edits *e = &t->edits;

    if (t->lines->len == 0 || route_format(t->copy) != PAYLOAD_FTS)
        return false;
    *ret = (struct store_edits){ t->copy->servers[SOURCE],
                                 t->copy->servers[DESTINATION], EDITS_UNTRIED,
                                 half };
    if ((t->at[DESTINATION]->caps & ENDPOINT_CAP_UPDATE) == 0) {
        ret->way = EDITS_REPLACE;
        ret->why = refused;
    } else if (e->against != NULL) {
        ret->way = EDITS_REPLACE;
        ret->why = e->against;
    } else if (e->attachments && e->properties) {
        ret->way = EDITS_IN_PLACE;
        ret->why = proven;
    }
    return true;
}

static void tell(struct copy *c, const struct trial *t,
                 const struct store_edits *edits)
{
    for (guint i = 0; i < t->lines->len; i++)
        pass_event(&c->pass,
                   &(struct engine_event){
                       .kind = ENGINE_TRIAL,
                       .trial = &g_array_index(t->lines, struct store_trial, i),
                   });
    if (edits != NULL)
        pass_event(&c->pass, &(struct engine_event){ .kind = ENGINE_TRIAL,
                                                     .edits = edits });
}

static int record(struct trial *t, struct err *err)
{
    const struct engine_job *job = t->copy->pass.job;
    struct store_edits edits;
    bool about_edits = judge_edits(t, &edits);

    if (t->lines->len == 0)
        return 0;
    if (store_trial_record(job->store, &job->lease, about_edits ? &edits : NULL,
                           (const struct store_trial *)(void *)t->lines->data,
                           t->lines->len, err) < 0)
        return -1;
    tell(t->copy, t, about_edits ? &edits : NULL);
    return edits_refresh(t->copy, err);
}

static int try_all(struct trial *t, struct err *err)
{
    g_autoptr(GPtrArray) classes = NULL;

    if (trial_classes(t->copy, &classes, err) < 0)
        return -1;
    for (guint i = 0; i < classes->len; i++) {
        if (pass_is_over(&t->copy->pass))
            return pass_interrupted(&t->copy->pass, err);
        if (try_class(t, classes->pdata[i], err) < 0)
            return -1;
    }
    return 0;
}

static void clear_line(void *data)
{
    struct store_trial *line = data;

    g_free(line->source);
    g_free(line->destination);
    g_free(line->item_class);
    g_free(line->what);
    g_free(line->unknown);
}

/* What only the trial cannot do is no failure of the mailbox's. */
static int give_up(struct copy *c, const struct err *why, struct err *err)
{
    g_autofree char *text = g_strdup_printf(
        "the trial's round trip could not be finished: %s", why->msg);

    if (policy_of(why) == POLICY_STOP || pass_is_over(&c->pass)) {
        *err = *why;
        return -1;
    }
    pass_event(&c->pass,
               &(struct engine_event){ .kind = ENGINE_NOTE, .text = text });
    return 0;
}

int trial_round(struct copy *c, struct err *err)
{
    struct hands h = pass_own_hands(&c->pass);
    struct trial t = {
        .copy = c,
        .at = { h.at[SOURCE], h.at[DESTINATION] },
        .lines = g_array_new(FALSE, FALSE, sizeof(struct store_trial)),
    };
    struct err why;
    int r;

    g_array_set_clear_func(t.lines, clear_line);
    r = try_all(&t, &why);
    if (r == 0)
        r = record(&t, &why);
    if (r < 0)
        r = give_up(c, &why, err);
    if (r == 0 && scratch_remove(&c->pass, &t.scratch, &why) < 0)
        r = give_up(c, &why, err);
    scratch_clear(&t.scratch);
    g_free(t.edits.against);
    g_array_unref(t.lines);
    return r;
}
