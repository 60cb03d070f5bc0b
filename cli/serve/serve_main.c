/*
 * espota-c-serve: carries out `espota-c serve`, which starts it.
 */
#include "cli/serve/serve.h"

int main(int argc, char **argv)
{
    return serve_run(argc, argv);
}
