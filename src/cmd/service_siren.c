#include "cmd/service_siren.h"

#include "base/thread.h"
#include "cmd/mail_server.h"
#include "desk/siren.h"

struct service_siren {
    struct mail_server server;
    struct siren siren;
    struct thread thread;
};

static void *work(void *data)
{
    struct service_siren *s = data;

    siren_run(&s->siren);
    return NULL;
}

int service_siren_start(const struct service_data *d, struct log *log,
                        struct cancel *stop, struct service_siren **ret,
                        struct err *err)
{
    struct service_siren *s;
    enum config_key key;
    int found;

    if (d->desk == NULL || d->desk->alerts == NULL)
        return 0;
    s = g_new0(struct service_siren, 1);
    found = mail_server_read(d->config, &s->server, &key, err);
    s->siren = (struct siren){ .database = d->database,
                               .desk = d->desk,
                               .server = &s->server.server,
                               .log = log,
                               .stop = stop };
    if (found <= 0 || thread_start(&s->thread, work, s, err) < 0) {
        mail_server_clear(&s->server);
        g_free(s);
        return found == 0 ? 0 : -1;
    }
    *ret = s;
    return 0;
}

void service_siren_free(struct service_siren *s)
{
    if (s == NULL)
        return;
    thread_join(&s->thread);
    mail_server_clear(&s->server);
    g_free(s);
}
