#include "cli/serve/credentials.h"

#include "cli/clock.h"
#include "cli/secret_file.h"
#include "cli/serve/basic_auth.h"
#include "common/digest.h"
#include "common/secret.h"

#include <crypt.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Pairs that were right by a hash. Fleets have one password, or a few. */
#define REMEMBERED 64

/* Of every so many milliseconds, so many at most are spent on hashes. */
#define PERIOD_MS (1000 * CREDENTIALS_WAIT_SECONDS)
#define BUDGET_MS 1000

struct keyed {
    uint8_t bytes[DIGEST_SHA256_SIZE];
};

struct user {
    struct keyed name;
    struct keyed pair;                /* of name and password, unless there is a hash */
    char hash[CREDENTIALS_TEXT_SIZE]; /* or "" */
};

struct credentials {
    uint8_t key[32];
    struct user *users; /* room for CREDENTIALS_MAX */
    size_t count;
    const struct user *costly; /* one with a hash, or NULL when no user has one */
    struct keyed remembered[REMEMBERED];
    size_t remembered_count; /* that there ever were */
    uint64_t period_ms;      /* begin of the period */
    uint64_t spent_ms;       /* in it */
    struct crypt_data work;
};

/*
 * SHA-256 with the key in front tells nobody what it is of, and is only ever compared here. The NUL
 * between the two keeps pairs apart; `password` is NULL for the name alone.
 */
static struct keyed keyed_make(const struct credentials *credentials, const char *user,
                               const char *password)
{
    struct digest digest;
    struct keyed out;

    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, credentials->key, sizeof credentials->key);
    digest_update(&digest, user, strlen(user) + 1);
    if (password)
        digest_update(&digest, password, strlen(password) + 1);
    digest_finish(&digest, out.bytes);
    secret_wipe(&digest, sizeof digest);
    return out;
}

static bool keyed_equal(const struct keyed *a, const struct keyed *b)
{
    return secret_equal(a->bytes, b->bytes, sizeof a->bytes);
}

/* Looks at all of them, so that the time says nothing about which it is. */
static const struct user *find_user(const struct credentials *credentials, const char *name)
{
    struct keyed wanted = keyed_make(credentials, name, NULL);
    const struct user *found = NULL;

    for (size_t i = 0; i < credentials->count; i++) {
        if (keyed_equal(&credentials->users[i].name, &wanted))
            found = &credentials->users[i];
    }
    return found;
}

/* What is wrong with a line, or NULL when it was taken in. `line` ends with NUL; it is not kept. */
static const char *take_line(struct credentials *credentials, char *line)
{
    char *password = strchr(line, ':');

    if (!password || password == line)
        return "is not \"user:password\"";
    *password++ = '\0';
    if (password[0] == '\0')
        return "has no password";
    if (strlen(line) >= CREDENTIALS_TEXT_SIZE || strlen(password) >= CREDENTIALS_TEXT_SIZE)
        return "has a name or a password that is too long";
    if (credentials->count == CREDENTIALS_MAX)
        return "has one user too many";
    if (find_user(credentials, line))
        return "has a user who was there before";
    struct user *user = &credentials->users[credentials->count];
    if (password[0] == '$') {
        int known = crypt_checksalt(password);
        if (known == CRYPT_SALT_INVALID || known == CRYPT_SALT_METHOD_DISABLED)
            return "has a hash of a kind that is not known here";
        memcpy(user->hash, password, strlen(password) + 1);
        credentials->costly = user;
    }
    user->name = keyed_make(credentials, line, NULL);
    user->pair = keyed_make(credentials, line, password);
    credentials->count++;
    return NULL;
}

static bool parse(struct credentials *credentials, const char *text, size_t len, const char *name,
                  struct failure *failure)
{
    char line[2 * CREDENTIALS_TEXT_SIZE + 2];
    const char *end;
    const char *wrong = NULL;
    unsigned number = 0;

    for (const char *at = text; at < text + len && !wrong; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text + len - at));
        if (!end)
            end = text + len;
        size_t line_len = (size_t)(end - at);
        if (line_len > 0 && at[line_len - 1] == '\r')
            line_len--;
        number++;
        if (line_len == 0 || at[0] == '#')
            continue;
        if (line_len >= sizeof line) {
            wrong = "is too long";
        } else if (memchr(at, '\0', line_len)) {
            wrong = "has a NUL in it";
        } else {
            memcpy(line, at, line_len);
            line[line_len] = '\0';
            wrong = take_line(credentials, line);
        }
    }
    secret_wipe(line, sizeof line);
    if (wrong)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s, line %u: it %s", name, number, wrong);
    return credentials->count > 0 ||
           failure_set(failure, EXIT_LOCAL_FAILURE, "%s names no user; nobody could ask", name);
}

struct credentials *credentials_parse(const char *text, size_t len, const char *name,
                                      struct failure *failure)
{
    struct credentials *credentials = calloc(1, sizeof *credentials);

    if (credentials)
        credentials->users = calloc(CREDENTIALS_MAX, sizeof *credentials->users);
    if (!credentials || !credentials->users) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "%s", strerror(ENOMEM));
    } else if (getrandom(credentials->key, sizeof credentials->key, 0) != sizeof credentials->key) {
        failure_set(failure, EXIT_LOCAL_FAILURE, "no random numbers: %s", strerror(errno));
    } else if (parse(credentials, text, len, name, failure)) {
        return credentials;
    }
    credentials_free(credentials);
    return NULL;
}

struct credentials *credentials_load(const char *path, struct failure *failure)
{
    char *text = malloc(CREDENTIALS_FILE_MAX + 1);
    struct credentials *credentials = NULL;
    ssize_t len = -1;

    if (text)
        len = secret_file_read(path, text, CREDENTIALS_FILE_MAX + 1, false);
    if (len > CREDENTIALS_FILE_MAX) {
        errno = EFBIG;
        len = -1;
    }
    if (len < 0)
        failure_set(failure, EXIT_LOCAL_FAILURE, "cannot read the users from %s: %s", path,
                    strerror(errno));
    else
        credentials = credentials_parse(text, (size_t)len, path, failure);
    if (text)
        secret_wipe(text, CREDENTIALS_FILE_MAX + 1);
    free(text);
    return credentials;
}

bool credentials_are_exposed(const char *path)
{
    struct stat found;

    return stat(path, &found) == 0 && (found.st_mode & (S_IRGRP | S_IROTH)) != 0;
}

static bool is_remembered(const struct credentials *credentials, const struct keyed *pair)
{
    size_t count = credentials->remembered_count;
    bool found = false;

    for (size_t i = 0; i < REMEMBERED && i < count; i++)
        found |= keyed_equal(&credentials->remembered[i], pair);
    return found;
}

/* Whether there is time for a hash; see credentials_check(). */
static bool has_budget(struct credentials *credentials, uint64_t now_ms)
{
    if (now_ms - credentials->period_ms >= PERIOD_MS) {
        credentials->period_ms = now_ms;
        credentials->spent_ms = 0;
    }
    return credentials->spent_ms < BUDGET_MS;
}

static bool hash_matches(struct credentials *credentials, const char *hash, const char *password)
{
    uint64_t begin = clock_ms();
    const char *made = crypt_r(password, hash, &credentials->work);
    bool equal = made && strlen(made) == strlen(hash) && secret_equal(made, hash, strlen(hash));
    credentials->spent_ms += clock_ms() - begin;
    secret_wipe(&credentials->work, sizeof credentials->work);
    return equal;
}

static enum credentials_verdict check(struct credentials *credentials,
                                      const struct basic_auth *given)
{
    struct keyed pair = keyed_make(credentials, given->user, given->password);
    const struct user *user = find_user(credentials, given->user);
    bool plain = user && user->hash[0] == '\0';

    if (is_remembered(credentials, &pair) || (plain && keyed_equal(&user->pair, &pair)))
        return CREDENTIALS_ACCEPTED;
    if (!credentials->costly)
        return CREDENTIALS_REFUSED;
    if (!has_budget(credentials, clock_ms()))
        return CREDENTIALS_PUT_OFF;
    /* A name that is not known, or has no hash, takes as long as one that has. */
    bool hashed = user && !plain;
    if (!hash_matches(credentials, hashed ? user->hash : credentials->costly->hash,
                      given->password) ||
        !hashed)
        return CREDENTIALS_REFUSED;
    credentials->remembered[credentials->remembered_count++ % REMEMBERED] = pair;
    return CREDENTIALS_ACCEPTED;
}

enum credentials_verdict credentials_check(struct credentials *credentials,
                                           const char *authorization)
{
    struct basic_auth given;
    enum credentials_verdict verdict = CREDENTIALS_REFUSED;

    if (!authorization)
        return CREDENTIALS_REFUSED;
    if (basic_auth_parse(&given, authorization))
        verdict = check(credentials, &given);
    secret_wipe(&given, sizeof given);
    return verdict;
}

void credentials_free(struct credentials *credentials)
{
    if (!credentials)
        return;
    if (credentials->users)
        secret_wipe(credentials->users, credentials->count * sizeof *credentials->users);
    free(credentials->users);
    secret_wipe(credentials, sizeof *credentials);
    free(credentials);
}
