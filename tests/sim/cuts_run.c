#include "tests/sim/cuts_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kind_names[CUTS_KINDS] = {
    [NOR_CUT_BEFORE] = "before",
    [NOR_CUT_AFTER] = "after",
    [NOR_CUT_HALF] = "half",
    [NOR_CUT_BITS] = "bits",
    [NOR_CUT_UNSTABLE] = "unstable",
    [NOR_CUT_UNSTABLE_FEW] = "few",
    [NOR_CUT_UNSTABLE_START] = "start",
    [CUTS_ROT] = "rot",
    [CUTS_WEAR] = "wear",
};

const char *cuts_kind_name(unsigned kind)
{
    return kind_names[kind];
}

void cuts_run_name(const struct cuts_run *run, char out[CUTS_RUN_NAME_MAX])
{
    size_t used;

    cuts_case_name(&run->which, out);
    used = strlen(out);
    for (unsigned i = 0; i < run->event_count && used < CUTS_RUN_NAME_MAX; i++) {
        const struct cuts_event *event = &run->events[i];
        used += (size_t)snprintf(out + used, CUTS_RUN_NAME_MAX - used, "@%u:%s:%u", event->at,
                                 kind_names[event->kind], event->seed);
    }
}

/* A number and what ends it. */
static bool parse_number(uint32_t *out, const char **at, const char *ends)
{
    char *end;
    unsigned long number = strtoul(*at, &end, 10);

    if (end == *at || (*end != '\0' && !strchr(ends, *end)) || number > UINT32_MAX)
        return false;
    *out = (uint32_t)number;
    *at = *end == '\0' ? end : end + 1;
    return true;
}

static bool parse_kind(unsigned *out, const char **at)
{
    for (unsigned kind = 0; kind < CUTS_KINDS; kind++) {
        size_t len = strlen(kind_names[kind]);
        if (strncmp(*at, kind_names[kind], len) == 0 && (*at)[len] == ':') {
            *out = kind;
            *at += len + 1;
            return true;
        }
    }
    return false;
}

bool cuts_run_parse(struct cuts_run *out, const char *name)
{
    size_t len = strcspn(name, "@");
    const char *at = name + len;

    *out = (struct cuts_run){ 0 };
    if (!cuts_case_parse(&out->which, name, len))
        return false;
    if (*at != '\0')
        at++;
    while (*at != '\0') {
        struct cuts_event event;
        if (out->event_count == CUTS_EVENTS_MAX || !parse_number(&event.at, &at, ":") ||
            !parse_kind(&event.kind, &at) || !parse_number(&event.seed, &at, "@") ||
            (event.kind < NOR_CUT_KINDS && event.at == 0))
            return false;
        out->events[out->event_count++] = event;
    }
    return true;
}
