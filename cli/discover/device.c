#include "cli/discover/device.h"

#include "cli/printable.h"

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

static const char local_suffix[] = ".local";

enum device_auth device_auth(const struct device *device)
{
    struct txt_pair pair;

    if (!txt_find(device->txt, device->txt_len, "auth_upload", &pair))
        return DEVICE_AUTH_UNKNOWN;
    if (txt_says(&pair, "yes"))
        return DEVICE_AUTH_YES;
    return txt_says(&pair, "no") ? DEVICE_AUTH_NO : DEVICE_AUTH_UNKNOWN;
}

char *device_board(const struct device *device, char *out, size_t size)
{
    struct txt_pair pair;

    if (!txt_find(device->txt, device->txt_len, "board", &pair))
        pair.value_len = 0;
    return printable_bytes(out, size, pair.value_len > 0 ? (const void *)pair.value : "",
                           pair.value_len);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The byte of an escape, "\." or "\032", at `at` and how many characters it takes. */
static size_t escape_at(const char *at, char *out)
{
    if (is_digit(at[1]) && is_digit(at[2]) && is_digit(at[3])) {
        int value = (at[1] - '0') * 100 + (at[2] - '0') * 10 + (at[3] - '0');
        if (value > 0 && value <= 255) {
            *out = (char)value;
            return 4;
        }
    }
    *out = at[1];
    return 2;
}

/* The host's name without the escapes of DNS, and without ".local" when `bare`. */
static size_t host_name(const struct device *device, bool bare, char out[DEVICE_HOST_MAX])
{
    const size_t suffix_len = sizeof local_suffix - 1;
    size_t len = 0;

    for (const char *at = device->host; *at;) {
        size_t taken = 1;
        out[len] = *at;
        if (at[0] == '\\' && at[1])
            taken = escape_at(at, &out[len]);
        at += taken;
        len++;
    }
    if (bare && len > suffix_len &&
        strncasecmp(out + len - suffix_len, local_suffix, suffix_len) == 0)
        len -= suffix_len;
    out[len] = '\0';
    return len;
}

char *device_name_text(const struct device *device, char *out, size_t size)
{
    return printable_bytes(out, size, device->name, strlen(device->name));
}

char *device_host_text(const struct device *device, char *out, size_t size)
{
    char host[DEVICE_HOST_MAX];
    size_t len = host_name(device, true, host);

    return printable_bytes(out, size, host, len);
}

char *device_full_host_text(const struct device *device, char *out, size_t size)
{
    char host[DEVICE_HOST_MAX];
    size_t len = host_name(device, false, host);

    return printable_bytes(out, size, host, len);
}

bool device_is_called(const struct device *device, const char *name)
{
    char host[DEVICE_HOST_MAX];
    char shown[4 * DEVICE_NAME_MAX];

    if (name[0] == '\0')
        return false;
    if (strcasecmp(device->name, name) == 0 || strcasecmp(device->host, name) == 0 ||
        strcasecmp(device_name_text(device, shown, sizeof shown), name) == 0)
        return true;
    host_name(device, false, host);
    if (strcasecmp(host, name) == 0)
        return true;
    host_name(device, true, host);
    return strcasecmp(host, name) == 0;
}

bool device_matches(const struct device *device, const char *glob)
{
    char host[DEVICE_HOST_MAX];

    if (fnmatch(glob, device->name, FNM_CASEFOLD) == 0)
        return true;
    host_name(device, false, host);
    if (fnmatch(glob, host, FNM_CASEFOLD) == 0)
        return true;
    host_name(device, true, host);
    return fnmatch(glob, host, FNM_CASEFOLD) == 0;
}

bool device_board_matches(const struct device *device, const char *glob)
{
    char board[4 * 256];

    return fnmatch(glob, device_board(device, board, sizeof board), FNM_CASEFOLD) == 0;
}
