#include "cli/discover/discover_table.h"

#include "cli/display_width.h"
#include "cli/printable.h"

#include <inttypes.h>
#include <string.h>

/* Between two columns. */
#define GAP 2

char *discover_interface_text(unsigned interface, char out[4 * IF_NAMESIZE])
{
    char name[IF_NAMESIZE];

    if (!if_indextoname(interface, name)) {
        snprintf(out, 4 * IF_NAMESIZE, "%u", interface);
        return out;
    }
    return printable_bytes(out, 4 * IF_NAMESIZE, name, strlen(name));
}

static void fill_seen_on(struct discover_row *row, const struct device *device)
{
    char name[4 * IF_NAMESIZE];
    size_t used = 0;

    row->seen_on[0] = '\0';
    for (size_t i = 0; i < device->interface_count && i < DEVICE_INTERFACES_MAX; i++) {
        int len = snprintf(row->seen_on + used, sizeof row->seen_on - used, "%s%s",
                           i > 0 ? "," : "", discover_interface_text(device->interfaces[i], name));
        used += (size_t)len;
    }
}

void discover_row_fill(struct discover_row *row, const struct device *device)
{
    static const char *const passwords[] = {
        [DEVICE_AUTH_UNKNOWN] = "?",
        [DEVICE_AUTH_NO] = "no",
        [DEVICE_AUTH_YES] = "yes",
    };

    device_name_text(device, row->name, sizeof row->name);
    address_host_text(&device->address, row->address);
    snprintf(row->port, sizeof row->port, "%" PRIu16, address_port(&device->address));
    device_board(device, row->board, sizeof row->board);
    if (row->board[0] == '\0')
        snprintf(row->board, sizeof row->board, "-");
    snprintf(row->password, sizeof row->password, "%s", passwords[device_auth(device)]);
    fill_seen_on(row, device);
}

static void list_texts(const struct discover_row *row, const char *texts[DISCOVER_COLUMNS])
{
    texts[DISCOVER_NAME] = row->name;
    texts[DISCOVER_ADDRESS] = row->address;
    texts[DISCOVER_PORT] = row->port;
    texts[DISCOVER_BOARD] = row->board;
    texts[DISCOVER_PASSWORD] = row->password;
    texts[DISCOVER_SEEN_ON] = row->seen_on;
}

struct discover_widths discover_widths_usual(void)
{
    return (struct discover_widths){ {
        [DISCOVER_NAME] = sizeof "esp32-0123456789ab" - 1,
        [DISCOVER_ADDRESS] = sizeof "192.168.100.100" - 1,
        [DISCOVER_PORT] = 5,
        [DISCOVER_BOARD] = sizeof "nodemcuv2" - 1,
        [DISCOVER_PASSWORD] = sizeof "PASSWORD" - 1,
    } };
}

void discover_widths_add(struct discover_widths *widths, const struct discover_row *row)
{
    const char *texts[DISCOVER_COLUMNS];

    list_texts(row, texts);
    for (size_t i = 0; i < DISCOVER_COLUMNS; i++) {
        size_t width = display_width(texts[i]);
        if (widths->columns[i] < width)
            widths->columns[i] = width;
    }
}

static size_t print_texts(FILE *out, const char *const texts[DISCOVER_COLUMNS],
                          const struct discover_widths *widths)
{
    size_t printed = 0;

    for (size_t i = 0; i < DISCOVER_COLUMNS; i++) {
        size_t width = display_width(texts[i]);
        size_t room = widths->columns[i] > width ? widths->columns[i] - width : 0;
        fputs(texts[i], out);
        printed += width;
        if (i + 1 == DISCOVER_COLUMNS)
            break;
        fprintf(out, "%*s", (int)room + GAP, "");
        printed += room + GAP;
    }
    fputc('\n', out);
    return printed;
}

size_t discover_heading_print(FILE *out, const struct discover_widths *widths)
{
    static const char *const heading[DISCOVER_COLUMNS] = {
        [DISCOVER_NAME] = "NAME",         [DISCOVER_ADDRESS] = "ADDRESS",
        [DISCOVER_PORT] = "PORT",         [DISCOVER_BOARD] = "BOARD",
        [DISCOVER_PASSWORD] = "PASSWORD", [DISCOVER_SEEN_ON] = "SEEN ON",
    };

    return print_texts(out, heading, widths);
}

size_t discover_row_print(FILE *out, const struct discover_row *row,
                          const struct discover_widths *widths)
{
    const char *texts[DISCOVER_COLUMNS];

    list_texts(row, texts);
    return print_texts(out, texts, widths);
}
