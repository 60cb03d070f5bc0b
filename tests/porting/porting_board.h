/*
 * The board that the porting guide's code runs on: what the guide calls board_...(), with flash in
 * memory, and an uploader at the other end of its network.
 */
#ifndef PORTING_BOARD_H
#define PORTING_BOARD_H

#include "common/auth.h"
#include "device/port/nor/nor_flash.h"
#include "ota/net.h"
#include "ota/puller.h"
#include "ota/responder.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORTING_FLASH_SIZE (4u << 20)

/* How the guide's code came to its end: functions that do not return set `end` and go to `way_out`.
 */
enum porting_end {
    PORTING_RUNS,
    PORTING_JUMPED,    /* to `offset` */
    PORTING_STAYS,     /* for the reason in `text` */
    PORTING_RESTARTED, /* by the responder's wish */
};

/* How far the uploader is. */
enum porting_upload {
    PORTING_SILENT,
    PORTING_INVITE,
    PORTING_INVITED,
    PORTING_CONNECTING,
    PORTING_SENDING,
};

struct porting_board {
    struct nor_flash nor;
    uint8_t cells[PORTING_FLASH_SIZE];
    jmp_buf way_out;
    enum porting_end end;
    uint32_t offset;
    const char *text; /* why it stays, or what was logged last */
    uint32_t now_ms;
    uint32_t random;
    bool generator_fails;

    enum porting_upload upload;
    const uint8_t *image;
    size_t size, sent;
    unsigned patience;    /* for how many steps an answer to the invitation is waited for */
    const char *password; /* that the uploader uses; NULL: none */
    char answer[64];      /* the last datagram from the device */
    char verdict[256];    /* all that came on the connection */

    const char *header; /* the web server's answer: this, then the image */
    size_t answered;    /* bytes of it that the device has taken */
    bool is_asked;      /* there is a connection */
    bool is_connected;  /* and it stands */
    char request[1024]; /* what was asked last */
};

extern struct porting_board porting_board;

/* Blank flash, no upload; the clock is about to wrap. */
void porting_board_init(void);

/* The uploader invites for this image, which stays the caller's, as soon as the network runs. */
void porting_board_upload(const uint8_t *image, size_t size, const char *password);

/* A web server has this header, which stays the caller's, and this image for whoever asks. */
void porting_board_offer(const char *header, const uint8_t *image, size_t size);

/* What the guide declares. */
bool board_flash_read(uint32_t at, void *out, uint32_t len);
bool board_flash_program(uint32_t at, const void *bytes, uint32_t len);
bool board_flash_erase_sector(uint32_t at);
bool board_flash_erase_block(uint32_t at);
_Noreturn void board_jump(uint32_t offset);
_Noreturn void board_stay(const char *why);
_Noreturn void board_restart(void);
void board_feed_watchdog(void *ctx);
void board_log(const char *text);
uint32_t board_ms(void);
bool board_random_word(uint32_t *out);
extern const struct ota_net board_net;
void board_net_wait(struct ota_responder *responder, uint32_t ms);
extern const struct ota_pull_net board_pull_net;
void board_pull_wait(struct ota_puller *puller, uint32_t ms);
void board_mac(uint8_t out[6]);

#endif
