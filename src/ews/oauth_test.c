#include "ews/oauth.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/check.h"
#include "ews/call.h"
#include "ews/script.h"

#define TOKEN_URL "https://login.example/contoso/oauth2/v2.0/token"
#define CLIENT    "11111111-2222"
#define SECRET    "s3 cr3t&more"

#define TOKEN(text, seconds)                                                   \
    "{\"token_type\":\"Bearer\",\"expires_in\":" seconds ","                   \
    "\"access_token\":\"" text "\"}"
#define ROOT ANSWER(RESPONSE("GetFolder", GOT_FOLDER("ROOT")))
#define ITEM ANSWER(RESPONSE("GetItem", SUCCESS("GetItem", "<m:Items/>")))

/* A stage whose site has an application in place of an account. */
static void open_stage(struct stage *st)
{
    g_autoptr(secret) client_secret = secret_new(SECRET, strlen(SECRET));
    const struct ews_oauth how = { .token_url = TOKEN_URL,
                                   .client_id = CLIENT,
                                   .secret = client_secret };
    struct ews_site_config config = {
        .ews_url = "https://outlook.office365.com/EWS/Exchange.asmx",
        .schemes = NET_AUTH_BASIC | NET_AUTH_BEARER,
        .oauth = &how,
    };
    struct ews_transport transport;
    struct err err;

    stage_init(st);
    transport = script_transport(st->script);
    config.governor = st->governor;
    config.cancel = st->cancel;
    ews_site_free(st->site);
    CHECK_OK(site_new_over(&transport, &config, &st->site, &err), &err);
    st->site->read_pause_ms = 0;
    stage_mailbox(st);
}

static void say_json(struct stage *st, long status, const char *body)
{
    const struct script_line line = { .status = status,
                                      .body = body,
                                      .content_type = "application/json",
                                      .lies = true };

    script_add(st->script, &line);
}

static void refuse(struct stage *st)
{
    const struct script_line line = { .status = 401 };

    script_add(st->script, &line);
}

static int open_mailbox(struct stage *st, struct err *err)
{
    g_auto(endpoint_facts) facts = { 0 };

    if (endpoint_open(st->ep, &facts, err) < 0)
        return -1;
    g_assert_cmpstr(facts.scheme, ==, "Bearer");
    g_assert_cmpint(facts.rights, ==, ENDPOINT_RIGHTS_IMPERSONATION);
    return 0;
}

static void write_item(struct xml_writer *w, const struct core *core,
                       const void *data)
{
    (void)core;
    (void)data;
    xml_open(w, "m:ItemShape");
    xml_element(w, "t:BaseShape", "IdOnly");
    xml_close(w);
    xml_open(w, "m:ItemIds");
    call_item_id(w, "I");
    xml_close(w);
}

/* One more request; writes are sent at most once, and so is this. */
static int ask(struct endpoint *ep, struct err *err)
{
    static const struct call writing = {
        .element = "m:GetItem", .write = write_item, .n = 1, .writing = true
    };
    g_auto(call_answer) a = { 0 };
    bool maybe = false;
    int rc = call_make(mailbox_of(ep), &writing, &a, &maybe, err);

    g_assert_false(maybe);
    return rc;
}

/* What the i-th request showed; NULL: no credential. */
static const char *shown(const struct stage *st, size_t i)
{
    return script_request(st->script, i)->secret;
}

static void test_the_form(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ROOT);
    CHECK_OK(open_mailbox(&st, &err), &err);
    g_assert_cmpstr(script_request(st.script, 0)->url, ==, TOKEN_URL);
    g_assert_cmpstr(script_request(st.script, 0)->method, ==, "POST");
    g_assert_cmpstr(script_request(st.script, 0)->body, ==,
                    "grant_type=client_credentials&client_id=" CLIENT
                    "&client_secret=s3%20cr3t%26more&scope="
                    "https%3A%2F%2Foutlook.office365.com%2F.default");
    g_assert_null(shown(&st, 0));
    g_assert_cmpint(script_request(st.script, 1)->scheme, ==, NET_AUTH_BEARER);
    g_assert_cmpstr(shown(&st, 1), ==, "one");
    g_assert_nonnull(strstr(script_request(st.script, 1)->body,
                            "ann@old.example</t:PrimarySmtpAddress>"));
    stage_release(&st);
}

/* Once for all lanes, as long as it lives. */
static void test_one_token_for_all(void)
{
    struct endpoint *lane;
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ROOT);
    script_say(st.script, ITEM);
    script_say(st.script, ITEM);
    CHECK_OK(open_mailbox(&st, &err), &err);
    lane = endpoint_clone(st.ep);
    CHECK_OK(ask(lane, &err), &err);
    CHECK_OK(ask(st.ep, &err), &err);
    g_assert_cmpstr(shown(&st, 2), ==, "one");
    g_assert_cmpstr(shown(&st, 3), ==, "one");
    endpoint_free(lane);
    stage_release(&st);
}

/* A token that was good and is refused has ended: one more, same connection. */
static void test_renewed_after_a_401(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ROOT);
    refuse(&st);
    say_json(&st, 200, TOKEN("two", "3600"));
    script_say(st.script, ITEM);
    CHECK_OK(open_mailbox(&st, &err), &err);
    CHECK_OK(ask(st.ep, &err), &err);
    g_assert_cmpstr(shown(&st, 4), ==, "two");
    g_assert_cmpuint(script_request(st.script, 4)->conn, ==,
                     script_request(st.script, 1)->conn);
    stage_release(&st);
}

/* The fresh one is refused too: nobody asks again, for no token either. */
static void test_then_it_stops(void)
{
    struct endpoint *lane;
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ROOT);
    refuse(&st);
    say_json(&st, 200, TOKEN("two", "3600"));
    refuse(&st);
    CHECK_OK(open_mailbox(&st, &err), &err);
    lane = endpoint_clone(st.ep);
    g_assert_cmpint(ask(st.ep, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    g_assert_nonnull(strstr(err.msg, "application \"" CLIENT "\""));
    g_assert_cmpint(ask(lane, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    endpoint_free(lane);
    stage_release(&st);
}

static void test_a_first_token_that_is_refused(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    refuse(&st);
    g_assert_cmpint(open_mailbox(&st, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_REAUTH);
    g_assert_nonnull(strstr(err.remedy, "full_access_as_app"));
    stage_release(&st);
}

/* What ends within the margin is not shown any more. */
static void test_renewed_in_time(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "1"));
    script_say(st.script, ROOT);
    say_json(&st, 200, TOKEN("two", "3600"));
    script_say(st.script, ITEM);
    CHECK_OK(open_mailbox(&st, &err), &err);
    g_usleep(G_USEC_PER_SEC);
    CHECK_OK(ask(st.ep, &err), &err);
    g_assert_cmpstr(shown(&st, 3), ==, "two");
    stage_release(&st);
}

static void test_a_client_is_refused_once(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 401, "{\"error\":\"invalid_client\"}");
    for (int i = 0; i < 3; i++) {
        g_assert_cmpint(open_mailbox(&st, &err), ==, -1);
        g_assert_cmpstr(err.name, ==, "TokenRefused");
        g_assert_nonnull(strstr(err.msg, "login.example"));
        g_assert_null(strstr(err.msg, SECRET));
    }
    stage_release(&st);
}

/* A busy endpoint is worth asking again later. */
static void test_a_busy_endpoint(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 503, "");
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ROOT);
    g_assert_cmpint(open_mailbox(&st, &err), ==, -1);
    g_assert_cmpint(err.retry, ==, ERR_RETRY_WAIT);
    CHECK_OK(open_mailbox(&st, &err), &err);
    stage_release(&st);
}

/* EWS-QUIRKS 27: full access is not even tried. */
static void test_no_grant(void)
{
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "3600"));
    script_say(st.script, ANSWER(FAULT("ErrorImpersonateUserDenied", "")));
    g_assert_cmpint(open_mailbox(&st, &err), ==, -1);
    g_assert_cmpstr(err.name, ==, "ErrorImpersonateUserDenied");
    g_assert_nonnull(strstr(err.msg, "application \"" CLIENT "\""));
    stage_release(&st);
}

static void *ask_in_a_lane(void *data)
{
    struct err err;

    CHECK_OK(ask(data, &err), &err);
    return NULL;
}

/* Lanes that need a token at the same time get it by one request. */
static void test_one_asks_others_wait(void)
{
    enum { LANES = 8 };
    struct endpoint *lanes[LANES];
    pthread_t threads[LANES];
    unsigned int tokens = 0;
    struct stage st;
    struct err err;

    open_stage(&st);
    say_json(&st, 200, TOKEN("one", "1"));
    script_say(st.script, ROOT);
    say_json(&st, 200, TOKEN("two", "3600"));
    for (int i = 0; i < LANES; i++)
        script_say(st.script, ITEM);
    CHECK_OK(open_mailbox(&st, &err), &err);
    g_usleep(G_USEC_PER_SEC);
    for (int i = 0; i < LANES; i++) {
        lanes[i] = endpoint_clone(st.ep);
        g_assert_cmpint(
            pthread_create(&threads[i], NULL, ask_in_a_lane, lanes[i]), ==, 0);
    }
    for (int i = 0; i < LANES; i++) {
        pthread_join(threads[i], NULL);
        endpoint_free(lanes[i]);
    }
    for (size_t i = 0; i < script_n(st.script); i++)
        tokens += strcmp(script_request(st.script, i)->url, TOKEN_URL) == 0;
    g_assert_cmpuint(tokens, ==, 2);
    stage_release(&st);
}

static void test_the_secret_wants_https(void)
{
    g_autoptr(secret) client_secret = secret_new(SECRET, strlen(SECRET));
    const struct ews_oauth how = { .token_url = "http://login.example/token",
                                   .client_id = CLIENT,
                                   .secret = client_secret };
    const struct ews_site_config config = {
        .ews_url = "https://mail.example/EWS/Exchange.asmx",
        .oauth = &how,
    };
    struct ews_transport t = { 0 };
    struct ews_site *site = NULL;
    struct err err;

    g_assert_cmpint(site_new_over(&t, &config, &site, &err), ==, -1);
    g_assert_nonnull(strstr(err.msg, "not https"));
    g_assert_null(site);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/oauth/form", test_the_form);
    g_test_add_func("/oauth/one-for-all", test_one_token_for_all);
    g_test_add_func("/oauth/renewed", test_renewed_after_a_401);
    g_test_add_func("/oauth/stops", test_then_it_stops);
    g_test_add_func("/oauth/never-good", test_a_first_token_that_is_refused);
    g_test_add_func("/oauth/in-time", test_renewed_in_time);
    g_test_add_func("/oauth/client-refused", test_a_client_is_refused_once);
    g_test_add_func("/oauth/busy", test_a_busy_endpoint);
    g_test_add_func("/oauth/no-grant", test_no_grant);
    g_test_add_func("/oauth/one-asks", test_one_asks_others_wait);
    g_test_add_func("/oauth/https", test_the_secret_wants_https);
    return g_test_run();
}
