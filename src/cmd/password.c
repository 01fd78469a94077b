#include "cmd/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

static const struct {
    const char *name, *question, *whose, *variable, *credential, *remedy;
} sides[] = {
    [PASSWORD_SOURCE] = {
        "source", "Password", "password of the source account",
        "MAILFERRY_SOURCE_PASSWORD", "source-password",
        "give it by --source-password-file, MAILFERRY_SOURCE_PASSWORD or the "
        "systemd credential source-password",
    },
    [PASSWORD_DESTINATION] = {
        "destination", "Password", "password of the destination account",
        "MAILFERRY_DESTINATION_PASSWORD", "destination-password",
        "give it by --destination-password-file, "
        "MAILFERRY_DESTINATION_PASSWORD or the systemd credential "
        "destination-password",
    },
    [PASSWORD_SOURCE_OAUTH] = {
        "source", "Client secret", "client secret of the source application",
        "MAILFERRY_SOURCE_OAUTH_SECRET", "source-oauth-secret",
        "give it by --source-oauth-secret-file, MAILFERRY_SOURCE_OAUTH_SECRET "
        "or the systemd credential source-oauth-secret",
    },
    [PASSWORD_DESTINATION_OAUTH] = {
        "destination", "Client secret",
        "client secret of the destination application",
        "MAILFERRY_DESTINATION_OAUTH_SECRET", "destination-oauth-secret",
        "give it by --destination-oauth-secret-file, "
        "MAILFERRY_DESTINATION_OAUTH_SECRET or the systemd credential "
        "destination-oauth-secret",
    },
    [PASSWORD_PROXY] = {
        "proxy", "Password", "password of the proxy's user",
        "MAILFERRY_PROXY_PASSWORD", "proxy-password",
        "give it by --proxy-password-file, MAILFERRY_PROXY_PASSWORD or the "
        "systemd credential proxy-password",
    },
    [PASSWORD_OPERATOR] = {
        "operator", "Password", "password of the operator",
        "MAILFERRY_OPERATOR_PASSWORD", "operator-password",
        "give it by --password-file, MAILFERRY_OPERATOR_PASSWORD or the "
        "systemd credential operator-password",
    },
    [PASSWORD_TOKEN] = {
        "service", "API token", "API token for the service",
        "MAILFERRY_TOKEN", "service-token",
        "give it by --token-file, MAILFERRY_TOKEN or the systemd credential "
        "service-token",
    },
};

/* A terminal hands over at most 4095 characters of a line. */
#define LINE_SIZE (SECRET_MAX + 1)

static int refuse(struct err *err, const char *text)
{
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", text);
}

/* Without its line end; -1 when nothing is left. */
static int take_line(const char *text, size_t len, const char *what,
                     struct secret **ret, struct err *err)
{
    const char *end = memchr(text, '\n', len);

    if (end != NULL)
        len = (size_t)(end - text);
    if (len > 0 && text[len - 1] == '\r')
        len--;
    if (len == 0 || memchr(text, '\0', len) != NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       len == 0 ? "%s is empty" : "%s holds a NUL byte", what);
    *ret = secret_new(text, len);
    return 0;
}

/* ---- systemd credential ------------------------------------------------ */

static int read_credential(int fd, const char *path, struct secret **ret,
                           struct err *err)
{
    g_autofree char *what = g_strdup_printf("credential \"%s\"", path);
    char line[LINE_SIZE];
    ssize_t n = read(fd, line, sizeof(line));
    int status;

    if (n < 0)
        return err_errno(err, ERR_RUN, errno, "%s", what);
    status = take_line(line, (size_t)n, what, ret, err);
    secret_wipe(line, sizeof(line));
    return status;
}

/*
 * 0 with *ret untouched when there is none.  Not by secret_from_file(): the
 * directory keeps others out, while the file's mode shows the mask of the
 * access list by which systemd lets the service's user in.
 */
static int from_credential(enum password_side side, struct secret **ret,
                           struct err *err)
{
    const char *dir = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *path = NULL;
    int fd, status;

    if (dir == NULL || *dir == '\0')
        return 0;
    path = g_build_filename(dir, sides[side].credential, NULL);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "credential \"%s\"", path);
    status = read_credential(fd, path, ret, err);
    close(fd);
    return status;
}

/* ---- the terminal ------------------------------------------------------ */

/* Signals that would leave the terminal without echo. */
static const int watched[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

struct question {
    const struct password_request *request;
    int tty, signals; /* descriptors */
    struct termios usual;
    sigset_t usual_mask;
    char line[LINE_SIZE];
};

static void hide(struct question *q)
{
    struct termios quiet = q->usual;

    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    (void)tcsetattr(q->tty, TCSAFLUSH, &quiet);
}

static void show(struct question *q)
{
    (void)tcsetattr(q->tty, TCSAFLUSH, &q->usual);
}

static void say(const struct question *q, const char *text)
{
    size_t n = strlen(text);

    /* A terminal that is gone gives no answer either. */
    while (n > 0) {
        ssize_t done = write(q->tty, text, n);

        if (done < 0)
            return;
        text += done;
        n -= (size_t)done;
    }
}

static void ask(struct question *q)
{
    g_autofree char *text =
        g_strdup_printf("%s of %s (%s): ", sides[q->request->side].question,
                        q->request->user, sides[q->request->side].name);

    hide(q);
    say(q, text);
}

/*
 * Let a signal have its usual effect with the terminal as it was, and ask
 * again if we are still there: the process was stopped and continued.
 * Returns false when the signal asks to end, which others heed too.
 */
static bool heed(struct question *q)
{
    struct signalfd_siginfo info;
    sigset_t ours;
    int number;

    if (read(q->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
        return false;
    number = (int)info.ssi_signo;
    show(q);
    say(q, "\n");
    (void)kill(getpid(), number);
    (void)pthread_sigmask(SIG_SETMASK, &q->usual_mask, &ours);
    (void)pthread_sigmask(SIG_SETMASK, &ours, NULL);
    if (number != SIGTSTP)
        return false;
    ask(q);
    return true;
}

/* Until a line is there; -1 when there will be none. */
static ssize_t wait_for_line(struct question *q, struct err *err)
{
    struct pollfd fds[] = {
        { .fd = q->tty, .events = POLLIN },
        { .fd = q->signals, .events = POLLIN },
        { .fd = cancel_fd(q->request->cancel, CANCEL_DRAIN), .events = POLLIN },
    };

    for (;;) {
        if (poll(fds, G_N_ELEMENTS(fds), -1) < 0) {
            if (errno == EINTR)
                continue;
            return err_errno(err, ERR_RUN, errno, "terminal");
        }
        if (fds[2].revents != 0 || (fds[1].revents != 0 && !heed(q))) {
            err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "interrupted");
            err->name = "cancelled";
            return -1;
        }
        if (fds[0].revents != 0)
            return read(q->tty, q->line, sizeof(q->line));
    }
}

static int read_answer(struct question *q, struct secret **ret, struct err *err)
{
    ssize_t n;
    int status;

    ask(q);
    n = wait_for_line(q, err);
    show(q);
    if (n < 0)
        return -1;
    say(q, "\n");
    status = take_line(q->line, (size_t)n, "the password", ret, err);
    secret_wipe(q->line, sizeof(q->line));
    return status;
}

/*
 * What is blocked already has somebody who waits for it, and tells us by
 * request->cancel; to take it away from there would lose it.
 */
static void choose_signals(const sigset_t *blocked, sigset_t *ret)
{
    sigemptyset(ret);
    for (size_t i = 0; i < G_N_ELEMENTS(watched); i++)
        if (sigismember(blocked, watched[i]) == 0)
            sigaddset(ret, watched[i]);
}

static int with_signals(struct question *q, struct secret **ret,
                        struct err *err)
{
    sigset_t set;
    int status;

    (void)pthread_sigmask(SIG_BLOCK, NULL, &q->usual_mask);
    choose_signals(&q->usual_mask, &set);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    q->signals = signalfd(-1, &set, SFD_CLOEXEC);
    if (q->signals < 0) {
        err_errno(err, ERR_RUN, errno, "signals");
        status = -1;
    } else {
        status = read_answer(q, ret, err);
        close(q->signals);
    }
    (void)pthread_sigmask(SIG_SETMASK, &q->usual_mask, NULL);
    return status;
}

static int from_terminal(const struct password_request *request,
                         struct secret **ret, struct err *err)
{
    struct question q = { .request = request };
    int status;

    q.tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (q.tty < 0 || tcgetattr(q.tty, &q.usual) < 0) {
        if (q.tty >= 0)
            close(q.tty);
        refuse(err, "there is no terminal to ask for it");
        return err_remedy(err, sides[request->side].remedy);
    }
    status = with_signals(&q, ret, err);
    close(q.tty);
    return status;
}

/* ---- in order ----------------------------------------------------------- */

static int get(const struct password_request *request, struct secret **ret,
               struct err *err)
{
    struct secret *found = NULL;

    if (request->file != NULL)
        return secret_from_file(request->file, ret, err);
    if (secret_from_env(sides[request->side].variable, &found, err) < 0)
        return -1;
    if (found == NULL && from_credential(request->side, &found, err) < 0)
        return -1;
    if (found == NULL)
        return from_terminal(request, ret, err);
    *ret = found;
    return 0;
}

int password_get(const struct password_request *request, struct secret **ret,
                 struct err *err)
{
    if (get(request, ret, err) < 0)
        return err_in(err, "%s \"%s\"", sides[request->side].whose,
                      request->user);
    return 0;
}
