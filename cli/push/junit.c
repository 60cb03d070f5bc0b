#include "cli/push/junit.h"

#include "cli/markup_reference.h"
#include "cli/printable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- The document ----------------------------------------------------------------------------- */

/* U+FFFE and U+FFFF: well-formed UTF-8, and the two that are no characters of XML among it. */
static bool is_no_character(const char *at)
{
    return strncmp(at, "\xEF\xBF", 2) == 0 &&
           ((unsigned char)at[2] == 0xBE || (unsigned char)at[2] == 0xBF);
}

/* Text of anybody's, for content or between quotes. */
static void print_text(FILE *out, const char *text)
{
    size_t size = 4 * strlen(text) + 1;
    char *safe = malloc(size);

    if (!safe)
        return;
    for (const char *at = printable(safe, size, text); *at; at++) {
        const char *replacement = markup_reference(*at);
        if (replacement)
            fputs(replacement, out);
        else if (is_no_character(at)) {
            fprintf(out, "\\xef\\xbf\\x%02x", (unsigned)(unsigned char)at[2]);
            at += 2;
        } else
            fputc(*at, out);
    }
    free(safe);
}

static void print_attribute(FILE *out, const char *name, const char *text)
{
    fprintf(out, " %s=\"", name);
    print_text(out, text);
    fputc('"', out);
}

static const char *file_name(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;

    return slash ? slash + 1 : path && path[0] ? path : "image";
}

static void print_end(FILE *out, const struct result *result)
{
    const char *element = result->code == EXIT_NO_VERDICT ? "error" : "failure";

    if (result->code == EXIT_UPDATED)
        return;
    if (result->code == EXIT_SKIPPED) {
        fputs("      <skipped", out);
        print_attribute(out, "message", result->detail);
        fputs("/>\n", out);
        return;
    }
    fprintf(out, "      <%s", element);
    print_attribute(out, "type", exit_code_name(result->code));
    print_attribute(out, "message", result->detail);
    fputc('>', out);
    print_text(out, result->hint);
    fprintf(out, "</%s>\n", element);
}

static void print_case(FILE *out, const struct result *result, const char *image)
{
    fputs("    <testcase", out);
    print_attribute(out, "classname", file_name(image));
    print_attribute(out, "name", result->name);
    fprintf(out, " time=\"%.3f\"", (double)result->ms / 1000.0);
    if (result->code == EXIT_UPDATED) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n", out);
    print_end(out, result);
    fputs("    </testcase>\n", out);
}

void junit_print(FILE *out, const struct junit_run *run)
{
    const struct results *results = run->results;
    size_t errors = results_count(results, EXIT_NO_VERDICT);
    size_t skipped = results_count(results, EXIT_SKIPPED);
    size_t failures = results->count - errors - skipped - results_count(results, EXIT_UPDATED);
    char when[64] = "";
    struct tm tm;

    if (gmtime_r(&run->started_at, &tm))
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    fprintf(out,
            "  <testsuite name=\"espota-c upload\" tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
            "skipped=\"%zu\" time=\"%.3f\" timestamp=\"%s\">\n",
            results->count, failures, errors, skipped, run->seconds, when);
    for (size_t i = 0; i < results->count; i++)
        print_case(out, &results->list[i], run->image);
    fputs("  </testsuite>\n</testsuites>\n", out);
}

/* --- The file --------------------------------------------------------------------------------- */

static bool fail(struct failure *failure, const char *path)
{
    return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: cannot write it: %s", failure_path(path),
                       strerror(errno));
}

/* Write to an open stream and close it. */
static bool print_and_close(FILE *out, const struct junit_run *run)
{
    if (!out)
        return false;
    junit_print(out, run);
    bool is_written = !ferror(out);
    return fclose(out) == 0 && is_written;
}

/* Beside the file, with the permissions that a file made by a shell would have. */
static FILE *open_beside(char *path)
{
    mode_t mask = umask(0);
    int fd = mkstemp(path);

    umask(mask);
    if (fd < 0)
        return NULL;
    FILE *out = fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
    if (!out) {
        close(fd);
        unlink(path);
    }
    return out;
}

/* Where the directory lets nothing be put there, or the file is a mount point of its own. */
static bool must_stay(int error)
{
    return error == EACCES || error == EPERM || error == EROFS || error == EBUSY ||
           error == EXDEV || error == ENAMETOOLONG;
}

/* Over what the file has. */
static bool write_in_place(const char *path, const struct junit_run *run)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);

    if (fd < 0)
        return false;
    FILE *out = fdopen(fd, "w");
    if (!out)
        close(fd);
    return print_and_close(out, run);
}

/* `beside` is a template of mkstemp(). False, with errno set. */
static bool replace(const char *path, char *beside, const struct junit_run *run)
{
    FILE *out = open_beside(beside);

    if (!out)
        return false;
    if (print_and_close(out, run) && rename(beside, path) == 0)
        return true;
    int error = errno;
    unlink(beside);
    errno = error;
    return false;
}

bool junit_write(const char *path, const struct junit_run *run, struct failure *failure)
{
    static const char suffix[] = ".XXXXXX";
    struct stat stat;
    char *beside = NULL;

    if (lstat(path, &stat) == 0 && !S_ISREG(stat.st_mode))
        return print_and_close(fopen(path, "we"), run) || fail(failure, path);
    if (asprintf(&beside, "%s%s", path, suffix) < 0)
        return failure_set(failure, EXIT_LOCAL_FAILURE, "%s: %s", failure_path(path),
                           strerror(ENOMEM));
    bool is_written = replace(path, beside, run) || (must_stay(errno) && write_in_place(path, run));
    if (!is_written)
        fail(failure, path);
    free(beside);
    return is_written;
}
