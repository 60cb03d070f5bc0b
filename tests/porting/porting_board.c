#include "porting_board.h"

#include "common/challenge.h"
#include "common/invitation.h"
#include "common/proof.h"

#include <stdio.h>
#include <string.h>

#define SECTOR  4096u
#define BLOCK   65536u
#define PAGE    256u
#define SEGMENT 1460u

struct porting_board porting_board;

static const struct ota_address uploader = {
    .bytes = { 192, 0, 2, 7 },
    .length = 4,
    .port = 50000,
};

void porting_board_init(void)
{
    const struct ota_flash geometry = {
        .size = PORTING_FLASH_SIZE,
        .erase_size = SECTOR,
        .block_size = BLOCK,
        .write_size = 1,
    };

    memset(&porting_board, 0, sizeof porting_board);
    memset(porting_board.cells, 0xFF, sizeof porting_board.cells);
    nor_flash_init(&porting_board.nor, &geometry, porting_board.cells, NULL, NULL);
    porting_board.now_ms = UINT32_MAX - 100;
}

void porting_board_upload(const uint8_t *image, size_t size, const char *password)
{
    porting_board.upload = PORTING_INVITE;
    porting_board.image = image;
    porting_board.size = size;
    porting_board.sent = 0;
    porting_board.password = password;
    porting_board.answer[0] = '\0';
    porting_board.verdict[0] = '\0';
}

/* ---- flash ---- */

bool board_flash_read(uint32_t at, void *out, uint32_t len)
{
    return porting_board.nor.flash.read(&porting_board.nor, at, out, len);
}

bool board_flash_program(uint32_t at, const void *bytes, uint32_t len)
{
    return at / PAGE == (at + len - 1) / PAGE &&
           porting_board.nor.flash.write(&porting_board.nor, at, bytes, len);
}

bool board_flash_erase_sector(uint32_t at)
{
    return porting_board.nor.flash.erase(&porting_board.nor, at, SECTOR);
}

bool board_flash_erase_block(uint32_t at)
{
    return porting_board.nor.flash.erase(&porting_board.nor, at, BLOCK);
}

/* ---- the processor ---- */

_Noreturn static void leave(enum porting_end end)
{
    porting_board.end = end;
    longjmp(porting_board.way_out, 1);
}

_Noreturn void board_jump(uint32_t offset)
{
    porting_board.offset = offset;
    leave(PORTING_JUMPED);
}

_Noreturn void board_stay(const char *why)
{
    porting_board.text = why;
    leave(PORTING_STAYS);
}

_Noreturn void board_restart(void)
{
    leave(PORTING_RESTARTED);
}

void board_feed_watchdog(void *ctx)
{
    (void)ctx;
}

void board_log(const char *text)
{
    porting_board.text = text;
}

uint32_t board_ms(void)
{
    return porting_board.now_ms;
}

bool board_random_word(uint32_t *out)
{
    porting_board.random = porting_board.random * 1664525u + 1013904223u;
    *out = porting_board.random;
    return !porting_board.generator_fails;
}

/* ---- the network, and who is at its other end ---- */

static void send_datagram(void *ctx, const struct ota_address *to, const void *bytes, size_t len)
{
    (void)ctx;
    if (ota_address_equal(to, &uploader))
        (void)snprintf(porting_board.answer, sizeof porting_board.answer, "%.*s", (int)len,
                       (const char *)bytes);
}

static bool connect_to(void *ctx, const struct ota_address *to)
{
    (void)ctx;
    porting_board.upload = PORTING_CONNECTING;
    return ota_address_same_host(to, &uploader) && to->port == 40000;
}

static int32_t send_bytes(void *ctx, const void *bytes, size_t len)
{
    size_t used = strlen(porting_board.verdict);

    (void)ctx;
    /* Counts are many; the verdict is what comes last. */
    if (used + len >= sizeof porting_board.verdict)
        used = 0;
    memcpy(porting_board.verdict + used, bytes, len);
    porting_board.verdict[used + len] = '\0';
    return (int32_t)len;
}

static void close_connection(void *ctx)
{
    (void)ctx;
    porting_board.upload = PORTING_SILENT;
}

const struct ota_net board_net = {
    .send_datagram = send_datagram,
    .connect = connect_to,
    .send = send_bytes,
    .close = close_connection,
};

static void invite(struct ota_responder *responder)
{
    struct invitation invitation = {
        .command = PUSH_SKETCH,
        .port = 40000,
        .size = porting_board.size,
    };
    struct digest digest;
    char text[INVITATION_MAX];

    digest_init(&digest, DIGEST_MD5);
    digest_update(&digest, porting_board.image, porting_board.size);
    digest_finish(&digest, invitation.md5);
    size_t len = invitation_format(&invitation, text, sizeof text);
    porting_board.upload = PORTING_INVITED;
    porting_board.patience = 100;
    ota_responder_on_datagram(responder, &uploader, text, len, porting_board.now_ms);
}

/* Answer a challenge, if there is one. */
static void log_in(struct ota_responder *responder)
{
    static const uint8_t random[DIGEST_SHA256_SIZE] = { 1, 2, 3 };
    struct challenge challenge;
    struct password_digest password;
    struct proof proof;
    char text[PROOF_MAX];

    if (!porting_board.password ||
        !challenge_parse(&challenge, porting_board.answer, strlen(porting_board.answer)))
        return;
    password_digest_make(&password, DIGEST_MD5, porting_board.password,
                         strlen(porting_board.password));
    porting_board.answer[0] = '\0';
    if (proof_make(&proof, &challenge, &password, random))
        ota_responder_on_datagram(responder, &uploader, text,
                                  proof_format(&proof, text, sizeof text), porting_board.now_ms);
}

static void send_image(struct ota_responder *responder)
{
    size_t left = porting_board.size - porting_board.sent;

    if (left > 0)
        porting_board.sent +=
            ota_responder_on_stream(responder, porting_board.image + porting_board.sent,
                                    left < SEGMENT ? left : SEGMENT, porting_board.now_ms);
    else if (strstr(porting_board.verdict, "OK") || strstr(porting_board.verdict, "ERR"))
        ota_responder_on_closed(responder);
}

void board_net_wait(struct ota_responder *responder, uint32_t ms)
{
    if (porting_board.upload == PORTING_INVITE) {
        invite(responder);
    } else if (porting_board.upload == PORTING_INVITED) {
        if (porting_board.patience-- == 0)
            board_stay("the device does not answer");
        log_in(responder);
    } else if (porting_board.upload == PORTING_CONNECTING) {
        porting_board.upload = PORTING_SENDING;
        ota_responder_on_connected(responder, porting_board.now_ms);
    } else if (porting_board.upload == PORTING_SENDING) {
        send_image(responder);
    } else if (ms == OTA_NEVER) {
        board_stay("nobody comes any more");
    }
    porting_board.now_ms += ms < 10 ? ms : 10;
}

/* ---- the web server ---- */

void porting_board_offer(const char *header, const uint8_t *image, size_t size)
{
    porting_board.header = header;
    porting_board.image = image;
    porting_board.size = size;
}

void board_mac(uint8_t out[6])
{
    static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 7 };

    memcpy(out, mac, sizeof mac);
}

static bool connect_to_web(void *ctx, const char *host, uint16_t port, bool tls)
{
    (void)ctx;
    porting_board.is_asked = strcmp(host, "192.0.2.7") == 0 && port == 8080 && !tls;
    porting_board.is_connected = false;
    porting_board.answered = 0;
    porting_board.request[0] = '\0';
    return porting_board.is_asked;
}

/* A socket that has little room each time. */
static int32_t send_to_web(void *ctx, const void *bytes, size_t len)
{
    size_t used = strlen(porting_board.request);
    size_t n = len < 100 ? len : 100;

    (void)ctx;
    if (n >= sizeof porting_board.request - used)
        return -1;
    memcpy(porting_board.request + used, bytes, n);
    porting_board.request[used + n] = '\0';
    return (int32_t)n;
}

static void close_web(void *ctx)
{
    (void)ctx;
    porting_board.is_asked = false;
}

const struct ota_pull_net board_pull_net = {
    .connect = connect_to_web,
    .send = send_to_web,
    .close = close_web,
};

static void answer_request(struct ota_puller *puller)
{
    size_t header = strlen(porting_board.header);
    bool is_header = porting_board.answered < header;
    size_t at = is_header ? porting_board.answered : porting_board.answered - header;
    size_t left = (is_header ? header : porting_board.size) - at;
    const uint8_t *bytes = is_header ? (const uint8_t *)porting_board.header : porting_board.image;

    if (left > 0)
        porting_board.answered += ota_puller_on_stream(
            puller, bytes + at, left < SEGMENT ? left : SEGMENT, porting_board.now_ms);
    else
        ota_puller_on_closed(puller, porting_board.now_ms);
}

void board_pull_wait(struct ota_puller *puller, uint32_t ms)
{
    if (porting_board.is_asked && !porting_board.is_connected) {
        porting_board.is_connected = true;
        ota_puller_on_connected(puller, porting_board.now_ms);
    } else if (porting_board.is_asked && !strstr(porting_board.request, "\r\n\r\n")) {
        ota_puller_on_sendable(puller, porting_board.now_ms);
    } else if (porting_board.is_asked) {
        answer_request(puller);
    }
    porting_board.now_ms += ms < 10 ? ms : 10;
}
