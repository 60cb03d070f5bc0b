#include "cli/serve/fleet_draft.h"

#include "cli/serve/fleet_order.h"
#include "cli/serve/fleet_values.h"

#include <stdlib.h>
#include <string.h>

/* Keys, by bit of fleet_draft.seen. */
enum draft_key {
    KEY_SKETCH,
    KEY_FILESYSTEM,
    KEY_FAMILY,
    KEY_ROLLOUT,
    KEY_AFTER,
    KEY_STOP,
    KEY_RELEASE,
};

static const struct {
    const char *name;
    bool is_releases; /* of [release], else of [device] and [default] */
} keys[] = {
    [KEY_SKETCH] = { "sketch", true },    [KEY_FILESYSTEM] = { "filesystem", true },
    [KEY_FAMILY] = { "family", true },    [KEY_ROLLOUT] = { "rollout", true },
    [KEY_AFTER] = { "after", true },      [KEY_STOP] = { "stop-if-failing", true },
    [KEY_RELEASE] = { "release", false },
};

#define KEYS (sizeof keys / sizeof *keys)

static bool no_memory(struct fleet_draft *draft, unsigned line)
{
    return fleet_complain(&draft->source, line, "no memory to read on");
}

/* --- Room ------------------------------------------------------------------------------------- */

/* Room for one element more, of a list and of the one beside it. */
static bool grow(void **list, size_t size, void **beside, size_t beside_size, size_t count,
                 size_t *room)
{
    if (count < *room)
        return true;
    size_t more = *room > 0 ? 2 * *room : 16;
    void *grown = realloc(*list, more * size);

    if (!grown)
        return false;
    *list = grown;
    grown = realloc(*beside, more * beside_size);
    if (!grown)
        return false;
    *beside = grown;
    *room = more;
    return true;
}

static struct release *add_release(struct fleet_draft *draft)
{
    struct fleet *fleet = draft->fleet;
    void *list = fleet->releases;
    void *beside = draft->paths;
    bool ok = grow(&list, sizeof *fleet->releases, &beside, sizeof *draft->paths,
                   fleet->release_count, &draft->release_room);

    fleet->releases = list;
    draft->paths = beside;
    if (!ok)
        return NULL;
    draft->paths[fleet->release_count] = (struct draft_paths){ 0 };
    struct release *release = &fleet->releases[fleet->release_count++];
    *release = (struct release){ .rollout = RELEASE_WHOLE };
    return release;
}

static struct fleet_rule *add_rule(struct fleet_draft *draft)
{
    struct fleet *fleet = draft->fleet;
    void *list = fleet->rules;
    void *beside = draft->wishes;
    bool ok = grow(&list, sizeof *fleet->rules, &beside, sizeof *draft->wishes, fleet->rule_count,
                   &draft->rule_room);

    fleet->rules = list;
    draft->wishes = beside;
    if (!ok)
        return NULL;
    draft->wishes[fleet->rule_count] = (struct draft_wish){ 0 };
    struct fleet_rule *rule = &fleet->rules[fleet->rule_count++];
    *rule = (struct fleet_rule){ 0 };
    return rule;
}

/* --- Sections --------------------------------------------------------------------------------- */

/* The section that ends here has all it needs. */
static bool finish_section(struct fleet_draft *draft)
{
    const unsigned images = 1u << KEY_SKETCH | 1u << KEY_FILESYSTEM;

    if (draft->section == DRAFT_RELEASE && !(draft->seen & images))
        return fleet_complain(&draft->source, draft->line,
                              "the release has neither a sketch nor a filesystem");
    if ((draft->section == DRAFT_DEVICE || draft->section == DRAFT_DEFAULT) &&
        !(draft->seen & 1u << KEY_RELEASE))
        return fleet_complain(&draft->source, draft->line, "the section does not name a release");
    return true;
}

static bool begin_release(struct fleet_draft *draft, const char *name)
{
    if (draft->fleet->release_count == FLEET_RELEASES_MAX)
        return fleet_complain(&draft->source, draft->line, "there are more than %d releases",
                              FLEET_RELEASES_MAX);
    struct release *release = add_release(draft);

    if (!release)
        return no_memory(draft, draft->line);
    release->line = draft->line;
    if (!fleet_name_parse(release->name, name))
        return fleet_complain(&draft->source, draft->line,
                              "\"%s\" is no name of a release: 1 to %d visible ASCII characters, "
                              "without what begins a comment (\" #\", \" ;\")",
                              name, UPDATE_VERSION_SIZE - 1);
    draft->section = DRAFT_RELEASE;
    return true;
}

static bool begin_device(struct fleet_draft *draft, const char *pattern)
{
    struct fleet_rule *rule = add_rule(draft);

    if (!rule)
        return no_memory(draft, draft->line);
    rule->line = draft->line;
    if (!fleet_pattern_parse(rule, pattern))
        return fleet_complain(&draft->source, draft->line,
                              "\"%s\" is neither a MAC (18:FE:AA:AA:AA:AA) nor a pattern of them "
                              "(18:FE:*)",
                              pattern);
    draft->section = DRAFT_DEVICE;
    return true;
}

static bool begin_default(struct fleet_draft *draft)
{
    if (draft->default_line > 0)
        return fleet_complain(&draft->source, draft->line,
                              "[default] is there twice: first in line %u", draft->default_line);
    draft->default_line = draft->line;
    draft->section = DRAFT_DEFAULT;
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* What follows the section's word, or NULL when it is another word. */
static const char *argument_of(const char *title, const char *word)
{
    size_t len = strlen(word);

    if (strncmp(title, word, len) != 0 || (title[len] != '\0' && !is_space(title[len])))
        return NULL;
    title += len;
    while (is_space(*title))
        title++;
    return title;
}

bool fleet_draft_section(void *ctx, unsigned line, const char *title)
{
    struct fleet_draft *draft = ctx;
    const char *argument;

    if (!finish_section(draft))
        return false;
    draft->section = DRAFT_NOWHERE;
    draft->line = line;
    draft->seen = 0;
    argument = argument_of(title, "release");
    if (argument)
        return begin_release(draft, argument);
    argument = argument_of(title, "device");
    if (argument)
        return begin_device(draft, argument);
    argument = argument_of(title, "default");
    if (argument && *argument == '\0')
        return begin_default(draft);
    return fleet_complain(&draft->source, line,
                          "unknown section \"%s\": [release NAME], [device MAC] or [default]",
                          title);
}

/* --- Keys ------------------------------------------------------------------------------------- */

static bool set_text(struct fleet_draft *draft, unsigned line, const char *value, char **out)
{
    *out = strdup(value);
    return *out || no_memory(draft, line);
}

static bool set_release_key(struct fleet_draft *draft, unsigned line, enum draft_key key,
                            const char *value)
{
    size_t last = draft->fleet->release_count - 1;
    struct release *release = &draft->fleet->releases[last];
    struct draft_paths *paths = &draft->paths[last];

    switch (key) {
    case KEY_SKETCH:
        paths->sketch.line = line;
        return set_text(draft, line, value, &paths->sketch.text);
    case KEY_FILESYSTEM:
        paths->filesystem.line = line;
        return set_text(draft, line, value, &paths->filesystem.text);
    case KEY_FAMILY:
        return fleet_family_parse(&release->family, value) ||
               fleet_complain(&draft->source, line, "\"%s\" is no family: esp8266, esp32 or rp2040",
                              value);
    case KEY_ROLLOUT:
        return fleet_share_parse(&release->rollout, value) ||
               fleet_complain(&draft->source, line, "\"%s\" is no share: 10%%, 0.5%%", value);
    case KEY_AFTER:
        return fleet_time_parse(&release->after, value) ||
               fleet_complain(&draft->source, line,
                              "\"%s\" is no time with its zone: 2026-12-01T08:00Z, or +02:00 in "
                              "place of the Z",
                              value);
    default:
        release->has_stop = true;
        return fleet_share_parse(&release->stop_if_failing, value) ||
               fleet_complain(&draft->source, line, "\"%s\" is no share: 10%%, 0.5%%", value);
    }
}

static struct draft_wish *current_wish(struct fleet_draft *draft)
{
    return draft->section == DRAFT_DEFAULT ? &draft->fallback
                                           : &draft->wishes[draft->fleet->rule_count - 1];
}

bool fleet_draft_key(void *ctx, unsigned line, const char *key, const char *value)
{
    struct fleet_draft *draft = ctx;
    bool in_release = draft->section == DRAFT_RELEASE;
    size_t i = 0;

    if (draft->section == DRAFT_NOWHERE)
        return fleet_complain(&draft->source, line, "\"%s\" is in no section", key);
    while (i < KEYS && (strcmp(key, keys[i].name) != 0 || keys[i].is_releases != in_release))
        i++;
    if (i == KEYS)
        return fleet_complain(&draft->source, line, "unknown key \"%s\" in this section", key);
    if (draft->seen & 1u << i)
        return fleet_complain(&draft->source, line, "\"%s\" is there twice in this section", key);
    draft->seen |= 1u << i;
    if (*value == '\0')
        return fleet_complain(&draft->source, line, "\"%s\" has no value", key);
    if (in_release)
        return set_release_key(draft, line, (enum draft_key)i, value);
    struct draft_wish *wish = current_wish(draft);
    wish->line = line;
    return set_text(draft, line, value, &wish->release);
}

/* --- The whole -------------------------------------------------------------------------------- */

/* Find what a rule names. */
static bool grant(struct fleet_draft *draft, const struct draft_wish *wish,
                  const struct release **out)
{
    *out = fleet_release(draft->fleet, wish->release);
    return *out ||
           fleet_complain(&draft->source, wish->line, "there is no release \"%s\"", wish->release);
}

bool fleet_draft_begin(struct fleet_draft *draft, const struct fleet_source *source)
{
    *draft = (struct fleet_draft){ .source = *source };
    draft->fleet = calloc(1, sizeof *draft->fleet);
    return draft->fleet || no_memory(draft, 1);
}

bool fleet_draft_end(struct fleet_draft *draft, unsigned line)
{
    struct fleet *fleet = draft->fleet;

    if (!finish_section(draft))
        return false;
    if (fleet->release_count == 0)
        return fleet_complain(&draft->source, line, "there is no release: is the file whole?");
    if (!fleet_order_releases(fleet, &draft->source))
        return false;
    for (size_t i = 0; i < fleet->rule_count; i++) {
        if (!grant(draft, &draft->wishes[i], &fleet->rules[i].release))
            return false;
    }
    if (draft->fallback.release && !grant(draft, &draft->fallback, &fleet->fallback))
        return false;
    return fleet_order_rules(fleet, &draft->source);
}

struct fleet *fleet_draft_take(struct fleet_draft *draft)
{
    draft->taken = true;
    return draft->fleet;
}

void fleet_draft_free(struct fleet_draft *draft)
{
    const struct fleet *fleet = draft->fleet;

    for (size_t i = 0; fleet && i < fleet->release_count; i++) {
        free(draft->paths[i].sketch.text);
        free(draft->paths[i].filesystem.text);
    }
    for (size_t i = 0; fleet && i < fleet->rule_count; i++)
        free(draft->wishes[i].release);
    free(draft->paths);
    free(draft->wishes);
    free(draft->fallback.release);
    if (!draft->taken)
        fleet_free(draft->fleet);
    *draft = (struct fleet_draft){ 0 };
}
