/*
 * What happened to an upload, in words: one sentence, and the next step where there is one.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "cli/push/transport.h"
#include "common/image.h"

struct explanation {
    char sentence[640]; /* without the device's name, not capitalised, no full stop; text that the
                           device sent is escaped */
    char hint[640];     /* whole sentences; empty when nothing is left to say */
};

/*
 * Explain how a finished upload ended, or why a broken one is tried again (PUSH_EVENT_RETRY).
 * `kind` is what the image is: an ESP32 keeps one cause of failure to itself.
 */
void explain_upload(struct explanation *out, const struct push_upload *upload,
                    enum image_kind kind);

#endif
