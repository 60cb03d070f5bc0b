#include "cli/serve/release.h"

#include <string.h>

struct served_image *release_image(const struct release *release, enum update_mode mode)
{
    return mode == UPDATE_FILESYSTEM ? release->filesystem : release->sketch;
}

bool release_includes(const struct release *release, const struct mac *station)
{
    char text[MAC_TEXT_SIZE];
    uint8_t hash[DIGEST_SHA256_SIZE];
    struct digest digest;
    uint64_t number = 0;

    if (release->rollout >= RELEASE_WHOLE)
        return true;
    digest_init(&digest, DIGEST_SHA256);
    digest_update(&digest, release->name, strlen(release->name) + 1);
    digest_update(&digest, mac_format(text, station), MAC_TEXT_SIZE - 1);
    digest_finish(&digest, hash);
    for (unsigned i = 0; i < sizeof number; i++)
        number = number << 8 | hash[i];
    return number % RELEASE_WHOLE < release->rollout;
}

bool release_is_stopped(const struct release *release, const struct release_tally *tally)
{
    uint64_t failed = (uint64_t)tally->failed + tally->held;

    return release->has_stop && failed > 0 &&
           failed * RELEASE_WHOLE >= (uint64_t)tally->offered * release->stop_if_failing;
}
