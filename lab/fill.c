#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "lab/command.h"
#include "lab/generate.h"
#include "lab/store_directory.h"

/* More mailboxes than any test has; each costs a moment to make. */
#define MAILBOXES_MAX 100000
#define ITEMS_MAX     10000000

static const char *const first_names[] = {
    "anna", "bruno", "chiara", "david", "elena", "franz", "grace", "hugo",
    "ines", "jonas", "karin",  "luis",  "marta", "nils",  "olga",  "paul",
};

/* 20 letters and digits: no word that could stand in an output by chance. */
static char *password_new(void)
{
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz"
                                   "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    uint8_t bytes[20];
    char text[21];

    if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
        g_error("no random bytes");
    for (size_t i = 0; i < sizeof(bytes); i++)
        text[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
    text[20] = '\0';
    return g_strdup(text);
}

/* What fill_store() works on. */
struct filling {
    struct lab_store *store;
    const struct fill_options *options;
    char *netbios;     /* "CONTOSO" */
    GString *accounts; /* lines for the file */
    int64_t admin;
};

static int add_account(struct filling *f, const char *user,
                       const char *display_name, int64_t mailbox,
                       int64_t *ret_key, struct err *err)
{
    g_autofree char *address =
        g_strdup_printf("%s@%s", user, f->options->domain);
    g_autofree char *password = password_new();
    const struct lab_account account = {
        .domain = f->netbios,
        .user = (char *)(uintptr_t)user,
        .address = address,
        .display_name = (char *)(uintptr_t)display_name,
        .password = password,
        .may_impersonate = mailbox == 0 && !f->options->no_impersonation,
        .mailbox = mailbox,
    };

    if (lab_store_add_account(f->store, &account, ret_key, err) < 0)
        return err_in(err, "account \"%s\"", address);
    g_string_append_printf(f->accounts, "%s,%s,%s\n", address, address,
                           password);
    return 0;
}

static char *display_name_new(int n)
{
    const char *first = first_names[(size_t)n % G_N_ELEMENTS(first_names)];

    return g_strdup_printf("%c%s User%d", g_ascii_toupper(first[0]), first + 1,
                           n);
}

/* Its second address: first.user1@domain */
static int add_alias(struct filling *f, int n, int64_t mailbox, struct err *err)
{
    g_autofree char *alias = g_strdup_printf(
        "%s.user%d@%s", first_names[(size_t)n % G_N_ELEMENTS(first_names)], n,
        f->options->domain);

    return lab_store_add_alias(f->store, mailbox, alias, err);
}

static uint64_t seed_of(const struct filling *f, int n)
{
    return (uint64_t)f->options->seed * 1000 + (uint64_t)n;
}

/* What lies beside the items: an archive, what was deleted, one big folder. */
static int fill_beside(struct filling *f, int n, int64_t mailbox,
                       struct err *err)
{
    const struct fill_options *o = f->options;
    uint64_t seed = seed_of(f, n), recoverable = (uint64_t)o->recoverable;
    int64_t archive = 0;

    if (o->big > 0 &&
        lab_generate_big(f->store, mailbox, (uint64_t)o->big, seed, err) < 0)
        return -1;
    if (lab_generate_recoverable(f->store, mailbox, recoverable, seed, err) < 0)
        return -1;
    if (!o->archive)
        return 0;
    if (lab_store_add_archive(f->store, mailbox,
                              (uint64_t)o->archive_quota_bytes, &archive,
                              err) < 0 ||
        lab_generate_archive(f->store, mailbox, archive, (uint64_t)o->items / 2,
                             seed, err) < 0)
        return -1;
    return lab_generate_recoverable(f->store, archive, recoverable, seed + 1,
                                    err);
}

static int fill_mailbox(struct filling *f, int n, struct err *err)
{
    const struct fill_options *o = f->options;
    g_autofree char *user = g_strdup_printf("user%d", n);
    g_autofree char *address = g_strdup_printf("%s@%s", user, o->domain);
    g_autofree char *name = display_name_new(n);
    int64_t mailbox = 0;

    if (lab_store_add_mailbox(f->store, address, name, (uint64_t)o->quota_bytes,
                              &mailbox, err) < 0 ||
        add_alias(f, n, mailbox, err) < 0 ||
        add_account(f, user, name, mailbox, NULL, err) < 0)
        return err_in(err, "mailbox \"%s\"", address);
    if (!o->no_full_access &&
        lab_store_grant(f->store, f->admin, mailbox, err) < 0)
        return -1;
    if (o->items > 0 && lab_generate(f->store, mailbox, (uint64_t)o->items,
                                     seed_of(f, n), NULL, err) < 0)
        return err_in(err, "mailbox \"%s\"", address);
    if (fill_beside(f, n, mailbox, err) < 0)
        return err_in(err, "mailbox \"%s\"", address);
    return 0;
}

/*
 * The address book beside the mailboxes: a list of everybody, one in which
 * another list stands and somebody from outside, and two rooms.
 */
static const struct {
    enum lab_entry_kind kind;
    const char *user, *display_name;
    const char *members[4]; /* of the same domain unless they name one */
} book[] = {
    { LAB_ENTRY_LIST, "everybody", "Everybody", { NULL } },
    { LAB_ENTRY_LIST,
      "sales",
      "Sales Team",
      { "user1", "everybody", "agent@fabrikam.example" } },
    { LAB_ENTRY_ROOM, "room.blue", "Blue Room", { NULL } },
    { LAB_ENTRY_ROOM, "room.green", "Green Room", { NULL } },
    { LAB_ENTRY_ROOM_LIST,
      "rooms",
      "Meeting Rooms",
      { "room.blue", "room.green" } },
};

static char *address_new(const struct filling *f, const char *user)
{
    return strchr(user, '@') != NULL
               ? g_strdup(user)
               : g_strdup_printf("%s@%s", user, f->options->domain);
}

static int add_member(struct filling *f, const char *list, const char *member,
                      struct err *err)
{
    g_autofree char *list_address = address_new(f, list);
    g_autofree char *address = address_new(f, member);

    return lab_store_add_member(f->store, list_address, address, err);
}

static int fill_book(struct filling *f, struct err *err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(book); i++) {
        g_autofree char *address = address_new(f, book[i].user);

        if (lab_store_add_entry(f->store, book[i].kind, address,
                                book[i].display_name, err) < 0)
            return err_in(err, "address book \"%s\"", address);
        for (size_t j = 0; book[i].members[j] != NULL; j++)
            if (add_member(f, book[i].user, book[i].members[j], err) < 0)
                return -1;
    }
    for (int n = 1; n <= f->options->mailboxes; n++) {
        g_autofree char *user = g_strdup_printf("user%d", n);

        if (add_member(f, book[0].user, user, err) < 0)
            return -1;
    }
    return 0;
}

static int write_accounts(const struct filling *f, struct err *err)
{
    g_autoptr(GError) error = NULL;

    if (f->options->accounts_file == NULL)
        return 0;
    if (g_file_set_contents_full(f->options->accounts_file, f->accounts->str,
                                 (gssize)f->accounts->len,
                                 G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
        return 0;
    return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "%s", error->message);
}

static int check_options(const struct fill_options *o, struct err *err)
{
    if (o->mailboxes < 0 || o->mailboxes > MAILBOXES_MAX || o->items < 0 ||
        o->items > ITEMS_MAX || o->big < 0 || o->big > ITEMS_MAX ||
        o->recoverable < 0 || o->recoverable > ITEMS_MAX || o->seed < 0 ||
        o->quota_bytes < 0 || o->archive_quota_bytes < 0)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "the number of mailboxes or items, the seed or the "
                       "quota is out of range");
    if (strchr(o->domain, '@') != NULL || strchr(o->domain, '.') == NULL)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "\"%s\" is no domain",
                       o->domain);
    return 0;
}

static int fill_all(struct filling *f, struct err *err)
{
    if (add_account(f, "administrator", "Administrator", 0, &f->admin, err) < 0)
        return -1;
    for (int n = 1; n <= f->options->mailboxes; n++)
        if (fill_mailbox(f, n, err) < 0)
            return -1;
    if (f->options->items > 0 && lab_generate_permissions(f->store, err) < 0)
        return -1;
    if (fill_book(f, err) < 0)
        return -1;
    return write_accounts(f, err);
}

int fill_store(struct lab_store *store, const struct fill_options *options,
               struct err *err)
{
    struct filling f = { .store = store, .options = options };
    int status;

    if (check_options(options, err) < 0)
        return -1;
    f.netbios = g_ascii_strup(options->domain,
                              strchr(options->domain, '.') - options->domain);
    f.accounts = g_string_new(NULL);
    status = fill_all(&f, err);
    g_free(f.netbios);
    g_string_free(f.accounts, TRUE);
    return status;
}

/* ---- the command --------------------------------------------------- */

struct command_fill_options {
    struct fill_options fill;
    const char *organisation, *language;
};

#define O(field) offsetof(struct command_fill_options, field)
static const struct command_option fill_table[] = {
    FILL_OPTIONS(O(fill)),
    { "quota", G_OPTION_ARG_INT64, O(fill.quota_bytes), "BYTES",
      "quota of each mailbox (none)" },
    { "organisation", G_OPTION_ARG_STRING, O(organisation), "NAME",
      "its name (First Organization)" },
    { "language", G_OPTION_ARG_STRING, O(language), "CODE",
      "of the well-known folders: en, de, fr, es or ja (en)" },
    { "no-impersonation", G_OPTION_ARG_NONE, O(fill.no_impersonation), NULL,
      "do not give the administrator that right" },
    { "no-full-access", G_OPTION_ARG_NONE, O(fill.no_full_access), NULL,
      "nor that one" },
    { NULL },
};
#undef O

static const struct command_usage fill_usage = {
    .options = fill_table,
    .usage = "Usage: mailferry-lab fill STATE [OPTIONS]",
    .description = "Makes user1@DOMAIN, user2@DOMAIN, ... with a login each, "
                   "and administrator@DOMAIN,\nwho may open them all.",
    .arguments_min = 1,
    .arguments_max = 1,
};

static int fill_file(const char *path, const struct command_fill_options *o,
                     struct err *err)
{
    const struct lab_store_options options = {
        .path = path,
        .organisation = o->organisation,
        .language = o->language,
        .seed = (uint64_t)o->fill.seed,
    };
    g_autoptr(lab_store) store = NULL;

    if (!lab_language_known(o->language))
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                       "\"%s\" is no language of the well-known folders",
                       o->language);
    if (lab_store_open(&options, &store, err) < 0)
        return -1;
    return fill_store(store, &o->fill, err);
}

int command_fill(int argc, char **argv)
{
    struct command_fill_options o = {
        .fill = { .mailboxes = 5, .seed = 1, .domain = "contoso.example" },
        .organisation = "First Organization",
        .language = "en",
    };
    int status = command_options(&fill_usage, &o, &argc, &argv);
    struct err err;

    if (status != 0)
        return status < 0 ? EXIT_SUCCESS : status;
    if (fill_file(argv[1], &o, &err) < 0)
        return command_failed(&err);
    return EXIT_SUCCESS;
}
