#include "cmd/proxy.h"

#include "cmd/password.h"

static int take_password(const struct opt_proxy *o, struct cancel *stop,
                         struct net_proxy *p, struct err *err)
{
    const struct password_request request = {
        .side = PASSWORD_PROXY,
        .file = o->password_file,
        .user = p->user,
        .cancel = stop,
    };

    if (p->password != NULL) {
        err_set(err, ERR_RUN, ERR_RETRY_NEVER, 0,
                "option \"--proxy\" has a password in it, which others on "
                "this machine could read");
        return err_remedy(err, "write http://USER@HOST:PORT, and give the "
                               "password by --proxy-password-file");
    }
    return p->user != NULL ? password_get(&request, &p->password, err) : 0;
}

int proxy_take(const struct opt_proxy *options, struct cancel *stop,
               struct net_proxy *ret, struct err *err)
{
    g_auto(net_proxy) p = { 0 };

    if (options->url == NULL)
        return 0;
    if (net_proxy_parse(options->url, &p, err) < 0)
        return err_in(err, "option \"--proxy\"");
    if (take_password(options, stop, &p, err) < 0)
        return -1;
    *ret = p;
    p = (struct net_proxy){ 0 };
    return 1;
}
