#include "cli/push/remedy.h"

#include "common/verdict.h"

#include <stddef.h>
#include <string.h>

struct remedy {
    const char *words; /* of the ESP8266's, the ESP32's or libota's text */
    int number;        /* the ESP8266's and libota's; -1: the words alone */
    const char *advice;
};

static const struct remedy remedies[] = {
    { "Not Enough Space", 4,
      "The running sketch and the new one must both fit: make the sketch smaller, or choose a "
      "flash "
      "layout (partition scheme) with more room for sketches." },
    { "MD5", 7,
      "What arrived is not what was sent: try again; if it goes on, look at the device's power "
      "supply and radio link." },
    { "new Flash config", 9,
      "The image is built for more flash than the device has: choose the board's real flash "
      "size." },
    { "records are damaged", -1,
      "What the device keeps about its own flash is lost; it still runs. It must be flashed by "
      "cable "
      "once, with its boot record erased." },
    { "Flash config", 8,
      "The flash size that the running sketch was built for is not the one it has: choose the "
      "right "
      "flash size, and upload once by cable." },
    { "another chip", -1,
      "Choose the device's own chip or board in the build; espota-c inspect shows the image's." },
    { "cut short", -1,
      "The file is not whole, whatever its size: build it again; espota-c inspect shows what is "
      "missing." },
    { "Compressed", -1, "Send it as it was before it was compressed." },
    { "agic byte", 10,
      "This is no sketch for that device: check which file was built, and for which chip." },
    { "Magic Byte", -1,
      "This is no sketch for that device: check which file was built, and for which chip." },
    { "Could Not Activate", -1,
      "The device does not accept the image: check that it is built for its very chip, and signed "
      "if "
      "it wants signatures." },
    { "Partition Could Not", -1,
      "Its partition table has no second application partition: choose a scheme with OTA, and "
      "upload "
      "once by cable." },
    { "on trial", -1,
      "The update before this one has not confirmed itself yet: wait until it has. If it never "
      "does, restart the device until it goes back to the sketch before." },
    { "bootstrapping", 11,
      "Press its reset button once: after an upload by cable it must start from flash before it "
      "can "
      "be updated over the network." },
    { "ignature", 12, "It takes images alone that are signed with the key it knows: sign it." },
    { "already running", 15, "Another upload to it is under way: wait until that has ended." },
};

#define REMEDY_COUNT (sizeof remedies / sizeof *remedies)

#define NO_SPACE 4

const char *remedy_for(const char *device_text, bool filesystem)
{
    int number = verdict_error_number(device_text);

    if (filesystem && (number == NO_SPACE || strstr(device_text, "Not Enough Space")))
        return "The image must fit the device's file system: choose the same flash layout "
               "(partition scheme) for both.";

    for (size_t i = 0; i < REMEDY_COUNT; i++) {
        if (strstr(device_text, remedies[i].words))
            return remedies[i].advice;
    }
    for (size_t i = 0; i < REMEDY_COUNT; i++) {
        if (number >= 0 && remedies[i].number == number)
            return remedies[i].advice;
    }
    return NULL;
}
