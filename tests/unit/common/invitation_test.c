#include "common/invitation.h"

#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#define MD5 "900150983cd24fb0d6963f7d28e17f72"

/* Parse from memory of exactly this length, so that the sanitizer sees a read past the end. */
static bool parse_bytes(struct invitation *out, const char *bytes, size_t len)
{
    char *exact = malloc(len > 0 ? len : 1);

    cr_assert_not_null(exact);
    memcpy(exact, bytes, len);
    bool ok = invitation_parse(out, exact, len);
    if (ok) {
        cr_assert_eq(out->tail + out->tail_len, exact + len, "the tail ends with the datagram");
        out->tail = bytes + (out->tail - exact);
    }
    free(exact);
    return ok;
}

static bool parse(struct invitation *out, const char *text)
{
    return parse_bytes(out, text, strlen(text));
}

static const struct invitation sketch = {
    .command = PUSH_SKETCH,
    .port = 40000,
    .size = 433104,
    .md5 = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2, 0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1,
             0x7f, 0x72 },
};

Test(invitation, reads_what_an_uploader_sends)
{
    struct invitation in;

    cr_assert(parse(&in, "0 40000 433104 " MD5 "\n"));
    cr_assert_eq(in.command, PUSH_SKETCH);
    cr_assert_eq(in.port, 40000);
    cr_assert_eq(in.size, 433104);
    cr_assert_arr_eq(in.md5, sketch.md5, sizeof in.md5);
    cr_assert_eq(in.tail_len, 0);
}

Test(invitation, reads_every_command)
{
    struct invitation in;

    cr_assert(parse(&in, "100 1 2 " MD5 "\n"));
    cr_assert_eq(in.command, PUSH_FILESYSTEM);
    cr_assert(parse(&in, "200 1 2 " MD5 "\n"));
    cr_assert_eq(in.command, PUSH_PROOF);
    cr_assert(parse(&in, "4294967295 1 2 " MD5 "\n"), "one that somebody made up");
    cr_assert_eq(in.command, UINT32_MAX);
}

Test(invitation, writes_what_devices_read)
{
    char out[INVITATION_MAX];

    cr_assert_eq(invitation_format(&sketch, out, sizeof out), 48);
    cr_assert_str_eq(out, "0 40000 433104 " MD5 "\n");
}

Test(invitation, longest_fits_the_documented_size)
{
    struct invitation in = { .command = UINT32_MAX, .port = UINT16_MAX, .size = UINT64_MAX };
    char out[INVITATION_MAX];
    struct invitation back;
    size_t len = invitation_format(&in, out, sizeof out);

    cr_assert_eq(len, strlen(out));
    cr_assert_eq(out[len - 1], '\n', "nothing was cut");
    cr_assert(parse_bytes(&back, out, len));
    cr_assert_eq(back.command, in.command);
    cr_assert_eq(back.port, in.port);
    cr_assert_eq(back.size, in.size);
}

Test(invitation, is_not_written_into_too_little_room)
{
    struct invitation in = sketch;
    char out[INVITATION_MAX + 3];

    for (size_t size = 0; size < INVITATION_MAX; size++)
        cr_assert_eq(invitation_format(&in, out, size), 0);
    in.tail = "tail";
    in.tail_len = 4;
    cr_assert_eq(invitation_format(&in, out, sizeof out), 0);
}

/* Section 1: stock responders trim the MD5, and ignore everything after the first '\n'. */
Test(invitation, quirk_trimmed_md5)
{
    static const char *const texts[] = {
        "0 1 2 " MD5,
        "0 1 2 " MD5 "\r\n",
        "0 1 2 " MD5 " \t \n",
        "0 1 2    " MD5 "\n",
        "0 1 2 900150983CD24FB0D6963F7D28E17F72\n",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct invitation in;
        cr_assert(parse(&in, texts[i]), "\"%s\"", texts[i]);
        cr_assert_arr_eq(in.md5, sketch.md5, sizeof in.md5, "\"%s\"", texts[i]);
    }
}

Test(invitation, quirk_tail_after_the_first_newline_is_opaque)
{
    static const char text[] = "0 1 2 " MD5 "\n\0resume=1\n\n0 3 4 " MD5 "\n";
    struct invitation in;

    cr_assert(parse_bytes(&in, text, sizeof text - 1));
    cr_assert_eq(in.port, 1, "a second invitation in the tail is none");
    cr_assert_eq(in.tail, text + 39);
    cr_assert_eq(in.tail_len, sizeof text - 1 - 39);
}

Test(invitation, tail_survives_the_way_there_and_back)
{
    struct invitation in = sketch;
    struct invitation back;
    char out[INVITATION_MAX + 8];

    in.tail = "a\0b\n c";
    in.tail_len = 6;
    size_t len = invitation_format(&in, out, sizeof out);
    cr_assert_eq(len, 48 + 6);
    cr_assert_eq(out[len], '\0');
    cr_assert(parse_bytes(&back, out, len));
    cr_assert_eq(back.tail_len, 6);
    cr_assert_arr_eq(back.tail, in.tail, 6);
}

Test(invitation, sizes_of_4_gib_and_more_are_read_as_they_are)
{
    struct invitation in;

    cr_assert(parse(&in, "0 1 4294967296 " MD5 "\n"));
    cr_assert_eq(in.size, UINT64_C(4294967296));
    cr_assert(parse(&in, "0 1 18446744073709551615 " MD5 "\n"));
    cr_assert_eq(in.size, UINT64_MAX);
    cr_assert(parse(&in, "0 1 0 " MD5 "\n"));
    cr_assert_eq(in.size, 0);
}

Test(invitation, refuses_what_deviates)
{
    static const char *const texts[] = {
        "",
        "\n",
        " ",
        "0 1 2 \n" MD5,                       /* the digest is not on the first line */
        "\n0 1 2 " MD5 "\n",                  /* nothing is */
        " 0 1 2 " MD5 "\n",                   /* a space first */
        "0  1 2 " MD5 "\n",                   /* two spaces where one belongs */
        "0 1  2 " MD5 "\n",                   /* likewise */
        "0\t1 2 " MD5 "\n",                   /* a tab */
        "0 0 2 " MD5 "\n",                    /* port 0 */
        "0 65536 2 " MD5 "\n",                /* a port that overflows */
        "4294967296 1 2 " MD5 "\n",           /* a command that does */
        "0 1 18446744073709551616 " MD5 "\n", /* a size that does */
        "0 1 340282366920938463463374607431768211456 " MD5 "\n",
        "-1 1 2 " MD5 "\n", /* a sign */
        "0 1 -2 " MD5 "\n",
        "0 +1 2 " MD5 "\n",
        "0x0 1 2 " MD5 "\n",                         /* another base */
        "0 1 2\n",                                   /* no digest */
        "0 1 2 900150983cd24fb0d6963f7d28e17f7\n",   /* 31 digits */
        "0 1 2 900150983cd24fb0d6963f7d28e17f721\n", /* 33 */
        "0 1 2 900150983cd24fb0d6963f7d28e17f7g\n",  /* 31, and a 'g' */
        "0 1 2 90015098 3cd24fb0d6963f7d28e17f7\n",  /* a space inside */
        "0 1 2 " MD5 " x\n",                         /* a word more */
        "200 " MD5 " " MD5 "\n",                     /* a proof */
        "OK",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct invitation in;
        cr_assert(!parse(&in, texts[i]), "\"%s\"", texts[i]);
    }
}

Test(invitation, refuses_nul_bytes_inside_the_line)
{
    static const char text[] = "0 40000 433104 " MD5 "\n";
    char broken[sizeof text];

    for (size_t at = 0; at < sizeof text - 2; at++) {
        struct invitation in;
        memcpy(broken, text, sizeof text);
        broken[at] = '\0';
        cr_assert(!parse_bytes(&in, broken, sizeof text - 1), "NUL at %zu", at);
    }
}

/* Only the line end may be missing; and a datagram cut inside a number is no other number. */
Test(invitation, refuses_truncation_at_every_length)
{
    static const char text[] = "0 40000 433104 " MD5 "\n";

    for (size_t len = 0; len < sizeof text; len++) {
        struct invitation in;
        cr_assert_eq(parse_bytes(&in, text, len), len >= sizeof text - 2, "%zu bytes", len);
    }
}
