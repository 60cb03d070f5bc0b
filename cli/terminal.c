#include "cli/terminal.h"

#include <unistd.h>

bool terminal_has_person(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
}
