#include "device_events.h"

#include "common/hex.h"
#include "device/core/puller_url.h"
#include "device/port/posix/posix_address.h"

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

/* "OFFSET,SIZE,MD5", "none", or "unknown". */
struct image_text {
    char text[80];
};

static struct image_text image_text(bool known, uint32_t offset, const struct ota_image *image)
{
    struct image_text out = { "unknown" };

    if (known && image->size == 0)
        (void)snprintf(out.text, sizeof out.text, "none");
    else if (known)
        (void)snprintf(out.text, sizeof out.text, "0x%" PRIx32 ",%" PRIu32 ",%s", offset,
                       image->size, md5_text(image->md5).text);
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

static const char *boot_event_name(enum ota_boot_event event)
{
    switch (event) {
    case OTA_BOOT_NOTHING:
        return "none";
    case OTA_BOOT_ADOPTED:
        return "adopted";
    case OTA_BOOT_TRYING:
        return "trying";
    case OTA_BOOT_TRYING_MORE:
        return "trying-more";
    case OTA_BOOT_GIVEN_UP:
        return "given-up";
    case OTA_BOOT_ROLLED_BACK:
        return "rolled-back";
    case OTA_BOOT_MOVED:
        return "moved";
    case OTA_BOOT_DROPPED:
        return "dropped";
    }
    return "unknown";
}

/* The part of a boot's line that is about the sketch. */
static void print_sketch(const struct device_boot *boot)
{
    const struct ota_boot *found = &boot->found;

    printf(" slot=%u offset=0x%" PRIx32 " name=\"%s\"", found->slot, found->offset, boot->name);
    if (found->image.size == 0)
        printf(" size=unknown md5=unknown state=unknown");
    else
        printf(" size=%" PRIu32 " md5=%s state=%s", found->image.size,
               md5_text(found->image.md5).text, found->trial ? "trial" : "confirmed");
    if (found->trial)
        printf(" boots-left=%u", (unsigned)found->boots_left);
}

void device_events_boot(const struct device_boot *boot)
{
    printf("boot");
    if (boot->runs)
        print_sketch(boot);
    else
        printf(" slot=none");
    printf(" event=%s", boot_event_name(boot->found.event));
    if (boot->found.fault != OTA_BOOT_SOUND)
        printf(" fault=\"%s\"", ota_boot_fault_text(boot->found.fault));
    printf("\n");
}

void device_events_images(const char *word, const struct device_boot *boot)
{
    static const struct ota_image none;
    const struct ota_image *sketch = boot->runs ? &boot->found.image : &none;
    bool has_record = boot->record == OTA_RECORD_FOUND || boot->record == OTA_RECORD_EMPTY;
    bool is_empty = has_record && boot->found.fault == OTA_BOOT_NO_IMAGE;

    printf("%s running=%s", word,
           image_text(sketch->size > 0 || is_empty, boot->found.offset, sketch).text);
    printf(" filesystem=%s\n",
           image_text(has_record, boot->layout.filesystem.offset, &boot->filesystem).text);
}

void device_events_confirmed(const struct device_boot *boot)
{
    printf("confirmed slot=%u md5=%s\n", boot->found.slot, md5_text(boot->found.image.md5).text);
}

static void print_progress(uint32_t done, uint32_t total)
{
    printf("progress done=%" PRIu32 " total=%" PRIu32 "\n", done, total);
}

/* The line "updated", without its end. */
static void print_updated(uint32_t command, const struct ota_stored *stored,
                          const struct ota_updater *updater)
{
    printf("updated target=%s offset=0x%" PRIx32 " size=%" PRIu32 " md5=%s changed=%s",
           target_name(command), stored->offset, stored->size, md5_text(stored->md5).text,
           ota_updater_is_unchanged(updater) ? "no" : "yes");
}

void device_events_print(const struct ota_event *event, const struct ota_updater *updater)
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
        print_progress(event->done, event->total);
        break;
    case OTA_EVENT_UPDATED:
        print_updated(event->invitation->command, event->stored, updater);
        printf("\n");
        break;
    case OTA_EVENT_FAILED:
        printf("failed stage=%s error=%d text=\"%s\"\n", stage_name(event->stage),
               (int)event->error, event->text);
        break;
    case OTA_EVENT_RESTART:
        break;
    }
}

/* A text of a server's: it must neither end the quotes nor the line, nor speak to a terminal. */
struct foreign_text {
    char text[80];
};

static struct foreign_text foreign_text(const char *text)
{
    struct foreign_text out;

    (void)snprintf(out.text, sizeof out.text, "%s", text ? text : "");
    for (char *at = out.text; *at; at++) {
        if (*at <= ' ' || *at > '~' || *at == '"')
            *at = '?';
    }
    return out;
}

/* A web address as people write it; the parser lets visible characters pass alone. */
struct url_text {
    char text[OTA_PULL_URL_SIZE + sizeof "https://[]:65535"];
};

static struct url_text url_text(const struct ota_pull_url *url)
{
    struct url_text out;
    char port[sizeof ":65535"] = "";

    if (url->port != ota_puller_url_standard_port(url->tls))
        (void)snprintf(port, sizeof port, ":%u", (unsigned)url->port);
    (void)snprintf(out.text, sizeof out.text, url->is_literal ? "%s://[%s]%s%s" : "%s://%s%s%s",
                   url->tls ? "https" : "http", url->text, port, url->text + url->path);
    return out;
}

void device_events_pull(const struct ota_pull_event *event, const struct ota_pull_url *url)
{
    switch (event->kind) {
    case OTA_PULL_EVENT_ASKING:
        printf("asking url=%s done=%" PRIu32 "\n", url_text(url).text, event->done);
        break;
    case OTA_PULL_EVENT_REDIRECTED:
        printf("redirected url=%s\n", url_text(url).text);
        break;
    case OTA_PULL_EVENT_OFFERED:
        printf("offered done=%" PRIu32 " total=%" PRIu32 "\n", event->done, event->total);
        break;
    case OTA_PULL_EVENT_PROGRESS:
        print_progress(event->done, event->total);
        break;
    case OTA_PULL_EVENT_BROKEN:
        printf("broken done=%" PRIu32 " error=%d text=\"%s\"\n", event->done, event->error,
               event->text);
        break;
    case OTA_PULL_EVENT_DONE:
        break;
    }
}

void device_events_pulled(const struct ota_pull_event *event, const struct ota_puller *puller,
                          const struct ota_updater *updater)
{
    const char *version = ota_puller_offered_version(puller);
    const char *text = event->text;

    switch (event->result) {
    case OTA_PULL_OK:
        print_updated(OTA_SKETCH, ota_updater_stored(updater), updater);
        if (version[0] != '\0')
            printf(" version=\"%s\"", foreign_text(version).text);
        printf("\n");
        break;
    case OTA_PULL_NO_UPDATE:
        printf("up-to-date");
        if (ota_puller_is_given_up(puller))
            printf(" text=\"%s\"", text);
        printf("\n");
        break;
    case OTA_PULL_FAILED:
        /* A redirect may have led there. */
        if (event->error == OTA_PULL_NOT_CONNECTED && ota_puller_url(puller)->tls)
            text = "connection failed: there is no TLS";
        printf("pull-failed error=%d text=\"%s\"\n", event->error, text);
        break;
    }
}

bool device_events_is_new_tenth(unsigned *tenth, uint32_t done, uint32_t total)
{
    unsigned now = (unsigned)((uint64_t)done * 10 / total);
    bool is_new = now != *tenth;

    *tenth = now;
    return is_new;
}

/* A name in double quotes, in which none may be. */
struct name_text {
    char text[DEVICE_NAME_SIZE];
};

static struct name_text name_text(const char *name)
{
    struct name_text out;

    (void)snprintf(out.text, sizeof out.text, "%s", name);
    for (char *at = out.text; *at; at++) {
        if (*at == '"')
            *at = '?';
    }
    return out;
}

void device_events_mdns(const struct device_announce_event *event)
{
    switch (event->kind) {
    case DEVICE_ANNOUNCED:
        printf("announced name=\"%s\" host=%s port=%u through=%s\n", name_text(event->name).text,
               event->host, (unsigned)event->port, event->through);
        break;
    case DEVICE_RENAMED:
        printf("renamed from=\"%s\" to=\"%s\"\n", name_text(event->former).text,
               name_text(event->name).text);
        break;
    case DEVICE_UNANNOUNCED:
        break;
    }
}
