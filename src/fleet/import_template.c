#include "fleet/import.h"

#define HEADER                                                                 \
    "Source Email,Source UserName,Source Password,"                            \
    "Destination Email,Destination UserName,Destination Password,Flags\n"

/* The examples of the support article, but for its misspelt placeholder. */
const char *import_template(bool passwords)
{
    if (!passwords)
        return HEADER "user1@domain.com,,,user1@domain.com,,,0\n"
                      "user2@domain.com,,,user2@domain.com,,,0\n";
    return HEADER "user1@domain.com,user1@domain.com,<password>,"
                  "user1@domain.com,user1@domain.com,<password>,0\n"
                  "user2@domain.com,user2@domain.com,<password>,"
                  "user2@domain.com,user2@domain.com,<password>,0\n";
}
