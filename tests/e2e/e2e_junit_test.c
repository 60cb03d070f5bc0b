/*
 * The JUnit file of an upload: there whatever came of it.
 */
#include "e2e.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

E2E_SUITE(junit_file);

static const struct device_step updated[] = { DEVICE_INVITED,  DEVICE_ANSWER("OK"), DEVICE_CONNECT,
                                              DEVICE_READ_ALL, DEVICE_WRITE("OK"),  DEVICE_END };

static void expect_file(const char *name, const char *const *texts)
{
    struct temp_path path = temp_path(&e2e_folder, name);
    char *content = file_read(path.text, NULL);

    cr_assert(content, "no %s", name);
    for (; *texts; texts++)
        cr_expect(strstr(content, *texts), "no \"%s\":\n%s", *texts, content);
    free(content);
}

Test(junit_file, tells_who_was_updated_and_who_was_not)
{
    struct act act;

    act_run(&act, updated, ARGS("-i", "127.0.0.78", "--junit", "report.xml", "--mdns=off"));
    expect_exit(act.uploader, 5);
    expect_file("report.xml",
                ARGS("tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\"",
                     "<testcase classname=\"sketch.bin\" name=\"127.0.0.1\" time=\"",
                     "<testcase classname=\"sketch.bin\" name=\"127.0.0.78\" time=\"",
                     "<failure type=\"no-answer\" message=\"nothing listens there at UDP port"));
}

Test(junit_file, of_a_single_device)
{
    static const struct device_step refusing[] = { DEVICE_INVITED,
                                                   DEVICE_ANSWER("ERR: \x1b]]><&\"\xff"),
                                                   DEVICE_END };
    struct act act;

    act_run(&act, refusing, ARGS("--junit", "report.xml"));
    expect_exit(act.uploader, 8);
    expect_file("report.xml",
                ARGS("tests=\"1\" failures=\"1\"", "refuses: \\x1b]]&gt;&lt;&amp;&quot;\\xff\">"));
}

Test(junit_file, is_there_when_nobody_was_asked)
{
    struct process *uploader = uploader_run(ARGS("-i", "127.0.0.1", "-i", "127.0.0.2", "-f",
                                                 "missing.bin", "--json", "--junit", "report.xml"));

    expect_exit(uploader, 1);
    expect_err_times(uploader, "missing.bin", 1);
    expect_file("report.xml",
                ARGS("tests=\"2\" failures=\"2\"", "name=\"127.0.0.2\" time=\"0.000\"",
                     "<failure type=\"local-failure\" message=\"missing.bin: "));
}

Test(junit_file, is_there_when_it_was_interrupted)
{
    static const struct device_step script[] = { DEVICE_INVITED, DEVICE_ANSWER("OK"),
                                                 DEVICE_CONNECT, DEVICE_HOLD, DEVICE_END };
    static const struct device_options slow_reader = { .receive_buffer = 4096 };
    static const struct act_options big = { .image_size = 512u * 1024, .device = &slow_reader };
    struct act act;

    act_start(&act, script, ARGS("--junit", "report.xml"), &big);
    act_reaches(&act, 3);
    process_signal(act.uploader, SIGTERM);
    act_finish(&act);
    expect_exit(act.uploader, 128 + SIGTERM);
    expect_file("report.xml", ARGS("tests=\"1\" failures=\"1\"",
                                   "type=\"local-failure\" message=\"interrupted "));
}

Test(junit_file, one_that_cannot_be_written_is_an_error)
{
    struct act act;

    act_run(&act, updated, ARGS("--junit", "/dev/full"));
    expect_exit(act.uploader, 1);
    expect_err(act.uploader, "/dev/full: cannot write it: ");
    expect_err(act.uploader, "updated: ");
}
