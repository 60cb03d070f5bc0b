#include "cli/push/junit.h"

#include "tests/support/process.h"
#include "tests/support/temp.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct results results;
static struct temp folder;

static void set_up(void)
{
    cr_assert(temp_create(&folder));
}

static void tear_down(void)
{
    results_free(&results);
    temp_remove(&folder);
}

TestSuite(junit, .init = set_up, .fini = tear_down, .timeout = 60);

static void add(const char *name, enum exit_code code, const char *detail, const char *hint)
{
    cr_assert(results_add(
        &results, &(struct result){
                      .name = name, .detail = detail, .hint = hint, .code = code, .ms = 1250 }));
}

static struct junit_run run_of(void)
{
    return (struct junit_run){ &results, "/builds/garage & co/sketch.bin", 86400, 41.25 };
}

static char *printed(void)
{
    struct junit_run run = run_of();
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    cr_assert(out);
    junit_print(out, &run);
    cr_assert_eq(fclose(out), 0);
    return text;
}

Test(junit, tells_each_device)
{
    add("garage", EXIT_UPDATED, "updated", "");
    add("porch", EXIT_NO_ANSWER, "no answer from <it>", "Is it on?");
    add("attic", EXIT_NO_VERDICT, "nobody knows", "Look.");
    add("shed", EXIT_SKIPPED, "not tried", "");
    char *text = printed();
    cr_expect_str_eq(
        text, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
              "<testsuites>\n"
              "  <testsuite name=\"espota-c upload\" tests=\"4\" failures=\"1\" errors=\"1\" "
              "skipped=\"1\" time=\"41.250\" timestamp=\"1970-01-02T00:00:00\">\n"
              "    <testcase classname=\"sketch.bin\" name=\"garage\" time=\"1.250\"/>\n"
              "    <testcase classname=\"sketch.bin\" name=\"porch\" time=\"1.250\">\n"
              "      <failure type=\"no-answer\" message=\"no answer from &lt;it&gt;\">Is it on?"
              "</failure>\n"
              "    </testcase>\n"
              "    <testcase classname=\"sketch.bin\" name=\"attic\" time=\"1.250\">\n"
              "      <error type=\"no-verdict\" message=\"nobody knows\">Look.</error>\n"
              "    </testcase>\n"
              "    <testcase classname=\"sketch.bin\" name=\"shed\" time=\"1.250\">\n"
              "      <skipped message=\"not tried\"/>\n"
              "    </testcase>\n"
              "  </testsuite>\n"
              "</testsuites>\n");
    free(text);
}

/* What another parser of XML makes of the file: the count of devices, and a name of one. */
static void expect_parsed(const char *path, const char *expected)
{
    static const char script[] =
        "import sys, xml.etree.ElementTree as e\n"
        "cases = e.parse(sys.argv[1]).getroot().findall('testsuite/testcase')\n"
        "print(len(cases), ascii(cases[-1].get('name')))\n";
    const char *const argv[] = { "python3", "-c", script, path, NULL };
    struct process process;

    cr_assert(process_start(&process, &(struct process_options){ .argv = argv }));
    cr_assert(process_wait(&process, 30000));
    cr_expect_eq(process.exit_code, 0, "%s", process.err.text);
    cr_expect_str_eq(process.out.text, expected, "%s", process.out.text);
    process_free(&process);
}

/* Every byte, alone and before another, and characters of Unicode that XML does not know. */
Test(junit, is_xml_whatever_they_say)
{
    static const char *const others[] = { "]]>",
                                          "<![CDATA[",
                                          "&amp;&#0;",
                                          "\xEF\xBF\xBE",
                                          "\xEF\xBF\xBF",
                                          "\xED\xA0\x80",
                                          "\xF4\x90\x80\x80",
                                          "\xC0\x80",
                                          "\xEF",
                                          "\xEF\xBF",
                                          "" };
    struct temp_path path = temp_path(&folder, "junit.xml");
    struct junit_run run = run_of();
    struct failure failure;
    char text[4] = "";

    for (int byte = 1; byte < 256; byte++) {
        for (size_t i = 0; i < 4; i++) {
            text[0] = (char)byte;
            text[1] = "\0a<\xBF"[i];
            add(text, EXIT_DEVICE_ERROR, text, text);
        }
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        add(others[i], i % 2 == 0 ? EXIT_NO_VERDICT : EXIT_SKIPPED, others[i], others[i]);
    add("<\"k\u00fcche'\x01>", EXIT_UPDATED, "", "");
    cr_assert(junit_write(path.text, &run, &failure), "%s", failure.text);
    expect_parsed(path.text, "1032 '<\"k\\xfcche\\'\\\\x01>'\n");
}

Test(junit, a_file_is_replaced_and_nothing_else_is_left)
{
    struct temp_path path = temp_path(&folder, "junit.xml");
    struct junit_run run = run_of();
    struct failure failure;
    struct stat stat_of;

    add("a", EXIT_UPDATED, "", "");
    cr_assert(file_write(path.text, "old", 3));
    mode_t mask = umask(027);
    cr_assert(junit_write(path.text, &run, &failure), "%s", failure.text);
    umask(mask);
    expect_parsed(path.text, "1 'a'\n");
    cr_assert_eq(stat(path.text, &stat_of), 0);
    cr_expect_eq(stat_of.st_mode & 0777, 0640);
    /* A folder with anything left in it cannot be removed. */
    cr_assert_eq(unlink(path.text), 0);
    cr_expect_eq(rmdir(folder.path), 0);
}

/* Root may write anywhere, and is nobody meanwhile. */
Test(junit, a_file_whose_folder_takes_nothing_is_written_over)
{
    struct temp_path path = temp_path(&folder, "junit.xml");
    struct junit_run run = run_of();
    struct failure failure = { .text = "" };
    static const char old[4096] = "what was there before, longer than the document";
    uid_t usual = geteuid();

    add("a", EXIT_UPDATED, "", "");
    cr_assert(file_write(path.text, old, sizeof old));
    cr_assert_eq(chmod(path.text, 0666), 0);
    cr_assert_eq(chmod(folder.path, 0555), 0);
    cr_assert(usual != 0 || seteuid(65534) == 0);
    bool is_written = junit_write(path.text, &run, &failure);
    cr_assert(usual != 0 || seteuid(usual) == 0);
    cr_assert_eq(chmod(folder.path, 0700), 0);
    cr_assert(is_written, "%s", failure.text);
    expect_parsed(path.text, "1 'a'\n");
}

Test(junit, what_is_no_file_is_written_to)
{
    struct temp_path path = temp_path(&folder, "junit.xml");
    struct temp_path link_path = temp_path(&folder, "link");
    struct junit_run run = run_of();
    struct failure failure;

    add("a", EXIT_UPDATED, "", "");
    cr_assert_eq(symlink(path.text, link_path.text), 0);
    cr_assert(junit_write(link_path.text, &run, &failure), "%s", failure.text);
    expect_parsed(path.text, "1 'a'\n");
    cr_expect(junit_write("/dev/null", &run, &failure), "%s", failure.text);
}

Test(junit, tells_what_cannot_be_written)
{
    struct temp_path path = temp_path(&folder, "none/junit.xml");
    struct junit_run run = run_of();
    struct failure failure;

    cr_assert_not(junit_write(path.text, &run, &failure));
    cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_expect(strstr(failure.text, "none/junit.xml: cannot write it: No such file"), "%s",
              failure.text);
    cr_assert_not(junit_write("/dev/full", &run, &failure));
    cr_expect(strstr(failure.text, "/dev/full: "), "%s", failure.text);
}
