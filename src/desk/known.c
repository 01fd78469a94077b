#include "desk/known.h"

#include <string.h>

bool known_was_missing(const struct request *r, enum complete_piece piece)
{
    return r->missing != NULL &&
           (complete_parse(r->missing).missing & (1u << piece)) != 0;
}

enum complete_check known_check(const struct request *r,
                                enum complete_piece piece, bool is_new)
{
    return !is_new && known_was_missing(r, piece) ? COMPLETE_BAD
                                                  : COMPLETE_UNTRIED;
}

struct import *known_import(const struct complete_known *known,
                            const char *bytes, size_t n)
{
    g_autoptr(GUri) url =
        known->owa_url != NULL
            ? g_uri_parse(known->owa_url, G_URI_FLAGS_NONE, NULL)
            : NULL;
    const struct import_context context = {
        .domain = known->domain,
        .ask_owners = true,
        .sides[IMPORT_SOURCE].host = url != NULL ? g_uri_get_host(url) : NULL,
    };

    return import_read(bytes, n, &context);
}

int known_old_import(const struct desk *d, const struct request *r,
                     const struct complete_known *known, struct import **ret,
                     struct err *err)
{
    char *bytes = NULL;
    size_t n = 0;
    int found = 0;

    if (r->file_id != 0)
        found = requests_file_read(d->requests, r->file_id, &bytes, &n, err);
    if (found <= 0)
        return found;
    *ret = known_import(known, bytes, n);
    secret_wipe(bytes, n);
    g_free(bytes);
    return 0;
}

static char *fault_text(const struct import_fault *f)
{
    GString *text = g_string_new(NULL);

    if (f->line > 0)
        g_string_append_printf(text, "line %u", f->line);
    if (f->column > 0)
        g_string_append_printf(text, ", column %u", f->column);
    if (f->name != NULL)
        g_string_append_printf(text, " (%s)", f->name);
    g_string_append_printf(text, "%s%s", text->len > 0 ? ": " : "", f->text);
    if (f->remedy != NULL)
        g_string_append_printf(text, "; %s", f->remedy);
    return g_string_free(text, FALSE);
}

void known_add_faults(const struct import *import, GPtrArray *to)
{
    for (guint i = 0; i < import->faults->len; i++) {
        const struct import_fault *f = import->faults->pdata[i];

        if (!f->warning)
            g_ptr_array_add(to, fault_text(f));
    }
}

bool known_has_domain(const struct roster_account *a, const char *domain)
{
    for (guint i = 0; domain != NULL && i < a->domains->len; i++) {
        const struct account_domain *d = a->domains->pdata[i];

        if (strcmp(d->name, domain) == 0)
            return true;
    }
    return false;
}

int known_open_request(const struct desk *d, int64_t account_id,
                       const char *domain, struct request **ret,
                       struct err *err)
{
    const struct request_filter filter = {
        .states = domain != NULL ? KNOWN_BEFORE_RUN : KNOWN_IN_WAITING,
        .account_id = account_id,
        .domain = domain,
    };
    const struct roster_page page = { .limit = 2, .down = true };
    g_autoptr(GPtrArray) found = NULL;

    if (requests_list(d->requests, &filter, &page, &found, err) < 0)
        return -1;
    if (found->len == 1 || (found->len > 1 && domain != NULL))
        *ret = g_ptr_array_steal_index(found, 0);
    return 0;
}
