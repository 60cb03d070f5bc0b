#include "mdns_upload.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#define SKETCH_SIZE 8192

static const char name_service_script[] =
    "import socket, sys\n"
    "known, address = sys.argv[1], socket.inet_aton(sys.argv[2])\n"
    "server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
    "server.bind(('127.0.0.1', 53))\n"
    "print('ready', flush=True)\n"
    "while True:\n"
    "    question, peer = server.recvfrom(4096)\n"
    "    at, labels = 12, []\n"
    "    while question[at]:\n"
    "        labels.append(question[at + 1:at + 1 + question[at]].decode())\n"
    "        at += 1 + question[at]\n"
    "    name = '.'.join(labels)\n"
    "    print('asked for', name, flush=True)\n"
    "    is_known = name == known\n"
    "    has = is_known and question[at + 1:at + 3] == b'\\0\\1'\n"
    "    answer = b'\\xc0\\x0c\\0\\1\\0\\1\\0\\0\\0\\x3c\\0\\4' + address if has else b''\n"
    "    server.sendto(question[:2] + (b'\\x81\\x80' if is_known else b'\\x81\\x83') +\n"
    "                  b'\\0\\1\\0' + bytes([has]) + b'\\0\\0\\0\\0' + question[12:at + 5] + "
    "answer,\n"
    "                  peer)\n";

static void cover(const char *path, const char *name, const char *text)
{
    struct temp_path file = temp_path(&e2e_folder, name);

    cr_assert(file_write(file.text, text, strlen(text)), "%s", file.text);
    world_shell(world_here(), "mount --bind %s %s", file.text, path);
}

struct upload_lan upload_lan(const char *hosts)
{
    struct upload_lan lan = {
        .here = world_here(),
        .attic = world_host("attic"),
        .cellar = world_host("cellar"),
    };

    world_link(&(struct world_link){ .name = "lan", .ipv4 = true },
               HOSTS(lan.here, lan.attic, lan.cellar));
    cover("/etc/nsswitch.conf", "nsswitch", "passwd: files\ngroup: files\nhosts: files\n");
    cover("/etc/hosts", "hosts", hosts ? hosts : "127.0.0.1 localhost\n");
    e2e_sketch(SKETCH_SIZE);
    return lan;
}

struct process *name_service(const char *name, const char *address)
{
    char line[16];
    struct process *service = world_start(world_here(), "/usr/bin/python3",
                                          ARGS("-c", name_service_script, name, address));

    bool ready = process_read_line(service, &service->out, line, sizeof line, E2E_PATIENCE_MS);
    cr_assert(ready && strcmp(line, "ready") == 0, "no name service: %s", service->err.text);
    cover("/etc/nsswitch.conf", "nsswitch.dns", "passwd: files\ngroup: files\nhosts: files dns\n");
    cover("/etc/resolv.conf", "resolv", "nameserver 127.0.0.1\n");
    return service;
}

/* ---- uploads ---- */

static struct process *start(const char *const *args, bool terminal)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("-f", "sketch.bin"), args);
    return program_start(E2E_UPLOADER, argv, &(struct program_options){ .terminal = terminal });
}

struct process *upload_start(const char *const *args)
{
    return start(args, false);
}

struct process *upload_run(const char *const *args)
{
    struct process *upload = start(args, false);

    program_finish(upload);
    return upload;
}

struct process *upload_typing(const char *const *args)
{
    return start(args, true);
}

void upload_answer(struct process *upload, const char *prompt, const char *answer)
{
    struct process_stream rest = upload->err;
    size_t before = upload->err.taken;
    const char *at = NULL;

    /* The text moves when it grows. */
    for (int i = 0; i < E2E_PATIENCE_MS / 10 && !at && upload->pid > 0; i++) {
        rest = upload->err;
        at = memmem(rest.text + before, rest.len - before, prompt, strlen(prompt));
        if (!at)
            process_ended(upload, 10);
    }
    cr_assert(at, "no \"%s\": %s", prompt, upload->err.text);
    upload->err.taken = (size_t)(at - upload->err.text) + strlen(prompt);
    cr_assert(process_write(upload, answer, strlen(answer), E2E_PATIENCE_MS));
}

/* ---- devices ---- */

struct process *silent_device(const struct world_host *host, const char *flash,
                              const char *const *args)
{
    const char *argv[ARGUMENTS_MAX];

    join_arguments(argv, ARGS("--no-mdns", "--flash", flash), args);
    struct process *device = world_start(host, E2E_DEVICE, argv);
    device_says(device, "listening ");
    return device;
}

void device_says(struct process *device, const char *beginning)
{
    char line[512];

    while (process_read_line(device, &device->out, line, sizeof line, E2E_PATIENCE_MS)) {
        if (strncmp(line, beginning, strlen(beginning)) == 0)
            return;
    }
    cr_assert_fail("the device does not say \"%s\": %s%s", beginning, device->out.text,
                   device->err.text);
}

void device_is_updated(struct process *device)
{
    device_says(device, "updated ");
    device_says(device, "restarted ");
    device_says(device, "announced ");
}

void expect_device_said_at(const char *file, int line, struct process *device,
                           const char *beginning, unsigned times)
{
    unsigned count = 0;

    /* An orderly end, so that nothing is under way any more. */
    process_signal(device, SIGTERM);
    program_finish(device);
    for (const char *at = device->out.text; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        count += strncmp(at, beginning, strlen(beginning)) == 0;
    }
    cr_assert_eq(count, times, "%s:%d: \"%s\" was said %u times: %s", file, line, beginning, count,
                 device->out.text);
}

void expect_waiting(struct process *program, int ms)
{
    cr_assert_not(process_ended(program, ms), "it does not wait: %s", program->err.text);
}
