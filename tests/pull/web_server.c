#include "web_server.h"

#include "tests/support/deadline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The system's, whatever else is in PATH. */
#define PYTHON "/usr/bin/python3"

/*
 * One process, which serves as whoever runs the test and writes nowhere but in its folder. What it
 * cannot do without files for, it does not do.
 */
static const char nginx_head[] = "daemon off;\n"
                                 "master_process off;\n"
                                 "pid nginx.pid;\n"
                                 "error_log stderr;\n"
                                 "events { worker_connections 64; }\n"
                                 "http {\n"
                                 "log_format tests '$status $http_range $request_uri';\n"
                                 "access_log access.log tests;\n"
                                 "default_type application/octet-stream;\n"
                                 "client_body_temp_path tmp;\n"
                                 "proxy_temp_path tmp;\n"
                                 "fastcgi_temp_path tmp;\n"
                                 "uwsgi_temp_path tmp;\n"
                                 "scgi_temp_path tmp;\n"
                                 "root www;\n";

uint16_t web_python_start(void)
{
    struct process *python =
        program_start(PYTHON, ARGS("-u", "-m", "http.server", "0", "--bind", "127.0.0.1"), NULL);
    char line[256] = "";

    process_read_line(python, &python->out, line, sizeof line, E2E_PATIENCE_MS);
    const char *port = strstr(line, " port ");
    cr_assert_not_null(port, "it does not listen: %s\n%s", line, python->err.text);
    return (uint16_t)strtoul(port + 6, NULL, 10);
}

/* It serves as soon as somebody can connect to each of its sockets. */
static void await_socket(const char *path, struct process *nginx)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int64_t deadline = deadline_after(E2E_PATIENCE_MS);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    cr_assert_geq(fd, 0);
    cr_assert_lt(strlen(path), sizeof address.sun_path);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    while (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        cr_assert(!process_ended(nginx, 10) && deadline_left(deadline) > 0, "nginx: %s",
                  nginx->err.text);
    }
    close(fd);
}

void web_nginx_start(const char *servers)
{
    static const char *const folders[] = { "www", "tmp" };
    char conf[8192];

    if (access(WEB_NGINX, X_OK) != 0)
        cr_skip_test("needs nginx");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        cr_assert(mkdir(temp_path(&e2e_folder, folders[i]).text, 0700) == 0 || errno == EEXIST);
    int len = snprintf(conf, sizeof conf, "%s%s}\n", nginx_head, servers);
    cr_assert_lt((size_t)len, sizeof conf);
    cr_assert(file_write(temp_path(&e2e_folder, "nginx.conf").text, conf, (size_t)len));
    struct process *nginx = program_start(
        WEB_NGINX, ARGS("-e", "stderr", "-p", e2e_folder.path, "-c", "nginx.conf"), NULL);
    for (const char *at = servers; (at = strstr(at, "unix:"));) {
        char path[TEMP_PATH_MAX];
        at += 5;
        snprintf(path, sizeof path, "%.*s", (int)strcspn(at, "; "), at);
        await_socket(path, nginx);
    }
}

struct temp_path web_socket(const char *name)
{
    return temp_path(&e2e_folder, name);
}

char *web_nginx_log(void)
{
    char *log = file_read(temp_path(&e2e_folder, "access.log").text, NULL);

    return log ? log : calloc(1, 1);
}

void web_publish(const char *name, const struct e2e_image *image)
{
    char path[64];

    cr_assert(mkdir(temp_path(&e2e_folder, "www").text, 0700) == 0 || errno == EEXIST);
    snprintf(path, sizeof path, "www/%s", name);
    cr_assert(
        file_write(temp_path(&e2e_folder, path).text, image->content.bytes, image->content.size));
}

struct web_url web_url(uint16_t port, const char *name)
{
    struct web_url url;

    snprintf(url.text, sizeof url.text, "http://127.0.0.1:%u/%s", (unsigned)port, name);
    return url;
}
