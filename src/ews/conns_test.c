#include "ews/conns.h"

#include "base/check.h"
#include "ews/credential.h"

#define ANN "ann@old.example"
#define BOB "bob@old.example"

/* A transport without traffic. */
struct wire {
    unsigned int number;
    unsigned int n_sign_ins, n_forgets;
};

struct wires {
    unsigned int n_made, n_open;
};

static struct wires wires;

static void *wire_connect(const struct ews_transport *t,
                          const struct net_auth *auth)
{
    struct wire *w = g_new0(struct wire, 1);

    (void)t;
    (void)auth;
    w->number = ++wires.n_made;
    wires.n_open++;
    return w;
}

static void wire_disconnect(void *conn)
{
    wires.n_open--;
    g_free(conn);
}

static void wire_sign_in(void *conn, const struct net_auth *auth)
{
    struct wire *w = conn;

    g_assert_cmpint(auth->scheme, ==, NET_AUTH_BEARER);
    w->n_sign_ins++;
}

static void wire_forget(void *conn)
{
    struct wire *w = conn;

    w->n_forgets++;
}

static const struct ews_transport_ops wire_ops = {
    .connect = wire_connect,
    .disconnect = wire_disconnect,
    .sign_in = wire_sign_in,
    .forget = wire_forget,
};

struct stage {
    struct ews_transport transport;
    struct conns *conns;
    struct secret *password;
    struct credential *admin, *other;
    struct net_auth auth;
};

static void stage_init(struct stage *st)
{
    wires = (struct wires){ 0 };
    st->transport = (struct ews_transport){ .ops = &wire_ops };
    st->conns = conns_new(&st->transport);
    st->password = secret_new("x", 1);
    st->admin = credential_new("admin", st->password);
    st->other = credential_new("other", st->password);
    st->auth = credential_auth(st->admin, NET_AUTH_NTLM);
}

static void stage_release(struct stage *st)
{
    conns_free(st->conns);
    g_assert_cmpuint(wires.n_open, ==, 0);
    credential_unref(st->admin);
    credential_unref(st->other);
    secret_free(st->password);
}

static struct conn *take(struct stage *st, const struct credential *who,
                         const char *mailbox)
{
    return conns_take(st->conns, who, &st->auth, mailbox);
}

static unsigned int number(const struct conn *conn)
{
    return ((const struct wire *)conn->wire)->number;
}

/* As many as are in use at once, however many ask one after the other. */
static void test_used_again(void)
{
    struct stage st;
    struct conn *one, *two;

    stage_init(&st);
    one = take(&st, st.admin, ANN);
    two = take(&st, st.admin, ANN);
    g_assert_cmpuint(number(one), !=, number(two));
    conns_give(st.conns, one);
    conns_give(st.conns, two);
    for (int i = 0; i < 10; i++) {
        two = take(&st, st.admin, ANN);
        g_assert_cmpuint(number(two), ==, 2);
        conns_give(st.conns, two);
    }
    g_assert_cmpuint(wires.n_made, ==, 2);
    stage_release(&st);
}

static void test_nobody_elses(void)
{
    struct stage st;
    struct conn *conn;

    stage_init(&st);
    conns_give(st.conns, take(&st, st.admin, ANN));
    conn = take(&st, st.other, ANN);
    g_assert_cmpuint(number(conn), ==, 2);
    conns_give(st.conns, conn);
    stage_release(&st);
}

/* The mailbox's own first; another's only without its cookies. */
static void test_cookies(void)
{
    struct stage st;
    struct conn *anns, *bobs, *conn;

    stage_init(&st);
    anns = take(&st, st.admin, ANN);
    bobs = take(&st, st.admin, BOB);
    conns_give(st.conns, anns);
    conns_give(st.conns, bobs);
    conn = take(&st, st.admin, ANN);
    g_assert_true(conn == anns);
    g_assert_cmpuint(((struct wire *)conn->wire)->n_forgets, ==, 0);
    conn = take(&st, st.admin, ANN);
    g_assert_true(conn == bobs);
    g_assert_cmpuint(((struct wire *)conn->wire)->n_forgets, ==, 1);
    g_assert_cmpstr(conn->mailbox, ==, ANN);
    conns_give(st.conns, anns);
    conns_give(st.conns, bobs);
    stage_release(&st);
}

/* A password proves the connection once; a token is shown as it is now. */
static void test_tokens(void)
{
    struct secret *first = secret_new("1", 1), *second = secret_new("2", 1);
    struct stage st;
    struct conn *conn;

    stage_init(&st);
    st.auth = (struct net_auth){ NET_AUTH_BEARER, "app", first };
    conns_give(st.conns, take(&st, st.admin, ANN));
    conn = take(&st, st.admin, ANN);
    g_assert_cmpuint(((struct wire *)conn->wire)->n_sign_ins, ==, 0);
    conns_give(st.conns, conn);
    st.auth.password = second;
    conn = take(&st, st.admin, ANN);
    g_assert_cmpuint(((struct wire *)conn->wire)->n_sign_ins, ==, 1);
    g_assert_true(conn->token == second);
    conns_give(st.conns, conn);
    stage_release(&st);
    secret_free(first);
    secret_free(second);
}

static void test_closed(void)
{
    struct stage st;
    struct conn *mine;

    stage_init(&st);
    conns_give(st.conns, take(&st, st.admin, ANN));
    mine = take(&st, st.other, ANN);
    conns_give(st.conns, take(&st, st.other, BOB));
    conns_close(st.conns, st.other);
    g_assert_cmpuint(wires.n_open, ==, 2);
    conns_give(st.conns, mine);
    stage_release(&st);
}

/* Mailboxes with passwords of their own leave none open without end. */
static void test_idle_ones_are_few(void)
{
    GPtrArray *all = g_ptr_array_new();
    struct stage st;

    stage_init(&st);
    for (int i = 0; i < 300; i++)
        g_ptr_array_add(all, take(&st, st.admin, ANN));
    g_assert_cmpuint(wires.n_open, ==, 300);
    for (guint i = 0; i < all->len; i++)
        conns_give(st.conns, all->pdata[i]);
    g_assert_cmpuint(wires.n_open, ==, 256);
    g_ptr_array_unref(all);
    stage_release(&st);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/conns/again", test_used_again);
    g_test_add_func("/conns/nobody-elses", test_nobody_elses);
    g_test_add_func("/conns/cookies", test_cookies);
    g_test_add_func("/conns/tokens", test_tokens);
    g_test_add_func("/conns/closed", test_closed);
    g_test_add_func("/conns/few", test_idle_ones_are_few);
    return g_test_run();
}
