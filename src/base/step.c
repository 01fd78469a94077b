#include "base/step.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#include <glib.h>

/*
 * The one piece of state that belongs to the process and to nobody in it:
 * set by step_init() before there are threads, counters apart never changed.
 */
static struct {
    char *name;      /* count only steps of this name; NULL: every step */
    uint64_t die_at; /* 0: never */
    int log_fd;
    atomic_uint_fast64_t seen;    /* all steps */
    atomic_uint_fast64_t matched; /* those that die_at counts */
} steps = { .log_fd = -1 };

static uint64_t parse_count(const char *text)
{
    guint64 n;

    if (!g_ascii_string_to_unsigned(text, 10, 1, UINT32_MAX, &n, NULL))
        g_error("MAILFERRY_DIE_AT: \"%s\" is not a count from 1", text);
    return n;
}

/* "n", "NAME" or "NAME:n". */
static void parse_die_at(const char *text)
{
    const char *colon = strchr(text, ':');

    if (g_ascii_isdigit(text[0])) {
        steps.die_at = parse_count(text);
        return;
    }
    steps.name =
        colon != NULL ? g_strndup(text, (gsize)(colon - text)) : g_strdup(text);
    steps.die_at = colon != NULL ? parse_count(colon + 1) : 1;
}

void step_init(void)
{
    const char *die_at = g_getenv("MAILFERRY_DIE_AT");
    const char *log = g_getenv("MAILFERRY_STEP_LOG");

    /*
     * Only tests set these.  A value that cannot be honoured must not run as
     * if it had not been given: the test would pass without having tested.
     */
    if (die_at != NULL && die_at[0] != '\0')
        parse_die_at(die_at);
    if (log == NULL || log[0] == '\0')
        return;
    steps.log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (steps.log_fd < 0)
        g_error("MAILFERRY_STEP_LOG: cannot open \"%s\"", log);
}

static void write_log(uint64_t n, const char *name)
{
    char line[128];
    int len =
        g_snprintf(line, sizeof(line), "%" G_GUINT64_FORMAT " %s\n", n, name);

    /* One write a line: lines of several threads do not mix. */
    if (write(steps.log_fd, line, (size_t)len) != len)
        g_error("step log: cannot write");
}

void step(const char *name)
{
    uint64_t n;

    if (steps.die_at == 0 && steps.log_fd < 0)
        return;
    n = atomic_fetch_add(&steps.seen, 1) + 1;
    if (steps.log_fd >= 0)
        write_log(n, name);
    if (steps.die_at == 0)
        return;
    if (steps.name != NULL && strcmp(steps.name, name) != 0)
        return;
    if (atomic_fetch_add(&steps.matched, 1) + 1 == steps.die_at)
        (void)kill(getpid(), SIGKILL); /* cannot fail, does not return */
}
