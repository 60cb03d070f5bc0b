/*
 * espota-device as a stranger runs it: its lines on stdout, its flash file, uploads to it.
 */
#ifndef TESTS_E2E_BOARD_H
#define TESTS_E2E_BOARD_H

#include "e2e.h"

/* Characters, with NUL, of a line of the device's, and of a value in it. */
#define BOARD_LINE_MAX  512
#define BOARD_VALUE_MAX 80

struct board {
    struct process *process;
    struct temp_path flash;
    char address[BOARD_VALUE_MAX];
    struct port_text port;
    char boot[BOARD_LINE_MAX]; /* the rest of its boot line, "" when it printed none */
};

/* An image that the device says it holds. */
struct board_image {
    char target[BOARD_VALUE_MAX]; /* sketch, filesystem */
    uint32_t offset;              /* bytes from the start of flash */
    uint32_t size;
    char md5[BOARD_VALUE_MAX];
};

/*
 * Start a device at 127.0.0.1, at a port that the system chooses, with its flash in a file of the
 * test's folder and further arguments (or NULL), and wait until it listens. It does not announce
 * itself, which would reach other machines: only a test in a network of its own may pass --mdns.
 */
struct board board_start(const char *flash, const char *const *args);

/* Wait for a line that begins with `word`; the rest of it, after a space, goes to `rest`. */
void board_says(const struct board *board, const char *word, char rest[BOARD_LINE_MAX]);

/*
 * The value of " NAME=VALUE" or of a leading "NAME=VALUE" in such a rest, without its quotes if it
 * has any: as text, as a number.
 */
void board_value(char out[BOARD_VALUE_MAX], const char *rest, const char *name);
uint32_t board_number(const char *rest, const char *name);

/* Wait until it says that it was updated. */
struct board_image board_updated(const struct board *board);

/* Wait until it says that an update failed, with this error. */
void board_failed(const struct board *board, unsigned error);

/* Start it again, with other arguments, on the flash it had. */
void board_start_again(struct board *board, const char *const *args);

/* End it by SIGTERM: it must end at once, with 0. */
void board_stop(const struct board *board);

/* `espota-c -i BOARD -p PORT -f IMAGE` and `args` (or NULL): start, or run to its end. */
struct process *upload_start(const struct board *board, const struct e2e_image *image,
                             const char *const *args, const struct program_options *options);
struct process *upload_run(const struct board *board, const struct e2e_image *image,
                           const char *const *args);

/* An upload that works: the uploader says so, the device says so, flash holds the image. */
struct board_image upload_succeeds(const struct board *board, const struct e2e_image *image,
                                   const char *const *args);

/* The device's flash; to be released by free(). */
uint8_t *board_flash(const struct board *board, size_t *size);

/* The flash file holds the image where the device says that it is. */
void expect_in_flash(const struct board *board, const struct board_image *stored,
                     const struct e2e_image *image);

#endif
