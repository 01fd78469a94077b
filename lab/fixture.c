#include "lab/fixture.h"

#include <libxml/parser.h>

#include "base/check.h"
#include "lab/mapi.h"

static int64_t add_mailbox(struct fixture *f, const char *address)
{
    int64_t key = 0;
    struct err err;

    CHECK_OK(
        lab_store_add_mailbox(f->lab.store, address, address, 0, &key, &err),
        &err);
    return key;
}

static int64_t add_account(struct fixture *f, char *user, char *address,
                           int64_t mailbox)
{
    static char domain[] = "CONTOSO", password[] = "secret";
    const struct lab_account account = {
        .domain = domain,
        .user = user,
        .address = address,
        .display_name = user,
        .password = password,
        .may_impersonate = mailbox == 0,
        .mailbox = mailbox,
    };
    int64_t key = 0;
    struct err err;

    CHECK_OK(lab_store_add_account(f->lab.store, &account, &key, &err), &err);
    return key;
}

static int64_t clock_now(void *data)
{
    (void)data;
    return 0;
}

static void clock_sleep(void *data, int64_t us)
{
    (void)data;
    (void)us;
}

struct fixture *fixture_new(enum release release)
{
    static const struct throttle_options limits = { .find_count = 1000 };
    static const struct throttle_clock clock = { clock_now, clock_sleep, NULL };
    static char admin[] = "administrator", one[] = "user1", two[] = "user2";
    static char admin_at[] = ADMIN, one_at[] = USER1, two_at[] = USER2;
    const struct lab_store_options options = { .organisation = "First",
                                               .language = "en",
                                               .seed = 1 };
    struct fixture *f = g_new0(struct fixture, 1);
    int64_t key;
    struct err err;

    xmlInitParser();
    f->lab.version = version_of(release);
    f->lab.counters = counters_new();
    f->lab.subscriptions = subscriptions_new();
    f->lab.throttle = throttle_new(&limits, &clock);
    f->lab.stop = cancel_new();
    f->lab.faults = faults_new();
    f->lab.impersonation = f->lab.full_access = true;
    CHECK_OK(lab_store_open(&options, &f->lab.store, &err), &err);
    f->user1 = add_mailbox(f, USER1);
    f->user2 = add_mailbox(f, USER2);
    CHECK_OK(lab_store_add_alias(f->lab.store, f->user1, "one@contoso.example",
                                 &err),
             &err);
    key = add_account(f, admin, admin_at, 0);
    add_account(f, one, one_at, f->user1);
    add_account(f, two, two_at, f->user2);
    CHECK_OK(lab_store_grant(f->lab.store, key, f->user1, &err), &err);
    return f;
}

void fixture_free(struct fixture *f)
{
    if (f == NULL)
        return;
    lab_store_close(f->lab.store);
    faults_free(f->lab.faults);
    subscriptions_free(f->lab.subscriptions);
    counters_free(f->lab.counters);
    throttle_free(f->lab.throttle);
    cancel_free(f->lab.stop);
    g_free(f);
}

char *fixture_folder(struct fixture *f, int64_t mailbox, const char *name)
{
    g_auto(lab_folder) folder = { 0 };
    struct err err;

    CHECK_OK(
        lab_store_distinguished(f->lab.store, mailbox, name, &folder, &err),
        &err);
    return g_steal_pointer(&folder.id);
}

char *fixture_add_mail(struct fixture *f, int64_t mailbox, const char *folder,
                       const char *subject)
{
    g_autofree char *folder_id = fixture_folder(f, mailbox, folder);
    g_autoptr(mapi_item) item = mapi_item_new();
    struct mapi_props *props = &item->message.props;
    g_auto(lab_item) stored = { 0 };
    struct err err;

    mapi_set_text(item, props, PROP_TAG(0x001A, PT_UNICODE), "IPM.Note");
    mapi_set_text(item, props, PROP_TAG(0x0037, PT_UNICODE), subject);
    mapi_set_time(item, props, PROP_TAG(0x0E06, PT_SYSTIME),
                  INT64_C(1700000000000000));
    CHECK_OK(lab_store_put(f->lab.store, mailbox, folder_id, false, item,
                           &stored, &err),
             &err);
    return g_steal_pointer(&stored.id);
}

void fixture_request(const char *operation, struct soap_request *ret)
{
    g_autofree char *text = g_strdup_printf(
        "<e:Envelope xmlns:e='%s' xmlns:t='%s' xmlns:m='%s'><e:Body>%s"
        "</e:Body></e:Envelope>",
        soap_namespace(NS_ENVELOPE), soap_namespace(NS_TYPES),
        soap_namespace(NS_MESSAGES), operation);
    struct problem p;

    if (soap_request_parse(text, strlen(text), ret, &p) < 0)
        g_error("%s: %s", operation, p.value);
}

void fixture_call_init(struct fixture_call *c, struct fixture *f,
                       const char *operation)
{
    struct problem p;

    *c = (struct fixture_call){ .out = g_string_new(NULL) };
    fixture_request(operation, &c->request);
    if (access_identify(&f->lab, USER1, &c->request, &c->caller, &p) < 0)
        g_error("nobody is %s", USER1);
    c->call = (struct op_call){
        .lab = &f->lab,
        .request = &c->request,
        .op = op_find(c->request.name),
        .asked = f->lab.version->release,
        .caller = &c->caller,
    };
    reply_init(&c->call.reply, c->out, f->lab.version, c->request.name);
    if (c->call.op != NULL)
        c->call.reply.form = c->call.op->form;
}

void fixture_call_release(struct fixture_call *c)
{
    soap_request_clear(&c->request);
    caller_clear(&c->caller);
    g_string_free(c->out, TRUE);
}
