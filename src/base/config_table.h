/*
 * config_table - every key of the configuration, once: the parser, the options
 * of "mailferry serve", the documents and the example are made of this table.
 */
#ifndef BASE_CONFIG_TABLE_H
#define BASE_CONFIG_TABLE_H

/* clang-format off */
/*  identifier         section     key                  option                  value      type      takes effect
      default               min      max     words                optional secret
      help */
#define CONFIG_KEYS(X) \
  X(DATA_DIRECTORY,   "service",  "data-directory",    "data-directory",       "DIR",     PATH,     AT_START, \
      "/var/lib/mailferry", 0,       0,      NULL,                false, false, \
      "where the service keeps what it needs; other paths are relative to it") \
  X(STORE_DATABASE,   "store",    "database",          "database",             "WHERE",   TEXT,     AT_START, \
      "mailferry.db",       0,       0,      NULL,                false, true, \
      "a file of the embedded database, or postgresql://USER@HOST/DATABASE") \
  X(HTTP_LISTEN,      "http",     "listen",            "listen",               "ADDRESS", ENDPOINT, AT_START, \
      "127.0.0.1:8080",     0,       0,      NULL,                false, false, \
      "address and port to listen on; beyond this machine only with TLS or a public URL") \
  X(HTTP_PUBLIC_URL,  "http",     "public-url",        "public-url",           "URL",     URL,      AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "what people type to reach the service, where a proxy stands before it") \
  X(HTTP_PROXIES,     "http",     "trusted-proxies",   "trusted-proxies",      "LIST",    RANGES,   AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "addresses or networks, beside this machine's own, whose X-Forwarded-For is believed") \
  X(HTTP_CERTIFICATE, "http",     "tls-certificate",   "tls-cert",             "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "certificate and its chain (PEM), to speak TLS itself") \
  X(HTTP_KEY,         "http",     "tls-key",           "tls-key",              "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "private key of the certificate (PEM); no other user may read it") \
  X(HTTP_THREADS,     "http",     "threads",           "http-threads",         "N",       NUMBER,   AT_START, \
      "4",                  1,       64,     NULL,                false, false, \
      "threads that read and write connections") \
  X(HTTP_CONNECTIONS, "http",     "connections",       "http-connections",     "N",       NUMBER,   AT_START, \
      "2048",               16,      65536,  NULL,                false, false, \
      "connections at a time; those beyond wait") \
  X(HTTP_BODY,        "http",     "body-limit",        "body-limit",           "SIZE",    BYTES,    AT_START, \
      "12M",                65536,   268435456, NULL,             false, false, \
      "largest request: an import file of 10 MB must fit") \
  X(HTTP_TIME,        "http",     "request-time",      "request-time",         "SECONDS", SECONDS,  AT_START, \
      "30s",                1,       600,    NULL,                false, false, \
      "how long a connection may be silent before it is closed") \
  X(HTTP_DRAIN,       "http",     "drain-time",        "drain-time",           "SECONDS", SECONDS,  ON_RELOAD, \
      "20s",                0,       600,    NULL,                false, false, \
      "how long requests under way may take to end when the service stops") \
  X(LIMIT_ADDRESS,    "limits",   "address",           "limit-address",        "N",       NUMBER,   ON_RELOAD, \
      "600",                1,       1000000, NULL,               false, false, \
      "requests a minute from one address") \
  X(LIMIT_PRINCIPAL,  "limits",   "principal",         "limit-principal",      "N",       NUMBER,   ON_RELOAD, \
      "1200",               1,       1000000, NULL,               false, false, \
      "requests a minute of one person or API token") \
  X(LIMIT_SIGN_IN,    "limits",   "sign-in",           "limit-sign-in",        "N",       NUMBER,   ON_RELOAD, \
      "10",                 1,       1000,   NULL,                false, false, \
      "attempts to sign in within 15 minutes, of one address and for one name") \
  X(EVENT_LISTENERS,  "events",   "listeners",         "event-listeners",      "N",       NUMBER,   AT_START, \
      "1000",               1,       50000,  NULL,                false, false, \
      "connections that may follow the events at a time") \
  X(EVENT_KEPT,       "events",   "kept",              "events-kept",          "N",       NUMBER,   AT_START, \
      "10000",              100,     1000000, NULL,               false, false, \
      "events kept for those who come back with Last-Event-ID") \
  X(KEY_FILE,         "key",      "file",              "key-file",             "FILE",    PATH,     AT_START, \
      "sealing.key",        0,       0,      NULL,                false, false, \
      "key that seals passwords at rest; made on first start, to be kept apart from backups") \
  X(WORKER_AT_ONCE,   "worker",   "at-once",           "at-once",              "N",       NUMBER,   AT_START, \
      "4",                  0,       256,    NULL,                false, false, \
      "mailboxes that this process moves at a time; 0: it leaves them to other workers") \
  X(WORKER_LEASE,     "worker",   "lease",             "lease",                "SECONDS", SECONDS,  AT_START, \
      "60s",                2,       3600,   NULL,                false, false, \
      "how long a worker may be silent before another takes over; the same on every machine") \
  X(ENGINE_PRIVATE,   "engine",   "private-networks",  "private-networks",     "LIST",    RANGES,   AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "networks of this house in which mail servers may be reached; others that are private are refused") \
  X(ENGINE_CA_FILE,   "engine",   "ca-file",           "ca-file",              "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "certificates (PEM) that mail servers are trusted by, instead of the system's") \
  X(ENGINE_REQUESTS,  "engine",   "host-requests",     "host-requests",        "N",       NUMBER,   AT_START, \
      "64",                 1,       256,    NULL,                false, false, \
      "requests at a time to one mail server, over all its mailboxes") \
  X(DESK_ADDRESS,     "desk",     "address",           "desk-address",         "ADDRESS", TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "the desk's own address of mail, which its letters come from; none: there is no desk") \
  X(DESK_NAME,        "desk",     "name",              "desk-name",            "NAME",    TEXT,     AT_START, \
      "Managed Migration",  0,       0,      NULL,                false, false, \
      "the name beside that address") \
  X(DESK_ALERTS,      "desk",     "alerts",            "desk-alerts",          "ADDRESS", TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "address of the operators who are told when a request needs one") \
  X(DESK_PRICE_LIST,  "desk",     "price-list",        "price-list",           "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "what migrations cost, and how long a quote is valid (docs/guide/desk.md); none: nothing is quoted") \
  X(DESK_TEMPLATES,   "desk",     "templates",         "desk-templates",       "DIR",     PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "folder with templates of letters that stand in for those built in") \
  X(DESK_WAIT,        "desk",     "waiting-time",      "desk-waiting-time",    "SECONDS", SECONDS,  AT_START, \
      "30d",                3600,    31622400, NULL,              false, false, \
      "how long a request waits for what its partner has to supply before it expires") \
  X(DESK_OWNER_TIME,  "desk",     "owner-time",        "desk-owner-time",      "SECONDS", SECONDS,  AT_START, \
      "14d",                3600,    31622400, NULL,              false, false, \
      "how long owners of mailboxes have to give a password by their link; half-way they are reminded") \
  X(DESK_STALL,       "desk",     "stall-time",        "desk-stall-time",      "SECONDS", SECONDS,  AT_START, \
      "30m",                5,       604800, NULL,                false, false, \
      "how long a migration under way may get nowhere before operators are told; as long may it be late") \
  X(DESK_SWEEP,       "desk",     "sweep-time",        "desk-sweep-time",      "SECONDS", SECONDS,  AT_START, \
      "3d",                 0,       2592000, NULL,               false, false, \
      "how long after cutover what still arrives at the source is carried over") \
  X(DESK_SWEEP_EVERY, "desk",     "sweep-every",       "desk-sweep-every",     "SECONDS", SECONDS,  AT_START, \
      "12h",                60,      604800, NULL,                false, false, \
      "how often that is done") \
  X(DESK_DESTINATION, "desk",     "destination",       "desk-destination",     "URL",     TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  true,  \
      "OWA or EWS of the Exchange that mailboxes are moved to; none: requests do not go on by themselves") \
  X(DESK_DESTINATION_USER, "desk", "destination-user", "desk-destination-user", "USER",   TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "administrative account there; none: import files bring passwords of their own") \
  X(DESK_DESTINATION_PASSWORD, "desk", "destination-password-file", "desk-destination-password-file", "FILE", PATH, AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "file whose first line is that account's password; no other user may read it") \
  X(DESK_A_DAY,       "desk",     "mailboxes-a-day",   "desk-mailboxes-a-day", "N",       NUMBER,   AT_START, \
      "200",                0,       1000000, NULL,               false, false, \
      "mailboxes whose migration begins on one day; 0: any number") \
  X(DESK_KEPT,        "desk",     "kept",              "desk-kept",            "SECONDS", SECONDS,  ON_RELOAD, \
      "none",               86400,   315360000, NULL,             true,  false, \
      "how long requests that are over are kept with their mails and files; none: for ever") \
  X(MAIL_SERVER,      "mail",     "server",            "mail-server",          "URL",     TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "who takes the service's mails, smtp://HOST:587 or smtps://HOST:465; none: they stay in the outbox") \
  X(MAIL_TLS,         "mail",     "tls",               "mail-tls",             "WHEN",    WORD,     AT_START, \
      "required",           0,       0,      "required opportunistic", false, false, \
      "whether mails to smtp:// need STARTTLS, or go without where it is not offered") \
  X(MAIL_USER,        "mail",     "user",              "mail-user",            "USER",    TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "who signs in there; none: nobody does") \
  X(MAIL_PASSWORD,    "mail",     "password-file",     "mail-password-file",   "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "file whose first line is that user's password; no other user may read it") \
  X(MAIL_CA_FILE,     "mail",     "ca-file",           "mail-ca-file",         "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "certificates (PEM) that the server is trusted by, instead of the system's") \
  X(MAIL_TIME,        "mail",     "time",              "mail-time",            "SECONDS", SECONDS,  AT_START, \
      "10m",                1,       3600,   NULL,                false, false, \
      "how long the server may take for one mail") \
  X(MAIL_GIVE_UP,     "mail",     "give-up",           "mail-give-up",         "SECONDS", SECONDS,  AT_START, \
      "5d",                 3600,    2592000, NULL,               false, false, \
      "how old a mail becomes before it is not tried any more") \
  X(INTAKE_AUTHSERV,  "intake",   "authserv-id",       "intake-authserv-id",   "NAME",    TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "name by which the own mail server's Authentication-Results begin; others are not believed") \
  X(INTAKE_PER_HOUR,  "intake",   "per-hour",          "intake-per-hour",      "N",       NUMBER,   AT_START, \
      "20",                 1,       10000,  NULL,                false, false, \
      "mails of one sender that are answered within an hour; those beyond are kept for an operator") \
  X(INTAKE_EWS,       "intake",   "ews-url",           "intake-ews-url",       "URL",     TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  true,  \
      "OWA or EWS address of the Exchange whose support mailbox is looked into; none: mails come by the pipe alone") \
  X(INTAKE_IMAP,      "intake",   "imap-url",          "intake-imap-url",      "URL",     TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  true,  \
      "IMAP server of the support mailbox in its place: imaps://HOST, or imap://HOST:143 with STARTTLS") \
  X(INTAKE_MAILBOX,   "intake",   "mailbox",           "intake-mailbox",       "ADDRESS", TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "that mailbox; none: the desk's address") \
  X(INTAKE_USER,      "intake",   "user",              "intake-user",          "USER",    TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "who signs in there; none: the mailbox's address") \
  X(INTAKE_PASSWORD,  "intake",   "password-file",     "intake-password-file", "FILE",    PATH,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "file whose first line is that user's password; no other user may read it") \
  X(INTAKE_CLIENT,    "intake",   "oauth-client",      "intake-oauth-client",  "ID",      TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "application (OAuth client credentials) that signs in in place of a user's password") \
  X(INTAKE_TENANT,    "intake",   "oauth-tenant",      "intake-oauth-tenant",  "TENANT",  TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "its tenant at Microsoft: an id or a domain") \
  X(INTAKE_TOKEN_URL, "intake",   "oauth-token-url",   "intake-oauth-token-url", "URL",   TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  true,  \
      "its token endpoint (https), in place of the tenant's") \
  X(INTAKE_SCOPE,     "intake",   "oauth-scope",       "intake-oauth-scope",   "SCOPE",   TEXT,     AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "what its token is for; none: the mailbox's server, https://HOST/.default") \
  X(INTAKE_SECRET,    "intake",   "oauth-secret-file", "intake-oauth-secret-file", "FILE", PATH,    AT_START, \
      "none",               0,       0,      NULL,                true,  false, \
      "file whose first line is its client secret; no other user may read it") \
  X(INTAKE_EVERY,     "intake",   "every",             "intake-every",         "SECONDS", SECONDS,  AT_START, \
      "60s",                1,       86400,  NULL,                false, false, \
      "how often the mailbox is looked into") \
  X(LOG_LEVEL,        "log",      "level",             "log-level",            "LEVEL",   WORD,     ON_RELOAD, \
      "info",               0,       0,      "error warning info debug", false, false, \
      "least weight of what is logged") \
  X(LOG_FORMAT,       "log",      "format",            "log-format",           "FORMAT",  WORD,     AT_START, \
      "text",               0,       0,      "text json",         false, false, \
      "lines for people or JSON objects for programs") \
  X(LOG_ADDRESSES,    "log",      "addresses",         "log-addresses",        "FORM",    WORD,     ON_RELOAD, \
      "full",               0,       0,      "full short",        false, false, \
      "whether addresses of clients are logged whole or without their last part")
/* clang-format on */

#endif
