#include "cli/serve/credentials.h"

#include "cli/serve/basic_auth.h"
#include "tests/support/deadline.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <crypt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct credentials *parse(const char *text)
{
    struct failure failure = { 0 };
    struct credentials *credentials = credentials_parse(text, strlen(text), "users", &failure);

    cr_assert_not_null(credentials, "%s", failure.text);
    return credentials;
}

/* On a machine that is busy with other things there may be no time for a hash at first. */
static bool accepts(struct credentials *credentials, const char *authorization)
{
    enum credentials_verdict verdict = credentials_check(credentials, authorization);

    for (int i = 0; i < 300 && verdict == CREDENTIALS_PUT_OFF; i++) {
        usleep(50000);
        verdict = credentials_check(credentials, authorization);
    }
    return verdict == CREDENTIALS_ACCEPTED;
}

/* Text in base64, as a header. */
static const char *header(const char *pair)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    static char out[2048];
    size_t len = strlen(pair);
    char *at = out + sprintf(out, "Basic ");

    for (size_t i = 0; i < len; i += 3) {
        size_t count = len - i < 3 ? len - i : 3;
        unsigned group = 0;
        for (size_t j = 0; j < 3; j++)
            group = group << 8 | (j < count ? (unsigned char)pair[i + j] : 0u);
        for (size_t j = 0; j < 4; j++)
            *at++ = (char)(j <= count ? digits[group >> (18 - 6 * j) & 63] : '=');
    }
    *at = '\0';
    return out;
}

Test(credentials, a_pair_from_the_file_is_accepted_and_no_other)
{
    struct credentials *credentials = parse(
        "# users\r\n\r\ndoor:secret\r\n\nroof:with:colons and spaces \numl\xc3\xa4ut:\xc3\x9f");
    static const char *const right[] = { "door:secret", "roof:with:colons and spaces ",
                                         "uml\xc3\xa4ut:\xc3\x9f" };
    static const char *const wrong[] = {
        "",
        ":",
        "door",
        "door:",
        ":secret",
        "door:secre",
        "door:secret ",
        "Door:secret",
        "roof:secret",
        "door:Secret",
        "nobody:secret",
        "roof:with",
        "# users",
        "doo:rsecret",
        "door::secret",
    };

    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof right / sizeof *right; i++)
            cr_expect(accepts(credentials, header(right[i])), "%s", right[i]);
        for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
            cr_expect_not(accepts(credentials, header(wrong[i])), "%s", wrong[i]);
    }
    cr_assert_not(accepts(credentials, NULL));
    credentials_free(credentials);
    credentials_free(NULL);
}

Test(credentials, hashes_of_crypt_are_understood)
{
    static const char *const salts[] = { "$1$saltsalt", "$5$saltsalt", "$6$rounds=1000$saltsalt" };

    for (size_t i = 0; i < sizeof salts / sizeof *salts; i++) {
        struct crypt_data work = { 0 };
        char text[512];
        snprintf(text, sizeof text, "plain:plain\ndoor:%s\nroof:open",
                 crypt_r("secret", salts[i], &work));
        struct credentials *credentials = parse(text);
        for (size_t round = 0; round < 3; round++) {
            cr_expect(accepts(credentials, header("door:secret")), "%s", salts[i]);
            cr_expect(accepts(credentials, header("plain:plain")));
            cr_expect(accepts(credentials, header("roof:open")));
            cr_expect_not(accepts(credentials, header("door:Secret")));
            cr_expect_not(accepts(credentials, header("roof:secret")));
            cr_expect_not(accepts(credentials, header("nobody:secret")));
        }
        /* The hash itself is no password. */
        snprintf(text, sizeof text, "door:%s", crypt_r("secret", salts[i], &work));
        cr_expect_not(accepts(credentials, header(text)));
        credentials_free(credentials);
    }
}

Test(credentials, more_right_pairs_than_are_remembered_are_all_right)
{
    struct crypt_data work = { 0 };
    char *text = calloc(100, 128);
    char pair[32];

    for (unsigned i = 0; i < 100; i++) {
        snprintf(pair, sizeof pair, "p%u", i);
        sprintf(text + strlen(text), "u%u:%s\n", i, crypt_r(pair, "$1$salt", &work));
    }
    struct credentials *credentials = parse(text);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(pair, sizeof pair, "u%u:p%u", i % 100, i % 100);
        cr_expect(accepts(credentials, header(pair)), "%s", pair);
        snprintf(pair, sizeof pair, "u%u:p%u", i % 100, i % 100 + 1);
        cr_expect_not(accepts(credentials, header(pair)), "%s", pair);
    }
    credentials_free(credentials);
    free(text);
}

Test(credentials, a_flood_of_wrong_ones_does_not_keep_out_who_was_right_before)
{
    struct crypt_data work = { 0 };
    char text[256];

    /* So costly that a few use up the time there is for hashes. */
    snprintf(text, sizeof text, "door:%s", crypt_r("secret", "$6$rounds=200000$salt", &work));
    struct credentials *credentials = parse(text);
    cr_assert(accepts(credentials, header("door:secret")));
    for (unsigned i = 0; i < 50; i++) {
        snprintf(text, sizeof text, "door:wrong%u", i);
        cr_assert_not(accepts(credentials, header(text)));
        cr_assert(accepts(credentials, header("door:secret")));
    }
    credentials_free(credentials);
}

/* Try wrong passwords until the time for hashes is used up; each has a name of its own. */
static bool use_up(struct credentials *credentials)
{
    int64_t deadline = deadline_after(20000);
    char text[64];

    for (unsigned i = 0; deadline_left(deadline) > 0; i++) {
        snprintf(text, sizeof text, "door:wrong%u", i);
        enum credentials_verdict verdict = credentials_check(credentials, header(text));
        if (verdict == CREDENTIALS_PUT_OFF)
            return true;
        cr_assert_eq(verdict, CREDENTIALS_REFUSED);
    }
    return false;
}

Test(credentials, who_may_be_right_is_put_off_when_there_is_no_time_and_not_refused)
{
    struct crypt_data work = { 0 };
    int64_t deadline = deadline_after(60000);
    char text[256];
    enum credentials_verdict verdict;

    snprintf(text, sizeof text, "plain:plain\ndoor:%s",
             crypt_r("secret", "$6$rounds=20000$salt", &work));
    struct credentials *credentials = parse(text);
    cr_assert(use_up(credentials), "wrong passwords may take all the time there is");
    cr_expect_eq(credentials_check(credentials, header("door:secret")), CREDENTIALS_PUT_OFF);
    /* What can be told without a hash is told. */
    cr_expect_eq(credentials_check(credentials, header("plain:plain")), CREDENTIALS_ACCEPTED);
    cr_expect_eq(credentials_check(credentials, NULL), CREDENTIALS_REFUSED);
    cr_expect_eq(credentials_check(credentials, "Basic ="), CREDENTIALS_REFUSED);
    do {
        poll(NULL, 0, 50);
        verdict = credentials_check(credentials, header("door:secret"));
    } while (verdict == CREDENTIALS_PUT_OFF && deadline_left(deadline) > 0);
    cr_expect_eq(verdict, CREDENTIALS_ACCEPTED);
    credentials_free(credentials);
}

Test(credentials, bad_lines_are_named_by_number_and_not_shown)
{
    static const struct {
        const char *text;
        const char *wrong;
    } cases[] = {
        { "", "users names no user; nobody could ask" },
        { "# nobody\n\n", "users names no user; nobody could ask" },
        { "a:b\nHUSHHUSH", "users, line 2: it is not \"user:password\"" },
        { "\n# x\n:HUSHHUSH\n", "users, line 3: it is not \"user:password\"" },
        { "HUSHHUSH:\n", "users, line 1: it has no password" },
        { "a:HUSHHUSH\nb:c\na:HUSHHUSH", "users, line 3: it has a user who was there before" },
        { "a:$HUSHHUSH$", "users, line 1: it has a hash of a kind that is not known here" },
        { "a:$", "users, line 1: it has a hash of a kind that is not known here" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct failure failure = { 0 };
        cr_expect_null(credentials_parse(cases[i].text, strlen(cases[i].text), "users", &failure));
        cr_expect_str_eq(failure.text, cases[i].wrong);
        cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    }
}

Test(credentials, lines_have_their_limits)
{
    char text[2 * CREDENTIALS_TEXT_SIZE + 64];
    struct failure failure = { 0 };

    cr_assert_null(credentials_parse("a:b\0c", 5, "users", &failure));
    cr_assert_str_eq(failure.text, "users, line 1: it has a NUL in it");
    for (size_t len = CREDENTIALS_TEXT_SIZE - 1; len <= CREDENTIALS_TEXT_SIZE; len++) {
        memset(text, 'p', sizeof text);
        text[1] = ':';
        struct credentials *credentials = credentials_parse(text, len + 2, "users", &failure);
        cr_expect_eq(credentials != NULL, len < CREDENTIALS_TEXT_SIZE);
        text[len + 2] = '\0';
        cr_expect(!credentials || accepts(credentials, header(text)));
        credentials_free(credentials);
    }
    cr_assert_str_eq(failure.text, "users, line 1: it has a name or a password that is too long");
    cr_assert_null(credentials_parse(text, sizeof text, "users", &failure));
}

Test(credentials, a_file_may_have_so_many_users_and_no_more)
{
    char *text = malloc(32 * (CREDENTIALS_MAX + 1));
    struct failure failure = { 0 };
    size_t len = 0;

    for (unsigned i = 0; i < CREDENTIALS_MAX; i++)
        len += (size_t)sprintf(text + len, "user%u:p\n", i);
    struct credentials *credentials = credentials_parse(text, len, "users", &failure);
    cr_assert_not_null(credentials);
    cr_assert(accepts(credentials, header("user999:p")));
    credentials_free(credentials);
    len += (size_t)sprintf(text + len, "more:p\n");
    cr_assert_null(credentials_parse(text, len, "users", &failure));
    cr_assert_str_eq(failure.text, "users, line 1001: it has one user too many");
    free(text);
}

Test(credentials, are_read_from_a_file_that_only_its_owner_should_read)
{
    struct temp temp;
    struct failure failure = { 0 };

    cr_assert(temp_create(&temp));
    struct temp_path path = temp_path(&temp, "users");
    cr_assert_null(credentials_load(path.text, &failure));
    cr_assert_not_null(strstr(failure.text, "No such file"));
    cr_assert_not(credentials_are_exposed(path.text));
    cr_assert(file_write(path.text, "door:secret\n", 12));
    struct credentials *credentials = credentials_load(path.text, &failure);
    cr_assert(accepts(credentials, header("door:secret")));
    credentials_free(credentials);
    cr_assert_eq(chmod(path.text, 0640), 0);
    cr_assert(credentials_are_exposed(path.text));
    cr_assert_eq(chmod(path.text, 0600), 0);
    cr_assert_not(credentials_are_exposed(path.text));
    cr_assert_null(credentials_load(temp.path, &failure));
    cr_assert_not_null(strstr(failure.text, "Is a directory"), "%s", failure.text);
    cr_assert_null(credentials_load("/dev/zero", &failure));
    cr_assert_not_null(strstr(failure.text, "too large"), "%s", failure.text);
    temp_remove(&temp);
}

Test(basic_auth, header_is_taken_apart_at_the_first_colon)
{
    struct basic_auth auth;

    cr_assert(basic_auth_parse(&auth, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    cr_assert_str_eq(auth.user, "Aladdin");
    cr_assert_str_eq(auth.password, "open sesame");
    cr_assert(basic_auth_parse(&auth, "bASIC   Ojo="));
    cr_assert_str_eq(auth.user, "");
    cr_assert_str_eq(auth.password, ":");
}

Test(basic_auth, anything_else_is_refused)
{
    static const char *const bad[] = {
        "",
        "Basic",
        "Basic ",
        "BasicQTpC",
        "Bearer QTpC",
        "Basic QTp",
        "Basic QTp=C",
        "Basic QTpC=",
        "Basic QTpC====",
        "Basic ====",
        "Basic =TpC",
        "Basic Q===",
        "Basic QTpC QTpC",
        "Basic QTpC\n",
        "Basic QT-_",
        "Basic QUJD",
        "Basic QQA6",
        "Basic \xff\xff\xff\xff",
    };
    struct basic_auth auth;
    char pair[BASIC_AUTH_SIZE + 1];

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect_not(basic_auth_parse(&auth, bad[i]), "%s", bad[i]);
    memset(pair, 'p', sizeof pair);
    pair[1] = ':';
    pair[BASIC_AUTH_SIZE - 1] = '\0';
    cr_assert(basic_auth_parse(&auth, header(pair)));
    pair[BASIC_AUTH_SIZE - 1] = 'p';
    pair[BASIC_AUTH_SIZE] = '\0';
    cr_assert_not(basic_auth_parse(&auth, header(pair)));
}
