#include "device_options.h"

#include "common/secret.h"
#include "common/text.h"
#include "device/port/posix/posix_address.h"
#include "device_name.h"
#include "device_password.h"

#include <argp.h>
#include <errno.h>
#include <string.h>

/* The flash must have room for two sketches, a file system and the records. */
#define FLASH_SIZE_MIN     (16 * DEVICE_ERASE_SIZE)
#define FLASH_SIZE_DEFAULT (4u << 20)

#define PORT_ESP8266 8266
#define PORT_ESP32   3232

enum key {
    KEY_FLASH = 256,
    KEY_FLASH_SIZE,
    KEY_FLASH_TIMING,
    KEY_BIND,
    KEY_PORT,
    KEY_PASSWORD,
    KEY_PASSWORD_FILE,
    KEY_PASSWORD_HASH,
    KEY_AUTH,
    KEY_CHIP,
    KEY_BOOT,
    KEY_CONFIRM,
    KEY_NAME,
    KEY_BOARD,
    KEY_MDNS,
    KEY_NO_MDNS,
    KEY_ONCE,
};

static const struct argp_option option_table[] = {
    { "flash", KEY_FLASH, "FILE", 0, "File that holds the flash; created erased (required)", 1 },
    { "flash-size", KEY_FLASH_SIZE, "BYTES", 0, "Its size; K and M are understood (4M)", 1 },
    { "flash-timing", KEY_FLASH_TIMING, "TIMING", 0,
      "How fast it is: none (as the file) or typical (as SPI NOR flash) (none)", 1 },
    { "chip", KEY_CHIP, "NAME", 0, "Chip to be: esp8266 or esp32 (esp8266)", 1 },
    { "bind", KEY_BIND, "ADDRESS", 0, "Address to be reached at (0.0.0.0)", 2 },
    { "port", KEY_PORT, "PORT", 0, "UDP port, 0 for any (8266, or 3232 for esp32)", 2 },
    { "password", KEY_PASSWORD, "PASSWORD", 0, "Accept updates with this password only", 3 },
    { "password-file", KEY_PASSWORD_FILE, "FILE", 0, "The same, from the file's first line", 3 },
    { "password-hash", KEY_PASSWORD_HASH, "HEX", 0,
      "The same, given as its MD5 (32 digits) or SHA-256 (64 digits)", 3 },
    { "auth", KEY_AUTH, "DIALECT", 0, "Proof to demand: md5 or sha256 (md5; sha256 for esp32)", 3 },
    { "boot", KEY_BOOT, "HANDOVER", OPTION_ARG_OPTIONAL,
      "Show what the bootloader does, and run new sketches on trial; HANDOVER is select or "
      "exchange (select)",
      4 },
    { "confirm", KEY_CONFIRM, "WHEN", 0,
      "With --boot: whether sketches on trial confirm themselves: auto or never (auto)", 4 },
    { "name", KEY_NAME, "NAME", 0, "Name to be found by (" DEVICE_NAME_DEFAULT ")", 5 },
    { "board", KEY_BOARD, "NAME", 0, "Board to tell who looks for devices (the chip)", 5 },
    { "mdns", KEY_MDNS, "WAY", 0,
      "Announce through avahi-daemon (daemon), without it (embedded), or whichever can be had "
      "(auto)",
      5 },
    { "no-mdns", KEY_NO_MDNS, NULL, 0, "Do not announce the device", 5 },
    { "once", KEY_ONCE, NULL, 0, "Exit after one update: 0 updated, 1 not", 6 },
    { 0 },
};

/* The command line while it is read: what depends on other options is decided at its end. */
struct reading {
    struct device_options *out;
    struct device_password password;
    bool password_given;
    bool dialect_given;
    bool port_given;
    bool confirm_given;
};

static bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
    struct text_cursor cursor = { text, strlen(text) };

    return text_take_number(&cursor, max, out) && cursor.len == 0;
}

static bool parse_size(const char *text, uint32_t *out)
{
    struct text_cursor cursor = { text, strlen(text) };
    uint64_t size;

    if (!text_take_number(&cursor, UINT32_MAX, &size))
        return false;
    if (text_take(&cursor, "K") || text_take(&cursor, "k"))
        size <<= 10;
    else if (text_take(&cursor, "M") || text_take(&cursor, "m"))
        size <<= 20;
    if (cursor.len > 0 || size < FLASH_SIZE_MIN || size > UINT32_MAX ||
        size % DEVICE_ERASE_SIZE != 0)
        return false;
    *out = (uint32_t)size;
    return true;
}

static void take_size(struct reading *reading, const char *arg, struct argp_state *state)
{
    if (!parse_size(arg, &reading->out->flash_size))
        argp_error(state, "--flash-size takes a multiple of 4096 from 64K to 4095M, not '%s'", arg);
}

static void take_password(struct reading *reading, int key, char *arg, struct argp_state *state)
{
    if (reading->password_given)
        argp_error(state, "the password is given twice");
    reading->password_given = true;
    if (key == KEY_PASSWORD)
        device_password_set(&reading->password, arg);
    else if (key == KEY_PASSWORD_FILE && !device_password_read(&reading->password, arg))
        argp_error(state, "%s: %s", arg, strerror(errno));
    else if (key == KEY_PASSWORD_HASH && !device_password_set_hash(&reading->password, arg))
        argp_error(state, "--password-hash takes 32 or 64 hexadecimal digits");
    /* Who gives a password wants a locked device, also when a script has lost it on the way. */
    if (!reading->password.is_set && key == KEY_PASSWORD)
        argp_error(state, "--password is empty: leave it out for a device without password");
    else if (!reading->password.is_set)
        argp_error(state, "%s: the first line, the password, is empty", arg);
}

static void take_bind(struct reading *reading, const char *arg, struct argp_state *state)
{
    uint16_t port = reading->out->bind.port;

    if (!posix_address_parse(&reading->out->bind, arg))
        argp_error(state, "--bind takes an IPv4 or IPv6 address, not '%s'", arg);
    reading->out->bind.port = port;
}

static void take_port(struct reading *reading, const char *arg, struct argp_state *state)
{
    uint64_t port = 0;

    if (!parse_number(arg, UINT16_MAX, &port))
        argp_error(state, "--port takes a number up to 65535, not '%s'", arg);
    reading->out->bind.port = (uint16_t)port;
    reading->port_given = true;
}

static void take_chip(struct reading *reading, const char *arg, struct argp_state *state)
{
    if (strcmp(arg, "esp8266") == 0)
        reading->out->family = IMAGE_ESP8266;
    else if (strcmp(arg, "esp32") == 0)
        reading->out->family = IMAGE_ESP32;
    else
        argp_error(state, "--chip is esp8266 or esp32, not '%s'", arg);
}

static void take_auth(struct reading *reading, const char *arg, struct argp_state *state)
{
    if (strcmp(arg, "md5") == 0)
        reading->out->dialect = AUTH_MD5;
    else if (strcmp(arg, "sha256") == 0)
        reading->out->dialect = AUTH_PBKDF2;
    else
        argp_error(state, "--auth is md5 or sha256, not '%s'", arg);
    reading->dialect_given = true;
}

static void take_timing(struct reading *reading, const char *arg, struct argp_state *state)
{
    bool typical = strcmp(arg, "typical") == 0;

    if (!typical && strcmp(arg, "none") != 0)
        argp_error(state, "--flash-timing is none or typical, not '%s'", arg);
    reading->out->typical_timing = typical;
}

/* `arg` is NULL when --boot stands alone. */
static void take_boot(struct reading *reading, const char *arg, struct argp_state *state)
{
    reading->out->boot = true;
    if (!arg || strcmp(arg, "select") == 0)
        reading->out->handover = OTA_SELECT;
    else if (strcmp(arg, "exchange") == 0)
        reading->out->handover = OTA_EXCHANGE;
    else
        argp_error(state, "--boot is select or exchange, not '%s'", arg);
}

static void take_confirm(struct reading *reading, const char *arg, struct argp_state *state)
{
    bool never = strcmp(arg, "never") == 0;

    if (!never && strcmp(arg, "auto") != 0)
        argp_error(state, "--confirm is auto or never, not '%s'", arg);
    reading->out->never_confirm = never;
    reading->confirm_given = true;
}

static void take_name(struct reading *reading, const char *arg, struct argp_state *state)
{
    if (!device_name_is_valid(arg))
        argp_error(state, "--name takes 1 to %d bytes of UTF-8 without control characters",
                   DEVICE_NAME_BYTES);
    reading->out->name = arg;
}

static void take_board(struct reading *reading, const char *arg, struct argp_state *state)
{
    size_t size = strnlen(arg, DEVICE_BOARD_BYTES + 1);
    bool is_printable = true;

    for (size_t i = 0; i < size; i++)
        is_printable = is_printable && arg[i] >= ' ' && arg[i] <= '~';
    if (size == 0 || size > DEVICE_BOARD_BYTES || !is_printable)
        argp_error(state, "--board takes 1 to %d printable ASCII characters", DEVICE_BOARD_BYTES);
    reading->out->board = arg;
}

static void take_mdns(struct reading *reading, const char *arg, struct argp_state *state)
{
    if (strcmp(arg, "auto") == 0)
        reading->out->mdns = DEVICE_MDNS_AUTO;
    else if (strcmp(arg, "daemon") == 0)
        reading->out->mdns = DEVICE_MDNS_DAEMON;
    else if (strcmp(arg, "embedded") == 0)
        reading->out->mdns = DEVICE_MDNS_EMBEDDED;
    else
        argp_error(state, "--mdns is auto, daemon or embedded, not '%s'", arg);
}

static void take_announcement(struct reading *reading, int key, const char *arg,
                              struct argp_state *state)
{
    if (key == KEY_NAME)
        take_name(reading, arg, state);
    else if (key == KEY_BOARD)
        take_board(reading, arg, state);
    else if (key == KEY_MDNS)
        take_mdns(reading, arg, state);
    else
        reading->out->mdns = DEVICE_MDNS_OFF;
}

static void complete(struct reading *reading, struct argp_state *state)
{
    struct device_options *out = reading->out;
    bool is_esp32 = out->family == IMAGE_ESP32;

    if (!out->flash_path)
        argp_error(state, "--flash is missing");
    if (reading->confirm_given && !out->boot)
        argp_error(state, "--confirm goes with --boot");
    if (!reading->port_given)
        out->bind.port = is_esp32 ? PORT_ESP32 : PORT_ESP8266;
    if (!reading->dialect_given)
        out->dialect = is_esp32 ? AUTH_PBKDF2 : AUTH_MD5;
    if (!out->board)
        out->board = is_esp32 ? "esp32" : "esp8266";
    out->has_password = reading->password.is_set;
    if (out->has_password &&
        !device_password_select(&reading->password, out->dialect, &out->password))
        argp_error(state, "--auth md5 needs the MD5 of the password (32 digits)");
}

static void refuse_argument(const char *arg, const struct argp_state *state)
{
    if (strcmp(arg, "select") == 0 || strcmp(arg, "exchange") == 0)
        argp_error(state, "'%s' belongs to no option: it is --boot=%s", arg, arg);
    argp_error(state, "'%s' belongs to no option", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct reading *reading = state->input;

    switch (key) {
    case KEY_FLASH:
        reading->out->flash_path = arg;
        break;
    case KEY_FLASH_SIZE:
        take_size(reading, arg, state);
        break;
    case KEY_FLASH_TIMING:
        take_timing(reading, arg, state);
        break;
    case KEY_BIND:
        take_bind(reading, arg, state);
        break;
    case KEY_PORT:
        take_port(reading, arg, state);
        break;
    case KEY_PASSWORD:
    case KEY_PASSWORD_FILE:
    case KEY_PASSWORD_HASH:
        take_password(reading, key, arg, state);
        break;
    case KEY_AUTH:
        take_auth(reading, arg, state);
        break;
    case KEY_CHIP:
        take_chip(reading, arg, state);
        break;
    case KEY_BOOT:
        take_boot(reading, arg, state);
        break;
    case KEY_CONFIRM:
        take_confirm(reading, arg, state);
        break;
    case KEY_ONCE:
        reading->out->once = true;
        break;
    case KEY_NAME:
    case KEY_BOARD:
    case KEY_MDNS:
    case KEY_NO_MDNS:
        take_announcement(reading, key, arg, state);
        break;
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &reading->out->pull;
        break;
    case ARGP_KEY_ARG:
        refuse_argument(arg, state);
        break;
    case ARGP_KEY_END:
        complete(reading, state);
        break;
    default:
        return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

void device_options_parse(struct device_options *out, int argc, char **argv)
{
    static const struct argp_child children[] = { { &device_pull_options_argp, 0, NULL, 0 },
                                                  { 0 } };
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .children = children,
        .doc = "A device that takes firmware over the network, with its flash in a file.",
    };
    struct reading reading = { .out = out };

    *out = (struct device_options){ .flash_size = FLASH_SIZE_DEFAULT,
                                    .family = IMAGE_ESP8266,
                                    .name = DEVICE_NAME_DEFAULT };
    device_pull_options_init(&out->pull);
    posix_address_parse(&out->bind, "0.0.0.0");
    argp_err_exit_status = DEVICE_USAGE;
    argp_parse(&argp, argc, argv, 0, NULL, &reading);
    secret_wipe(&reading.password, sizeof reading.password);
}
