#include "base/cancel.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>

#include "base/check.h"

#define FOR_EVER INT64_MAX

static void test_levels(void)
{
    g_autoptr(cancel) c = cancel_new();

    g_assert_cmpint(cancel_level(NULL), ==, CANCEL_NONE);
    g_assert_cmpint(cancel_level(c), ==, CANCEL_NONE);
    cancel_request(c);
    g_assert_cmpint(cancel_level(c), ==, CANCEL_DRAIN);
    cancel_request(c);
    g_assert_cmpint(cancel_level(c), ==, CANCEL_NOW);
    cancel_request(c);
    g_assert_cmpint(cancel_level(c), ==, CANCEL_NOW);
}

static void test_sleep(void)
{
    g_autoptr(cancel) c = cancel_new();

    g_assert_false(cancel_sleep(NULL, 1000, CANCEL_DRAIN));
    g_assert_false(cancel_sleep(c, 0, CANCEL_DRAIN));
    g_assert_false(cancel_sleep(c, -5, CANCEL_DRAIN));
    g_assert_false(cancel_sleep(c, 1000, CANCEL_DRAIN));
    cancel_request(c);
    g_assert_true(cancel_sleep(c, FOR_EVER, CANCEL_DRAIN));
    /* Draining does not wake those who only give up at the second level. */
    g_assert_false(cancel_sleep(c, 1000, CANCEL_NOW));
    cancel_request(c);
    g_assert_true(cancel_sleep(c, FOR_EVER, CANCEL_NOW));
}

static bool readable(int fd)
{
    struct pollfd pfd = { .fd = fd, .events = POLLIN };

    return poll(&pfd, 1, 0) == 1;
}

static void test_descriptors(void)
{
    g_autoptr(cancel) c = cancel_new();

    g_assert_cmpint(cancel_fd(NULL, CANCEL_NOW), ==, -1);
    g_assert_false(readable(cancel_fd(c, CANCEL_DRAIN)));
    cancel_request(c);
    g_assert_true(readable(cancel_fd(c, CANCEL_DRAIN)));
    g_assert_false(readable(cancel_fd(c, CANCEL_NOW)));
    cancel_request(c);
    g_assert_true(readable(cancel_fd(c, CANCEL_DRAIN)));
    g_assert_true(readable(cancel_fd(c, CANCEL_NOW)));
}

static void *sleep_until_now(void *arg)
{
    g_assert_true(cancel_sleep(arg, FOR_EVER, CANCEL_NOW));
    return NULL;
}

static void test_wakes_every_sleeper(void)
{
    g_autoptr(cancel) c = cancel_new();
    pthread_t threads[8];

    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        g_assert_cmpint(pthread_create(&threads[i], NULL, sleep_until_now, c),
                        ==, 0);
    cancel_request(c);
    cancel_request(c);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        pthread_join(threads[i], NULL);
}

static void *request_once(void *arg)
{
    cancel_request(arg);
    return NULL;
}

/* Two requests at once are two steps, never one lost. */
static void test_requests_at_once(void)
{
    for (int round = 0; round < 200; round++) {
        g_autoptr(cancel) c = cancel_new();
        pthread_t a, b;

        g_assert_cmpint(pthread_create(&a, NULL, request_once, c), ==, 0);
        g_assert_cmpint(pthread_create(&b, NULL, request_once, c), ==, 0);
        pthread_join(a, NULL);
        pthread_join(b, NULL);
        g_assert_cmpint(cancel_level(c), ==, CANCEL_NOW);
        g_assert_true(cancel_sleep(c, FOR_EVER, CANCEL_NOW));
    }
}

static struct cancel *interrupted; /* what the signal handler reaches */

static void on_signal(int number)
{
    (void)number;
    cancel_request(interrupted); /* NOLINT(bugprone-signal-handler) */
}

static void test_from_a_signal_handler(void)
{
    g_autoptr(cancel) c = cancel_new();

    interrupted = c;
    signal(SIGUSR1, on_signal);
    raise(SIGUSR1);
    g_assert_true(cancel_sleep(c, FOR_EVER, CANCEL_DRAIN));
    signal(SIGUSR1, SIG_DFL);
    interrupted = NULL;
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/cancel/levels", test_levels);
    g_test_add_func("/cancel/sleep", test_sleep);
    g_test_add_func("/cancel/descriptors", test_descriptors);
    g_test_add_func("/cancel/wakes-every-sleeper", test_wakes_every_sleeper);
    g_test_add_func("/cancel/requests-at-once", test_requests_at_once);
    g_test_add_func("/cancel/signal-handler", test_from_a_signal_handler);
    return g_test_run();
}
