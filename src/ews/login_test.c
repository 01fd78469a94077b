#include <string.h>

#include "base/check.h"
#include "ews/script.h"

#define ROOT(id)     ANSWER(RESPONSE("GetFolder", GOT_FOLDER(id)))
#define NO_ROOT(why) ANSWER(RESPONSE("GetFolder", NO_FOLDER(why)))
#define BOTH(a, b)   ANSWER(RESPONSE("GetFolder", a b))
#define ALIAS_TO(address)                                                      \
    FAILURE("GetFolder", "ErrorNonPrimarySmtpAddress",                         \
            MESSAGE_XML("Primary", address) "<m:Folders/>")

struct fault_line {
    long status;
    const char *body;
};

/* A mailbox whose row has a password of its own. */
static void own_mailbox(struct stage *st)
{
    g_autoptr(secret) password = secret_new("own", 3);
    const struct ews_login login = { .password = password };
    const struct ews_mailbox_config config = { .address = "ann@old.example",
                                               .login = &login };
    struct err err;

    CHECK_OK(ews_mailbox_new(st->site, &config, &st->ep, &err), &err);
}

static void say_fault(struct stage *st, const char *body)
{
    const struct script_line line = { .status = 500, .body = body };

    script_add(st->script, &line);
}

static const char *body_of(struct stage *st, size_t i)
{
    return script_request(st->script, i)->body;
}

static bool impersonates(struct stage *st, size_t i)
{
    return strstr(body_of(st, i), "<t:ExchangeImpersonation>") != NULL;
}

static bool names_mailbox(struct stage *st, size_t i)
{
    return strstr(body_of(st, i), "<t:Mailbox><t:EmailAddress>") != NULL;
}

/* ---- each kind of rights ------------------------------------------------- */

static void test_impersonation(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err;

    stage_init(&st);
    stage_mailbox(&st);
    script_say(st.script, ROOT("R"));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpint(f.rights, ==, ENDPOINT_RIGHTS_IMPERSONATION);
    g_assert_cmpstr(f.scheme, ==, "NTLM");
    g_assert_cmpstr(f.server_version, ==, "15.1.2507 (Exchange2016)");
    g_assert_cmpstr(f.root_id, ==, "R");
    g_assert_cmpstr(f.mailbox_identity, ==, "R");
    g_assert_null(f.primary_address);
    g_assert_cmpuint(f.request_max_bytes, ==, 64 << 20);
    g_assert_cmpuint(st.ep->caps, ==,
                     ENDPOINT_CAP_EXPORT | ENDPOINT_CAP_UPLOAD |
                         ENDPOINT_CAP_UPDATE | ENDPOINT_CAP_PORTABLE);
    g_assert_true(impersonates(&st, 0));
    g_assert_nonnull(strstr(body_of(&st, 0), "Version=\"Exchange2010_SP1\""));
    g_assert_nonnull(strstr(script_request(st.script, 0)->headers,
                            "X-AnchorMailbox: ann@old.example\n"));
    g_assert_cmpstr(script_request(st.script, 0)->user, ==, "EXCH\\admin");
    stage_release(&st);
}

static void test_own_password(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err;

    stage_init(&st);
    own_mailbox(&st);
    script_say(st.script, BOTH(GOT_FOLDER("R"), GOT_FOLDER("R")));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpint(f.rights, ==, ENDPOINT_RIGHTS_OWN);
    g_assert_false(impersonates(&st, 0));
    g_assert_cmpstr(script_request(st.script, 0)->user, ==, "ann@old.example");
    stage_release(&st);
}

/*
 * The row's password is an administrator's, whose own mailbox is another: it
 * must not be taken for the address's.
 */
static void test_own_password_of_somebody_else(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err;

    stage_init(&st);
    own_mailbox(&st);
    script_say(st.script, BOTH(GOT_FOLDER("ADMIN"), GOT_FOLDER("ANN")));
    script_say(st.script, NO_ROOT("ErrorImpersonateUserDenied"));
    script_say(st.script, ROOT("ANN"));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpint(f.rights, ==, ENDPOINT_RIGHTS_FULL_ACCESS);
    g_assert_cmpstr(f.root_id, ==, "ANN");
    stage_release(&st);
}

static void test_own_password_without_a_mailbox(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err;

    stage_init(&st);
    own_mailbox(&st);
    script_say(st.script, BOTH(NO_FOLDER("ErrorMissingEmailAddress"),
                               NO_FOLDER("ErrorAccessDenied")));
    script_say(st.script, ROOT("ANN"));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpint(f.rights, ==, ENDPOINT_RIGHTS_IMPERSONATION);
    stage_release(&st);
}

static void test_full_access(void)
{
    static const struct {
        const char *name;
        struct fault_line denied;
    } rows[] = {
        { "denied for the user",
          { 500, ANSWER(FAULT("ErrorImpersonateUserDenied", "")) } },
        { "denied for the server",
          { 500, ANSWER(FAULT("ErrorImpersonationDenied", "")) } },
        { "denied with status 200",
          { 200, ANSWER(FAULT("ErrorImpersonateUserDenied", "")) } },
        { "denied in a message",
          { 200, NO_ROOT("ErrorImpersonateUserDenied") } },
        { "access denied", { 200, NO_ROOT("ErrorAccessDenied") } },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct script_line denied = { rows[i].denied.status,
                                            rows[i].denied.body };
        struct stage st;
        g_auto(endpoint_facts) f = { 0 };
        struct err err;

        stage_init(&st);
        stage_mailbox(&st);
        script_add(st.script, &denied);
        script_say(st.script, ROOT("ANN"));
        CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
        CHECK_ROW(rows[i].name, f.rights == ENDPOINT_RIGHTS_FULL_ACCESS);
        CHECK_ROW(rows[i].name, impersonates(&st, 0));
        CHECK_ROW(rows[i].name, !impersonates(&st, 1) && names_mailbox(&st, 1));
        stage_release(&st);
    }
}

/* ---- refusals, told apart ------------------------------------------------ */

static void test_refusals(void)
{
    static const struct {
        const char *name;
        struct script_line lines[2];
        const char *err_name;
        enum err_retry retry;
        const char *in_message;
    } rows[] = {
        { "wrong password",
          { { 401, .offered = NET_AUTH_NTLM } },
          "Unauthorized",
          ERR_RETRY_REAUTH,
          "account \"EXCH\\admin\"" },
        { "no such mailbox",
          { { 200, NO_ROOT("ErrorNonExistentMailbox") } },
          "ErrorNonExistentMailbox",
          ERR_RETRY_NEVER,
          "no mailbox" },
        { "no such mailbox, as a fault",
          { { 500, ANSWER(FAULT("ErrorNonExistentMailbox", "")) } },
          "ErrorNonExistentMailbox",
          ERR_RETRY_NEVER,
          "no mailbox" },
        { "no rights",
          { { 500, ANSWER(FAULT("ErrorImpersonateUserDenied", "")) },
            { 200, NO_ROOT("ErrorAccessDenied") } },
          "ErrorImpersonateUserDenied",
          ERR_RETRY_NEVER,
          "(ErrorImpersonateUserDenied) nor by full access "
          "(ErrorAccessDenied)" },
        { "no rights, and the folder is hidden",
          { { 500, ANSWER(FAULT("ErrorImpersonationDenied", "")) },
            { 200, NO_ROOT("ErrorItemNotFound") } },
          "ErrorImpersonationDenied",
          ERR_RETRY_NEVER,
          "(ErrorItemNotFound)" },
        { "being moved",
          { { 200, NO_ROOT("ErrorMailboxMoveInProgress") } },
          "ErrorMailboxMoveInProgress",
          ERR_RETRY_WAIT,
          "being moved" },
        { "EWS switched off",
          { { 403 } },
          "HttpStatus",
          ERR_RETRY_NEVER,
          "forbids" },
        { "a form",
          { { 302, .location = "/owa/auth.owa" } },
          "FormsLogin",
          ERR_RETRY_NEVER,
          "web form" },
        { "no certificate",
          { { .lost = "tls-untrusted", .lost_scope = ERR_RUN } },
          "tls-untrusted",
          ERR_RETRY_NEVER,
          "" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        struct stage st;
        g_auto(endpoint_facts) f = { 0 };
        struct err err = { 0 };

        stage_init(&st);
        stage_mailbox(&st);
        for (size_t k = 0; k < 2; k++) {
            if (rows[i].lines[k].status != 0 || rows[i].lines[k].lost != NULL)
                script_add(st.script, &rows[i].lines[k]);
        }
        CHECK_ROW(rows[i].name, endpoint_open(st.ep, &f, &err) == -1);
        CHECK_ROW(rows[i].name, g_strcmp0(err.name, rows[i].err_name) == 0);
        CHECK_ROW(rows[i].name, err.retry == rows[i].retry);
        CHECK_ROW(rows[i].name, err.scope >= ERR_MAILBOX);
        CHECK_ROW(rows[i].name, strstr(err.msg, rows[i].in_message) != NULL);
        stage_release(&st);
    }
}

static void test_refusal_has_a_remedy(void)
{
    const struct script_line refused = { 401, .offered = NET_AUTH_NTLM };
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    stage_mailbox(&st);
    script_add(st.script, &refused);
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    g_assert_nonnull(strstr(err.remedy, "Extended Protection"));
    stage_release(&st);
}

/*
 * The side's account was refused once: its other mailboxes are told so, and
 * the server is not asked again.
 */
static void test_refused_once_is_enough(void)
{
    const struct script_line refused = { 401, .offered = NET_AUTH_NTLM };
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    stage_mailbox(&st);
    script_add(st.script, &refused);
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    endpoint_free(st.ep);
    stage_mailbox(&st);
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    g_assert_cmpuint(script_n(st.script), ==, 1);
    stage_release(&st);
}

/* Ids may differ by the way to a mailbox; its entry id does not. */
static void test_identity(void)
{
    static const char *const ids[] = { "R-one-way", "R-another" };

    for (size_t i = 0; i < G_N_ELEMENTS(ids); i++) {
        g_autofree char *answer = g_strdup_printf(
            ANSWER(RESPONSE(
                "GetFolder",
                SUCCESS("GetFolder",
                        "<m:Folders><t:Folder><t:FolderId Id=\"%s\" "
                        "ChangeKey=\"CK\"/><t:ExtendedProperty>"
                        "<t:ExtendedFieldURI PropertyTag=\"0xfff\" "
                        "PropertyType=\"Binary\"/><t:Value>AAAAAA==</t:Value>"
                        "</t:ExtendedProperty></t:Folder></m:Folders>"))),
            ids[i]);
        struct stage st;
        g_auto(endpoint_facts) f = { 0 };
        struct err err = { 0 };

        stage_init(&st);
        stage_mailbox(&st);
        script_say(st.script, answer);
        CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
        g_assert_cmpstr(f.root_id, ==, ids[i]);
        g_assert_cmpstr(f.mailbox_identity, ==, "AAAAAA==");
        stage_release(&st);
    }
}

/* ---- aliases --------------------------------------------------------- */

static void test_alias(void)
{
    static const struct {
        const char *name;
        long status;
        const char *body;
    } rows[] = {
        { "in a message", 200,
          ANSWER(RESPONSE("GetFolder", ALIAS_TO("anna@old.example"))) },
        { "as a fault", 500,
          ANSWER(FAULT("ErrorNonPrimarySmtpAddress",
                       DETAIL_XML("Primary", "anna@old.example"))) },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const struct script_line line = { rows[i].status, rows[i].body };
        struct stage st;
        g_auto(endpoint_facts) f = { 0 };
        struct err err = { 0 };

        stage_init(&st);
        stage_mailbox(&st);
        script_add(st.script, &line);
        script_say(st.script, ROOT("R"));
        CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
        g_assert_cmpstr(f.primary_address, ==, "anna@old.example");
        CHECK_ROW(rows[i].name,
                  strstr(body_of(&st, 1), "anna@old.example") != NULL);
        g_assert_nonnull(strstr(script_request(st.script, 1)->headers,
                                "X-AnchorMailbox: anna@old.example\n"));
        stage_release(&st);
    }
}

/* Once; a server that names one alias after another is not followed. */
static void test_alias_only_once(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    stage_mailbox(&st);
    script_say(st.script,
               ANSWER(RESPONSE("GetFolder", ALIAS_TO("b@old.example"))));
    script_say(st.script,
               ANSWER(RESPONSE("GetFolder", ALIAS_TO("c@old.example"))));
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorNonPrimarySmtpAddress");
    stage_release(&st);
}

/* Nor across the ways of getting in: one correction a mailbox. */
static void test_alias_once_for_all_rights(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    own_mailbox(&st);
    script_say(st.script, BOTH(GOT_FOLDER("X"), ALIAS_TO("b@old.example")));
    script_say(st.script,
               BOTH(GOT_FOLDER("X"), NO_FOLDER("ErrorAccessDenied")));
    script_say(st.script,
               ANSWER(RESPONSE("GetFolder", ALIAS_TO("c@old.example"))));
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorNonPrimarySmtpAddress");
    stage_release(&st);
}

/* ---- versions -------------------------------------------------------- */

static void test_old_server(void)
{
    static const char *const refusals[] = {
        ANSWER_OF(V2007, FAULT("ErrorInvalidServerVersion", "")),
        ANSWER_OF(V2007, FAULT("ErrorSchemaValidation", "")),
    };

    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        struct stage st;
        g_auto(endpoint_facts) f = { 0 };
        g_auto(endpoint_facts) again = { 0 };
        struct err err = { 0 };

        stage_init(&st);
        stage_mailbox(&st);
        say_fault(&st, refusals[i]);
        script_say(st.script,
                   ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("R"))));
        CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
        g_assert_cmpstr(f.server_version, ==, "8.1.436 (Exchange2007_SP1)");
        g_assert_cmpuint(st.ep->caps, ==, ENDPOINT_CAP_PORTABLE);
        g_assert_nonnull(
            strstr(body_of(&st, 1), "Version=\"Exchange2007_SP1\""));

        /* The next mailbox need not learn it again. */
        endpoint_free(st.ep);
        stage_mailbox(&st);
        script_say(st.script,
                   ANSWER_OF(V2007, RESPONSE("GetFolder", GOT_FOLDER("S"))));
        CHECK_OK(endpoint_open(st.ep, &again, &err), &err);
        g_assert_cmpuint(script_n(st.script), ==, 3);
        g_assert_nonnull(
            strstr(body_of(&st, 2), "Version=\"Exchange2007_SP1\""));
        stage_release(&st);
    }
}

/* A front end's answer without a version: what the probe knew is used. */
static void test_no_version(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    stage_mailbox(&st);
    script_lie(st.script,
               "<Envelope><Body>" RESPONSE(
                   "GetFolder", GOT_FOLDER("R")) "</Body></Envelope>");
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpstr(f.server_version, ==, "unknown");
    g_assert_cmpuint(f.request_max_bytes, ==, 25 << 20);
    g_assert_cmpuint(st.ep->caps & ENDPOINT_CAP_EXPORT, !=, 0);
    stage_release(&st);
}

/* ---- schemes and handles --------------------------------------------- */

static void test_scheme_is_asked_for(void)
{
    const struct script_line offer = { 401, .offered = NET_AUTH_BASIC |
                                                       NET_AUTH_NEGOTIATE };
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    st.site->schemes = 0;
    stage_mailbox(&st);
    script_add(st.script, &offer);
    script_say(st.script, ROOT("R"));
    CHECK_OK(endpoint_open(st.ep, &f, &err), &err);
    g_assert_cmpstr(f.scheme, ==, "Basic");
    g_assert_null(script_request(st.script, 0)->user);
    g_assert_cmpint(script_request(st.script, 1)->scheme, ==, NET_AUTH_BASIC);
    stage_release(&st);
}

static void test_no_scheme(void)
{
    struct stage st;
    g_auto(endpoint_facts) f = { 0 };
    struct err err = { 0 };

    stage_init(&st);
    st.site->schemes = NET_AUTH_NEGOTIATE;
    stage_mailbox(&st);
    g_assert_cmpint(endpoint_open(st.ep, &f, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "NoScheme");
    g_assert_nonnull(strstr(err.msg, "Negotiate"));
    g_assert_nonnull(err.remedy);
    stage_release(&st);
}

static void test_mailbox_needs_a_credential(void)
{
    const struct ews_mailbox_config rows[] = {
        { .address = "ann" },
        { .address = "@old.example" },
        { .address = "ann@" },
        { .address = "ann@old.example\r\nX-Evil: 1" },
        { .address = "an n@old.example" },
    };
    const struct ews_mailbox_config good = { .address = "ann@old.example" };
    struct endpoint *ep = NULL;
    struct stage st;
    struct err err;

    stage_init(&st);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_assert_cmpint(ews_mailbox_new(st.site, &rows[i], &ep, &err), ==, -1);
        g_assert_cmpint(err.scope, ==, ERR_MAILBOX);
    }
    accounts_free(st.site->accounts);
    st.site->accounts = accounts_new();
    g_assert_cmpint(ews_mailbox_new(st.site, &good, &ep, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "neither"));
    stage_release(&st);
}

static void test_site_wants_https(void)
{
    const struct ews_site_config config = {
        .ews_url = "http://mail.old.example/EWS/Exchange.asmx"
    };
    struct ews_transport t = { 0 };
    struct ews_site *site = NULL;
    struct err err;

    g_assert_cmpint(site_new_over(&t, &config, &site, &err), ==, -1);
    g_assert_cmpint(err.scope, ==, ERR_RUN);
    g_assert_null(site);
}

/* A clone has everything in common, and a connection only while it asks. */
static void test_clone(void)
{
    struct endpoint *lane;
    struct endpoint_stats stats;
    struct endpoint_description d = { 0 };
    struct stage st;
    struct err err;

    stage_init(&st);
    stage_open_2016(&st);
    lane = endpoint_clone(st.ep);
    g_assert_cmpuint(lane->caps, ==, st.ep->caps);
    script_say(st.script, ANSWER(RESPONSE(
                              "GetItem", FAILURE("GetItem", "ErrorItemNotFound",
                                                 "<m:Items/>"))));
    g_assert_cmpint(endpoint_describe(lane, "I", &d, &err), ==, -1);
    g_assert_cmpuint(script_request(st.script, 1)->conn, ==,
                     script_request(st.script, 0)->conn);
    g_assert_true(impersonates(&st, 1));
    endpoint_stats(st.ep, &stats);
    g_assert_cmpuint(stats.requests, ==, 2);
    g_assert_cmpuint(stats.bytes_up, ==, 20);
    g_assert_cmpuint(stats.bytes_down, ==, 40);
    g_assert_cmpint(stats.working_us, ==, 2000);
    g_assert_cmpint(stats.own_us, ==, 1000);
    endpoint_stats(lane, &stats);
    g_assert_cmpint(stats.working_us, ==, 2000);
    g_assert_cmpint(stats.own_us, ==, 1000);
    /* The core lives as long as its last handle. */
    endpoint_free(st.ep);
    st.ep = lane;
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/login/impersonation", test_impersonation);
    g_test_add_func("/login/own-password", test_own_password);
    g_test_add_func("/login/somebody-else", test_own_password_of_somebody_else);
    g_test_add_func("/login/no-mailbox", test_own_password_without_a_mailbox);
    g_test_add_func("/login/full-access", test_full_access);
    g_test_add_func("/login/refusals", test_refusals);
    g_test_add_func("/login/remedy", test_refusal_has_a_remedy);
    g_test_add_func("/login/refused-once", test_refused_once_is_enough);
    g_test_add_func("/login/identity", test_identity);
    g_test_add_func("/login/alias", test_alias);
    g_test_add_func("/login/alias-once", test_alias_only_once);
    g_test_add_func("/login/alias-for-all", test_alias_once_for_all_rights);
    g_test_add_func("/login/old-server", test_old_server);
    g_test_add_func("/login/no-version", test_no_version);
    g_test_add_func("/login/scheme", test_scheme_is_asked_for);
    g_test_add_func("/login/no-scheme", test_no_scheme);
    g_test_add_func("/login/credential", test_mailbox_needs_a_credential);
    g_test_add_func("/login/https", test_site_wants_https);
    g_test_add_func("/login/clone", test_clone);
    return g_test_run();
}
