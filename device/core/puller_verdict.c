#include "puller_verdict.h"

#include "common/text.h"
#include "puller_attempt.h"
#include "updater_place.h"

#include <string.h>

/* --- What the updater says -------------------------------------------------------------------- */

/* The updater's errors that the stock client finds by itself, and has numbers for. */
static int error_of(enum ota_error error)
{
    switch (error) {
    case OTA_OK:
        return OTA_PULL_CONNECTION_LOST; /* aborted, by somebody else */
    case OTA_ERROR_SPACE:
        return OTA_PULL_SPACE;
    case OTA_ERROR_MAGIC_BYTE:
        return OTA_PULL_BAD_HEADER;
    case OTA_ERROR_NEW_FLASH_CONFIG:
        return OTA_PULL_WRONG_FLASH;
    default:
        return (int)error;
    }
}

/* "ERROR[n]: text" of the updater, without its number. */
static const char *text_of(const struct ota_updater *updater, char *line, size_t size)
{
    const char *text;

    ota_updater_error_line(updater, line, size);
    text = strchr(line, ' ');
    return text ? text + 1 : line;
}

void ota_puller_fail_by_updater(struct ota_puller *p, enum ota_error error)
{
    const struct ota_updater *updater = p->config->updater;
    bool is_its_last = error && ota_updater_error(updater) == error; /* RUNNING is not */
    int number = error_of(error);
    char line[OTA_ERROR_LINE_MAX];

    if (is_its_last && number > 0)
        ota_puller_end(p, OTA_PULL_FAILED, number, text_of(updater, line, sizeof line));
    else if (is_its_last && updater->error_text)
        ota_puller_end(p, OTA_PULL_FAILED, number, updater->error_text);
    else
        ota_puller_fail(p, number);
}

/* What stock says before the text. */
static const char *label_of(int error)
{
    if (error > 0)
        return "Update error: ";
    return error < 0 && error > OTA_PULL_SPACE ? "HTTP error: " : "";
}

size_t ota_puller_error_line(const struct ota_puller *puller, char *out, size_t size)
{
    const struct ota_updater *updater = puller->config->updater;
    int error = puller->error;
    size_t used = 0;

    text_append_string(out, size, &used, label_of(error));
    if (error <= 0)
        text_append_string(out, size, &used, error ? ota_pull_error_text(error) : "");
    else if ((int)ota_updater_error(updater) == error)
        used += ota_updater_error_line(updater, out + used, size - used);
    else
        used += ota_error_line((enum ota_error)error, NULL, out + used, size - used);
    return used;
}

bool ota_puller_can_begin(struct ota_puller *p)
{
    struct ota_updater *updater = p->config->updater;
    struct ota_updater another = { .config = updater->config, .target = p->target };
    const char *text = NULL;
    enum ota_error error;

    if (ota_updater_is_running(updater)) {
        ota_puller_fail_by_updater(p, OTA_ERROR_RUNNING);
        return false;
    }
    if (!ota_updater_find_place(&another, 1, &text))
        return true;
    /* It tells the application by itself, and keeps the error. */
    error = ota_updater_begin(updater, 1, p->target);
    if (error)
        ota_puller_fail_by_updater(p, error);
    else
        ota_updater_abort(updater, OTA_OK);
    return !error;
}

/* --- What is not wanted ----------------------------------------------------------------------- */

/* The updater has no better way to tell them than this has: their digests alone. */
static bool is_looked_at(const struct ota_puller *p)
{
    return p->target == OTA_SKETCH && !p->has_md5;
}

bool ota_puller_wants(struct ota_puller *p, const uint8_t md5[DIGEST_MD5_SIZE])
{
    const uint8_t *given_up = p->config->identity->given_up_md5;

    if (p->target != OTA_SKETCH || !given_up || memcmp(given_up, md5, DIGEST_MD5_SIZE) != 0)
        return true;
    p->is_given_up = true;
    ota_puller_end(p, OTA_PULL_NO_UPDATE, OTA_PULL_SOUND, OTA_PULL_GIVEN_UP_TEXT);
    return false;
}

void ota_puller_look_at_none(struct ota_puller *p)
{
    digest_init(&p->digest, DIGEST_MD5);
}

void ota_puller_look_at(struct ota_puller *p, const void *bytes, size_t len)
{
    if (is_looked_at(p))
        digest_update(&p->digest, bytes, len);
}

bool ota_puller_wants_what_came(struct ota_puller *p)
{
    const struct ota_identity *identity = p->config->identity;
    uint8_t md5[DIGEST_MD5_SIZE];

    if (!is_looked_at(p))
        return true;
    digest_finish(&p->digest, md5);
    if (p->size != identity->sketch_size || memcmp(md5, identity->sketch_md5, sizeof md5) != 0)
        return ota_puller_wants(p, md5);
    ota_puller_finish(p, OTA_PULL_NO_UPDATE, OTA_PULL_SOUND);
    return false;
}
