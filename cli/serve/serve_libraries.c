#include "cli/serve/serve_libraries.h"

#include <crypt.h>
#include <sqlite3.h>

static const char *inih_version(void)
{
    return ESPOTA_INIH_VERSION " (when built)";
}

static const char *libcrypt_version(void)
{
    return XCRYPT_VERSION_STR " (when built)";
}

const struct linked_library serve_libraries[] = {
    { "SQLite", sqlite3_libversion },
    { "inih", inih_version },
    { "libxcrypt", libcrypt_version },
    { 0 },
};
