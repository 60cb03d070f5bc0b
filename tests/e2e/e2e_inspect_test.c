/*
 * espota-c inspect: its exit codes, and what goes to which stream.
 */
#include "e2e.h"

#include <jansson.h>
#include <string.h>

E2E_SUITE(inspect);

Test(inspect, of_a_good_image_is_0)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *inspect = uploader_run(ARGS("inspect", sketch.path.text));

    expect_exit(inspect, 0);
    expect_silent(inspect->err);
    expect_out(inspect, "ESP8266");
    expect_out(inspect, e2e_md5(&sketch.content).text);
}

Test(inspect, of_a_good_image_as_json_is_one_line)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *inspect = uploader_run(ARGS("inspect", "--json", sketch.path.text));
    json_t *object = json_loads(inspect->out.text, JSON_REJECT_DUPLICATES, NULL);

    expect_exit(inspect, 0);
    expect_silent(inspect->err);
    cr_assert(json_is_object(object), "%s", inspect->out.text);
    cr_assert_eq(strchr(inspect->out.text, '\n'), inspect->out.text + inspect->out.len - 1);
    json_decref(object);
}

Test(inspect, of_a_faulty_image_is_3)
{
    struct built_image content = build_esp8266(50000, E2E_SEED);

    content.bytes[0x1100] ^= 1;
    struct e2e_image sketch = e2e_image("sketch.bin", content);
    struct process *inspect = uploader_run(ARGS("inspect", sketch.path.text));
    expect_exit(inspect, 3);
    expect_silent(inspect->err);
    expect_out(inspect, "ESP8266");
}

Test(inspect, of_a_missing_file_is_1)
{
    struct process *inspect = uploader_run(ARGS("inspect", "missing.bin"));

    expect_exit(inspect, 1);
    expect_silent(inspect->out);
    expect_err(inspect, "missing.bin: No such file or directory");
}

Test(inspect, of_a_folder_is_1)
{
    struct process *inspect = uploader_run(ARGS("inspect", "."));

    expect_exit(inspect, 1);
    expect_silent(inspect->out);
    expect_err(inspect, "not a regular file");
}

Test(inspect, with_a_bad_command_line_is_2)
{
    expect_exit(uploader_run(ARGS("inspect")), 2);
    expect_exit(uploader_run(ARGS("inspect", "a", "b")), 2);
    struct process *inspect = uploader_run(ARGS("inspect", "--no-such-option", "a"));
    expect_exit(inspect, 2);
    expect_silent(inspect->out);
    expect_err(inspect, "--no-such-option");
}

Test(inspect, that_cannot_be_written_is_1)
{
    struct e2e_image sketch = e2e_sketch(50000);
    struct process *inspect = program_run(
        "sh", ARGS("-c", "\"$0\" inspect \"$1\" > /dev/full", E2E_UPLOADER, sketch.path.text));

    expect_exit(inspect, 1);
    expect_err(inspect, "standard output: No space left on device");
}
