/*
 * settings_photo - the user's picture.
 *
 * Servers scale what they are given, so a picture that came from here is
 * known by the line that says so, and not by its bytes.  A line that begins
 * with "!" was left by a pass that may or may not have sent it.
 */
#include "endpoint/options.h"
#include "engine/settings_priv.h"

static int read_side(struct settings *s, enum side side, GBytes **ret,
                     struct err *err)
{
    const struct engine_job *job = s->pass.job;
    struct endpoint *ep = side == SOURCE ? job->source : job->destination;
    unsigned int failures = 0;
    struct err why;
    int found;

    while ((found = endpoint_get_photo(ep, ret, &why)) < 0)
        if (!settings_endure(s, side, &failures, &why)) {
            *err = why;
            return -1;
        }
    return found;
}

static struct store_setting line_of(char *memo)
{
    return (struct store_setting){
        .key = (char *)(uintptr_t) "photo",
        .subject = (char *)(uintptr_t) "photo",
        .counterpart = (char *)(uintptr_t) "photo",
        .memo = memo,
    };
}

/* Repeatable. */
static int put_photo(struct settings *s, GBytes *picture, char *memo,
                     struct err *err)
{
    g_autofree char *sending = g_strconcat("!", memo, NULL);
    struct store_setting line = line_of(sending);
    unsigned int failures = 0;
    struct err why;

    if (settings_intend(s, &line, 1, err) < 0)
        return -1;
    line = line_of(memo);

    while (endpoint_set_photo(s->pass.job->destination, picture, &why) < 0) {
        if (settings_endure(s, DESTINATION, &failures, &why))
            continue;
        /* Refused; or perhaps it is there all the same. */
        line.memo = why.retry == ERR_RETRY_NEVER ? NULL : sending;
        if (settings_is_local(s, &why))
            return settings_line_failed(s, line, &why, err);
        *err = why;
        return -1;
    }
    line.outcome = SETTING_SET;
    return settings_line(s, line, err);
}

static int say_already(struct settings *s, char *memo, struct err *err)
{
    struct store_setting line = line_of(memo);

    line.outcome = SETTING_ALREADY;
    return settings_line(s, line, err);
}

static int say_own(struct settings *s, struct err *err)
{
    struct store_setting line = line_of(NULL);

    line.outcome = SETTING_SKIPPED;
    line.cause = (char *)(uintptr_t) "the destination has another picture, "
                                     "which stays";
    line.remedy = (char *)(uintptr_t) "run the settings with --replace-photo "
                                      "if the source's is to take its place";
    return settings_line(s, line, err);
}

static int carry(struct settings *s, GBytes *picture, struct err *err)
{
    g_autofree char *digest =
        g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, picture);
    const struct store_setting *before = settings_before(s, "photo");
    const char *memo =
        before != NULL && before->memo != NULL ? before->memo : "";
    g_autoptr(GBytes) there = NULL;
    int found;

    if (strcmp(memo, digest) == 0)
        return say_already(s, digest, err);
    found = read_side(s, DESTINATION, &there, err);
    if (found < 0)
        return -1;
    if (found > 0 && g_bytes_equal(picture, there))
        return say_already(s, digest, err);
    if (found > 0 && memo[0] != '!' && !s->options->replace_photo)
        return say_own(s, err);
    return put_photo(s, picture, digest, err);
}

int settings_photo(struct settings *s, struct err *err)
{
    g_autoptr(GBytes) picture = NULL;
    int found = read_side(s, SOURCE, &picture, err);

    return found <= 0 ? found : carry(s, picture, err);
}
