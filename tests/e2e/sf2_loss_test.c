/*
 * Uploads to the board through a network that loses frames and takes its time: lwIP and the
 * uploader make up for it.
 */
#include "sf2_board.h"
#include "sf2_cable.h"

SF2_SUITE(sf2_loss);

static struct sf2_board board;
static struct sf2_cable cable;

/* Nobody gives out addresses there: the board takes its own after a while. */
static void begin(const struct sf2_cable_options *options, const char *settings)
{
    if (!sf2_cable_may())
        cr_skip_test("no right to make network namespaces and TAP devices");
    sf2_make(&board, "flash.bin", settings);
    sf2_cable_lay(&cable, options);
    sf2_start(&board, &(struct sf2_options){ .network = SF2_CABLE_NETWORK });
    sf2_expect_version(&board, 1);
}

static void end(void)
{
    sf2_pull_plug(&board);
    sf2_cable_end(&cable);
}

Test(sf2_loss, of_nothing_is_the_measure)
{
    begin(&(struct sf2_cable_options){ .seed = 1 }, NULL);
    sf2_update(&board, 2, NULL);
    end();
    cr_assert_eq(cable.to_board.lost, 0);
    cr_assert_gt(cable.to_board.carried, 20);
}

Test(sf2_loss, of_two_in_a_hundred_is_made_up_for)
{
    begin(&(struct sf2_cable_options){ .loss = 20, .delay_ms = 3, .seed = 1 },
          "address=" SF2_ADDRESS "\n");
    for (unsigned i = 0; i < 4; i++)
        sf2_update(&board, i % 2 == 0 ? 2 : 1, NULL);
    end();
    cr_assert_gt(cable.to_board.lost + cable.to_host.lost, 0);
}

/*
 * So bad a network may lose the verdict as often as it is repeated before the board restarts. Then
 * the uploader says that it does not know, which is the truth; the board is updated all the same.
 */
Test(sf2_loss, of_ten_in_a_hundred_costs_the_verdict_at_most)
{
    begin(&(struct sf2_cable_options){ .loss = 100, .delay_ms = 1, .seed = 7 },
          "address=" SF2_ADDRESS "\nseed=nobody else knows\nauth=md5\n"
          "password-md5=5ebe2294ecd0e0f08eab7690d2a6ee69\n");
    struct e2e_image second = sf2_firmware(2);
    struct process *uploader =
        upload_run(&board.board, &second, ARGS("-a", "secret", "--verdict-timeout", "10"));
    cr_assert(uploader->exit_code == 0 || uploader->exit_code == 10, "exit %d; stderr:\n%s",
              uploader->exit_code, uploader->err.text);
    sf2_expect_version(&board, 2);
    end();
}

Test(sf2_loss, of_nothing_but_time_is_no_loss)
{
    begin(&(struct sf2_cable_options){ .delay_ms = 50, .seed = 1 }, "address=" SF2_ADDRESS "\n");
    sf2_update(&board, 2, NULL);
    end();
}
