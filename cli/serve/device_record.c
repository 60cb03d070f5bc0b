#include "cli/serve/device_record.h"

#include <string.h>

struct device_offer *device_record_offer(struct device_record *record, enum update_mode mode)
{
    return mode == UPDATE_FILESYSTEM ? &record->filesystem : &record->sketch;
}

bool device_record_delivered(struct device_record *record, enum update_mode mode,
                             const uint8_t md5[DIGEST_MD5_SIZE])
{
    struct device_offer *offer = device_record_offer(record, mode);

    if (offer->outcome != OFFER_MADE || memcmp(offer->md5, md5, sizeof offer->md5) != 0)
        return false;
    offer->outcome = OFFER_DELIVERED;
    return true;
}

const char *offer_outcome_name(enum offer_outcome outcome)
{
    switch (outcome) {
    case OFFER_NONE:
        break;
    case OFFER_MADE:
        return "offered";
    case OFFER_DELIVERED:
        return "delivered";
    case OFFER_UPDATED:
        return "updated";
    case OFFER_FAILED:
        return "failed";
    case OFFER_HELD:
        return "held-back";
    }
    return "none";
}
