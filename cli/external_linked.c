#include "cli/external_linked.h"

#include "cli/failure.h"
#include "cli/serve/serve.h"
#include "cli/serve/serve_libraries.h"

#include <openssl/crypto.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} programs[] = {
    { "espota-c-serve", serve_run },
};

const struct linked_library *const external_libraries = serve_libraries;

int external_run(const char *name, char **argv)
{
    struct failure failure;
    int argc = 0;

    /* The system's settings may name modules of libcrypto, which are for another one. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    while (argv[argc])
        argc++;
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
        if (strcmp(programs[i].name, name) == 0)
            return programs[i].run(argc, argv);
    }
    failure_set(&failure, EXIT_LOCAL_FAILURE, "%s is not part of this build", name);
    return failure_print(&failure);
}
