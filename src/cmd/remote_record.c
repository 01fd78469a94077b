#include <string.h>

#include "base/step.h"
#include "base/token.h"
#include "cmd/remote.h"
#include "fleet/member.h"

void remote_record_clear(struct remote_record *record)
{
    g_clear_pointer(&record->path, g_free);
    g_clear_pointer(&record->service, g_free);
    g_clear_pointer(&record->key, g_free);
}

/* ---- on disk ------------------------------------------------------------- */

static int damaged(const struct remote_record *record, const char *what,
                   struct err *err)
{
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "record \"%s\" %s", record->path,
            what);
    return err_remedy(err, "remove it to have a new migration made, or name "
                           "another by --state");
}

static int parse(const char *text, size_t n, const struct remote *r,
                 struct remote_record *record, struct err *err)
{
    json_t *json = json_loadb(text, n, 0, NULL);

    record->service = g_strdup(member_text(json, "service"));
    record->key = g_strdup(member_text(json, "key"));
    record->id = json_integer_value(json_object_get(json, "migration"));
    json_decref(json);
    if (record->service == NULL || record->key == NULL)
        return damaged(record, "is none of a service", err);
    if (strcmp(record->service, remote_url(r)) != 0)
        return damaged(record, "is of another service", err);
    return 0;
}

static char *path_of(const char *state, const char *import_file)
{
    return state != NULL ? g_strdup(state)
                         : g_strconcat(import_file, ".mailferry-server", NULL);
}

int remote_record_read(const char *state, const char *import_file,
                       const struct remote *r, struct remote_record *ret,
                       struct err *err)
{
    g_auto(remote_record) record = { .path = path_of(state, import_file) };
    g_autoptr(GError) why = NULL;
    g_autofree char *text = NULL;
    char key[TOKEN_SIZE];
    gsize n;

    if (g_file_get_contents(record.path, &text, &n, &why)) {
        if (parse(text, n, r, &record, err) < 0)
            return -1;
    } else if (g_error_matches(why, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
        token_new(TOKEN_LINK, key, NULL);
        record.service = g_strdup(remote_url(r));
        record.key = g_strdup(key);
    } else {
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "record: %s",
                       why->message);
    }
    *ret = record;
    record = (struct remote_record){ 0 };
    return 0;
}

int remote_record_write(const struct remote_record *record, struct err *err)
{
    g_autoptr(GError) why = NULL;
    json_t *json =
        json_pack("{s:s, s:s}", "service", record->service, "key", record->key);
    char *text;
    bool good;

    if (record->id != 0)
        json_object_set_new(json, "migration",
                            json_integer((json_int_t)record->id));
    text = json_dumps(json, JSON_INDENT(2));
    good = g_file_set_contents_full(record->path, text, -1,
                                    G_FILE_SET_CONTENTS_CONSISTENT |
                                        G_FILE_SET_CONTENTS_DURABLE,
                                    0600, &why);
    free(text);
    json_decref(json);
    if (!good)
        return err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0, "record: %s",
                       why->message);
    step("record-server");
    return 0;
}

/* ---- finding ------------------------------------------------------------- */

/* Several: which there are, so that one may be named. */
static int several(const struct remote *r, const json_t *all, struct err *err)
{
    g_autoptr(GString) list = g_string_new(NULL);

    for (size_t i = 0; i < json_array_size(all) && i < 5; i++) {
        const json_t *one = json_array_get(all, i);
        const char *name = member_text(one, "name");

        g_string_append_printf(list, "%s%" JSON_INTEGER_FORMAT " \"%.40s\"",
                               i > 0 ? ", " : "",
                               json_integer_value(json_object_get(one, "id")),
                               name != NULL ? name : "");
    }
    err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
            "service \"%s\" has %zu migrations: %s%s", remote_url(r),
            json_array_size(all), list->str,
            json_array_size(all) > 5 ? ", ..." : "");
    return err_remedy(err, "name one by --migration, or the import file that "
                           "it was made of");
}

static int find_only(struct remote *r, int64_t *ret_id, struct err *err)
{
    json_t *all = NULL;
    int result = 0;

    if (remote_list(r, "/migrations", &all, err) < 0)
        return -1;
    if (json_array_size(all) == 0)
        result = err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                         "service \"%s\" has no migration", remote_url(r));
    else if (json_array_size(all) > 1)
        result = several(r, all, err);
    else
        *ret_id =
            json_integer_value(json_object_get(json_array_get(all, 0), "id"));
    json_decref(all);
    return result;
}

int remote_find(struct remote *r, unsigned int number, const char *state,
                const char *import_file, int64_t *ret_id, struct err *err)
{
    g_auto(remote_record) record = { 0 };

    if (number != 0) {
        *ret_id = number;
        return 0;
    }
    if (import_file == NULL && state == NULL)
        return find_only(r, ret_id, err);
    if (remote_record_read(state, import_file, r, &record, err) < 0)
        return -1;
    if (record.id == 0) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "no migration of the service is on record in \"%s\"",
                record.path);
        return err_remedy(err, "name it by --migration");
    }
    *ret_id = record.id;
    return 0;
}
