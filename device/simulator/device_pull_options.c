#include "device_pull_options.h"

#include "commit.h"
#include "common/hex.h"
#include "common/secret.h"
#include "common/text.h"
#include "device/core/puller_url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RETRIES_DEFAULT 5

_Static_assert(OTA_PULL_URL_SIZE == 512, "what is said of a URL that is too long is right");

/*
 * The shortest time between two questions: a server has better things to do. And the longest, in
 * seconds: a week.
 */
#define EVERY_MIN_MS 100u
#define SECONDS_MAX  (7u * 24 * 3600)

enum key {
    KEY_PULL = 512,
    KEY_EVERY,
    KEY_VERSION,
    KEY_MAC,
    KEY_AUTH_FILE,
    KEY_RETRIES,
};

/*
 * --version is what the program's own is everywhere, and what the sketch's is called in this
 * protocol: with a name behind it, it is the latter.
 */
static const struct argp_option option_table[] = {
    { "pull", KEY_PULL, "URL", 0, "Ask a web server for an image, at every start (http://)", 7 },
    { "every", KEY_EVERY, "SECONDS", 0, "Ask again after this time (never)", 7 },
    { "mac", KEY_MAC, "MAC", 0, "MAC address to tell (made from the flash file's path)", 7 },
    { "pull-auth-file", KEY_AUTH_FILE, "FILE", 0,
      "Credentials for the server: user:password, the file's first line", 7 },
    { "pull-retries", KEY_RETRIES, "NUMBER", 0,
      "How often a broken transfer is taken up again without progress (5)", 7 },
    { "version", KEY_VERSION, "NAME", OPTION_ARG_OPTIONAL,
      "Version of the running sketch, to tell the server; without NAME, show the program's", 7 },
    { NULL, 'V', NULL, 0, "Show the program's version", -1 },
    { 0 },
};

static bool is_visible(const char *text, size_t size)
{
    size_t len = strnlen(text, size);

    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~')
            return false;
    }
    return len > 0 && len < size;
}

/* A command line can be seen by others, and a URL is shown: no password may be in it. */
static bool has_user_info(const char *url)
{
    const char *host = strstr(url, "//");
    size_t len = host ? strcspn(host + 2, "/?#") : 0;

    return len > 0 && memchr(host + 2, '@', len);
}

/* Digits behind the host that are no port: the parser only says that something is wrong. */
static bool has_bad_port(const char *url)
{
    const char *host = strstr(url, "//");
    size_t len = host ? strcspn(host + 2, "/?#") : 0;
    struct text_cursor port = { NULL, 0 };
    uint64_t number;

    if (len == 0)
        return false;
    host += 2;
    for (size_t i = len; i > 0 && host[i - 1] != ']' && !port.at; i--) {
        if (host[i - 1] == ':')
            port = (struct text_cursor){ host + i, len - i };
    }
    return port.len > 0 &&
           (!text_take_number(&port, UINT16_MAX, &number) || port.len > 0 || number == 0);
}

/* What is wrong with a URL, or NULL. */
static const char *url_fault(const char *text)
{
    struct text_cursor cursor = { text, strlen(text) };
    struct ota_pull_url url;

    if (cursor.len >= OTA_PULL_URL_SIZE)
        return "takes a URL of at most 511 characters";
    if (cursor.len > 0 && !is_visible(text, OTA_PULL_URL_SIZE))
        return "takes a URL of visible characters of ASCII alone; write others as %XX";
    if (strncasecmp(text, "https://", 8) == 0)
        return "takes a URL that begins with http://: there is no TLS";
    if (strncasecmp(text, "http://", 7) != 0)
        return "takes a URL that begins with http://";
    if (ota_puller_url_parse(&url, cursor))
        return NULL;
    return has_bad_port(text) ? "takes a URL with a port from 1 to 65535"
                              : "takes a URL such as http://192.168.1.2:8080/fw.bin";
}

/* What is no URL is not shown either: a password may be in it all the same. */
static void take_url(struct device_pull_options *out, char *arg, struct argp_state *state)
{
    const char *fault;

    if (has_user_info(arg)) {
        secret_wipe(arg, strlen(arg));
        argp_error(state, "--pull: credentials belong in --pull-auth-file");
    }
    fault = url_fault(arg);
    if (fault)
        argp_error(state, "--pull %s", fault);
    out->url = arg;
}

/* Seconds with up to three decimals. */
static bool parse_seconds(uint32_t *out_ms, const char *text)
{
    struct text_cursor cursor = { text, strlen(text) };
    uint64_t whole;
    uint64_t fraction = 0;

    if (!text_take_number(&cursor, SECONDS_MAX, &whole))
        return false;
    if (text_take(&cursor, ".")) {
        size_t digits = cursor.len;
        if (digits > 3 || !text_take_number(&cursor, 999, &fraction))
            return false;
        for (; digits < 3; digits++)
            fraction *= 10;
    }
    whole = whole * 1000 + fraction;
    if (cursor.len > 0 || whole < EVERY_MIN_MS || whole > SECONDS_MAX * 1000)
        return false;
    *out_ms = (uint32_t)whole;
    return true;
}

/* "18:FE:34:0A:0B:0C", of one interface: not one of a group. */
static bool parse_mac(uint8_t out[DEVICE_MAC_SIZE], const char *text)
{
    if (strlen(text) != DEVICE_MAC_SIZE * 3 - 1)
        return false;
    for (size_t i = 0; i < DEVICE_MAC_SIZE; i++) {
        if (!hex_decode(&out[i], 1, text + i * 3, 2) ||
            (i + 1 < DEVICE_MAC_SIZE && text[i * 3 + 2] != ':'))
            return false;
    }
    return (out[0] & 1) == 0;
}

static bool is_credentials(const char *line, size_t len)
{
    if (len >= OTA_PULL_AUTH_SIZE || !memchr(line, ':', len))
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7F)
            return false;
    }
    return true;
}

/* False with errno when the file cannot be read, or with errno 0 when its line is no credentials.
 */
static bool read_credentials(struct device_pull_options *out, const char *path)
{
    char line[OTA_PULL_AUTH_SIZE + 2];
    FILE *file = fopen(path, "re");
    size_t len;
    bool ok;

    if (!file)
        return false;
    errno = 0;
    /* Without a buffer of stdio's, of which nobody could wipe the password. */
    setvbuf(file, NULL, _IONBF, 0);
    len = fread(line, 1, sizeof line, file);
    ok = !ferror(file);
    fclose(file);
    if (ok) {
        const char *end = memchr(line, '\n', len);
        len = end ? (size_t)(end - line) : len;
        len -= end && len > 0 && line[len - 1] == '\r';
        errno = 0;
        ok = is_credentials(line, len);
    }
    if (ok) {
        memcpy(out->credentials, line, len);
        out->credentials[len] = '\0';
        out->has_credentials = true;
    }
    secret_wipe(line, sizeof line);
    return ok;
}

static void take_credentials(struct device_pull_options *out, const char *path,
                             struct argp_state *state)
{
    if (out->has_credentials)
        argp_error(state, "--pull-auth-file is given twice");
    if (read_credentials(out, path))
        return;
    if (errno)
        argp_error(state, "%s: %s", path, strerror(errno));
    argp_error(state, "%s: the first line is not user:password of at most %d characters", path,
               OTA_PULL_AUTH_SIZE - 1);
}

static void take_retries(struct device_pull_options *out, const char *arg, struct argp_state *state)
{
    struct text_cursor cursor = { arg, strlen(arg) };
    uint64_t number = 0;

    if (!text_take_number(&cursor, UINT8_MAX, &number) || cursor.len > 0)
        argp_error(state, "--pull-retries takes a number up to 255, not '%s'", arg);
    out->retries = (uint8_t)number;
}

static void show_version(void)
{
    printf("espota-device %s (commit %s)\n"
           "  Avahi %s (when built)\n"
           "  BearSSL\n",
           ESPOTA_VERSION, ESPOTA_COMMIT, ESPOTA_AVAHI_VERSION);
    exit(EXIT_SUCCESS);
}

/* An option's argument that may be missing is only taken when '=' joins it; a word will do, too. */
static void take_version(struct device_pull_options *out, const char *arg, struct argp_state *state)
{
    if (!arg && state->next < state->argc && state->argv[state->next][0] != '-')
        arg = state->argv[state->next++];
    if (!arg)
        show_version();
    else if (!is_visible(arg, OTA_PULL_VERSION_SIZE))
        argp_error(state, "--version takes 1 to %d visible characters of ASCII",
                   OTA_PULL_VERSION_SIZE - 1);
    out->version = arg;
}

static void complete(const struct device_pull_options *out, struct argp_state *state)
{
    if (!out->url && (out->every_ms > 0 || out->version || out->has_mac || out->has_credentials ||
                      out->retries != RETRIES_DEFAULT))
        argp_error(state, "--every, --version, --mac, --pull-auth-file and --pull-retries go with "
                          "--pull");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct device_pull_options *out = state->input;

    switch (key) {
    case KEY_PULL:
        take_url(out, arg, state);
        break;
    case KEY_EVERY:
        if (!parse_seconds(&out->every_ms, arg))
            argp_error(state, "--every takes seconds, from 0.1 to a week, not '%s'", arg);
        break;
    case KEY_MAC:
        if (!parse_mac(out->mac, arg))
            argp_error(state, "--mac takes an address such as 18:FE:34:0A:0B:0C, not '%s'", arg);
        out->has_mac = true;
        break;
    case KEY_AUTH_FILE:
        take_credentials(out, arg, state);
        break;
    case KEY_RETRIES:
        take_retries(out, arg, state);
        break;
    case KEY_VERSION:
        take_version(out, arg, state);
        break;
    case 'V':
        show_version();
        break;
    case ARGP_KEY_END:
        complete(out, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

const struct argp device_pull_options_argp = { .options = option_table, .parser = parse };

void device_pull_options_init(struct device_pull_options *out)
{
    *out = (struct device_pull_options){ .retries = RETRIES_DEFAULT };
}
