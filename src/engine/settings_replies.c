/*
 * settings_replies - automatic replies.
 *
 * They are set once.  Whoever comes back from holiday after that and turns
 * them off at the destination is not to be sent away again by the next run,
 * so each line keeps what it was that was set: its digest.  Before the answer
 * is there that is "!new" or, where ours were there before, "!new old".
 */
#include <string.h>

#include "base/timestamp.h"
#include "endpoint/auto_reply.h"
#include "engine/settings_priv.h"

/* All that makes a difference; where no time is kept, it is the server's. */
static char *digest_of(const struct endpoint_auto_reply *r)
{
    bool timed = r->state == AUTO_REPLY_SCHEDULED;
    g_autofree char *text = g_strdup_printf(
        "%d %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %zu %s %s",
        (int)r->state, (int)r->audience, timed ? r->start_us : 0,
        timed ? r->end_us : 0, strlen(r->internal), r->internal, r->external);

    return g_compute_checksum_for_string(G_CHECKSUM_SHA256, text, -1);
}

static int read_side(struct settings *s, enum side side,
                     struct endpoint_auto_reply *ret, struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;

    while (endpoint_get_auto_reply(ep, ret, &why) < 0)
        if (!settings_endure(s, side, &failures, &why)) {
            *err = why;
            return -1;
        }
    return 0;
}

/* A time that is over is no more than a text for the next one. */
static void settle_time(struct endpoint_auto_reply *r)
{
    if (r->state == AUTO_REPLY_SCHEDULED && r->end_us <= timestamp_now())
        r->state = AUTO_REPLY_OFF;
}

static struct store_setting line_of(const struct endpoint_auto_reply *r)
{
    return (struct store_setting){
        .key = (char *)(uintptr_t) "replies",
        .subject = (char *)(uintptr_t) "automatic replies",
        .counterpart = (char *)(uintptr_t) "automatic replies",
        .value = (char *)(uintptr_t)auto_reply_state_name(r->state),
    };
}

static int say_already(struct settings *s,
                       const struct endpoint_auto_reply *wanted,
                       const char *memo, const char *cause, struct err *err)
{
    struct store_setting line = line_of(wanted);

    line.outcome = SETTING_ALREADY;
    line.memo = (char *)(uintptr_t)memo;
    line.cause = (char *)(uintptr_t)cause;
    return settings_line(s, line, err);
}

static int say_own(struct settings *s, const struct endpoint_auto_reply *wanted,
                   struct err *err)
{
    struct store_setting line = line_of(wanted);

    line.outcome = SETTING_FAILED;
    line.cause = (char *)(uintptr_t) "the destination has automatic replies of "
                                     "its own, which are left alone";
    line.remedy = (char *)(uintptr_t) "look at them in Outlook on the web; "
                                      "empty and turn them off there if the "
                                      "source's are to take their place, then "
                                      "run the settings again";
    return settings_line(s, line, err);
}

/* What is there came from us, or would if a lost answer was a good one. */
static bool is_ours(const char *memo, const char *have)
{
    g_auto(GStrv) digests = NULL;

    if (memo == NULL)
        return false;
    digests = g_strsplit(memo[0] == '!' ? memo + 1 : memo, " ", -1);
    return g_strv_contains((const char *const *)digests, have);
}

/*
 * Repeatable: it says what is to be, not what is to change.  ours: the digest
 * of what is there, if it came from us.
 */
static int put_reply(struct settings *s,
                     const struct endpoint_auto_reply *wanted, const char *memo,
                     const char *ours, struct err *err)
{
    g_autofree char *sending =
        g_strconcat("!", memo, ours != NULL ? " " : NULL, ours, NULL);
    struct store_setting line = line_of(wanted);
    unsigned int failures = 0;
    struct err why;

    line.memo = sending;
    if (settings_intend(s, &line, 1, err) < 0)
        return -1;
    while (endpoint_set_auto_reply(s->pass.job->destination, wanted, &why) <
           0) {
        if (settings_endure(s, DESTINATION, &failures, &why))
            continue;
        if (settings_is_local(s, &why))
            return settings_line_failed(s, line, &why, err);
        *err = why;
        return -1;
    }
    line = line_of(wanted);
    line.outcome = SETTING_SET;
    line.memo = (char *)(uintptr_t)memo;
    return settings_line(s, line, err);
}

/*
 * wanted: the source's, as it makes sense now.  There is something of the
 * destination's own unless it is blank, or as the line says that we left it.
 */
static int carry(struct settings *s, const struct endpoint_auto_reply *wanted,
                 const struct endpoint_auto_reply *there, struct err *err)
{
    const struct store_setting *before =
        settings_before(s, line_of(wanted).key);
    const char *memo = before != NULL ? before->memo : NULL;
    g_autofree char *want = digest_of(wanted);
    g_autofree char *have = digest_of(there);
    bool ours = is_ours(memo, have);

    if (strcmp(want, have) == 0)
        return say_already(s, wanted, want, NULL, err);
    if (g_strcmp0(memo, want) == 0)
        return say_already(s, wanted, want,
                           "they were set by an earlier run; what has changed "
                           "at the destination since stays",
                           err);
    if (!endpoint_auto_reply_is_blank(there) && !ours)
        return say_own(s, wanted, err);
    return put_reply(s, wanted, want, ours ? have : NULL, err);
}

int settings_replies(struct settings *s, struct err *err)
{
    g_auto(endpoint_auto_reply) wanted = { 0 };
    g_auto(endpoint_auto_reply) there = { 0 };

    if (read_side(s, SOURCE, &wanted, err) < 0)
        return -1;
    settle_time(&wanted);
    if (endpoint_auto_reply_is_blank(&wanted))
        return 0;
    if (read_side(s, DESTINATION, &there, err) < 0)
        return -1;
    settle_time(&there);
    return carry(s, &wanted, &there, err);
}
