/*
 * make-image KIND SIZE OUTPUT: writes a well-formed image, for demonstrations and tests by hand.
 */
#include "tests/support/image_builder.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MAX_MIB 1024

enum {
    CHIP_ESP32 = 0,
    CHIP_S2 = 2,
    CHIP_C3 = 5,
    CHIP_S3 = 9,
    CHIP_C6 = 13,
};

/* In its version two images can be told apart: 1.4.2 for seed 1, as BUILT_ESP32_VERSION. */
static struct built_image make_for_chip(size_t size, uint32_t seed, uint16_t chip_id)
{
    enum {
        VERSION_AT = 48,
        VERSION_LEN = 32
    };
    struct built_image image = build_esp32(size, seed, chip_id);

    if (!image.bytes)
        return image;
    (void)snprintf((char *)image.bytes + VERSION_AT, VERSION_LEN, "1.4.%" PRIu64,
                   (uint64_t)seed + 1);
    rebuild_esp32_digest(image.bytes, image.size);
    return image;
}

static struct built_image make_esp32(size_t size, uint32_t seed)
{
    return make_for_chip(size, seed, CHIP_ESP32);
}

static struct built_image make_esp32s2(size_t size, uint32_t seed)
{
    return make_for_chip(size, seed, CHIP_S2);
}

static struct built_image make_esp32c3(size_t size, uint32_t seed)
{
    return make_for_chip(size, seed, CHIP_C3);
}

static struct built_image make_esp32s3(size_t size, uint32_t seed)
{
    return make_for_chip(size, seed, CHIP_S3);
}

static struct built_image make_esp32c6(size_t size, uint32_t seed)
{
    return make_for_chip(size, seed, CHIP_C6);
}

static struct built_image make_gzip(size_t size, uint32_t seed)
{
    struct built_image content = build_esp8266(size, seed);
    struct built_image image = { NULL, 0 };

    if (content.bytes)
        image = build_gzip(&content);
    built_image_free(&content);
    return image;
}

static struct built_image make_signed(size_t size, uint32_t seed)
{
    return build_signed(build_esp8266(size, seed), seed);
}

static const struct kind {
    const char *name;
    struct built_image (*make)(size_t size, uint32_t seed);
} kinds[] = {
    { "esp8266", build_esp8266 }, { "esp8266-signed", make_signed },
    { "esp32", make_esp32 },      { "esp32s2", make_esp32s2 },
    { "esp32c3", make_esp32c3 },  { "esp32s3", make_esp32s3 },
    { "esp32c6", make_esp32c6 },  { "pico", build_pico },
    { "pico2", build_pico2 },     { "littlefs", build_littlefs },
    { "gzip", make_gzip },        { "noise", build_noise },
};

struct arguments {
    const struct kind *kind;
    const char *output;
    size_t size;
    uint32_t seed;
};

/* Decimal digits and an optional K or M. */
static bool parse_size(const char *text, size_t *out)
{
    char *end;
    size_t unit = 1;

    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (end == text || errno != 0 || text[0] == '-')
        return false;
    if (*end == 'K' || *end == 'M')
        unit = *end++ == 'K' ? 1u << 10 : 1u << 20;
    if (*end != '\0' || number > ((size_t)SIZE_MAX_MIB << 20) / unit)
        return false;
    *out = number * unit;
    return true;
}

static void parse_seed(struct argp_state *state, const char *text, uint32_t *out)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || number > UINT32_MAX)
        argp_error(state, "%s: not a seed", text);
    *out = (uint32_t)number;
}

static const struct kind *find_kind(const char *name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    }
    return NULL;
}

static void parse_positional(struct argp_state *state, const char *text,
                             struct arguments *arguments)
{
    switch (state->arg_num) {
    case 0:
        arguments->kind = find_kind(text);
        if (!arguments->kind)
            argp_error(state, "%s: no such kind", text);
        break;
    case 1:
        if (!parse_size(text, &arguments->size))
            argp_error(state, "%s: not a size (digits, then K or M if wanted)", text);
        break;
    case 2:
        arguments->output = text;
        break;
    default:
        argp_error(state, "%s: one argument too many", text);
    }
}

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 's':
        parse_seed(state, text, &arguments->seed);
        return 0;
    case ARGP_KEY_ARG:
        parse_positional(state, text, arguments);
        return 0;
    case ARGP_KEY_END:
        if (state->arg_num < 3)
            argp_usage(state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int write_file(const char *path, const struct built_image *image)
{
    FILE *file = fopen(path, "wb");

    if (!file || fwrite(image->bytes, 1, image->size, file) != image->size) {
        fprintf(stderr, "make-image: %s: %s\n", path, strerror(errno));
        if (file)
            fclose(file);
        return 1;
    }
    if (fclose(file) != 0) {
        fprintf(stderr, "make-image: %s: %s\n", path, strerror(errno));
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp_option options[] = {
        { "seed", 's', "N", 0, "Another number gives other content, and other versions (default 1)",
          0 },
        { 0 },
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "KIND SIZE OUTPUT",
        .doc = "Write a well-formed image with pseudo-random content to OUTPUT.\v"
               "KIND is esp8266, esp8266-signed, esp32, esp32s2, esp32c3, esp32s3, esp32c6, pico, "
               "pico2, littlefs, gzip (a compressed esp8266 of SIZE) or noise. SIZE is in bytes, "
               "or in units of 1024 and 1048576 with K and M, and is rounded up to what the "
               "format needs.",
    };
    struct arguments arguments = { .seed = 1 };
    struct built_image image;
    int status;

    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    image = arguments.kind->make(arguments.size, arguments.seed);
    if (!image.bytes) {
        fprintf(stderr, "make-image: out of memory\n");
        return 1;
    }
    status = write_file(arguments.output, &image);
    built_image_free(&image);
    return status;
}
