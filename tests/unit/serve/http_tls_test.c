#include "cli/serve/http_tls.h"

#include "http_rig.h"
#include "tests/support/process.h"

#include <fcntl.h>
#include <openssl/ssl.h>

static struct rig rig;
static struct temp temp;

static void begin(void)
{
    cr_assert(temp_create(&temp));
}

static void end(void)
{
    temp_remove(&temp);
}

TestSuite(http_tls, .init = begin, .fini = end, .timeout = 120);

static struct temp_path file(const char *name)
{
    return temp_path(&temp, name);
}

/* Run to its end; what it wrote is in `process`, which the caller frees. */
static void run(struct process *process, const char *const argv[])
{
    cr_assert(process_start(process, &(struct process_options){ .argv = argv }), "%s: %s", argv[0],
              strerror(errno));
    cr_assert(process_wait(process, 60000), "%s takes too long", argv[0]);
}

/* A key, and a certificate for 127.0.0.1 that is signed with it. */
static void make_certificate(const char *certificate, const char *key, const char *password)
{
    struct temp_path certificate_path = file(certificate);
    struct temp_path key_path = file(key);
    struct process process;
    const char *argv[] = {
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-keyout",
        key_path.text,
        "-out",
        certificate_path.text,
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
        password ? "-passout" : "-nodes",
        password,
        NULL,
    };

    run(&process, argv);
    cr_assert_eq(process.exit_code, 0, "%s", process.err.text);
    process_free(&process);
}

static struct ssl_ctx_st *load(const char *certificate, const char *key, struct failure *failure)
{
    struct temp_path certificate_path = file(certificate);
    struct temp_path key_path = file(key);

    *failure = (struct failure){ 0 };
    return http_tls_new(certificate_path.text, key_path.text, failure);
}

static struct ssl_ctx_st *must_load(const char *certificate, const char *key)
{
    struct failure failure;
    struct ssl_ctx_st *tls = load(certificate, key, &failure);

    cr_assert(tls, "%s", failure.text);
    return tls;
}

/* Ask with curl, which knows the certificate; what it got is in `got`. */
static void ask_curl(struct process *process, const char *path, const char *certificate,
                     const char *const more[])
{
    struct temp_path certificate_path = file(certificate);
    struct temp_path got = file("got");
    char url[128];
    const char *argv[16] = {
        "curl", "-sS", "--max-time", "30", "--cacert", certificate_path.text, "-o", got.text,
    };
    size_t count = 8;

    snprintf(url, sizeof url, "https://127.0.0.1:%u%s", loopback_port_of(&rig.at), path);
    while (*more)
        argv[count++] = *more++;
    argv[count] = url;
    run(process, argv);
}

static void expect_got(const void *bytes, size_t len)
{
    struct temp_path path = file("got");
    size_t got_len = 0;
    char *got = file_read(path.text, &got_len);

    cr_assert(got);
    cr_expect(got_len == len && memcmp(got, bytes, len) == 0, "%zu bytes", got_len);
    free(got);
}

static const char *const nothing[] = { NULL };

Test(http_tls, gives_an_image_to_curl)
{
    static const char *const range[] = { "-r", "100000-", NULL };
    struct process process;

    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    rig.options = (struct http_server_options){ .tls = tls };
    rig_start(&rig);
    ask_curl(&process, "/image", "c.pem", nothing);
    cr_expect_eq(process.exit_code, 0, "%s", process.err.text);
    process_free(&process);
    expect_got(rig.built.bytes, rig.built.size);
    rig_wait_for_records(&rig, 1);
    cr_expect(rig.records[0].result.whole);
    cr_expect_eq(rig.records[0].result.body_sent, rig.built.size);

    ask_curl(&process, "/image", "c.pem", range);
    cr_expect_eq(process.exit_code, 0, "%s", process.err.text);
    process_free(&process);
    expect_got(rig.built.bytes + 100000, rig.built.size - 100000);
    rig_stop(&rig);
    http_tls_free(tls);
}

Test(http_tls, speaks_nothing_before_tls_1_2)
{
    static const char *const old[] = { "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", NULL };
    static const char *const just[] = { "--tls-max", "1.2", NULL };
    struct process process;

    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    rig.options = (struct http_server_options){ .tls = tls };
    rig_start(&rig);
    ask_curl(&process, "/text", "c.pem", old);
    cr_expect_eq(process.exit_code, 35, "%d", process.exit_code);
    process_free(&process);
    ask_curl(&process, "/text", "c.pem", just);
    cr_expect_eq(process.exit_code, 0, "%s", process.err.text);
    process_free(&process);
    expect_got(RIG_TEXT, strlen(RIG_TEXT));
    rig_stop(&rig);
    http_tls_free(tls);
}

Test(http_tls, who_speaks_something_else_is_cut_off)
{
    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    rig.options = (struct http_server_options){ .tls = tls };
    rig_start(&rig);
    struct answer answer = rig_ask(&rig, "GET /text HTTP/1.0\r\n\r\n");
    cr_expect_eq(answer_status(&answer), 0);
    cr_expect(strstr(answer.bytes, RIG_TEXT) == NULL);
    free(answer.bytes);
    rig_stop(&rig);
    http_tls_free(tls);
}

/* What is no request is refused inside TLS too, and the end is said. */
Test(http_tls, refuses_what_is_no_request)
{
    char connect_to[64];
    struct process process;

    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    rig.options = (struct http_server_options){ .tls = tls };
    rig_start(&rig);
    snprintf(connect_to, sizeof connect_to, "127.0.0.1:%u", loopback_port_of(&rig.at));
    const char *argv[] = { "openssl", "s_client", "-quiet", "-connect", connect_to, NULL };
    cr_assert(process_start(&process, &(struct process_options){ .argv = argv }));
    cr_assert(process_write(&process, "GET /\r\n", 7, RIG_WAIT_MS));
    cr_assert(process_wait(&process, RIG_WAIT_MS), "it stays open");
    cr_expect(strncmp(process.out.text, "HTTP/1.1 400 ", 13) == 0, "%s", process.out.text);
    cr_expect(strstr(process.err.text, "unexpected eof") == NULL, "%s", process.err.text);
    process_free(&process);
    rig_stop(&rig);
    http_tls_free(tls);
}

Test(http_tls, another_certificate_may_take_its_place)
{
    struct process process;

    make_certificate("c.pem", "k.pem", NULL);
    make_certificate("c2.pem", "k2.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    struct ssl_ctx_st *other = must_load("c2.pem", "k2.pem");
    rig.options = (struct http_server_options){ .tls = tls };
    rig_start(&rig);
    /* Nobody is connected: the server's thread does not look at it just now. */
    http_server_set_tls(rig.server, other);
    http_tls_free(tls);
    ask_curl(&process, "/text", "c.pem", nothing);
    cr_expect_eq(process.exit_code, 60, "%d", process.exit_code);
    process_free(&process);
    ask_curl(&process, "/text", "c2.pem", nothing);
    cr_expect_eq(process.exit_code, 0, "%s", process.err.text);
    process_free(&process);
    rig_stop(&rig);
    http_tls_free(other);
}

/* A client that takes little at a time, and asks. */
static SSL *connect_slowly(SSL_CTX *client, int *fd)
{
    static const char text[] = "GET /image HTTP/1.1\r\nHost: x\r\n\r\n";
    SSL *ssl = SSL_new(client);

    *fd = loopback_connect(&rig.at, NULL, 4096, RIG_WAIT_MS);
    cr_assert(ssl && *fd >= 0);
    fcntl(*fd, F_SETFL, fcntl(*fd, F_GETFL) & ~O_NONBLOCK);
    SSL_set_fd(ssl, *fd);
    cr_assert_eq(SSL_connect(ssl), 1);
    cr_assert_eq(SSL_write(ssl, text, sizeof text - 1), sizeof text - 1);
    return ssl;
}

/* Else a part would pass for the whole where there is no length. */
Test(http_tls, an_answer_that_is_cut_has_no_end)
{
    SSL_CTX *client = SSL_CTX_new(TLS_client_method());
    char bytes[4096];
    size_t total = 0;
    int fd;
    int got;

    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");
    rig.options = (struct http_server_options){ .tls = tls, .idle_seconds = 1 };
    rig.image_size = (size_t)16 << 20;
    rig_start(&rig);
    SSL *ssl = connect_slowly(client, &fd);
    rig_wait_for_records(&rig, 1);
    cr_expect_not(rig.records[0].result.whole);
    while ((got = SSL_read(ssl, bytes, sizeof bytes)) > 0)
        total += (size_t)got;
    cr_expect_lt(total, rig.built.size);
    cr_expect_neq(SSL_get_error(ssl, got), SSL_ERROR_ZERO_RETURN, "%zu bytes and the end", total);
    SSL_free(ssl);
    SSL_CTX_free(client);
    close(fd);
    rig_stop(&rig);
    http_tls_free(tls);
}

Test(http_tls, is_set_up_for_strangers_and_for_many)
{
    make_certificate("c.pem", "k.pem", NULL);
    struct ssl_ctx_st *tls = must_load("c.pem", "k.pem");

    cr_expect(SSL_CTX_get_options(tls) & SSL_OP_NO_RENEGOTIATION);
    cr_expect(SSL_CTX_get_options(tls) & SSL_OP_NO_COMPRESSION);
    cr_expect(SSL_CTX_get_mode(tls) & SSL_MODE_RELEASE_BUFFERS);
    cr_expect_eq(SSL_CTX_get_session_cache_mode(tls), SSL_SESS_CACHE_OFF);
    cr_expect_eq(SSL_CTX_get_min_proto_version(tls), TLS1_2_VERSION);
    http_tls_free(tls);
}

/* ---- what cannot be loaded ---- */

static void expect_failure(const char *certificate, const char *key, const char *named,
                           const char *said)
{
    struct failure failure;
    struct temp_path path = file(named);

    cr_expect_null(load(certificate, key, &failure));
    cr_expect_eq(failure.code, EXIT_LOCAL_FAILURE);
    cr_expect(strncmp(failure.text, path.text, strlen(path.text)) == 0, "%s", failure.text);
    cr_expect(strstr(failure.text, said), "%s", failure.text);
}

Test(http_tls, says_which_file_is_wrong)
{
    make_certificate("c.pem", "k.pem", NULL);
    make_certificate("c2.pem", "k2.pem", NULL);
    make_certificate("c3.pem", "locked.pem", "pass:secret");
    cr_assert(file_write(file("empty.pem").text, "", 0));
    cr_assert(file_write(file("noise.pem").text, "-----BEGIN CERTIFICATE-----\nAAAA\n", 33));

    expect_failure("none.pem", "k.pem", "none.pem", "No such file");
    expect_failure("empty.pem", "k.pem", "empty.pem", "has no certificate that can be used");
    expect_failure("noise.pem", "k.pem", "noise.pem", "has no certificate that can be used");
    expect_failure("k.pem", "k.pem", "k.pem", "has no certificate that can be used");
    expect_failure("c.pem", "none.pem", "none.pem", "No such file");
    expect_failure("c.pem", "empty.pem", "empty.pem", "has no key that can be used");
    expect_failure("c.pem", "c.pem", "c.pem", "has no key that can be used");
    expect_failure("c.pem", "k2.pem", "k2.pem", "its key is not that of");
    expect_failure("c3.pem", "locked.pem", "locked.pem", "its key is encrypted");
    http_tls_free(NULL);
}
