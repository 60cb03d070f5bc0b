#include "sf2_board.h"

#include "sf2_qmp.h"
#include "tests/support/deadline.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The test words of the firmware, in the board's memory. */
#define WORD_CUT_AT     0xA0000000u
#define WORD_OPERATIONS 0xA0000004u

#define VERSIONS_MAX 6

/* Milliseconds for an upload; longer than the uploader waits for a verdict. */
#define UPLOAD_MS 90000

static struct sf2_board *plugged_in; /* at most one */
static struct e2e_image firmware[VERSIONS_MAX];

void sf2_teardown(void)
{
    if (plugged_in) {
        qmp_close(&plugged_in->qmp);
        process_free(&plugged_in->qemu);
    }
    plugged_in = NULL;
    memset(firmware, 0, sizeof firmware);
    e2e_teardown();
}

/* ---- making ---- */

struct e2e_image sf2_firmware(unsigned version)
{
    char name[32];
    char path[TEMP_PATH_MAX];
    size_t size = 0;

    cr_assert_lt(version, VERSIONS_MAX);
    if (firmware[version].content.bytes)
        return firmware[version];
    snprintf(name, sizeof name, "sf2-%u.bin", version);
    snprintf(path, sizeof path, SF2_FIRMWARE "/%s", name);
    uint8_t *bytes = (uint8_t *)file_read(path, &size);
    cr_assert(bytes, "%s cannot be read", path);
    firmware[version] = e2e_image(name, (struct built_image){ bytes, size });
    return firmware[version];
}

void sf2_make(struct sf2_board *board, const char *flash, const char *settings)
{
    struct e2e_image first = sf2_firmware(1);
    uint8_t *cells = malloc(SF2_FLASH_SIZE);

    *board = (struct sf2_board){ .qmp = -1 };
    board->board.flash = temp_path(&e2e_folder, flash);
    board->monitor = temp_path(&e2e_folder, "qmp");
    cr_assert(cells && first.content.size <= SF2_SLOT_SIZE);
    memset(cells, 0xFF, SF2_FLASH_SIZE);
    memcpy(cells + SF2_SLOT_0, first.content.bytes, first.content.size);
    if (settings) {
        cr_assert_lt(strlen(settings), SF2_UNIT);
        memcpy(cells + SF2_SETTINGS, settings, strlen(settings));
    }
    cr_assert(file_write(board->board.flash.text, cells, SF2_FLASH_SIZE));
    free(cells);
}

/* ---- power ---- */

/* One thread writes to the flash file, so that it is written in the order of the board's doing. */
#define ORDERED_WRITES "main-loop,id=ml,thread-pool-min=1,thread-pool-max=1"

#define OWN_NETWORK "user,hostfwd=udp:127.0.0.1:0-" SF2_ADDRESS ":8266"

void sf2_start(struct sf2_board *board, const struct sf2_options *options)
{
    static const char kernel[] = SF2_FIRMWARE "/sf2-boot.elf";
    const struct sf2_options usual = { 0 };
    char drive[TEMP_PATH_MAX + 32], monitor[TEMP_PATH_MAX + 32], cut[64];

    options = options ? options : &usual;
    cr_assert_null(plugged_in);
    snprintf(drive, sizeof drive, "if=mtd,format=raw,file=%s", board->board.flash.text);
    snprintf(monitor, sizeof monitor, "unix:%s,server=on,wait=off", board->monitor.text);
    snprintf(cut, sizeof cut, "loader,addr=0x%08x,data=%" PRIu32 ",data-len=4", WORD_CUT_AT,
             options->cut_at);
    const char *own = options->network ? options->network : OWN_NETWORK;
    const char *argv[] = {
        SF2_QEMU, "-M",       "emcraft-sf2",  "-kernel",  kernel, "-drive",  drive,   "-nic",
        own,      "-display", "none",         "-monitor", "none", "-serial", "stdio", "-qmp",
        monitor,  "-object",  ORDERED_WRITES, "-device",  cut,    NULL
    };
    if (options->cut_at == 0)
        argv[sizeof argv / sizeof *argv - 3] = NULL; /* without the last option */
    remove(board->monitor.text);
    cr_assert(process_start(&board->qemu, &(struct process_options){ .argv = argv }),
              SF2_QEMU " does not start");
    plugged_in = board;
    board->qmp = qmp_open(board->monitor.text);
    board->board.process = &board->qemu;
    if (options->network) {
        snprintf(board->board.address, sizeof board->board.address, SF2_ADDRESS);
        board->board.port = port_text(8266);
    } else {
        snprintf(board->board.address, sizeof board->board.address, "127.0.0.1");
        board->board.port = port_text(qmp_forwarded_port(board->qmp));
    }
}

void sf2_pull_plug(struct sf2_board *board)
{
    if (plugged_in != board)
        return;
    /* Killed at once, it would lose what it has not yet given to the file. */
    qmp_do(board->qmp, "stop");
    process_signal(&board->qemu, SIGKILL);
    cr_assert(process_wait(&board->qemu, SF2_PATIENCE_MS));
    qmp_close(&board->qmp);
    process_free(&board->qemu);
    board->board.process = NULL;
    plugged_in = NULL;
}

uint32_t sf2_operations(const struct sf2_board *board)
{
    return qmp_word(board->qmp, WORD_OPERATIONS);
}

/* ---- the UART ---- */

static bool begins_with_word(const char *line, const char *word)
{
    size_t len = strlen(word);

    return strncmp(line, word, len) == 0 && (line[len] == ' ' || line[len] == '\0');
}

/* The index of the word that the line begins with; that of the NULL behind them when of none. */
static size_t word_of(const char *line, const char *const *words)
{
    size_t i = 0;

    while (words[i] && !begins_with_word(line, words[i]))
        i++;
    return i;
}

size_t sf2_says_one_of(struct sf2_board *board, const char *const *words, char rest[BOARD_LINE_MAX])
{
    struct process *qemu = &board->qemu;
    int64_t deadline = deadline_after(SF2_PATIENCE_MS);
    char line[BOARD_LINE_MAX];
    size_t found;

    do {
        bool said = process_read_line(qemu, &qemu->out, line, sizeof line, deadline_left(deadline));
        cr_assert(said, "the board never says \"%s\"; UART:\n%s\nQEMU:\n%s", words[0],
                  qemu->out.text, qemu->err.text);
        found = word_of(line, words);
        cr_assert(words[found] || !begins_with_word(line, "halt"), "the board has halted:\n%s",
                  qemu->out.text);
    } while (!words[found]);
    const char *behind = line + strlen(words[found]);
    if (rest)
        memcpy(rest, behind + (*behind == ' '), strlen(behind + (*behind == ' ')) + 1);
    return found;
}

void sf2_says(struct sf2_board *board, const char *word, char rest[BOARD_LINE_MAX])
{
    const char *const words[] = { word, NULL };

    sf2_says_one_of(board, words, rest);
}

void sf2_boots(struct sf2_board *board, char rest[BOARD_LINE_MAX])
{
    sf2_says(board, "boot", rest);
}

unsigned sf2_runs(struct sf2_board *board)
{
    char rest[BOARD_LINE_MAX], trial[BOARD_VALUE_MAX];

    sf2_says(board, "start", rest);
    unsigned version = board_number(rest, "version");
    board_value(trial, rest, "trial");
    sf2_says(board, "up", NULL);
    if (strcmp(trial, "yes") == 0)
        sf2_says(board, "confirmed", NULL);
    return version;
}

void sf2_expect_version(struct sf2_board *board, unsigned version)
{
    unsigned running = sf2_runs(board);

    cr_assert_eq(running, version, "version %u runs instead of %u; UART:\n%s", running, version,
                 board->qemu.out.text);
}

void sf2_update(struct sf2_board *board, unsigned version, const char *const *args)
{
    struct e2e_image image = sf2_firmware(version);
    struct process *uploader = upload_start(&board->board, &image, args, NULL);
    char md5[BOARD_VALUE_MAX], rest[BOARD_LINE_MAX];

    if (!process_ended(uploader, UPLOAD_MS))
        process_signal(uploader, SIGKILL);
    program_finish(uploader);
    process_ended(&board->qemu, 0); /* for all that it has said */
    cr_assert_eq(uploader->exit_code, 0, "exit %d; stderr:\n%s\nUART:\n%s", uploader->exit_code,
                 uploader->err.text, board->qemu.out.text);
    sf2_boots(board, rest);
    board_value(md5, rest, "md5");
    cr_assert_str_eq(md5, e2e_md5(&image.content).text, "it boots something else: %s", rest);
    sf2_expect_version(board, version);
}
