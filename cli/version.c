#include "cli/version.h"

#include "commit.h"

#include <event2/event.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <zlib.h>

static const char *openssl_version(void)
{
    return OpenSSL_version(OPENSSL_VERSION_STRING);
}

const struct linked_library version_base_libraries[] = {
    { "OpenSSL", openssl_version },
    { "libevent", event_get_version },
    { "Jansson", jansson_version_str },
    { "zlib", zlibVersion },
    { 0 },
};

void version_print(FILE *out, const struct linked_library *const *lists)
{
    fprintf(out, "espota-c %s (commit %s)\n", ESPOTA_VERSION, ESPOTA_COMMIT);
    for (; *lists; lists++) {
        for (const struct linked_library *library = *lists; library->name; library++)
            fprintf(out, "  %s %s\n", library->name, library->version());
    }
}
