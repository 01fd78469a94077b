/*
 * main - the program: what belongs to the process and to no command.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/step.h"
#include "cmd/cmd.h"

/* The leak checker traces its own process, which must be dumpable for that. */
#if defined(__SANITIZE_ADDRESS__)
#define LEAK_CHECKED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LEAK_CHECKED
#endif
#endif

/* Two requests drain and stop; what then still hangs dies of the third. */
#define REQUESTS 2

static void stop_signals(sigset_t *set)
{
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
}

static void *listen_for_signals(void *data)
{
    struct cancel *stop = data;
    sigset_t set;
    int number;

    stop_signals(&set);
    for (int i = 0; i < REQUESTS; i++) {
        if (sigwait(&set, &number) != 0)
            return NULL;
        cancel_request(stop);
    }
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    for (;;)
        pause();
}

/* Before any other thread: all of them inherit the mask. */
static pthread_t start_listening(struct cancel *stop)
{
    pthread_t thread;
    sigset_t set, all, usual;

    /* The listener takes no other signal: those belong to the main thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &usual);
    if (pthread_create(&thread, NULL, listen_for_signals, stop) != 0)
        g_error("cannot start a thread");
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    return thread;
}

/* Memory holds passwords: it must not be written to disk by a crash. */
static void no_core_dumps(void)
{
    static const struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
#ifndef LEAK_CHECKED
    prctl(PR_SET_DUMPABLE, 0); /* a piped core_pattern ignores the limit */
#endif
}

int main(int argc, char **argv)
{
    g_autoptr(cancel) stop = cancel_new();
    const struct cmd_context ctx = {
        .in = stdin,
        .out = stdout,
        .err = stderr,
        .cancel = stop,
        .commands = cmd_table,
    };
    const char *const *words = (const char *const *)argv;
    bool drains = cmd_drains(cmd_table, argc, words);
    pthread_t listener = { 0 };
    enum cmd_status status;

    no_core_dumps();
    signal(SIGXFSZ, SIG_IGN); /* a file that is too large is an error */
    step_init();
    if (drains) {
        signal(SIGPIPE, SIG_IGN); /* nobody reading is no reason to stop */
        listener = start_listening(stop);
    }
    status = cmd_main(&ctx, argc, words);
    if (drains) {
        pthread_cancel(listener);
        pthread_join(listener, NULL);
    }
    /* A full disk or a closed pipe must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("mailferry: cannot write to standard output\n", stderr);
        status = status == CMD_OK ? CMD_NOTHING_DONE : status;
    }
    return (int)status;
}
