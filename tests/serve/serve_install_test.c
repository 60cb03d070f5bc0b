/*
 * `espota-c serve` is a program of its own: it is found where it lies, and missed when it does not.
 */
#include "serve_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

SERVE_SUITE(serve_install);

/* Copy a program into the test's folder. */
static void copy_program(const char *from, const char *name)
{
    struct temp_path path = temp_path(&e2e_folder, name);
    size_t len;
    char *bytes = file_read(from, &len);

    cr_assert_not_null(bytes, "%s", from);
    cr_assert(file_write(path.text, bytes, len), "%s", path.text);
    free(bytes);
    cr_assert_eq(chmod(path.text, 0755), 0);
}

static void make_folder(const char *name)
{
    cr_assert_eq(mkdir(temp_path(&e2e_folder, name).text, 0755), 0);
}

static struct process *run_copy(const char *const *args)
{
    return program_run(temp_path(&e2e_folder, "bin/espota-c").text, args);
}

Test(serve_install, it_is_found_where_it_is_installed)
{
    char serve[TEMP_PATH_MAX];

    make_folder("bin");
    make_folder("libexec");
    make_folder("libexec/espota-c");
    snprintf(serve, sizeof serve, "%s-serve", E2E_UPLOADER);
    copy_program(E2E_UPLOADER, "bin/espota-c");
    copy_program(serve, "libexec/espota-c/espota-c-serve");
    struct process *process = run_copy(ARGS("serve", "--help"));
    expect_exit(process, 0);
    expect_out(process, "Usage: espota-c serve");
    process = run_copy(ARGS("serve"));
    expect_exit(process, 2);
    expect_err(process, "espota-c serve: name an image");
}

Test(serve_install, where_it_is_not_that_is_said_and_all_else_works)
{
    make_folder("bin");
    copy_program(E2E_UPLOADER, "bin/espota-c");
    struct process *process = run_copy(ARGS("serve", "--help"));
    expect_exit(process, 1);
    expect_err(process, "espota-c-serve");
    expect_err(process, "is it installed?");
    process = run_copy(ARGS("upload", "--help"));
    expect_exit(process, 0);
}

/* What the uploader loads, it loads each time that somebody uploads. */
Test(serve_install, the_uploader_loads_none_of_its_libraries)
{
    static const char *const libraries[] = { "libsqlite3", "libinih",        "libssl",
                                             "libcrypt.",  "libevent_extra", "libevent_openssl" };
    char serve[TEMP_PATH_MAX];

    snprintf(serve, sizeof serve, "%s-serve", E2E_UPLOADER);
    struct process *uploader = program_run("ldd", ARGS(E2E_UPLOADER));
    struct process *server = program_run("ldd", ARGS(serve));
    expect_exit(uploader, 0);
    for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
        expect_no_out(uploader, libraries[i]);
        expect_out(server, libraries[i]);
    }
}
