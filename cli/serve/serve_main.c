/*
 * espota-c-serve: the update server, started by `espota-c serve`.
 */
#include "cli/exit_code.h"

int main(void)
{
    return EXIT_LOCAL_FAILURE;
}
