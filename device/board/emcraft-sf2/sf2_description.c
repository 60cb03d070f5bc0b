#include "sf2_description.h"

#include "sf2_start.h"

/* ESP-IDF's application description, which espota-c and others look for at an image's start. */
struct description {
    uint32_t magic;
    uint32_t secure_version;
    uint32_t reserved[2];
    char version[32];
    char project[32];
    char time[16];
    char date[16];
    char idf[32];
    uint8_t elf_sha256[32];
};

_Static_assert(sizeof(struct description) == 176, "laid out as in the image");

/* No time and date: the same sources make the same image. */
__attribute__((section(".description"), used)) static const struct description description = {
    .magic = 0xABCD5432u,
    .version = SF2_VERSION,
    .project = "sf2",
};

const char *sf2_version(void)
{
    return description.version;
}

#ifndef SF2_TRIAL_MS
#define SF2_TRIAL_MS 30000
#endif

uint32_t sf2_trial_ms(void)
{
    return SF2_TRIAL_MS;
}

bool sf2_confirms(void)
{
#ifdef SF2_NEVER_CONFIRMS
    return false;
#else
    return true;
#endif
}

void sf2_misbehave(void)
{
#if defined SF2_HANGS
    for (;;)
        sf2_wait();
#elif defined SF2_FAULTS
    __asm__ volatile("udf #0");
#endif
}
