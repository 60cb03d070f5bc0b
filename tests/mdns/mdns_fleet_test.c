/*
 * Many devices by what they announce: --all and --board, and what they leave alone.
 */
#include "mdns_upload.h"

#include <string.h>

WORLD_SUITE(mdns_fleet);

/* Two devices that the sketch is for, of different boards. */
struct pair {
    struct upload_lan lan;
    struct process *kitchen;
    struct process *hall;
};

static struct pair pair_start(void)
{
    struct pair pair = { .lan = upload_lan(NULL) };

    pair.kitchen = peer_device(pair.lan.attic, "kitchen", ARGS("--board", "NodeMCUv2"));
    pair.hall = peer_device(pair.lan.cellar, "hall", ARGS("--board", "d1_mini"));
    return pair;
}

static void expect_updated(const struct pair *pair, unsigned kitchen, unsigned hall)
{
    expect_device_said(pair->kitchen, "updated ", kitchen);
    expect_device_said(pair->hall, "updated ", hall);
}

/* Whatever else finds the same device, and finds it first. */
Test(mdns_fleet, a_line_of_a_list_gives_its_password)
{
    static const char line[] = "vault auth-file=word\n";
    struct upload_lan lan = upload_lan(NULL);

    peer_device(lan.attic, "vault", ARGS("--password", "swordfish"));
    cr_assert(file_write(temp_path(&e2e_folder, "near.txt").text, line, strlen(line)));
    cr_assert(file_write(temp_path(&e2e_folder, "word").text, "swordfish\n", 10));
    expect_exit(upload_run(ARGS("-i", "@near.txt", "--all")), 0);
    expect_exit(upload_run(ARGS("--all", "-i", "@near.txt")), 0);
    expect_exit(upload_run(ARGS("-i", "@near.txt", "-i", "v*")), 0);
}

/* Another kind of device is there as well, and one of them is named a second time. */
Test(mdns_fleet, all_are_those_that_the_image_is_for)
{
    struct pair pair = pair_start();

    peer_publish(pair.lan.cellar, ARGS("lan"), ARGS("oven", "--port", "3232", "--board", "esp32"));
    struct process *upload = upload_run(ARGS("-i", "hall", "--all", "--json"));
    expect_exit(upload, 0);
    expect_err(upload, "passed over: oven: it is not known to be for images for the ESP8266\n");
    expect_err(upload, "2 of 3 devices found by mDNS are to be updated\n");
    expect_no_err(upload, "is the same device as");
    expect_out(upload, "\"device\":\"kitchen\",\"status\":\"updated\"");
    expect_updated(&pair, 1, 1);
}

Test(mdns_fleet, all_of_a_board)
{
    struct pair pair = pair_start();
    struct process *upload = upload_run(ARGS("--all", "--board", "nodemcu*"));
    expect_exit(upload, 0);
    expect_err(upload, "passed over: hall: its board is d1_mini, not 'nodemcu*'\n");
    expect_err(upload, "1 of 2 devices found by mDNS are to be updated\n");
    expect_updated(&pair, 1, 0);
}

Test(mdns_fleet, a_pattern_of_a_board)
{
    struct pair pair = pair_start();
    struct process *upload = upload_run(ARGS("-i", "*l*", "--board", "D1_*", "-q"));
    expect_exit(upload, 0);
    expect_silent(upload->err);
    expect_updated(&pair, 0, 1);
}

Test(mdns_fleet, none_of_a_board)
{
    struct pair pair = pair_start();
    struct process *upload = upload_run(ARGS("--all", "--board", "pico*", "--json"));
    expect_exit(upload, 4);
    expect_err(upload, "no device to update: 2 were found by mDNS, and passed over\n");
    expect_err(upload, "passed over: kitchen: its board is NodeMCUv2, not 'pico*'\n");
    expect_out(upload, "\"device\":\"*\",\"status\":\"not-found\"");
    expect_updated(&pair, 0, 0);
}

Test(mdns_fleet, none_at_all)
{
    upload_lan(NULL);
    struct process *upload = upload_run(ARGS("--all"));
    expect_exit(upload, 4);
    expect_err(upload, "no device matches \"*\": ");
    expect_no_err(upload, "passed over");
}

/* As many as would fill a screen are counted. */
Test(mdns_fleet, only_some_are_named)
{
    struct upload_lan lan = upload_lan(NULL);

    peer_publish(lan.attic, ARGS("lan"), ARGS("oven", "--count", "13"));
    struct process *upload = upload_run(ARGS("--all", "--board", "other"));
    expect_exit(upload, 4);
    expect_err_times(upload, "passed over: oven-", 10);
    expect_err(upload, "passed over: 3 more devices\n");
}

/* An image that could be for any device is not sent to all of them unasked. */
Test(mdns_fleet, all_needs_an_image_that_tells_its_devices)
{
    struct pair pair = pair_start();
    struct e2e_image files = e2e_image("files.bin", build_noise(8192, E2E_SEED));
    struct process *upload = upload_run(ARGS("--all", "-s", "-f", files.path.text));
    expect_exit(upload, 2);
    expect_err(upload, "--all: the image does not tell which devices it is for");
    expect_updated(&pair, 0, 0);
}

/* The first that is found is the canary. */
Test(mdns_fleet, all_behind_a_canary)
{
    struct pair pair = pair_start();
    struct process *upload = upload_run(ARGS("--all", "--canary", "1", "--wait-online", "--json"));
    expect_exit(upload, 0);
    const char *back = strstr(upload->out.text, "{\"event\":\"online\"");
    cr_assert(back);
    const char *first = strstr(upload->out.text, "{\"event\":\"invited\"");
    cr_assert(first && first < back, "%s", upload->out.text);
    const char *second = strstr(first + 1, "{\"event\":\"invited\"");
    cr_assert(second && second > back, "%s", upload->out.text);
    expect_updated(&pair, 1, 1);
}
