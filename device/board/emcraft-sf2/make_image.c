/*
 * make_image BINARY ADDRESS ENTRY CHIP IMAGE: makes a sketch of a flat binary, for the machine that
 * builds: an image in the ESP32's format with one segment. Numbers in any base, as strtoul() reads
 * them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BINARY_MAX (4u << 20)
#define HEAD       (24 + 8) /* the image's header and the segment's */
#define ROW        16       /* the checksum ends one */
#define SEED       0xEF

static void put_u32(uint8_t *out, unsigned long value)
{
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

static int fail(const char *what)
{
    perror(what);
    return 1;
}

/* Returns the bytes of the image, header and all. */
static size_t complete(uint8_t *image, size_t size, char **numbers)
{
    unsigned long chip = strtoul(numbers[2], NULL, 0);
    uint8_t checksum = SEED;

    size = (size + 3) / 4 * 4;
    image[0] = 0xE9;
    image[1] = 1;    /* segment */
    image[2] = 2;    /* DIO */
    image[3] = 0x40; /* 16 MiB */
    put_u32(image + 4, strtoul(numbers[1], NULL, 0));
    image[12] = (uint8_t)chip;
    image[13] = (uint8_t)(chip >> 8);
    put_u32(image + 24, strtoul(numbers[0], NULL, 0));
    put_u32(image + 28, size);
    for (size_t i = 0; i < size; i++)
        checksum ^= image[HEAD + i];
    size_t end = (HEAD + size + ROW) / ROW * ROW;
    image[end - 1] = checksum;
    return end;
}

int main(int argc, char **argv)
{
    uint8_t *image = calloc(1, HEAD + BINARY_MAX + 2 * ROW);
    FILE *file;

    if (argc != 6 || !image) {
        fprintf(stderr, "usage: make_image BINARY ADDRESS ENTRY CHIP IMAGE\n");
        return 2;
    }
    file = fopen(argv[1], "rb");
    if (!file)
        return fail(argv[1]);
    size_t size = fread(image + HEAD, 1, BINARY_MAX, file);
    if (ferror(file) || !feof(file) || size == 0) {
        fprintf(stderr, "make_image: %s: not 1 to %u bytes\n", argv[1], BINARY_MAX - 1);
        return 1;
    }
    fclose(file);
    size = complete(image, size, argv + 2);
    file = fopen(argv[5], "wb");
    if (!file)
        return fail(argv[5]);
    if (fwrite(image, 1, size, file) != size || fclose(file) != 0)
        return fail(argv[5]);
    free(image);
    return 0;
}
