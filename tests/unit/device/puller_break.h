/*
 * Transfers that break, and go on: on top of puller_rig.h.
 */
#ifndef PULLER_BREAK_H
#define PULLER_BREAK_H

#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

#define BROKEN_AT 10000u

/* What a server says of the rest. */
#define REST "Content-Range: bytes 10000-20000/20001\r\n"

/* An offer with these fields, of which BROKEN_AT bytes come; then the next request. */
static inline void rig_break_offer(struct puller_rig *rig, const char *fields)
{
    rig_ask(rig);
    rig_head(rig, "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n%s", (unsigned)RIG_IMAGE_SIZE, fields);
    rig_image(rig, 0, BROKEN_AT);
    rig_close_by_server(rig);
    cr_assert_eq(rig->event.kind, OTA_PULL_EVENT_BROKEN);
    cr_assert_eq(rig->event.done, BROKEN_AT);
    cr_assert_eq(rig->event.total, RIG_IMAGE_SIZE);
    cr_assert_eq(rig->event.error, OTA_PULL_CONNECTION_LOST);
    rig_retry(rig, OTA_PULL_RETRY_MS);
}

/* The header of a 206 with these fields. */
static inline void rig_give_rest(struct puller_rig *rig, const char *fields)
{
    rig_head(rig, "HTTP/1.1 206 Partial Content\r\nContent-Length: %u\r\n%s",
             (unsigned)RIG_IMAGE_SIZE - BROKEN_AT, fields);
}

/* The question is asked once more, for all of the image, and answered. */
static inline void rig_expect_beginning_again(struct puller_rig *rig)
{
    cr_assert(rig->is_open);
    rig_connected(rig);
    cr_assert(strstr(rig->request, "Range:") == NULL);
    rig_offer(rig);
    cr_assert_eq(rig->event.kind, OTA_PULL_EVENT_OFFERED);
    cr_assert_eq(rig->event.done, 0);
    rig_image(rig, 0, RIG_IMAGE_SIZE);
    cr_assert(rig_is_updated(rig));
}

#endif
