#include "cli/discover/target.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

size_t target_name_length(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == '.' ? len - 1 : len;
}

/* True when `text`, one dot at its end aside, is `domain` or ends in it behind a dot. */
static bool is_in(const char *text, const char *domain)
{
    size_t len = target_name_length(text);
    size_t domain_len = strlen(domain);

    if (len < domain_len || strncasecmp(text + len - domain_len, domain, domain_len) != 0)
        return false;
    return len == domain_len || text[len - domain_len - 1] == '.';
}

enum target_kind target_kind(const char *text, struct address *address)
{
    if (address_parse(address, text))
        return TARGET_ADDRESS;
    if (strpbrk(text, "*?["))
        return TARGET_GLOB;
    if (is_in(text, "local"))
        return TARGET_LOCAL;
    if (is_in(text, "localhost"))
        return TARGET_SYSTEM;
    return strchr(text, '.') ? TARGET_DOTTED : TARGET_BARE;
}

char *target_text(const struct device *device, char out[TARGET_TEXT_MAX])
{
    struct address address;

    device_name_text(device, out, TARGET_TEXT_MAX);
    /* Behind an option, names that look like another one, or like a file's, are misread. */
    if (out[0] == '\0' || out[0] == '-' || out[0] == '@' ||
        target_kind(out, &address) != TARGET_BARE)
        address_host_text(&device->address, out);
    return out;
}
