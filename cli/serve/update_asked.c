#include "cli/serve/update_asked.h"

#include <stdlib.h>

struct update_asked *update_asked_take(struct update_asked **spare)
{
    struct update_asked *asked = *spare;

    if (!asked)
        return calloc(1, sizeof *asked);
    *spare = asked->next;
    *asked = (struct update_asked){ 0 };
    return asked;
}

void update_asked_give(struct update_asked **spare, struct update_asked *asked)
{
    if (!asked)
        return;
    asked->next = *spare;
    *spare = asked;
}

void update_asked_free(struct update_asked **spare)
{
    while (*spare) {
        struct update_asked *next = (*spare)->next;

        free(*spare);
        *spare = next;
    }
}
