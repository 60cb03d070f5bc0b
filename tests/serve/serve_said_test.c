/*
 * What the server says to whoever runs it.
 */
#include "serve_world.h"

#include <unistd.h>

SERVE_SUITE(serve_said);

static void expect_said(const struct served *served, const char *text)
{
    cr_assert(process_expect(served->process, &served->process->err, text, E2E_PATIENCE_MS),
              "\"%s\" is not said:\n%s", text, served->process->err.text);
}

Test(serve_said, a_catalogue_that_sends_nobody_anything_is_warned_of)
{
    static const char warning[] = "no device is sent anything";
    const char *one = "[release ONE]\nsketch = one.bin\n";
    struct served served;

    e2e_image("one.bin", build_esp8266(20000, 1));
    serve_file("catalog.ini", "[release ONE]\nsketch = one.bin\n[default]\nrelease = ONE\n");
    served = serve_start(ARGS("--catalog", "catalog.ini"));
    expect_err(served.process, "1 release, 0 sections for devices, and a default\n");
    expect_no_err(served.process, warning);
    serve_file("catalog.ini", one);
    expect_said(&served, warning);
    serve_file("catalog.ini",
               "[release ONE]\nsketch = one.bin\n[device 18:FE:AA:AA:AA:AA]\nrelease = ONE\n");
    expect_said(&served, "1 release, 1 section for devices\n");
    expect_err_times(served.process, warning, 1);
    serve_stop(&served);
}

Test(serve_said, an_image_alone_of_no_known_kind_is_warned_of)
{
    static const char warning[] = "is no image of a known kind; devices are sent it all the same";
    struct served served;

    e2e_image("any.bin", build_esp8266(20000, 1));
    served = serve_start(ARGS("--image", "any.bin"));
    expect_no_err(served.process, warning);
    serve_file("any.bin", "anything else");
    expect_said(&served, warning);
    serve_stop(&served);
    served = serve_start(ARGS("--image", "any.bin"));
    expect_err(served.process, warning);
    serve_stop(&served);
}

Test(serve_said, the_log_that_nobody_reads_any_more_is_called_standard_output)
{
    struct served served;

    e2e_image("one.bin", build_esp8266(20000, 1));
    served = serve_start(ARGS("--image", "one.bin"));
    close(served.process->out.fd);
    served.process->out.fd = -1;
    ask(&served, &(struct stock_updater){ .family = STOCK_ESP8266 });
    expect_said(&served, "espota-c: standard output: Broken pipe; lines may be lost\n");
    serve_stop(&served);
}
