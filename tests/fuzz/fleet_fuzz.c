/*
 * fleet_file.h and fleet.h: any text is a catalogue or is refused with one of its lines, and a
 * catalogue finds for every device what a look at each of its sections finds.
 */
#include "cli/serve/fleet_file.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

static bool has_wildcard(const char *pattern)
{
    return strpbrk(pattern, "*?[") != NULL;
}

/* The most exact rule, found the slow way: the first in the file of those. */
static const struct release *look_at_each(const struct fleet *fleet, const char *mac)
{
    const struct fleet_rule *best = NULL;

    for (size_t i = 0; i < fleet->rule_count; i++) {
        const struct fleet_rule *rule = &fleet->rules[i];
        if (fnmatch(rule->pattern, mac, FNM_NOESCAPE) != 0)
            continue;
        bool exact = !has_wildcard(rule->pattern);
        if (exact)
            return rule->release;
        if (!best || rule->literals > best->literals ||
            (rule->literals == best->literals && rule->line < best->line))
            best = rule;
    }
    return best ? best->release : fleet->fallback;
}

static void check_find(const struct fleet *fleet, const struct mac *mac)
{
    char text[MAC_TEXT_SIZE];

    require(fleet_find(fleet, mac) == look_at_each(fleet, mac_format(text, mac)));
}

static void check_releases(const struct fleet *fleet)
{
    require(fleet->release_count > 0);
    for (size_t i = 0; i < fleet->release_count; i++) {
        const struct release *release = &fleet->releases[i];
        size_t len = strlen(release->name);
        require(len > 0 && release->name[0] != ' ' && release->name[len - 1] != ' ');
        require(!release->sketch && !release->filesystem);
        require(release->rollout <= RELEASE_WHOLE && release->stop_if_failing <= RELEASE_WHOLE);
        require(release->family <= IMAGE_PICO);
        require(fleet_release(fleet, release->name) == release);
    }
}

static void check_rules(const struct fleet *fleet)
{
    for (size_t i = 0; i < fleet->rule_count; i++) {
        const struct fleet_rule *rule = &fleet->rules[i];
        struct mac mac;
        require(rule->release >= fleet->releases &&
                rule->release < fleet->releases + fleet->release_count);
        require((i < fleet->exact_count) == !has_wildcard(rule->pattern));
        if (i < fleet->exact_count) {
            require(mac_parse(&mac, rule->pattern));
            check_find(fleet, &mac);
            mac.bytes[5] ^= 1;
            check_find(fleet, &mac);
        }
    }
}

/* Named by "c:LINE: ", a line that there is. */
static void check_refusal(const struct failure *failure, const uint8_t *data, size_t size)
{
    unsigned long lines = 1;
    char *end;

    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n';
    require(strncmp(failure->text, "c:", 2) == 0);
    unsigned long line = strtoul(failure->text + 2, &end, 10);
    require(strncmp(end, ": ", 2) == 0 && line >= 1 && line <= lines);
    require(failure->code == EXIT_LOCAL_FAILURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct failure failure;
    char *text = calloc(size > 0 ? size : 1, 1); /* exactly, for the sanitizer */
    struct mac mac = { { 0x18, 0xFE, 0xAA, 0xAA, 0xAA, 0xAA } };

    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    struct fleet *fleet = fleet_file_parse("c", text, size, &failure);
    if (fleet) {
        check_releases(fleet);
        check_rules(fleet);
        check_find(fleet, &mac);
        for (size_t i = 0; i + sizeof mac.bytes <= size && i < 24; i += sizeof mac.bytes) {
            memcpy(mac.bytes, data + i, sizeof mac.bytes);
            check_find(fleet, &mac);
        }
    } else {
        check_refusal(&failure, data, size);
    }
    fleet_free(fleet);
    free(text);
    return 0;
}
