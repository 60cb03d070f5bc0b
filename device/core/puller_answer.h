/*
 * What an answer says: its status line and the few fields that matter.
 */
#ifndef OTA_PULLER_ANSWER_H
#define OTA_PULLER_ANSWER_H

#include "ota/puller.h"

/*
 * The status line is in p->lines: begin p->answer with it. What of the puller belongs to an image
 * that is not offered any more is forgotten. False when it is none of HTTP/1.
 */
bool ota_puller_read_status(struct ota_puller *p);

/*
 * A field is in p->lines: add it to p->answer. A redirect's Location moves p->url. False when it
 * is malformed.
 */
bool ota_puller_read_field(struct ota_puller *p);

/* True for a redirect that can be followed with the same request. */
bool ota_puller_is_redirect(uint16_t status);

#endif
