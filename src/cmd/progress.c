#include "cmd/progress.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "cmd/help.h"
#include "cmd/progress_priv.h"

/* Often enough to look alive, seldom enough to cost nothing. */
#define PAINT_TERMINAL_US (TIMESTAMP_SECOND / 5)
#define PAINT_OTHER_US    TIMESTAMP_SECOND
/* Without a terminal: an overall line now and then. */
#define PLAIN_EVERY_US (30 * TIMESTAMP_SECOND)
/* A rate over less says nothing about the time that is left. */
#define RATE_LEAST_US (3 * TIMESTAMP_SECOND)

enum progress_style progress_style_for(FILE *out, bool json)
{
    const char *term = g_getenv("TERM");

    if (json)
        return PROGRESS_JSON;
    if (isatty(fileno(out)) && term != NULL && strcmp(term, "dumb") != 0)
        return PROGRESS_TERMINAL;
    return PROGRESS_PLAIN;
}

const char *progress_name(const struct progress *p, size_t index)
{
    return p->config.mailboxes[index].source_address;
}

char *progress_number(uint64_t n)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, n);
    size_t len = strlen(digits);
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0)
            g_string_append_c(out, ',');
        g_string_append_c(out, digits[i]);
    }
    return g_string_free(out, FALSE);
}

static struct progress_load load_of(const struct progress *p)
{
    struct progress_load load = { 0 };

    if (p->config.load != NULL)
        p->config.load(p->config.load_data, &load);
    return load;
}

static double share_of(const struct progress_load *load)
{
    int64_t all = load->working_us + load->throttled_us;

    return all > 0 ? (double)load->throttled_us / (double)all : 0;
}

void progress_totals(const struct progress *p, int64_t now_us,
                     struct progress_totals *ret)
{
    const struct progress_load load = load_of(p);
    struct progress_totals t = { .left_us = TIMESTAMP_NONE,
                                 .quiet_until_us = load.quiet_until_us };
    int64_t elapsed_us = now_us - p->begun_us - load.quiet_us;
    double elapsed = (double)MAX(elapsed_us, 1) / (double)TIMESTAMP_SECOND;
    uint64_t done;

    for (size_t i = 0; i < p->config.n; i++) {
        const struct progress_row *row = &p->rows[i];

        t.listed += row->listed;
        t.copied += row->copied;
        t.there += row->there;
        t.failed += row->failed;
        t.verified += row->verified;
        t.copied_bytes += row->copied_bytes;
        t.running += row->running;
        t.ended += row->ended;
    }
    done = t.copied + t.there + t.failed;
    t.items_per_s = (double)(t.copied + t.there) / elapsed;
    t.bytes_per_s = (double)t.copied_bytes / elapsed;
    /* Mailboxes that have not begun are unknown: then there is no saying. */
    if (elapsed_us > RATE_LEAST_US && t.copied + t.there > 0 &&
        t.running + t.ended == p->config.n && t.listed >= done)
        t.left_us = (int64_t)((double)(t.listed - done) / t.items_per_s *
                              (double)TIMESTAMP_SECOND);
    t.throttled_share = share_of(&load);
    *ret = t;
}

static void plain_overall(struct progress *p, int64_t now_us)
{
    struct progress_totals t;
    g_autofree char *copied = NULL, *listed = NULL, *left = NULL, *text = NULL,
                    *foreseen = progress_forecast_text(p);

    progress_totals(p, now_us, &t);
    copied = progress_number(t.copied);
    listed = progress_number(t.listed);
    left = t.left_us == TIMESTAMP_NONE ? g_strdup("not known yet")
                                       : timestamp_duration(t.left_us);
    text = g_strdup_printf(
        "%zu of %zu mailboxes done, %s of %s items copied, %.1f MB/s, "
        "%.0f items/s, time left %s, throttled %.0f %%",
        t.ended, p->config.n, copied, listed, t.bytes_per_s / 1e6,
        t.items_per_s, left, t.throttled_share * 100);
    help_wrap(p->config.out, text, 4, 0);
    if (foreseen != NULL)
        help_wrap(p->config.out, foreseen, 4, 0);
    fflush(p->config.out);
    p->last_line_us = now_us;
}

char *progress_quiet_text(const struct hours *quiet, int64_t until_us)
{
    g_autofree char *clock = hours_clock(quiet, until_us);

    return g_strdup_printf("quiet hours until %s: nothing is begun there "
                           "before",
                           clock);
}

/* Its hours have begun, are others than was thought, or are over. */
static void tell_quiet(struct progress *p)
{
    int64_t until_us = load_of(p).quiet_until_us;
    g_autofree char *text = NULL;

    if (p->config.quiet == NULL || until_us == p->quiet_until_us)
        return;
    p->quiet_until_us = until_us;
    if (p->config.style == PROGRESS_JSON)
        progress_quiet_json(p->config.out, p->config.quiet, until_us);
    if (p->config.style != PROGRESS_PLAIN)
        return;
    text = until_us != 0 ? progress_quiet_text(p->config.quiet, until_us)
                         : g_strdup("quiet hours are over");
    fprintf(p->config.out, "source: %s\n", text);
    fflush(p->config.out);
}

static void paint(struct progress *p)
{
    int64_t now_us = timestamp_monotonic();

    tell_quiet(p);
    switch (p->config.style) {
    case PROGRESS_TERMINAL:
        progress_terminal_paint(p, now_us);
        break;
    case PROGRESS_JSON:
        progress_json_changed(p, now_us);
        break;
    case PROGRESS_PLAIN:
        if (now_us - p->last_line_us >= PLAIN_EVERY_US)
            plain_overall(p, now_us);
        break;
    case PROGRESS_NONE:
        break;
    }
}

static void *painter(void *data)
{
    struct progress *p = data;
    int64_t every_us = p->config.style == PROGRESS_TERMINAL ? PAINT_TERMINAL_US
                                                            : PAINT_OTHER_US;

    pthread_mutex_lock(&p->lock);
    while (!p->stopping) {
        int64_t at_us = timestamp_monotonic() + every_us;
        struct timespec at = {
            .tv_sec = at_us / TIMESTAMP_SECOND,
            .tv_nsec = at_us % TIMESTAMP_SECOND * 1000,
        };

        if (pthread_cond_timedwait(&p->wake, &p->lock, &at) == ETIMEDOUT)
            paint(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Text that stays, whatever the style. */
static void put(struct progress *p, const char *text)
{
    if (p->config.style == PROGRESS_TERMINAL)
        progress_terminal_line(p, text);
    else if (p->config.style == PROGRESS_PLAIN) {
        fprintf(p->config.out, "%s\n", text);
        fflush(p->config.out);
    }
}

/* A line of its own, however long: who looks for a mailbox finds it whole. */
static void say(struct progress *p, size_t index, const char *text)
{
    g_autofree char *line =
        g_strdup_printf("%s: %s", progress_name(p, index), text);

    put(p, line);
}

/* What servers say is long: in lines of a terminal.  remedy: or NULL. */
static void explain(struct progress *p, size_t index, const char *text,
                    const char *remedy)
{
    static const char before[] = "    remedy: ";
    g_autofree char *line =
        g_strdup_printf("%s: %s", progress_name(p, index), text);
    char *buffer = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&buffer, &size);

    if (out == NULL)
        g_error("out of memory");
    help_wrap(out, line, 4, 0);
    if (remedy != NULL) {
        fputs(before, out);
        help_wrap(out, remedy, strlen(before), strlen(before));
    }
    (void)fclose(out); /* it is memory */
    put(p, g_strchomp(buffer));
    free(buffer);
}

void progress_stand(struct progress *p, struct outlook_mailbox *ret)
{
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->config.n; i++) {
        const struct progress_row *row = &p->rows[i];

        ret[i] = (struct outlook_mailbox){
            .id = p->config.mailboxes[i].id,
            .stand = row->ended     ? OUTLOOK_OVER
                     : row->running ? OUTLOOK_RUNS
                                    : OUTLOOK_WAITS,
            .known = row->listed,
            .copied = row->copied + row->there,
            .failed = row->failed,
        };
    }
    pthread_mutex_unlock(&p->lock);
}

void progress_foresee(struct progress *p, const struct forecast_span *span,
                      const char *basis)
{
    pthread_mutex_lock(&p->lock);
    p->foreseen = *span;
    g_free(p->basis);
    p->basis = g_strdup(basis);
    if (basis != NULL && p->config.style == PROGRESS_JSON)
        progress_json_forecast(p);
    pthread_mutex_unlock(&p->lock);
}

char *progress_forecast_text(const struct progress *p)
{
    g_autofree char *text = NULL;

    if (p->basis == NULL)
        return NULL;
    text = forecast_text(&p->foreseen, timestamp_now());
    return g_strdup_printf("forecast: %s (%s)", text, p->basis);
}

static void begun(void *data, size_t index)
{
    struct progress *p = data;

    pthread_mutex_lock(&p->lock);
    p->rows[index].running = true;
    pthread_mutex_unlock(&p->lock);
}

/*
 * What stands in the report is told in full only where somebody asked for it;
 * a note that is about nothing in particular is news, and told at once.
 */
static void note(struct progress *p, size_t index, const char *what,
                 const struct engine_event *event)
{
    const char *text = event->text;
    bool is_note = event->kind == ENGINE_NOTE;
    g_autofree char *line =
        text != NULL ? g_strdup_printf("%s: %s", what, text) : g_strdup(what);

    if (p->config.style == PROGRESS_JSON)
        progress_json_note(p, index, what, event);
    else if (p->config.verbose || (is_note && event->about == NULL))
        explain(p, index, line, NULL);
    else
        progress_groups_add(p, index, is_note ? event->about : line, event->n,
                            !is_note);
}

static void set_state(struct progress *p, size_t index,
                      enum mailbox_state state, const char *reason)
{
    struct progress_row *row = &p->rows[index];

    g_free(row->reason);
    row->reason = g_strdup(reason);
    if (row->state == state)
        return;
    row->state = state;
    if (p->config.style == PROGRESS_JSON)
        progress_json_state(p, index);
}

static void set_note(struct progress *p, size_t index,
                     const struct engine_event *event)
{
    g_free(p->rows[index].note);
    p->rows[index].note = g_strdup(event->text);
}

/* What each event adds to a row, and what is said of it. */
static const struct {
    size_t sum, bytes; /* in struct progress_row; 0: nowhere */
    const char *note;  /* it is told as that; or NULL */
} told[ENGINE_N_EVENTS] = {
#define IN_ROW(field) offsetof(struct progress_row, field)
    [ENGINE_LISTED] = { IN_ROW(listed), IN_ROW(listed_bytes), NULL },
    [ENGINE_COPIED] = { IN_ROW(copied), IN_ROW(copied_bytes), NULL },
    [ENGINE_ADOPTED] = { IN_ROW(there), 0, NULL },
    [ENGINE_FAILED] = { IN_ROW(failed), 0, "item failed" },
    [ENGINE_DOUBT] = { 0, 0, "items in doubt" },
    [ENGINE_DOUBLE] = { 0, 0, "double removed" },
    [ENGINE_FOLLOWED] = { IN_ROW(followed), 0, NULL },
    [ENGINE_CONFLICT] = { IN_ROW(conflicts), 0, "conflict" },
    [ENGINE_VERIFIED] = { IN_ROW(verified), 0, NULL },
    [ENGINE_SETTING] = { IN_ROW(settings), 0, NULL },
    [ENGINE_NOTE] = { 0, 0, "note" },
#undef IN_ROW
};

static void add_to(struct progress_row *row, size_t at, uint64_t n)
{
    if (at != 0)
        *(uint64_t *)(void *)((char *)row + at) += n;
}

static void apply(struct progress *p, size_t index,
                  const struct engine_event *event)
{
    struct progress_row *row = &p->rows[index];
    /* a doubt that is settled, and nobody says how, is no news */
    bool is_mute =
        event->kind == ENGINE_DOUBT && event->n == 0 && event->text == NULL;

    add_to(row, told[event->kind].sum, event->n);
    add_to(row, told[event->kind].bytes, event->bytes);
    if (event->kind == ENGINE_STATE)
        set_state(p, index, event->state, event->text);
    else if (event->kind == ENGINE_PARKED)
        set_note(p, index, event);
    else if (event->kind == ENGINE_TRIAL && p->config.style == PROGRESS_JSON)
        progress_json_trial(p, index, event);
    else if (told[event->kind].note != NULL && !is_mute)
        note(p, index, told[event->kind].note, event);
    row->changed = true;
}

static void on_event(void *data, size_t index, const struct engine_event *event)
{
    struct progress *p = data;

    pthread_mutex_lock(&p->lock);
    apply(p, index, event);
    pthread_mutex_unlock(&p->lock);
}

/* ", 1,200 failed"; of none nothing. */
static char *count_text(uint64_t n, const char *what)
{
    g_autofree char *number = progress_number(n);

    return n == 0 ? g_strdup("") : g_strdup_printf(", %s %s", number, what);
}

static void say_end(struct progress *p, size_t index, const struct err *why)
{
    const struct progress_row *row = &p->rows[index];
    bool tells_why = row->state == MAILBOX_COMPLETED_WITH_FAILURES &&
                     row->reason != NULL && *row->reason != '\0';
    g_autofree char *copied = progress_number(row->copied);
    g_autofree char *there = count_text(row->there, "already there");
    g_autofree char *failed = count_text(row->failed, "failed");
    g_autofree char *conflicts = count_text(row->conflicts, "in conflict");
    g_autofree char *text = NULL;

    if (why != NULL) {
        text = g_strdup_printf("failed: %s", why->msg);
        explain(p, index, text, why->remedy);
        return;
    }
    /* "2 failed: 2 failed" */
    if (tells_why && row->failed > 0 &&
        strcmp(row->reason, failed + strlen(", ")) == 0)
        tells_why = false;
    if (row->end == FLEET_INTERRUPTED)
        text = g_strdup_printf("interrupted after %s items; run the same "
                               "command again to go on",
                               copied);
    else if (p->config.task == FLEET_SETTINGS)
        text = g_strdup_printf("%s, %" G_GUINT64_FORMAT " settings looked at",
                               fleet_end_name(row->end), row->settings);
    else
        text = g_strdup_printf("%s, %s items copied, %.1f MB%s%s%s%s%s",
                               mailbox_state_name(row->state), copied,
                               (double)row->copied_bytes / 1e6, there, failed,
                               conflicts, tells_why ? ": " : "",
                               tells_why ? row->reason : "");
    if (tells_why)
        explain(p, index, text, NULL);
    else
        say(p, index, text);
}

static void ended(void *data, size_t index, enum fleet_end end,
                  struct engine_check *check, const struct err *why)
{
    struct progress *p = data;
    struct progress_row *row = &p->rows[index];

    (void)check; /* the check command prints it */
    pthread_mutex_lock(&p->lock);
    row->running = false;
    row->ended = true;
    row->end = end;
    if (why != NULL)
        row->state = MAILBOX_FAILED;
    if (p->config.style == PROGRESS_JSON) {
        progress_json_changed(p, timestamp_monotonic());
        progress_json_end(p, index, why);
    } else {
        say_end(p, index, why);
    }
    pthread_mutex_unlock(&p->lock);
}

struct progress *progress_new(const struct progress_config *config)
{
    struct progress *p = g_new0(struct progress, 1);
    pthread_condattr_t attr;

    p->config = *config;
    p->rows = g_new0(struct progress_row, config->n);
    p->begun_us = p->last_line_us = timestamp_monotonic();
    p->listener = (struct fleet_listener){
        .data = p,
        .begun = begun,
        .event = on_event,
        .ended = ended,
    };
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &attr);
    pthread_condattr_destroy(&attr);
    if (pthread_create(&p->painter, NULL, painter, p) != 0)
        g_error("cannot start a thread for the progress display");
    return p;
}

const struct fleet_listener *progress_listener(struct progress *p)
{
    return &p->listener;
}

static void row_release(struct progress_row *row)
{
    g_free(row->reason);
    g_free(row->note);
}

void progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    pthread_join(p->painter, NULL);
    tell_quiet(p);
    if (p->config.style == PROGRESS_TERMINAL)
        progress_terminal_paint(p, timestamp_monotonic());
    else if (p->config.style == PROGRESS_JSON)
        progress_json_changed(p, timestamp_monotonic());
    progress_groups_print(p);
    progress_groups_release(p);
    for (size_t i = 0; i < p->config.n; i++)
        row_release(&p->rows[i]);
    g_free(p->rows);
    g_free(p->basis);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    g_free(p);
}
