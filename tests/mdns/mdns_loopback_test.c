/*
 * What can be tested where no namespaces may be made: on loopback alone, without a daemon. Where
 * they may be, it is in one all the same.
 */
#include "mdns_rows.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

TestSuite(mdns_loopback, .init = world_setup_loopback, .fini = world_teardown, .timeout = 180);

#define ON_LO "--mdns-interface", "lo", "--mdns", "embedded"

/* A name that no other test on this machine has. */
static struct world_text own_name(void)
{
    struct world_text name;

    snprintf(name.text, sizeof name.text, "kitchen-%d", (int)getpid());
    return name;
}

static struct process *device_on_loopback(const char *name)
{
    struct process *device =
        program_start(E2E_DEVICE,
                      ARGS("--flash", "lo.flash", "--bind", "127.0.0.1", "--port", "0", "--mdns",
                           "embedded", "--name", name),
                      NULL);

    cr_assert(process_expect(device, &device->out, "announced ", E2E_PATIENCE_MS), "%s%s",
              device->out.text, device->err.text);
    return device;
}

Test(mdns_loopback, a_device_is_found)
{
    struct world_text name = own_name();

    device_on_loopback(name.text);
    struct process *discover = discover_run(world_here(), ARGS(ON_LO));
    expect_exit(discover, 0);
    json_t *row = row_of(rows_of(discover), name.text);
    cr_assert_str_eq(row_text(row, "address"), "127.0.0.1");
    cr_assert(row_lists(row, "interfaces", "lo"));
    cr_assert_eq(json_array_size(json_object_get(row, "interfaces")), 1);
}

Test(mdns_loopback, a_device_comes_and_goes)
{
    struct world_text name = own_name();
    struct process *watch = discover_watch(world_here(), ARGS(ON_LO));
    struct process *device = device_on_loopback(name.text);

    expect_event(watch, "add", name.text);
    process_signal(device, SIGTERM);
    program_finish(device);
    expect_event(watch, "remove", name.text);
    process_signal(watch, SIGINT);
    program_finish(watch);
}

Test(mdns_loopback, the_arduino_tools_are_told)
{
    static const char commands[] = "HELLO 1 \"test\"\nSTART_SYNC\n";
    struct world_text name = own_name();
    struct process *arduino = program_start(E2E_UPLOADER, ARGS("arduino-discovery", ON_LO), NULL);

    cr_assert(process_write(arduino, commands, sizeof commands - 1, E2E_PATIENCE_MS));
    device_on_loopback(name.text);
    cr_assert(process_expect(arduino, &arduino->out, name.text, E2E_PATIENCE_MS), "%s%s",
              arduino->out.text, arduino->err.text);
    process_close_input(arduino);
    program_finish(arduino);
    expect_exit(arduino, 0);
}
