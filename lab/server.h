/*
 * server - what stands under which path, and who may come in.
 */
#ifndef LAB_SERVER_H
#define LAB_SERVER_H

#include "lab/http.h"
#include "lab/lab.h"

/* The handler for http_server_new(); lab is borrowed. */
struct http_handler server_handler(struct lab *lab);

/* The auth_directory of a store; store is borrowed. */
struct auth_directory server_directory(struct lab_store *store);

#endif
