#include "fleet/import_priv.h"

#include <string.h>

#include "fleet/flags.h"

/* The article's form has one of them misspelt. */
static const char *const placeholders[] = { "<password>", "<passwrod>" };

/* In place: a copy of a password would have to be wiped. */
static bool is_placeholder(const struct import_value *v)
{
    const char *from = v->text, *end = v->text + v->len;

    while (from < end && *from == ' ')
        from++;
    while (from < end && end[-1] == ' ')
        end--;
    for (size_t i = 0; i < G_N_ELEMENTS(placeholders); i++) {
        size_t len = strlen(placeholders[i]);

        if (len == (size_t)(end - from) &&
            g_ascii_strncasecmp(placeholders[i], from, len) == 0)
            return true;
    }
    return false;
}

static void check_password(struct import_line *row, enum import_column column,
                           struct import_value *v)
{
    if (v->bad)
        return;
    if (is_placeholder(v)) {
        v->bad = true;
        import_line_fault(row, IMPORT_PLACEHOLDER, column,
                          "the template's placeholder is still there");
    } else if (v->len > 0 && v->field->padded) {
        v->bad = true;
        import_line_fault(row, IMPORT_PADDED_PASSWORD, column,
                          "there is a blank before or after the password");
    }
}

bool import_asks_owner(const struct import_row *row, enum import_side side)
{
    static const uint32_t flags[] = {
        [IMPORT_SOURCE] = FLAG_ASK_SOURCE_OWNER,
        [IMPORT_DESTINATION] = FLAG_ASK_DESTINATION_OWNER,
    };

    return (row->flags & flags[side]) != 0 && row->sides[side].password == NULL;
}

static void check_admin(struct import_line *row, enum import_side side)
{
    static const unsigned int checks[] = {
        [IMPORT_SOURCE] = IMPORT_CHECK_SOURCE_ADMIN,
        [IMPORT_DESTINATION] = IMPORT_CHECK_DESTINATION_ADMIN,
    };
    struct import_place at =
        import_line_place(row, import_column_of(side, COLUMN_SOURCE_USER));

    if (row->r->context->ask_owners &&
        import_asks_owner(row->candidate->row, side))
        return;
    switch (row->r->context->sides[side].admin) {
    case IMPORT_ADMIN_GIVEN:
        return;
    case IMPORT_ADMIN_UNKNOWN:
        row->r->import->left_out |= checks[side];
        return;
    case IMPORT_ADMIN_NONE:
        break;
    }
    import_fault_add(row->r, IMPORT_NO_CREDENTIALS, &at,
                     "there are no credentials, and the %s has no "
                     "administrative account",
                     import_side_name(side));
    row->candidate->bad = true;
}

void import_credentials_read(struct import_line *row, enum import_side side)
{
    enum import_column user_column = import_column_of(side, COLUMN_SOURCE_USER);
    enum import_column password_column =
        import_column_of(side, COLUMN_SOURCE_PASSWORD);
    struct import_mailbox *m = &row->candidate->row->sides[side];
    struct import_value user = import_value_of(row, user_column);
    struct import_value password = import_value_of(row, password_column);

    check_password(row, password_column, &password);
    if (user.bad || password.bad)
        return;
    if (user.len == 0 && password.len == 0) {
        check_admin(row, side);
    } else if (password.len == 0) {
        import_line_fault(row, IMPORT_USER_WITHOUT_PASSWORD, user_column,
                          "there is a user name and no password");
    } else if (user.len == 0) {
        import_line_fault(row, IMPORT_PASSWORD_WITHOUT_USER, password_column,
                          "there is a password and no user name");
    } else {
        m->user = import_value_dup(&user);
        m->password = secret_new(password.text, password.len);
    }
}
