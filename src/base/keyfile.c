#include "base/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/step.h"

#define VARIABLE   "MAILFERRY_SEALING_KEY"
#define CREDENTIAL "sealing-key"
#define WORD       "mailferry-key-1 "
/* Two keys and some lines of comment. */
#define FILE_MAX 4096

static int from_text(const char *text, size_t n, struct keyring **ret,
                     struct err *err)
{
    g_autoptr(secret) whole = NULL;
    char *line;

    /* a bare key, as "openssl rand -base64 32" prints it */
    if (n == 0 || *text == '#' || g_str_has_prefix(text, WORD))
        return keyring_read(text, n, ret, err);
    line = g_strconcat(WORD, text, NULL);
    whole = secret_new(line, strlen(line));
    secret_wipe(line, strlen(line));
    g_free(line);
    return keyring_read(secret_peek(whole), strlen(secret_peek(whole)), ret,
                        err);
}

static int read_whole(int fd, const char *path, bool bare, struct keyring **ret,
                      struct err *err)
{
    char text[FILE_MAX + 1];
    size_t n = 0;
    ssize_t got;
    int result;

    while ((got = read(fd, text + n, sizeof(text) - n)) > 0 ||
           (got < 0 && errno == EINTR))
        n += got > 0 ? (size_t)got : 0;
    if (got < 0)
        result = err_errno(err, ERR_RUN, errno, "key file \"%s\"", path);
    else if (n == sizeof(text))
        result =
            err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                    "key file \"%s\" is longer than %d bytes", path, FILE_MAX);
    else {
        text[n] = '\0';
        result = bare ? from_text(text, n, ret, err)
                      : keyring_read(text, n, ret, err);
        if (result < 0)
            err_in(err, "key file \"%s\"", path);
    }
    secret_wipe(text, sizeof(text));
    return result;
}

static int check_mode(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_errno(err, ERR_RUN, errno, "key file \"%s\"", path);
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "key file \"%s\" is not a file", path);
    if ((st.st_mode & 077) == 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "key file \"%s\" can be read by other users", path);
    return err_remedy(err, "take their rights away (chmod 600 FILE); if they "
                           "may have read it, mailferry key rotate too");
}

static int from_file(const char *path, struct keyring **ret, struct err *err)
{
    int result = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "key file \"%s\"", path);
    if (check_mode(fd, path, err) == 0)
        result = read_whole(fd, path, false, ret, err);
    close(fd);
    return result;
}

/* 1 when it is there. */
static int from_environment(struct keyring **ret, struct err *err)
{
    g_autoptr(secret) s = NULL;

    if (secret_from_env(VARIABLE, &s, err) < 0)
        return -1;
    if (s == NULL)
        return 0;
    if (from_text(secret_peek(s), strlen(secret_peek(s)), ret, err) < 0)
        return err_in(err, "environment variable %s", VARIABLE);
    return 1;
}

/* 1 when it is there.  Its mode means nothing: see cmd/password.c. */
static int from_credential(struct keyring **ret, struct err *err)
{
    const char *dir = g_getenv("CREDENTIALS_DIRECTORY");
    g_autofree char *path = NULL;
    int fd, result;

    if (dir == NULL || *dir == '\0')
        return 0;
    path = g_build_filename(dir, CREDENTIAL, NULL);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "credential \"%s\"", path);
    result = read_whole(fd, path, true, ret, err);
    close(fd);
    return result < 0 ? -1 : 1;
}

int keyfile_load(const char *path, bool make, struct keyring **ret,
                 bool *ret_made, struct err *err)
{
    g_autoptr(keyring) new = NULL;
    int found = from_environment(ret, err);

    if (found == 0)
        found = from_credential(ret, err);
    if (found != 0)
        return found < 0 ? -1 : 0;
    if (!make || access(path, F_OK) == 0)
        return from_file(path, ret, err);
    new = keyring_new();
    if (keyfile_make(path, new, err) < 0) {
        /* another process has made it meanwhile: that one counts */
        if (err->code != EEXIST)
            return -1;
        return from_file(path, ret, err);
    }
    *ret = g_steal_pointer(&new);
    if (ret_made != NULL)
        *ret_made = true;
    return 0;
}

/* ---- writing ------------------------------------------------------------- */

static int sync_directory(const char *path, struct err *err)
{
    g_autofree char *dir = g_path_get_dirname(path);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed = fd < 0 || fsync(fd) < 0 ? errno : 0;

    if (fd >= 0)
        close(fd);
    if (failed != 0)
        return err_errno(err, ERR_RUN, failed, "directory \"%s\"", dir);
    return 0;
}

static bool write_all(int fd, const char *text)
{
    size_t n = strlen(text);

    while (n > 0) {
        ssize_t done = write(fd, text, n);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        text += done;
        n -= (size_t)done;
    }
    return fsync(fd) == 0;
}

/* A new file of that name with the keys in it, or none. */
static int write_new(const char *path, const struct keyring *k, struct err *err)
{
    g_autoptr(secret) text = keyring_text(k);
    int failed, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                          S_IRUSR | S_IWUSR);

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "key file \"%s\"", path);
    failed = write_all(fd, secret_peek(text)) ? 0 : errno;
    if (close(fd) < 0 && failed == 0)
        failed = errno;
    if (failed == 0)
        return 0;
    unlink(path);
    return err_errno(err, ERR_RUN, failed, "key file \"%s\"", path);
}

int keyfile_make(const char *path, const struct keyring *k, struct err *err)
{
    if (write_new(path, k, err) < 0)
        return -1;
    step("key");
    return sync_directory(path, err);
}

int keyfile_replace(const char *path, const struct keyring *k, struct err *err)
{
    g_autofree char *beside = g_strconcat(path, ".new", NULL);

    /* what a crash has left; whoever holds two of these has a race to lose */
    if (unlink(beside) < 0 && errno != ENOENT)
        return err_errno(err, ERR_RUN, errno, "key file \"%s\"", beside);
    if (write_new(beside, k, err) < 0)
        return -1;
    if (rename(beside, path) < 0) {
        err_errno(err, ERR_RUN, errno, "key file \"%s\"", path);
        unlink(beside);
        return -1;
    }
    step("key");
    return sync_directory(path, err);
}
