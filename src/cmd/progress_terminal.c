#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "cmd/help.h"
#include "cmd/progress_priv.h"

#define BAR_WIDTH 24

struct size {
    unsigned int rows, columns;
};

static struct size screen_size(FILE *out)
{
    struct winsize w;

    /* A terminal that does not say is taken for the classic one. */
    if (ioctl(fileno(out), TIOCGWINSZ, &w) < 0 || w.ws_row == 0 ||
        w.ws_col == 0)
        return (struct size){ 24, 80 };
    return (struct size){ w.ws_row, w.ws_col };
}

/* A line must not wrap, or the cursor would not find its way back. */
static void put_line(struct progress *p, unsigned int columns, const char *text)
{
    g_autofree char *cut = g_utf8_strlen(text, -1) >= (glong)columns
                               ? g_utf8_substring(text, 0, (glong)columns - 1)
                               : g_strdup(text);

    fprintf(p->config.out, "\033[2K%s\n", cut);
    p->painted++;
}

static void go_up(struct progress *p)
{
    if (p->painted > 0)
        fprintf(p->config.out, "\033[%uA\r", p->painted);
    p->painted = 0;
}

static void bar(char ret[BAR_WIDTH + 1], double share)
{
    int full = (int)(CLAMP(share, 0, 1) * BAR_WIDTH);

    for (int i = 0; i < BAR_WIDTH; i++)
        ret[i] = i < full ? '#' : '.';
    ret[BAR_WIDTH] = '\0';
}

static void paint_quiet(struct progress *p, unsigned int columns,
                        const struct progress_totals *t)
{
    g_autofree char *text = NULL, *line = NULL;

    if (t->quiet_until_us == 0 || p->config.quiet == NULL)
        return;
    text = progress_quiet_text(p->config.quiet, t->quiet_until_us);
    line = g_strdup_printf("  source: %s", text);
    put_line(p, columns, line);
}

/* In as many lines as it takes: what it rests on is half of what it says. */
static void paint_forecast(struct progress *p, unsigned int columns)
{
    g_autofree char *text = progress_forecast_text(p);
    g_auto(GStrv) lines = NULL;
    char *buffer = NULL;
    size_t size = 0;
    FILE *out;

    if (text == NULL)
        return;
    out = open_memstream(&buffer, &size);
    if (out == NULL)
        g_error("out of memory");
    fputs("  ", out);
    help_wrap(out, text, 4, 2);
    (void)fclose(out); /* it is memory */
    lines = g_strsplit(g_strchomp(buffer), "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        put_line(p, columns, *line);
    free(buffer);
}

static void paint_overall(struct progress *p, unsigned int columns,
                          const struct progress_totals *t)
{
    char drawn[BAR_WIDTH + 1];
    uint64_t done = t->copied + t->there + t->failed;
    g_autofree char *copied = progress_number(t->copied);
    g_autofree char *listed = progress_number(t->listed);
    g_autofree char *left = t->left_us == TIMESTAMP_NONE
                                ? g_strdup("?")
                                : timestamp_duration(t->left_us);
    g_autofree char *amount = NULL, *rate = NULL;

    /* Two lines, so that both fit a terminal of 80 columns. */
    bar(drawn, t->listed > 0 ? (double)done / (double)t->listed : 0);
    amount = g_strdup_printf("[%s] %s/%s items  left %s", drawn, copied, listed,
                             left);
    rate = g_strdup_printf("  mailboxes %zu/%zu  %.0f items/s  %.1f MB/s  "
                           "throttled %.0f %%",
                           t->ended, p->config.n, t->items_per_s,
                           t->bytes_per_s / 1e6, t->throttled_share * 100);
    put_line(p, columns, amount);
    put_line(p, columns, rate);
    paint_forecast(p, columns);
    paint_quiet(p, columns, t);
}

static void paint_row(struct progress *p, unsigned int columns, size_t index)
{
    const struct progress_row *row = &p->rows[index];
    g_autofree char *copied = progress_number(row->copied);
    g_autofree char *listed = progress_number(row->listed);
    g_autofree char *failed =
        row->failed > 0
            ? g_strdup_printf("  %" G_GUINT64_FORMAT " failed", row->failed)
            : g_strdup("");
    g_autofree char *text = g_strdup_printf(
        "  %-32s %-10s %9s/%-9s %8.1f MB%s%s", progress_name(p, index),
        mailbox_state_name(row->state), copied, listed,
        (double)row->copied_bytes / 1e6, failed,
        row->state == MAILBOX_THROTTLED && row->note != NULL ? row->note : "");

    put_line(p, columns, text);
}

void progress_terminal_paint(struct progress *p, int64_t now_us)
{
    struct size size = screen_size(p->config.out);
    struct progress_totals t;
    unsigned int room = size.rows > 4 ? size.rows - 3 : 1;

    progress_totals(p, now_us, &t);
    go_up(p);
    paint_overall(p, size.columns, &t);
    for (size_t i = 0; i < p->config.n && p->painted < room; i++)
        if (p->rows[i].running)
            paint_row(p, size.columns, i);
    /* Rows of an earlier picture that this one does not fill. */
    fputs("\033[J", p->config.out);
    fflush(p->config.out);
}

void progress_terminal_line(struct progress *p, const char *text)
{
    go_up(p);
    fprintf(p->config.out, "\033[J%s\n", text);
    progress_terminal_paint(p, timestamp_monotonic());
}
