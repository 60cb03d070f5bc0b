#include "sf2_nor.h"

#include "sf2_clock.h"
#include "sf2_cut.h"
#include "sf2_spi.h"

#include <string.h>

enum command {
    WRITE_STATUS = 0x01,
    PAGE_PROGRAM = 0x02,
    READ = 0x03,
    READ_STATUS = 0x05,
    WRITE_ENABLE = 0x06,
    READ_ID = 0x9F,
    SECTOR_ERASE = 0xD8,
};

/* Status */
#define BUSY          0x01u
#define WRITE_ENABLED 0x02u
#define PROTECTED     0x1Cu /* BP0 to BP2 */

#define PAGE 256u

#define ERASE_MS   3000u
#define PROGRAM_MS 10u
#define STATUS_MS  500u

/* Read in pieces: a transaction has a limit. */
#define PIECE 4096u

static bool command(uint8_t opcode)
{
    return sf2_spi_transfer(&opcode, 1, NULL, 0);
}

static bool read_status(uint8_t *status)
{
    static const uint8_t opcode = READ_STATUS;

    return sf2_spi_transfer(&opcode, 1, status, 1);
}

/* Wait until the chip is done. False when it is not by then. */
static bool is_done_within(uint32_t ms)
{
    uint32_t begin = sf2_clock_ms();
    uint8_t status;

    do {
        if (!read_status(&status))
            return false;
        if (!(status & BUSY))
            return true;
    } while (sf2_clock_ms() - begin <= ms);
    return false;
}

/* A chip that is still at work on what was given up does not hear what it is told. */
static bool enable_writing(void)
{
    uint8_t status;

    return is_done_within(ERASE_MS) && command(WRITE_ENABLE) && read_status(&status) &&
           (status & WRITE_ENABLED) != 0;
}

static void put_address(uint8_t head[4], uint8_t opcode, uint32_t offset)
{
    head[0] = opcode;
    head[1] = (uint8_t)(offset >> 16);
    head[2] = (uint8_t)(offset >> 8);
    head[3] = (uint8_t)offset;
}

static bool is_inside(uint32_t offset, uint32_t len)
{
    return offset <= SF2_NOR_SIZE && len <= SF2_NOR_SIZE - offset;
}

static bool nor_read(void *ctx, uint32_t offset, void *out, uint32_t len)
{
    uint8_t *at = out;
    uint8_t head[4];

    (void)ctx;
    if (!is_inside(offset, len) || !is_done_within(ERASE_MS))
        return false;
    for (uint32_t piece = 0; len > 0; offset += piece, at += piece, len -= piece) {
        piece = len < PIECE ? len : PIECE;
        put_address(head, READ, offset);
        if (!sf2_spi_transfer(head, sizeof head, at, piece))
            return false;
    }
    return true;
}

/* Bytes of one page. */
static bool program_page(uint32_t offset, const uint8_t *bytes, uint32_t len)
{
    uint8_t buffer[4 + PAGE];

    put_address(buffer, PAGE_PROGRAM, offset);
    memcpy(buffer + 4, bytes, len);
    return enable_writing() && sf2_spi_transfer(buffer, 4 + len, NULL, 0) &&
           is_done_within(PROGRAM_MS);
}

static bool nor_write(void *ctx, uint32_t offset, const void *bytes, uint32_t len)
{
    const uint8_t *at = bytes;

    (void)ctx;
    if (!is_inside(offset, len))
        return false;
    for (uint32_t piece = 0; len > 0; offset += piece, at += piece, len -= piece) {
        piece = PAGE - offset % PAGE;
        if (piece > len)
            piece = len;
        if (sf2_cut_is_due()) {
            (void)program_page(offset, at, (piece + 1) / 2);
            sf2_cut();
        }
        if (!program_page(offset, at, piece))
            return false;
    }
    return true;
}

static bool nor_erase(void *ctx, uint32_t offset, uint32_t len)
{
    uint8_t head[4];

    (void)ctx;
    if (len != SF2_NOR_SECTOR || offset % SF2_NOR_SECTOR != 0 || !is_inside(offset, len))
        return false;
    bool is_cut = sf2_cut_is_due();
    if (is_cut && sf2_cut_spares_erases())
        sf2_cut();
    put_address(head, SECTOR_ERASE, offset);
    bool done = enable_writing() && sf2_spi_transfer(head, sizeof head, NULL, 0) &&
                is_done_within(ERASE_MS);
    if (is_cut)
        sf2_cut();
    return done;
}

/* Spansion, S25FL128P and S25SL12801; sectors of 64 KiB. */
static bool is_there(void)
{
    static const uint8_t expected[] = { 0x01, 0x20, 0x18, 0x03, 0x01 };
    static const uint8_t opcode = READ_ID;
    uint8_t id[sizeof expected];

    return sf2_spi_transfer(&opcode, 1, id, sizeof id) && memcmp(id, expected, sizeof id) == 0;
}

static bool clear_protection(void)
{
    static const uint8_t clear[] = { WRITE_STATUS, 0 };
    uint8_t status;

    if (!read_status(&status))
        return false;
    if (!(status & PROTECTED))
        return true;
    return enable_writing() && sf2_spi_transfer(clear, sizeof clear, NULL, 0) &&
           is_done_within(STATUS_MS) && read_status(&status) && !(status & PROTECTED);
}

bool sf2_nor_open(struct ota_flash *out)
{
    *out = (struct ota_flash){ .size = SF2_NOR_SIZE,
                               .erase_size = SF2_NOR_SECTOR,
                               .block_size = SF2_NOR_SECTOR,
                               .write_size = 1,
                               .read = nor_read,
                               .write = nor_write,
                               .erase = nor_erase };
    return is_done_within(ERASE_MS) && is_there() && clear_protection();
}
