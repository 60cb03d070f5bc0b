/*
 * espota-c setup arduino in a home folder that is made up: the test's folder.
 */
#ifndef TESTS_INTEGRATION_ARDUINO_HOME_H
#define TESTS_INTEGRATION_ARDUINO_HOME_H

#include "tests/e2e/e2e.h"

#include <stdbool.h>

#define ESP8266 ".arduino15/packages/esp8266/hardware/esp8266/3.1.2"
#define ESP32   ".arduino15/packages/esp32/hardware/esp32/3.0.7"
#define RP2040  "Arduino/hardware/pico/rp2040"

#define BEGIN "# >>> espota-c"
#define LOCAL "/platform.local.txt"

/* The suite of a test that needs it. */
#define HOME_SUITE(name) TestSuite(name, .init = setup_home, .fini = e2e_teardown, .timeout = 90)

/* e2e_setup(), and $HOME there. */
void setup_home(void);

/* A core's folder in the home, with those above it. */
void make_core(const char *name);

/* A file in the home, of this text. */
void put(const char *name, const char *text);

bool is_there(const char *name);

/* The file is there, and is this. */
void expect_content(const char *name, const char *expected);

/* The file is there, and this in it; or not. */
void expect_within(const char *name, const char *part, bool expected);

/* Run `espota-c setup arduino` with these arguments (NULL: none); it ends with this exit code. */
struct process *set_up(const char *const *args, int code);

#endif
