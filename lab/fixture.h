/*
 * fixture - a lab in memory, without HTTP: for test programs only.
 *
 * Accounts: administrator (no mailbox, may impersonate, full access to
 * user1), user1 and user2 (a mailbox each).  user1 has the alias
 * one@contoso.example.  All at contoso.example, password "secret".
 */
#ifndef LAB_FIXTURE_H
#define LAB_FIXTURE_H

#include "lab/op.h"

#define ADMIN "administrator@contoso.example"
#define USER1 "user1@contoso.example"
#define USER2 "user2@contoso.example"

struct fixture {
    struct lab lab;
    int64_t user1, user2; /* their mailboxes */
};

struct fixture *fixture_new(enum release release);
void fixture_free(struct fixture *f);
typedef struct fixture fixture;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(fixture, fixture_free)

/* A mail with that subject in the folder; returns its id, to be freed. */
char *fixture_add_mail(struct fixture *f, int64_t mailbox, const char *folder,
                       const char *subject);

/* The id of a well-known folder, to be freed. */
char *fixture_folder(struct fixture *f, int64_t mailbox, const char *name);

/*
 * A request whose body's operation is `operation` (markup with the prefixes
 * t: and m:).  Must be well formed.
 */
void fixture_request(const char *operation, struct soap_request *ret);

/* A call of that request by the owner of user1, ready to run. */
struct fixture_call {
    struct soap_request request;
    struct caller caller;
    struct op_call call;
    GString *out;
};
void fixture_call_init(struct fixture_call *c, struct fixture *f,
                       const char *operation);
void fixture_call_release(struct fixture_call *c);

#endif
