#include "cmd/service_clerk.h"

#include "base/thread.h"
#include "desk/clerk.h"

struct service_clerk {
    struct secret *password;
    struct clerk *clerk;
    struct thread thread;
};

static void *work(void *data)
{
    struct service_clerk *s = data;

    clerk_run(s->clerk);
    return NULL;
}

static int read_password(const struct config *c, struct secret **ret,
                         struct err *err)
{
    g_autofree char *path = config_path(c, CONFIG_DESK_DESTINATION_PASSWORD);

    if (path == NULL || secret_from_file(path, ret, err) == 0)
        return 0;
    return err_in(err, "desk.destination-password-file");
}

static int start(struct service_clerk *s, const struct service_data *d,
                 const struct reach *reach, struct log *log,
                 struct cancel *stop, struct err *err)
{
    const struct config *c = d->config;
    struct clerk_config how = {
        .desk = d->desk,
        .destination = config_text(c, CONFIG_DESK_DESTINATION),
        .sweep_us = config_us(c, CONFIG_DESK_SWEEP),
        .every_us = config_us(c, CONFIG_DESK_SWEEP_EVERY),
        .reach = *reach,
        .log = log,
        .stop = stop,
    };

    if (read_password(c, &s->password, err) < 0)
        return -1;
    how.admin =
        (struct migration_login){ config_text(c, CONFIG_DESK_DESTINATION_USER),
                                  s->password };
    s->clerk = clerk_new(&how);
    return thread_start(&s->thread, work, s, err);
}

int service_clerk_start(const struct service_data *d, const struct reach *reach,
                        struct log *log, struct cancel *stop,
                        struct service_clerk **ret, struct err *err)
{
    struct service_clerk *s;

    if (d->desk == NULL)
        return 0;
    if (config_text(d->config, CONFIG_DESK_DESTINATION) == NULL) {
        log_line(log, LOG_WARNING, NULL,
                 "no desk.destination: requests are taken, and do not go on "
                 "by themselves");
        return 0;
    }
    s = g_new0(struct service_clerk, 1);
    if (start(s, d, reach, log, stop, err) < 0) {
        service_clerk_free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void service_clerk_free(struct service_clerk *s)
{
    if (s == NULL)
        return;
    thread_join(&s->thread);
    clerk_free(s->clerk);
    secret_free(s->password);
    g_free(s);
}
