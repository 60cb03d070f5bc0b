/*
 * espota-c-serve: carries out `espota-c serve`, which starts it.
 */
#include "cli/serve/serve.h"
#include "cli/serve/serve_libraries.h"

#include <argp.h>

static void print_version(FILE *out, struct argp_state *state)
{
    static const struct linked_library *const lists[] = {
        version_base_libraries,
        serve_libraries,
        NULL,
    };

    (void)state;
    version_print(out, lists);
}

int main(int argc, char **argv)
{
    argp_program_version_hook = print_version;
    return serve_run(argc, argv);
}
