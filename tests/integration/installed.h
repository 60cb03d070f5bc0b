/*
 * What the package installs for other tools, in the test's folder, with espota-c in PATH; and
 * devices that their command lines update.
 */
#ifndef TESTS_INTEGRATION_INSTALLED_H
#define TESTS_INTEGRATION_INSTALLED_H

#include "tests/e2e/e2e_board.h"

/* The suite of a test that needs it. */
#define INSTALLED_SUITE(name) \
    TestSuite(name, .init = installed_setup, .fini = e2e_teardown, .timeout = 90)

/* e2e_setup(), then install below "usr" in the test's folder. */
void installed_setup(void);

/* The path of a file below "usr", as "share/espota-c/espota.py". */
struct temp_path installed(const char *name);

/* A text file in the test's folder, whose folder must be there. */
struct temp_path write_file(const char *name, const char *text);

/* A folder in the test's folder, with those above it. */
struct temp_path make_folders(const char *name);

/* A whole file as text, to be released by free(). */
char *read_text(const char *path);

/* The program ends well, the device says that it was updated, with this image, and is stopped. */
void expect_update(const struct process *program, const struct board *board,
                   const struct e2e_image *image);

#endif
