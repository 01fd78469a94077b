#include "cmd/service_sender.h"

#include "base/thread.h"
#include "cmd/mail_server.h"
#include "desk/sender.h"

struct service_sender {
    struct mail_server server;
    struct sender *sender;
    struct thread thread;
};

static void *work(void *data)
{
    struct service_sender *s = data;

    sender_run(s->sender);
    return NULL;
}

static int start(struct service_sender *s, const struct service_data *d,
                 struct log *log, struct cancel *stop, struct err *err)
{
    const struct config *c = d->config;
    const struct sender_config how = {
        .roster = d->roster,
        .keys = d->keys,
        .server = &s->server.server,
        .from = config_text(c, CONFIG_DESK_ADDRESS),
        .give_up_us = config_us(c, CONFIG_MAIL_GIVE_UP),
        .embedded = !database_is_url(config_text(c, CONFIG_STORE_DATABASE)),
        .log = log,
        .stop = stop,
    };

    s->sender = sender_new(&how);
    if (thread_start(&s->thread, work, s, err) < 0)
        return -1;
    log_line(log, LOG_INFO, NULL, "mails are sent by %s", s->server.server.url);
    return 0;
}

int service_sender_start(const struct service_data *d, struct log *log,
                         struct cancel *stop, struct service_sender **ret,
                         struct err *err)
{
    struct service_sender *s = g_new0(struct service_sender, 1);
    enum config_key key;
    int found = mail_server_read(d->config, &s->server, &key, err);

    if (found <= 0) {
        g_free(s);
        return found < 0 ? err_in(err, "%s.%s", config_rows[key].section,
                                  config_rows[key].key)
                         : 0;
    }
    if (start(s, d, log, stop, err) < 0) {
        service_sender_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void service_sender_free(struct service_sender *s)
{
    if (s == NULL)
        return;
    thread_join(&s->thread);
    sender_free(s->sender);
    mail_server_clear(&s->server);
    g_free(s);
}
