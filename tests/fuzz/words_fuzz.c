/*
 * The small texts: challenge.h, verdict_error_number(), parse.h and address_parse(). Every text is
 * refused whole, or means what it says, and what it means can be written and read back.
 */
#include "cli/address.h"
#include "cli/parse.h"
#include "common/challenge.h"
#include "common/verdict.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEEK_MS (7u * 24 * 3600 * 1000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        __builtin_trap();
}

/* The number at the start of a text as parse.h and verdict.h know them: digits, nothing before. */
static bool number_at(const char *text, uint64_t max, uint64_t *out, const char **end)
{
    *out = 0;
    for (*end = text; **end >= '0' && **end <= '9'; (*end)++) {
        if (*out <= max)
            *out = *out * 10 + (uint64_t)(**end - '0');
    }
    return *end > text && *out <= max;
}

static void check_challenge(const char *text, size_t len)
{
    struct challenge challenge;
    struct challenge back;
    char out[CHALLENGE_MAX];

    if (!challenge_parse(&challenge, text, len))
        return;
    size_t digits = strlen(challenge.nonce);
    require(digits == (challenge.dialect == AUTH_MD5 ? 32 : 64));
    require(len >= 5 + digits && memcmp(text, "AUTH ", 5) == 0);
    require(memcmp(text + 5, challenge.nonce, digits) == 0);
    require(strspn(challenge.nonce, "0123456789abcdefABCDEF") == digits);
    for (size_t i = 5 + digits; i < len; i++)
        require(memchr(" \t\r\n", text[i], 5) != NULL);

    require(challenge_format(&challenge, out, sizeof out) == 5 + digits && out[5 + digits] == '\0');
    require(challenge_parse(&back, out, 5 + digits));
    require(back.dialect == challenge.dialect && strcmp(back.nonce, challenge.nonce) == 0);
    require(challenge_format(&challenge, out, sizeof out - 1) == 0);
}

static void check_error_number(const char *text)
{
    uint64_t number;
    const char *end;
    int found = verdict_error_number(text);

    if (strncmp(text, "ERROR[", 6) != 0 || !number_at(text + 6, INT_MAX, &number, &end) ||
        *end != ']')
        require(found == -1);
    else
        require(found >= 0 && (uint64_t)found == number);
}

static void check_unsigned(const char *text, unsigned max)
{
    unsigned value = 7;
    uint16_t port = 7;
    uint64_t number;
    const char *end;
    bool is_number = number_at(text, UINT_MAX, &number, &end) && *end == '\0';

    require(parse_unsigned(&value, text, max) == (is_number && number <= max));
    require(value == (is_number && number <= max ? number : 7));
    require(parse_port(&port, text) == (is_number && number <= UINT16_MAX));
    require(port == (is_number && number <= UINT16_MAX ? number : 7));
}

static void check_port_range(const char *text)
{
    struct port_range range = { 7, 6 };
    struct port_range back;
    uint64_t first;
    uint64_t last;
    const char *end;
    char out[16];
    bool right = number_at(text, UINT16_MAX, &first, &end);

    last = first;
    if (right && *end == '-')
        right = first > 0 && number_at(end + 1, UINT16_MAX, &last, &end) && first <= last;
    right = right && *end == '\0';
    require(parse_port_range(&range, text) == right);
    require(range.first == (right ? first : 7) && range.last == (right ? last : 6));
    if (!right)
        return;
    snprintf(out, sizeof out, range.first ? "%u-%u" : "%u", range.first, range.last);
    require(parse_port_range(&back, out));
    require(back.first == range.first && back.last == range.last);
}

static void check_seconds(const char *text)
{
    uint32_t ms = 7;
    uint32_t back;
    char out[32];

    if (!parse_seconds(&ms, text)) {
        require(ms == 7);
        return;
    }
    require(ms > 0 && ms <= WEEK_MS);
    require(strspn(text, "0123456789.") == strlen(text));
    require((uint32_t)(strtod(text, NULL) * 1000 + 0.5) == ms);
    snprintf(out, sizeof out, "%u.%03u", ms / 1000, ms % 1000);
    require(parse_seconds(&back, out) && back == ms);
}

/* Numeric addresses alone are read: nobody is asked for a name. */
static void check_address(const char *text)
{
    struct address address;
    struct address back;
    char out[ADDRESS_TEXT_MAX];

    if (!address_parse(&address, text)) {
        require(address.len == 0);
        return;
    }
    bool is_v4 = address.u.any.sa_family == AF_INET;
    require(is_v4 || address.u.any.sa_family == AF_INET6);
    require(address.len == (is_v4 ? sizeof address.u.v4 : sizeof address.u.v6));
    require(address_port(&address) == 0);
    require(is_v4 || strchr(text, ':') != NULL);
    address_host_text(&address, out);
    require(address_parse(&back, out));
    require(address_same_host(&address, &back) && back.len == address.len);

    address_set_port(&address, 65535);
    require(address_port(&address) == 65535);
    address_text(&address, out);
    require(strlen(out) > 6 && strcmp(out + strlen(out) - 6, ":65535") == 0);
}

/* Two bytes for the limit of parse_unsigned(), then the text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned max = UINT_MAX;

    if (size >= 2) {
        max = data[0] < 250 ? (unsigned)data[1] << data[0] % 24 : UINT_MAX;
        data += 2;
        size -= 2;
    }
    /* Exactly as large as the text, so that the sanitizer sees a read past its end. */
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    check_challenge((const char *)data, size);
    check_error_number(text);
    check_unsigned(text, max);
    check_port_range(text);
    check_seconds(text);
    check_address(text);
    free(text);
    return 0;
}
