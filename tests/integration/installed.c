#include "installed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void installed_setup(void)
{
    char prefix[TEMP_PATH_MAX + 32];
    char search[TEMP_PATH_MAX + 32];

    e2e_setup();
    snprintf(prefix, sizeof prefix, "-DCMAKE_INSTALL_PREFIX=%s", installed("").text);
    struct process *install = program_run(CMAKE_PROGRAM, ARGS(prefix, "-P", INSTALL_SCRIPT));
    expect_exit(install, 0);
    make_folders("usr/bin");
    cr_assert_eq(symlink(E2E_UPLOADER, installed("bin/espota-c").text), 0);
    snprintf(search, sizeof search, "%s:/usr/bin:/bin", installed("bin").text);
    setenv("PATH", search, 1);
}

struct temp_path installed(const char *name)
{
    char path[TEMP_PATH_MAX];

    snprintf(path, sizeof path, "usr/%s", name);
    return temp_path(&e2e_folder, path);
}

struct temp_path write_file(const char *name, const char *text)
{
    struct temp_path path = temp_path(&e2e_folder, name);

    cr_assert(file_write(path.text, text, strlen(text)), "%s", path.text);
    return path;
}

struct temp_path make_folders(const char *name)
{
    struct temp_path path = temp_path(&e2e_folder, name);

    for (char *slash = path.text + strlen(e2e_folder.path) + 1; slash; *slash++ = '/') {
        slash = strchr(slash, '/');
        if (!slash)
            break;
        *slash = '\0';
        mkdir(path.text, 0755);
    }
    mkdir(path.text, 0755);
    cr_assert_eq(access(path.text, W_OK), 0, "%s", path.text);
    return path;
}

char *read_text(const char *path)
{
    char *text = file_read(path, NULL);

    cr_assert_not_null(text, "%s", path);
    return text;
}

void expect_update(const struct process *program, const struct board *board,
                   const struct e2e_image *image)
{
    expect_exit(program, 0);
    struct board_image stored = board_updated(board);
    expect_in_flash(board, &stored, image);
    board_stop(board);
}
