#include "cli/push/upload_values.h"

#include "cli/parse.h"

#include <string.h>

/* A recipe's variable that the IDE did not fill in, such as {upload.port.properties.port}. */
static bool is_unfilled_variable(const char *text)
{
    size_t len = strlen(text);

    return len >= 2 && text[0] == '{' && text[len - 1] == '}';
}

/* The recipes of the esp8266 and rp2040 cores run `python3 -I .../espota.py`: Python's own -I. */
static bool is_python_flag(const char *text)
{
    static const char script[] = "espota.py";
    size_t len = strlen(text);

    return len >= sizeof script - 1 && strcmp(text + len - (sizeof script - 1), script) == 0;
}

uint32_t upload_value_seconds(const struct argp_state *state, const char *option, const char *text)
{
    uint32_t ms = 0;

    if (!parse_seconds(&ms, text))
        argp_error(state, "%s takes a number of seconds, more than 0, not '%s'", option, text);
    return ms;
}

void upload_value_port(uint16_t *out, const struct argp_state *state, const char *text)
{
    if (text[0] == '\0' || is_unfilled_variable(text))
        return;
    /* Of a tool that has no port to put there, the next option, perhaps with a password. */
    if (text[0] == '-')
        argp_error(state, "-p takes a UDP port, 1 to 65535, not an option");
    if (!parse_port(out, text) || *out == 0)
        argp_error(state, "-p takes a UDP port, 1 to 65535, not '%s'", text);
}

void upload_value_local(struct address *out, const struct argp_state *state, const char *text)
{
    if (!is_python_flag(text) && !is_unfilled_variable(text) && !address_parse(out, text))
        argp_error(state, "-I takes an IP address of this machine, not '%s'", text);
}

void upload_value_ports(struct port_range *out, const struct argp_state *state, const char *text)
{
    if (!is_unfilled_variable(text) && !parse_port_range(out, text))
        argp_error(state, "-P takes a TCP port or a range such as 5000-5010, not '%s'", text);
}

void upload_value_count(unsigned *out, const struct argp_state *state, const char *option,
                        const char *text, unsigned max)
{
    if (!parse_unsigned(out, text, max) || *out == 0)
        argp_error(state, "%s takes a number from 1 to %u, not '%s'", option, max, text);
}

void upload_value_text(const char **out, const struct argp_state *state, const char *option,
                       const char *text)
{
    if (text[0] == '\0')
        argp_error(state, "%s needs an argument that is not empty", option);
    *out = text;
}
