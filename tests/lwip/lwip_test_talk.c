#include "lwip_test_talk.h"

#include "lwip_test_platform.h"

bool lwip_test_talk_is_calm(const struct lwip_test_talk *talk)
{
    return talk->faults == lwip_test_faults();
}

static uint8_t said(uint32_t number, bool device, uint32_t at)
{
    return (uint8_t)(at * 31 + (at >> 8) + (at >> 16) + number * 7 + device * 100u);
}

void lwip_test_talk_say(uint8_t *out, uint32_t len, uint32_t number, bool device, uint32_t at)
{
    for (uint32_t i = 0; i < len; i++)
        out[i] = said(number, device, at + i);
}

bool lwip_test_talk_is_said(const uint8_t *bytes, uint32_t len, uint32_t number, bool device,
                            uint32_t at)
{
    for (uint32_t i = 0; i < len; i++) {
        if (bytes[i] != said(number, device, at + i))
            return false;
    }
    return true;
}
