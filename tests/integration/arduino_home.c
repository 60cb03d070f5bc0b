#include "arduino_home.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void setup_home(void)
{
    e2e_setup();
    setenv("HOME", e2e_folder.path, 1);
    unsetenv("ARDUINO_DIRECTORIES_DATA");
    unsetenv("ARDUINO_DIRECTORIES_USER");
    unsetenv("ARDUINO_DATA_DIR");
}

void make_core(const char *name)
{
    struct temp_path path = temp_path(&e2e_folder, name);
    char mark[2 * TEMP_PATH_MAX];

    for (char *slash = path.text + strlen(e2e_folder.path) + 1; (slash = strchr(slash, '/'));) {
        *slash = '\0';
        mkdir(path.text, 0755);
        *slash++ = '/';
    }
    mkdir(path.text, 0755);
    snprintf(mark, sizeof mark, "%s/platform.txt", path.text);
    cr_assert(file_write(mark, "name=core\n", 10), "%s", mark);
}

void put(const char *name, const char *text)
{
    cr_assert(file_write(temp_path(&e2e_folder, name).text, text, strlen(text)), "%s", name);
}

bool is_there(const char *name)
{
    return access(temp_path(&e2e_folder, name).text, F_OK) == 0;
}

void expect_content(const char *name, const char *expected)
{
    char *text = file_read(temp_path(&e2e_folder, name).text, NULL);

    cr_assert_not_null(text, "%s is not there", name);
    cr_assert_str_eq(text, expected, "%s", name);
    free(text);
}

void expect_within(const char *name, const char *part, bool expected)
{
    char *text = file_read(temp_path(&e2e_folder, name).text, NULL);

    cr_assert_not_null(text, "%s is not there", name);
    cr_assert_eq(strstr(text, part) != NULL, expected, "\"%s\" in %s:\n%s", part, name, text);
    free(text);
}

struct process *set_up(const char *const *args, int code)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("setup", "arduino"), args);
    struct process *process = program_run(E2E_UPLOADER, argv);
    expect_exit(process, code);
    return process;
}
