#include "cmd/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/csv.h"

/* ACCOUNTS_MAX of the longest names and passwords, and some air. */
#define FILE_MAX_BYTES ((size_t)512 * 1024)
#define USER_MAX       1024

static void clear_login(void *data)
{
    struct ews_login *login = data;

    g_free((char *)(uintptr_t)login->user);
    secret_free(login->password);
}

void account_list_clear(struct account_list *list)
{
    g_clear_pointer(&list->logins, g_array_unref);
}

static int refuse(struct err *err, const char *path, uint32_t line,
                  const char *why)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "accounts file \"%s\", line %u: %s", path, line, why);
    return err_remedy(err, "each line is a user name, a comma and a password; "
                           "one with a comma or quotes in it stands in quotes");
}

/* ---- the file ---------------------------------------------------------- */

static int check_file(int fd, const char *path, struct err *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return err_errno(err, ERR_RUN, errno, "accounts file \"%s\"", path);
    if (!S_ISREG(st.st_mode) || (st.st_mode & 077) == 0)
        return 0;
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "accounts file \"%s\" can be read by others", path);
    return err_remedy(err, "make it your own alone: chmod 600");
}

/* Until the end; -1 when it fails, or there is more than the buffer holds. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = read(fd, text + have, size - have);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -1 : (ssize_t)have;
        have += (size_t)n;
    }
    errno = EFBIG;
    return -1;
}

static int read_file(const char *path, char *text, size_t *ret_len,
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return err_errno(err, ERR_RUN, errno, "accounts file \"%s\"", path);
    if (check_file(fd, path, err) < 0) {
        close(fd);
        return -1;
    }
    n = read_all(fd, text, FILE_MAX_BYTES);
    if (n < 0)
        err_errno(err, ERR_RUN, errno, "accounts file \"%s\"", path);
    close(fd);
    if (n < 0)
        return -1;
    *ret_len = (size_t)n;
    return 0;
}

/* ---- its lines --------------------------------------------------------- */

static bool is_word(const struct csv_field *f, const char *word)
{
    return g_ascii_strcasecmp(f->text, word) == 0;
}

static bool is_heading(const struct csv_row *row)
{
    return row->n == 2 && is_word(&row->fields[0], "UserName") &&
           is_word(&row->fields[1], "Password");
}

static bool is_there(const struct account_list *list, const char *user)
{
    for (guint i = 0; i < list->logins->len; i++) {
        const struct ews_login *l =
            &g_array_index(list->logins, struct ews_login, i);

        if (g_ascii_strcasecmp(l->user, user) == 0)
            return true;
    }
    return false;
}

/* NULL: nothing. */
static const char *fault_of(const struct account_list *list,
                            const struct csv_row *row)
{
    const struct csv_field *user = &row->fields[0], *password = &row->fields[1];

    if (row->fault != CSV_FINE || row->n != 2)
        return "not a user name and a password";
    if (user->len == 0 || user->len > USER_MAX ||
        strlen(user->text) != user->len ||
        !g_utf8_validate(user->text, -1, NULL))
        return "the user name is empty, too long or no text";
    if (password->len == 0 || password->len > SECRET_MAX ||
        strlen(password->text) != password->len)
        return "the password is empty, too long or no text";
    if (is_there(list, user->text))
        return "that user name stands in the file already";
    if (list->logins->len == ACCOUNTS_MAX)
        return "more accounts than can be used (64)";
    return NULL;
}

static void add(struct account_list *list, const struct csv_row *row)
{
    const struct csv_field *password = &row->fields[1];
    struct ews_login login = {
        .user = g_strdup(row->fields[0].text),
        .password = secret_new(password->text, password->len),
    };

    g_array_append_val(list->logins, login);
}

static int read_rows(struct account_list *list, const char *path,
                     struct csv_reader *reader, struct err *err)
{
    struct csv_row row;
    bool first = true;

    for (; csv_reader_next(reader, &row); first = false) {
        const char *fault;

        if (first && is_heading(&row))
            continue;
        fault = fault_of(list, &row);
        if (fault != NULL)
            return refuse(err, path, row.line, fault);
        add(list, &row);
    }
    return list->logins->len > 0 ? 0
                                 : refuse(err, path, 1, "there is no account");
}

static int read_text(struct account_list *list, const char *path,
                     const char *text, size_t len, struct err *err)
{
    g_autoptr(csv_reader) reader = NULL;
    size_t mark = 0;

    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        mark = 3;
    reader = csv_reader_new(text + mark, len - mark, ',', 1);
    return read_rows(list, path, reader, err);
}

int account_list_read(struct account_list *ret, const char *path,
                      struct err *err)
{
    g_autofree char *text = g_malloc(FILE_MAX_BYTES);
    g_auto(account_list) list = { 0 };
    size_t len = 0;
    int rc;

    list.logins = g_array_new(FALSE, FALSE, sizeof(struct ews_login));
    g_array_set_clear_func(list.logins, clear_login);
    rc = read_file(path, text, &len, err);
    if (rc == 0)
        rc = read_text(&list, path, text, len, err);
    secret_wipe(text, FILE_MAX_BYTES);
    if (rc < 0)
        return -1;
    ret->logins = g_steal_pointer(&list.logins);
    return 0;
}
