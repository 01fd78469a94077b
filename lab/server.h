/*
 * server - what stands under which path, and who may come in.
 */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include "lab/http.h"
#include "lab/lab.h"

/* What is remembered of one connection: http_request.conn. */
struct server_conn {
    struct auth_conn auth;
    struct counters *counters;  /* borrowed */
    unsigned int poison_status; /* how all that follows is answered; 0 */
    bool strayed;               /* this request: without its cookie */
};

/* A body over the limit, refused with that status as a server words it. */
void server_refuse_size(struct http_answer *answer, unsigned int status);

/* The handler for http_server_new(); lab is borrowed. */
struct http_handler server_handler(struct lab *lab);

/* The auth_directory of a store; store is borrowed. */
struct auth_directory server_directory(struct lab_store *store);

#endif
