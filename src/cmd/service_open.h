/*
 * service_open - the service's data as its commands open it: configuration,
 * database, key.
 */
#ifndef CMD_SERVICE_OPEN_H
#define CMD_SERVICE_OPEN_H

#include "base/config.h"
#include "base/keyfile.h"
#include "base/log.h"
#include "cmd/cmd.h"
#include "store/migrations.h"
#include "store/roster.h"

struct desk; /* desk/desk.h */
struct requests;

struct service_data {
    struct config *config;
    struct database *database;
    struct roster *roster;
    struct jobs *jobs;
    struct migrations *migrations;
    struct requests *requests;
    struct keyring *keys;
    bool key_made;     /* just now */
    struct desk *desk; /* NULL before service_data_desk() */
};

enum service_use {
    /*
     * To serve.  Makes the data directory (0700), the database and the key
     * where they are not there yet; no key where something is sealed already,
     * which another would not open.
     */
    SERVICE_SERVE,
    /* To work beside services: the key must be there, and theirs. */
    SERVICE_WORK,
    /* For what is done at once, while the service runs or before it does. */
    SERVICE_BESIDE,
    /* The same, of what may come before all else: makes as SERVICE_SERVE. */
    SERVICE_FIRST,
};

/*
 * given: as in config.h, or NULL.  Prints what is wrong; whatever it returns,
 * service_data_close() ends it.
 */
enum cmd_status service_data_open(struct service_data *d, enum service_use use,
                                  const struct cmd_context *ctx,
                                  const char *config_file,
                                  const char *const *given);
void service_data_close(struct service_data *d);
/* Its desk; prints what is wrong, also where none is configured. */
enum cmd_status service_data_desk(struct service_data *d,
                                  const struct cmd_context *ctx);

/* Whoever is at the command line, for the trail. */
extern const struct roster_actor service_actor_here;

/* To ctx->err, as the configuration has it. */
struct log *service_log_new(const struct cmd_context *ctx,
                            const struct config *c);

/*
 * Is there a password in the database's URL of what was given?  Every process
 * of the machine can read a command line.
 */
bool service_shows_password(const char *const *given);
#define SERVICE_NO_PASSWORD                                                    \
    "no password on the command line: leave it to PGPASSFILE, "                \
    "MAILFERRY_STORE_DATABASE or the configuration"

/* --config, for a table of a struct whose const char * lies at that offset */
#define SERVICE_CONFIG_ROW(at)                                                 \
    {                                                                          \
        .long_name = "config", .type = OPT_FILE, .offset = (at),               \
        .arg = "FILE", .env = "MAILFERRY_CONFIG",                              \
        .help = "configuration of the service (default: "                      \
                "/etc/mailferry/mailferry.conf, where it is there)"            \
    }

#endif
