#include "device_events.h"

#include "common/hex.h"
#include "device/port/posix/posix_address.h"
#include "ota/record.h"

#include <inttypes.h>
#include <stdio.h>

/* "ADDRESS:PORT" or "[ADDRESS]:PORT". */
struct peer_text {
    char text[POSIX_ADDRESS_MAX + 8];
};

static struct peer_text peer_text(const struct ota_address *peer)
{
    struct peer_text out;
    char address[POSIX_ADDRESS_MAX];

    posix_address_format(peer, address);
    (void)snprintf(out.text, sizeof out.text, peer->length == 16 ? "[%s]:%u" : "%s:%u", address,
                   (unsigned)peer->port);
    return out;
}

struct md5_text {
    char text[HEX_SIZE(DIGEST_MD5_SIZE)];
};

static struct md5_text md5_text(const uint8_t md5[DIGEST_MD5_SIZE])
{
    struct md5_text out;

    hex_encode(out.text, md5, DIGEST_MD5_SIZE);
    return out;
}

/* "OFFSET,SIZE,MD5" or "none". */
struct stored_text {
    char text[80];
};

static struct stored_text stored_text(const struct ota_stored *stored)
{
    struct stored_text out = { "none" };

    if (stored->size > 0)
        (void)snprintf(out.text, sizeof out.text, "0x%" PRIx32 ",%" PRIu32 ",%s", stored->offset,
                       stored->size, md5_text(stored->md5).text);
    return out;
}

static const char *target_name(uint32_t command)
{
    return command == PUSH_FILESYSTEM ? "filesystem" : "sketch";
}

static const char *stage_name(enum ota_stage stage)
{
    switch (stage) {
    case OTA_STAGE_BEGIN:
        return "begin";
    case OTA_STAGE_CONNECT:
        return "connect";
    case OTA_STAGE_RECEIVE:
        return "receive";
    case OTA_STAGE_END:
        return "end";
    }
    return "unknown";
}

void device_events_listening(const struct ota_address *local)
{
    char address[POSIX_ADDRESS_MAX];

    posix_address_format(local, address);
    printf("listening address=%s port=%u\n", address, (unsigned)local->port);
}

void device_events_record(const char *word, const struct ota_flash *flash)
{
    struct ota_record record;
    enum ota_record_state state = ota_record_read(flash, &record);

    if (state == OTA_RECORD_DAMAGED || state == OTA_RECORD_UNREADABLE) {
        printf("%s running=unknown filesystem=unknown\n", word);
        return;
    }
    printf("%s running=%s filesystem=%s\n", word, stored_text(&record.sketch).text,
           stored_text(&record.filesystem).text);
}

void device_events_print(const struct ota_event *event)
{
    switch (event->kind) {
    case OTA_EVENT_INVITED:
        printf("invited from=%s command=%" PRIu32 " port=%u size=%" PRIu64 " md5=%s\n",
               peer_text(event->peer).text, event->invitation->command,
               (unsigned)event->invitation->port, event->invitation->size,
               md5_text(event->invitation->md5).text);
        break;
    case OTA_EVENT_AUTHENTICATED:
        printf("authenticated from=%s\n", peer_text(event->peer).text);
        break;
    case OTA_EVENT_REFUSED:
        printf("refused from=%s error=%d text=\"%s\"\n", peer_text(event->peer).text,
               (int)event->error, event->text);
        break;
    case OTA_EVENT_CONNECTED:
        printf("connected to=%s\n", peer_text(event->peer).text);
        break;
    case OTA_EVENT_PROGRESS:
        printf("progress done=%" PRIu32 " total=%" PRIu32 "\n", event->done, event->total);
        break;
    case OTA_EVENT_UPDATED:
        printf("updated target=%s offset=0x%" PRIx32 " size=%" PRIu32 " md5=%s\n",
               target_name(event->invitation->command), event->stored->offset, event->stored->size,
               md5_text(event->stored->md5).text);
        break;
    case OTA_EVENT_FAILED:
        printf("failed stage=%s error=%d text=\"%s\"\n", stage_name(event->stage),
               (int)event->error, event->text);
        break;
    case OTA_EVENT_RESTART:
        break;
    }
}
