/*
 * service_imports - import files, as the API tells of them.
 */
#ifndef WEB_SERVICE_IMPORTS_H
#define WEB_SERVICE_IMPORTS_H

#include "fleet/import.h"
#include "web/service.h"

/* What is wrong with the rows of a file (NULL: none), of many the first. */
json_t *service_faults_json(const struct import *import);

#endif
