/*
 * The command lines that the Arduino tools make of the installed platform.local.txt files.
 */
#include "installed.h"
#include "recipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

INSTALLED_SUITE(arduino_recipes);

static struct recipe_properties properties;

/* Load a core's file, and what every upload has. */
static void load(const char *core)
{
    char name[128];

    snprintf(name, sizeof name, "share/espota-c/arduino/%s/platform.local.txt", core);
    recipe_load(&properties, installed(name).text);
    make_folders("build of a sketch");
    recipe_set(&properties, "build.path", temp_path(&e2e_folder, "build of a sketch").text);
    recipe_set(&properties, "build.project_name", "blink.ino");
}

/* Run a recipe, with arguments behind it, and see the device updated with blink.ino.bin. */
static void expect_recipe(const char *key, const struct board *board, const char *const *more)
{
    static struct recipe_command command;
    const char *argv[ARGUMENTS_MAX];
    struct e2e_image image = e2e_image("build of a sketch/blink.ino.bin", build_esp8266(8192, 1));

    recipe_expand(&command, &properties, key);
    join_arguments(argv, command.argv + 1, more);
    struct process *uploader = program_run(command.argv[0], argv);
    expect_update(uploader, board, &image);
}

/*
 * A recipe with the port of a device, or with what there is instead of one; then a second port
 * follows, so that the device is found.
 */
static void expect_port(const char *key, const struct board *board, const char *name,
                        const char *port)
{
    recipe_set(&properties, name, port ? port : board->port.text);
    expect_recipe(key, board, port ? ARGS("-p", board->port.text) : NULL);
}

/* A password (or "") as a device has it. */
static struct board start_device(const char *password)
{
    return board_start("flash", password[0] ? ARGS("--password", password) : NULL);
}

/* Arduino IDE 1.8: the tool is that of the board. */
static void expect_1_8(const char *core, const char *tool, const char *password, const char *port)
{
    struct board board = start_device(password);
    char key[128];

    load(core);
    recipe_set(&properties, "serial.port", "127.0.0.1");
    recipe_set(&properties, "network.password", password);
    snprintf(key, sizeof key, "tools.%s.upload.network_pattern", tool);
    expect_port(key, &board, "network.port", port);
}

/* Arduino IDE 2 and arduino-cli: the board names the tool, or the platform for all of them. */
static void expect_2(const char *core, const char *tool, const char *password, const char *port)
{
    struct board board = start_device(password);
    char key[128];

    load(core);
    cr_assert_str_eq(recipe_get(&properties, "upload.tool.network"), tool);
    snprintf(key, sizeof key, "tools.%s.upload.protocol", tool);
    cr_assert_str_eq(recipe_get(&properties, key), "network");
    snprintf(key, sizeof key, "tools.%s.upload.field.password", tool);
    cr_assert_str_eq(recipe_get(&properties, key), "Password");
    snprintf(key, sizeof key, "tools.%s.upload.field.password.secret", tool);
    cr_assert_str_eq(recipe_get(&properties, key), "true");
    recipe_set(&properties, "upload.port.address", "127.0.0.1");
    recipe_set(&properties, "upload.field.password", password);
    snprintf(key, sizeof key, "tools.%s.upload.pattern", tool);
    expect_port(key, &board, "upload.port.properties.port", port);
}

Test(arduino_recipes, of_ide_1_8_update)
{
    expect_1_8("esp8266", "esptool", "", NULL);
    expect_1_8("esp32", "esptool_py", "", NULL);
    expect_1_8("rp2040", "uf2conv", "", NULL);
    expect_1_8("rp2040", "picotool", "", NULL);
}

Test(arduino_recipes, of_ide_1_8_update_with_a_password)
{
    expect_1_8("esp8266", "esptool", "two words", NULL);
    expect_1_8("esp32", "esptool_py", "two words", NULL);
    expect_1_8("rp2040", "uf2conv", "two words", NULL);
    expect_1_8("rp2040", "picotool", "two words", NULL);
}

Test(arduino_recipes, of_ide_2_update)
{
    expect_2("esp8266", "espota_c", "", NULL);
    expect_2("esp32", "esp_ota", "", NULL);
    expect_2("rp2040", "uf2conv-network", "", NULL);
}

Test(arduino_recipes, of_ide_2_update_with_a_password)
{
    expect_2("esp8266", "espota_c", "two words", NULL);
    expect_2("esp32", "esp_ota", "two words", NULL);
    expect_2("rp2040", "uf2conv-network", "two words", NULL);
}

/* An empty word is dropped, and must not make the password the port. */
Test(arduino_recipes, update_without_a_port)
{
    expect_1_8("esp8266", "esptool", "secret", "");
    expect_1_8("esp32", "esptool_py", "secret", "{network.port}");
    expect_1_8("rp2040", "uf2conv", "secret", "");
    expect_1_8("rp2040", "picotool", "secret", "");
    expect_2("esp8266", "espota_c", "secret", "");
    expect_2("esp32", "esp_ota", "secret", "");
    expect_2("rp2040", "uf2conv-network", "secret", "{upload.port.properties.port}");
}

Test(arduino_recipes, name_a_discovery_that_speaks_the_protocol)
{
    static const char *const cores[] = { "esp8266", "esp32", "rp2040" };
    static const char talk[] = "HELLO 1 \"arduino-cli\"\nQUIT\n";
    static struct recipe_command command;

    for (size_t i = 0; i < sizeof cores / sizeof *cores; i++) {
        load(cores[i]);
        cr_assert_str_eq(recipe_get(&properties, "pluggable_discovery.required.0"),
                         "builtin:serial-discovery");
        cr_assert_str_eq(recipe_get(&properties, "pluggable_monitor.required.serial"),
                         "builtin:serial-monitor");
        recipe_expand(&command, &properties, "pluggable_discovery.espota_c.pattern");
        struct process *discovery = program_start(command.argv[0], command.argv + 1, NULL);
        cr_assert(process_write(discovery, talk, sizeof talk - 1, E2E_PATIENCE_MS));
        program_finish(discovery);
        expect_exit(discovery, 0);
        expect_out(discovery, "\"eventType\":\"hello\"");
    }
}

/* The whole way: set up, then as above, with a program whose path has blanks. */
Test(arduino_recipes, that_setup_wrote_update)
{
    struct temp_path core = make_folders("packages/esp32/hardware/esp32/3.0.7");
    struct board board = start_device("secret");

    make_folders("my programs");
    struct temp_path program = temp_path(&e2e_folder, "my programs/espota-c");
    cr_assert_eq(symlink(E2E_UPLOADER, program.text), 0);
    write_file("packages/esp32/hardware/esp32/3.0.7/platform.txt",
               "tools.esp_ota.cmd=python3 \"{runtime.platform.path}/tools/espota.py\" -r\n"
               "tools.esp_ota.upload.pattern={cmd} -i {upload.port.address}\n"
               "tools.esp_ota.upload.pattern.linux=false {cmd}\n");
    struct process *setup =
        program_run(E2E_UPLOADER, ARGS("setup", "arduino", "--yes", "--dir", e2e_folder.path,
                                       "--program", program.text));
    expect_exit(setup, 0);
    make_folders("build of a sketch");
    recipe_load(&properties,
                temp_path(&e2e_folder, "packages/esp32/hardware/esp32/3.0.7/platform.txt").text);
    recipe_load(
        &properties,
        temp_path(&e2e_folder, "packages/esp32/hardware/esp32/3.0.7/platform.local.txt").text);
    cr_assert_eq(access(core.text, F_OK), 0);
    recipe_set(&properties, "build.path", temp_path(&e2e_folder, "build of a sketch").text);
    recipe_set(&properties, "build.project_name", "blink.ino");
    recipe_set(&properties, "upload.port.address", "127.0.0.1");
    recipe_set(&properties, "upload.port.properties.port", board.port.text);
    recipe_set(&properties, "upload.field.password", "secret");
    setenv("PATH", "/nowhere", 1);
    expect_recipe("tools.esp_ota.upload.pattern", &board, NULL);
}
