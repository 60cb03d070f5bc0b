/* A small update whose connection is cut at every byte, header and image, by servers of all kinds.
 */
#define RIG_FLASH_SIZE (64u << 10)
#define RIG_IMAGE_SIZE 301u
#define RIG_SIZE_CODE  15 /* not known, so any flash will do */

#include "tests/unit/device/puller_rig.h"

#include <criterion/criterion.h>

/* What the server is able to do. */
struct server {
    bool ranges;
    bool if_range;
    bool etag;
    bool md5;
    bool replaces; /* the image by another one, when the connection was cut */
    bool keeps;    /* the ETag, when it does; the puller is told to go by x-MD5 alone */
};

static struct puller_rig rig;
static uint8_t answer[RIG_IMAGE_SIZE + 1000];

/* What is asked for with Range, if that is to be answered so; else 0. */
static size_t wanted_from(const struct server *server, const char *etag)
{
    const char *range = strstr(rig.request, "\r\nRange: bytes=");
    const char *condition = strstr(rig.request, "\r\nIf-Range: ");

    if (!server->ranges || !range)
        return 0;
    if (server->if_range && condition && !strstr(condition, etag))
        return 0;
    return (size_t)strtoul(range + 15, NULL, 10);
}

/* The answer to the request; returns its length. */
static size_t answer_request(const struct server *server)
{
    char etag[HEX_SIZE(DIGEST_MD5_SIZE) + 2];
    size_t from, used;

    snprintf(etag, sizeof etag, "\"%s\"", server->keeps ? "same" : rig.md5);
    from = wanted_from(server, etag);
    used = (size_t)snprintf((char *)answer, sizeof answer, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n",
                            from ? "206 P" : "200 O", RIG_IMAGE_SIZE - from);
    if (from > 0)
        used += (size_t)snprintf((char *)answer + used, sizeof answer - used,
                                 "Content-Range: bytes %zu-%u/%u\r\n", from, RIG_IMAGE_SIZE - 1,
                                 RIG_IMAGE_SIZE);
    if (server->etag)
        used += (size_t)snprintf((char *)answer + used, sizeof answer - used, "ETag: %s\r\n", etag);
    if (server->md5)
        used +=
            (size_t)snprintf((char *)answer + used, sizeof answer - used, "x-MD5: %s\r\n", rig.md5);
    used += (size_t)snprintf((char *)answer + used, sizeof answer - used, "\r\n");
    memcpy(answer + used, rig.image + from, RIG_IMAGE_SIZE - from);
    return used + RIG_IMAGE_SIZE - from;
}

/*
 * An update whose first `cuts` connections are cut behind `cut` bytes. Returns the bytes of the
 * first answer.
 */
static size_t update(const struct server *server, size_t cut, unsigned cuts)
{
    size_t first = 0;
    unsigned connections = 0;

    rig_init(&rig);
    rig.config.resumes_by_md5_alone = server->keeps;
    rig_ask(&rig);
    while (rig.is_open) {
        size_t len = answer_request(server);
        bool is_cut = connections++ < cuts && cut < len;
        if (first == 0)
            first = len;
        cr_assert(connections < 100);
        rig_give(&rig, answer, is_cut ? cut : len);
        if (rig.is_open && !rig.is_connected) {
            rig_connected(&rig); /* it asks again at once */
            continue;
        }
        rig_close_by_server(&rig);
        if (is_cut && server->replaces)
            rig_set_image(&rig, connections + 100);
        if (!ota_puller_is_idle(&rig.puller)) {
            rig_pass(&rig, rig_pass(&rig, 0));
            rig_connected(&rig);
        }
    }
    return first;
}

/* Whatever was cut: the image that the server has last counts, or nothing has changed. */
static void check(size_t cut, unsigned cuts, bool was_offered)
{
    bool is_lost = rig_has_failed(&rig, OTA_PULL_CONNECTION_LOST);

    if (!was_offered)
        cr_expect(is_lost, "cut at %zu: %d", cut, ota_puller_error(&rig.puller));
    else
        cr_expect(rig_is_updated(&rig) || (is_lost && cuts > rig.config.retries), "cut at %zu: %d",
                  cut, ota_puller_error(&rig.puller));
}

static void cut_everywhere(const struct server *server)
{
    for (unsigned cuts = 1; cuts <= 3; cuts++) {
        size_t len = update(server, SIZE_MAX, 0);
        size_t header = len - RIG_IMAGE_SIZE;
        cr_assert(rig_is_updated(&rig));
        for (size_t cut = 0; cut < len; cut++) {
            (void)update(server, cut, cuts);
            check(cut, cuts, cut >= header);
        }
    }
}

Test(puller_cut, a_server_that_resumes)
{
    const struct server server = { .ranges = true, .if_range = true, .etag = true, .md5 = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_that_resumes_by_etag_alone)
{
    const struct server server = { .ranges = true, .if_range = true, .etag = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_that_resumes_by_md5_alone)
{
    const struct server server = { .ranges = true, .md5 = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_that_cannot_resume)
{
    const struct server server = { .md5 = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_that_tells_nothing)
{
    const struct server server = { .ranges = true };

    cut_everywhere(&server);
}

/* --- The image is replaced between the attempts: it is never a mixture --------------------------
 */

Test(puller_cut, a_server_that_resumes_and_has_another_image)
{
    const struct server server = {
        .ranges = true, .if_range = true, .etag = true, .md5 = true, .replaces = true
    };

    cut_everywhere(&server);
}

/* Nothing but the puller's own comparison finds it out. */
Test(puller_cut, a_server_without_if_range_that_has_another_image)
{
    const struct server server = { .ranges = true, .etag = true, .replaces = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_with_md5_alone_that_has_another_image)
{
    const struct server server = { .ranges = true, .md5 = true, .replaces = true };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_that_tells_nothing_and_has_another_image)
{
    const struct server server = { .ranges = true, .replaces = true };

    cut_everywhere(&server);
}

/* As after cp -p: the same size and time, so the same ETag. */
Test(puller_cut, a_server_whose_other_image_has_the_same_etag)
{
    const struct server server = {
        .ranges = true, .if_range = true, .etag = true, .replaces = true, .keeps = true
    };

    cut_everywhere(&server);
}

Test(puller_cut, a_server_with_md5_whose_other_image_has_the_same_etag)
{
    const struct server server = {
        .ranges = true, .if_range = true, .etag = true, .md5 = true, .replaces = true, .keeps = true
    };

    cut_everywhere(&server);
}
