#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define UTF8_BOM "\xef\xbb\xbf"

struct secret {
    atomic_uint refs;
    size_t len;
    char text[]; /* len bytes and a NUL */
};

void secret_wipe(void *p, size_t n)
{
    explicit_bzero(p, n);
}

struct secret *secret_new(const char *text, size_t len)
{
    struct secret *s = g_malloc(sizeof(*s) + len + 1);

    /*
     * Best effort: the limit on locked memory may be small.  Never unlocked,
     * for locks do not nest and the page may hold a neighbour's secret.
     */
    (void)mlock(s, sizeof(*s) + len + 1);
    atomic_init(&s->refs, 1);
    s->len = len;
    if (len > 0)
        memcpy(s->text, text, len);
    s->text[len] = '\0';
    return s;
}

struct secret *secret_ref(struct secret *s)
{
    if (s != NULL)
        atomic_fetch_add(&s->refs, 1);
    return s;
}

void secret_free(struct secret *s)
{
    if (s == NULL || atomic_fetch_sub(&s->refs, 1) != 1)
        return;
    secret_wipe(s, sizeof(*s) + s->len + 1);
    g_free(s);
}

const char *secret_peek(const struct secret *s)
{
    return s->text;
}

/* What a hostile or careless source may hand over instead of one line. */
static int check_text(const char *text, size_t len, const char *what,
                      struct err *err)
{
    if (len == 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s is empty", what);
    if (len > SECRET_MAX)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "%s is longer than %d bytes", what, SECRET_MAX);
    if (memchr(text, '\0', len) != NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s holds a NUL byte",
                       what);
    return 0;
}

static int check_mode(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_errno(err, ERR_RUN, errno, "password file \"%s\"", path);
    if (S_ISDIR(st.st_mode))
        return err_errno(err, ERR_RUN, EISDIR, "password file \"%s\"", path);
    /* A pipe (process substitution) has no mode that means anything. */
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) == 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "password file \"%s\" can be read by other users", path);
    return err_remedy(err, "take their rights away: chmod 600 FILE");
}

/* Until the buffer is full or the input ends: a pipe gives it in pieces. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = read(fd, buf + have, size - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        have += (size_t)n;
    }
    return (ssize_t)have;
}

static int take_first_line(char *buf, size_t len, const char *path,
                           struct secret **ret, struct err *err)
{
    g_autofree char *what = g_strdup_printf("password file \"%s\"", path);
    char *end = memchr(buf, '\n', len);
    size_t bom = strlen(UTF8_BOM);

    if (end != NULL)
        len = (size_t)(end - buf);
    if (len > 0 && buf[len - 1] == '\r')
        len--;
    /* Notepad writes one; nobody's password begins with it. */
    if (len >= bom && memcmp(buf, UTF8_BOM, bom) == 0) {
        buf += bom;
        len -= bom;
    }
    if (check_text(buf, len, what, err) < 0)
        return -1;
    *ret = secret_new(buf, len);
    return 0;
}

int secret_from_file(const char *path, struct secret **ret, struct err *err)
{
    char buf[SECRET_MAX + 8]; /* byte order mark, line end, one too many */
    int result = -1, fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "password file \"%s\"", path);
    if (check_mode(fd, path, err) == 0) {
        n = read_all(fd, buf, sizeof(buf));
        if (n < 0)
            err_errno(err, ERR_RUN, errno, "password file \"%s\"", path);
        else
            result = take_first_line(buf, (size_t)n, path, ret, err);
    }
    secret_wipe(buf, sizeof(buf));
    close(fd);
    return result;
}

int secret_from_env(const char *name, struct secret **ret, struct err *err)
{
    g_autofree char *what = g_strdup_printf("environment variable %s", name);
    struct secret *s = NULL;
    char *value = getenv(name);
    int result;

    if (value == NULL) {
        *ret = NULL;
        return 0;
    }
    result = check_text(value, strlen(value), what, err);
    if (result == 0)
        s = secret_new(value, strlen(value));
    /* /proc/PID/environ shows these very bytes for as long as we run. */
    secret_wipe(value, strlen(value));
    (void)unsetenv(name);
    if (result == 0)
        *ret = s;
    return result;
}
