/*
 * Import files: the template, a look at one before it is sent, and the one of
 * a request.
 */
#include "web/service_imports.h"

#include <string.h>

#include "desk/supply.h"
#include "web/form.h"
#include "web/service_requests.h"

/* Faults told of one file: more are the same one again and again. */
#define FAULTS_MAX 1000

json_t *service_faults_json(const struct import *import)
{
    json_t *list = json_array();

    for (guint i = 0;
         import != NULL && i < import->faults->len && i < FAULTS_MAX; i++) {
        const struct import_fault *f = import->faults->pdata[i];

        json_array_append_new(
            list,
            json_pack("{s:s, s:b, s:i, s:i, s:s?, s:s, s:s?}", "kind",
                      import_fault_word(f->kind), "warning", f->warning, "line",
                      (int)f->line, "column", (int)f->column, "name", f->name,
                      "text", f->text, "remedy", f->remedy));
    }
    return list;
}

/* Are administrative credentials needed, as its rows lack their own? */
static bool lacks_passwords(const struct import *import)
{
    for (guint i = 0; i < import->rows->len; i++) {
        const struct import_row *row = import->rows->pdata[i];

        if (row->sides[IMPORT_SOURCE].password == NULL)
            return true;
    }
    return import->rows->len == 0;
}

/* How many rows there are, how many of them good, and the faults. */
static json_t *import_json(const struct import *import)
{
    return json_pack(
        "{s:I, s:I, s:I, s:I, s:b, s:o}", "rows", (json_int_t)import->n_rows,
        "mailboxes", (json_int_t)import->rows->len, "errors",
        (json_int_t)import->n_errors, "warnings",
        (json_int_t)import->n_warnings, "needsAdmin",
        (int)lacks_passwords(import), "faults", service_faults_json(import));
}

/* ---- the template -------------------------------------------------------- */

void service_import_template(void *service, const struct web_request *r,
                             struct web_reply *reply)
{
    const char *form = web_query(r, "form");
    bool passwords = g_strcmp0(form, "passwords") == 0;

    (void)service;
    if (form != NULL && !passwords && strcmp(form, "admin") != 0) {
        web_problem(reply, 400, "query", "\"form\" is admin or passwords");
        return;
    }
    web_reply_text(reply, 200, "text/csv; charset=utf-8",
                   import_template(passwords));
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"mailboxes.csv\"");
}

/* ---- a file that comes in ------------------------------------------------ */

/* False with the problem in the reply: there is none. */
static bool read_file(const struct web_request *r, struct supply *ret,
                      struct web_reply *reply)
{
    ret->bytes =
        web_form_file(r->form, "file", &ret->n, &ret->texts[SUPPLY_FILE]);
    if (ret->bytes != NULL && ret->n > 0)
        return true;
    web_problem_field(reply, "file",
                      "\"file\" is missing: a part of multipart/form-data, "
                      "with a file name");
    return false;
}

static void show(const struct supplied *done, struct web_reply *reply)
{
    if (done->import != NULL && done->wrong[SUPPLY_FILE] == NULL)
        web_reply_json(reply, 200, import_json(done->import));
    else
        web_problem_field(reply, "file", "%s", done->wrong[SUPPLY_FILE]);
}

void service_import_check(void *service, const struct web_request *r,
                          struct web_reply *reply)
{
    struct supply given = { 0 };
    g_auto(supplied) done = { 0 };

    (void)service;
    if (!read_file(r, &given, reply))
        return;
    given.texts[SUPPLY_DOMAIN] = web_form_text(r->form, "domain");
    given.texts[SUPPLY_OWA_URL] = web_form_text(r->form, "owaUrl");
    supply_check_file(&given, &done);
    show(&done, reply);
}

/* ---- a request's --------------------------------------------------------- */

static void reply_import(const struct import *import, bool csv,
                         struct web_reply *reply)
{
    g_autofree char *text = NULL;

    if (!csv) {
        web_reply_json(reply, 200, import_json(import));
        return;
    }
    text = import_write_bare(import);
    web_reply_text(reply, 200, "text/csv; charset=utf-8", text);
    web_reply_header(reply, "Content-Disposition",
                     "attachment; filename=\"mailboxes.csv\"");
}

void service_request_import(void *service, const struct web_request *r,
                            struct web_reply *reply)
{
    const struct service *s = service;
    const char *form = web_query(r, "form");
    const bool csv = g_strcmp0(form, "csv") == 0;
    g_autoptr(request) q = service_request_get(s, r, reply);
    g_auto(supplied) now = { 0 };
    struct err err;

    if (q == NULL || !service_has_desk(s, reply))
        return;
    if (form != NULL && !csv && strcmp(form, "json") != 0)
        web_problem(reply, 400, "query", "\"form\" is json or csv");
    else if (supply_look(s->desk, q, &now, &err) < 0)
        service_fail(s, r, reply, &err);
    else if (now.import == NULL)
        service_not_found(reply, "import file");
    else
        reply_import(now.import, csv, reply);
}

void service_request_file_add(void *service, const struct web_request *r,
                              struct web_reply *reply)
{
    struct service *s = service;
    g_autoptr(request) q = service_request_get(s, r, reply);
    struct supply given = { 0 };
    g_auto(supplied) done = { 0 };

    if (q != NULL && read_file(r, &given, reply) &&
        service_supply(s, r, q, &given, &done, reply))
        show(&done, reply);
}
