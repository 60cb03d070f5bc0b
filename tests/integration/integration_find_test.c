/*
 * Which cores espota-c setup arduino finds.
 */
#include "arduino_home.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

HOME_SUITE(setup_finds);

Test(setup_finds, cores_in_the_usual_places)
{
    make_core(ESP8266);
    make_core(ESP32);
    make_core(RP2040);
    make_core("snap/arduino/61/.arduino15/packages/esp32/hardware/esp32/2.0.17");
    make_core("arduino-1.8.19/portable/packages/esp8266/hardware/esp8266/3.0.2");
    make_core(".arduino15/packages/arduino/hardware/avr/1.8.6");
    cr_assert_eq(symlink("61", temp_path(&e2e_folder, "snap/arduino/current").text), 0);
    struct process *process = set_up(ARGS("--dry-run"), 0);
    expect_out(process, ESP8266 LOCAL);
    expect_out(process, ESP32 LOCAL);
    expect_out(process, RP2040 LOCAL);
    expect_out(process, "arduino-1.8.19/portable/packages/esp8266");
    /* The one in the snap has two names. */
    cr_assert_not_null(strstr(process->out.text, "snap/arduino/61/.arduino15"));
    expect_no_out(process, "snap/arduino/current");
    expect_no_out(process, "avr");
    cr_assert_not(is_there(ESP8266 LOCAL), "a dry run writes");
}

Test(setup_finds, cores_where_variables_point)
{
    make_core("data/packages/esp32/hardware/esp32/3.0.7");
    make_core("book/hardware/espressif/esp8266");
    setenv("ARDUINO_DIRECTORIES_DATA", temp_path(&e2e_folder, "data").text, 1);
    setenv("ARDUINO_DIRECTORIES_USER", temp_path(&e2e_folder, "book").text, 1);
    struct process *process = set_up(ARGS("--dry-run"), 0);
    expect_out(process, "data/packages/esp32");
    expect_out(process, "book/hardware/espressif/esp8266");
}

Test(setup_finds, cores_in_named_folders_alone)
{
    make_core(ESP8266);
    make_core("odd [*]/packages/esp32/hardware/esp32/3.0.7");
    make_core("own/esp8266/3.2.0");
    struct process *process =
        set_up(ARGS("-n", "--dir", "odd [*]", "--dir", "own/esp8266/3.2.0"), 0);
    expect_out(process, "odd [*]/packages/esp32");
    expect_out(process, "own/esp8266/3.2.0");
    expect_no_out(process, ESP8266);
}

/* By the name that it is given, or has, or else by its platform.txt. */
Test(setup_finds, a_core_by_a_link_and_a_clone_by_its_name)
{
    make_core("git/arduino-cores");
    cr_assert_eq(symlink("git/arduino-cores", temp_path(&e2e_folder, "esp32").text), 0);
    expect_out(set_up(ARGS("-n", "--dir", "esp32/"), 0), "tools.esp_ota.upload.pattern");
    put("git/arduino-cores/platform.txt", "# esp32\nname=ESP8266 Boards (3.2.0-dev)\nversion=3\n");
    struct process *process = set_up(ARGS("-n", "--dir", "git/arduino-cores"), 0);
    expect_out(process, "git/arduino-cores" LOCAL);
    expect_out(process, "tools.espota_c.upload.pattern");
    put("git/arduino-cores/platform.txt", "name=Arduino AVR Boards\n");
    expect_err(set_up(ARGS("-n", "--dir", "git/arduino-cores"), 4), "git/arduino-cores: no core");
}

/* They may not be allowed to run what is set up. */
Test(setup_finds, ides_in_a_sandbox_and_says_so)
{
    static const char note[] = "may not be allowed to run programs of the system";

    make_core(ESP32);
    expect_no_out(set_up(ARGS("-n"), 0), note);
    make_core("snap/arduino/61/.arduino15/packages/esp32/hardware/esp32/2.0.17");
    expect_out(set_up(ARGS("-n"), 0), note);
    expect_out(set_up(ARGS("-n", "--dir", "snap/arduino/61/.arduino15"), 0), note);
    make_core(".var/app/cc.arduino.IDE2/.arduino15/packages/esp32/hardware/esp32/2.0.17");
    expect_out(set_up(ARGS("-n", "--dir", ".var/app/cc.arduino.IDE2/.arduino15"), 0), note);
}

Test(setup_finds, no_core_and_says_so)
{
    expect_err(set_up(ARGS("--yes"), 4), "--dir");
}

/* It is told of each folder, and the others are set up. */
Test(setup_finds, no_core_in_a_named_folder_and_says_so)
{
    make_core(ESP8266);
    cr_assert_eq(mkdir(temp_path(&e2e_folder, "empty").text, 0755), 0);
    struct process *process = set_up(ARGS("--yes", "--dir", "typo", "--dir", ".arduino15", "--dir",
                                          "empty", "--dir", ".arduino15"),
                                     4);
    expect_err(process, "espota-c: typo: No such file");
    expect_err(process, "espota-c: empty: no core");
    expect_no_err(process, ".arduino15");
    expect_within(ESP8266 LOCAL, BEGIN, true);
}
