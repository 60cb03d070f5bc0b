#include "cli/integration/arduino_cores.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK "/platform.txt"

/* Of a platform.txt: bytes of a line that count, and lines. */
#define LINE_MAX_BYTES 4096
#define LINES_MAX      20000

/* Seen from a data folder, from a sketchbook, and from a portable IDE, which has both in one. */
static const char *const below_data[] = { "/packages/*/hardware/%s/*" MARK, NULL };
static const char *const below_sketchbook[] = { "/hardware/*/%s" MARK, NULL };
static const char *const below_portable[] = { "/packages/*/hardware/%s/*" MARK,
                                              "/sketchbook/hardware/*/%s" MARK, NULL };

/* A folder that a user names may be any of them, or the core's own. */
static const char *const below_any[] = {
    "/packages/*/hardware/%s/*" MARK,          "/hardware/*/%s" MARK,
    "/sketchbook/hardware/*/%s" MARK,          "/portable/packages/*/hardware/%s/*" MARK,
    "/portable/sketchbook/hardware/*/%s" MARK, NULL,
};

static const struct place {
    const char *folder; /* a pattern, seen from $HOME unless it is absolute */
    const char *const *below;
} places[] = {
    { ".arduino15", below_data },
    { "snap/arduino/*/.arduino15", below_data },
    { ".var/app/cc.arduino.*/.arduino15", below_data },
    { ".var/app/cc.arduino.*/data/arduino15", below_data },
    { "Arduino", below_sketchbook },
    { "Documents/Arduino", below_sketchbook },
    { "sketchbook", below_sketchbook },
    { "snap/arduino/*/Arduino", below_sketchbook },
    { "arduino*/portable", below_portable },
    { "*/arduino*/portable", below_portable },
    { "/opt/arduino*/portable", below_portable },
};

static const struct variable {
    const char *name;
    const char *const *below;
} variables[] = {
    { "ARDUINO_DIRECTORIES_DATA", below_data },
    { "ARDUINO_DATA_DIR", below_data },
    { "ARDUINO_DIRECTORIES_USER", below_sketchbook },
};

/* A folder's name as a pattern that matches it alone. False when it is too long. */
static bool quote(char out[PATH_MAX], const char *folder)
{
    size_t len = 0;

    for (; *folder; folder++) {
        if (len + 2 >= PATH_MAX)
            return false;
        if (strchr("*?[]\\", *folder))
            out[len++] = '\\';
        out[len++] = *folder;
    }
    out[len] = '\0';
    return true;
}

/* The folder of a platform.txt is a core's, unless it is known already under another name. */
static void add(struct arduino_cores *cores, const struct arduino_template *source,
                const char *mark)
{
    char path[PATH_MAX];
    char real[PATH_MAX];
    size_t len = strlen(mark) - (sizeof MARK - 1);

    if (len >= sizeof path)
        return;
    memcpy(path, mark, len);
    path[len] = '\0';
    if (!realpath(path, real))
        return;
    cores->seen++;
    for (size_t i = 0; i < cores->count; i++) {
        if (strcmp(cores->list[i].path, real) == 0)
            return;
    }
    cores->more = cores->count == ARDUINO_CORES_MAX;
    if (cores->more)
        return;
    struct arduino_core *core = &cores->list[cores->count++];
    core->template = source;
    snprintf(core->path, sizeof core->path, "%s", real);
}

/* All cores of one kind below a folder, which is a pattern. */
static void add_below(struct arduino_cores *cores, const char *folder, const char *below,
                      const struct arduino_template *source)
{
    char pattern[PATH_MAX];
    char name[PATH_MAX];
    glob_t found;

    /* `below` has one place for the core's name: before it, the name, behind it. */
    const char *gap = strstr(below, "%s");
    int len =
        snprintf(name, sizeof name, "%.*s%s%s", (int)(gap - below), below, source->core, gap + 2);
    if (len < 0 || (size_t)len >= sizeof name)
        return;
    len = snprintf(pattern, sizeof pattern, "%s%s", folder, name);
    if (len < 0 || (size_t)len >= sizeof pattern || glob(pattern, 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        add(cores, source, found.gl_pathv[i]);
    globfree(&found);
}

static void look_below(struct arduino_cores *cores, const char *folder, const char *const *below)
{
    for (; *below; below++) {
        for (size_t i = 0; i < arduino_template_count; i++)
            add_below(cores, folder, *below, &arduino_templates[i]);
    }
}

/* A folder by its name. */
static void look_in(struct arduino_cores *cores, const char *folder, const char *const *below)
{
    char pattern[PATH_MAX];

    if (quote(pattern, folder))
        look_below(cores, pattern, below);
}

/* The core that a folder is called after, itself, or the one above it, which it is a version of. */
static const struct arduino_template *core_by_name(const char *folder)
{
    size_t len = strlen(folder);

    for (int level = 0; level < 2; level++) {
        while (len > 0 && folder[len - 1] == '/')
            len--;
        size_t end = len;
        while (len > 0 && folder[len - 1] != '/')
            len--;
        for (size_t i = 0; i < arduino_template_count; i++) {
            const char *core = arduino_templates[i].core;
            if (end - len == strlen(core) && memcmp(folder + len, core, end - len) == 0)
                return &arduino_templates[i];
        }
    }
    return NULL;
}

/* The core that platform.txt is for by its line "name=", as "ESP32 Arduino". */
static const struct arduino_template *core_by_content(const char *mark)
{
    char line[LINE_MAX_BYTES];
    const struct arduino_template *found = NULL;
    FILE *in = fopen(mark, "re");

    if (!in)
        return NULL;
    for (unsigned n = 0; n < LINES_MAX && !found && fgets(line, sizeof line, in); n++) {
        for (size_t i = 0; strncmp(line, "name=", 5) == 0 && i < arduino_template_count; i++) {
            if (strcasestr(line, arduino_templates[i].core))
                found = &arduino_templates[i];
        }
    }
    fclose(in);
    return found;
}

/* The folder is a core's own. A clone or a link may be called otherwise than the core. */
static void look_at(struct arduino_cores *cores, const char *folder)
{
    char real[PATH_MAX];
    char mark[PATH_MAX + sizeof MARK];

    if (!realpath(folder, real))
        return;
    snprintf(mark, sizeof mark, "%s" MARK, real);
    if (access(mark, F_OK) != 0)
        return;
    const struct arduino_template *source = core_by_name(folder);
    source = source ? source : core_by_name(real);
    source = source ? source : core_by_content(mark);
    if (source)
        add(cores, source, mark);
}

void arduino_cores_find_all(struct arduino_cores *cores)
{
    const char *home = getenv("HOME");
    char base[PATH_MAX];
    char folder[PATH_MAX];

    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].name);
        if (value && value[0] == '/')
            look_in(cores, value, variables[i].below);
    }
    if (!home || home[0] != '/') {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : "/";
    }
    if (!quote(base, home))
        return;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        bool absolute = places[i].folder[0] == '/';
        int len = snprintf(folder, sizeof folder, "%s%s%s", absolute ? "" : base,
                           absolute ? "" : "/", places[i].folder);
        if (len > 0 && (size_t)len < sizeof folder)
            look_below(cores, folder, places[i].below);
    }
}

bool arduino_cores_init(struct arduino_cores *cores, struct failure *failure)
{
    *cores = (struct arduino_cores){ .list = calloc(ARDUINO_CORES_MAX, sizeof *cores->list) };
    return cores->list || failure_set(failure, EXIT_LOCAL_FAILURE, "out of memory");
}

bool arduino_cores_find_in(struct arduino_cores *cores, const char *folder, struct failure *failure)
{
    size_t before = cores->seen;

    if (access(folder, F_OK) != 0)
        return failure_set(failure, EXIT_NOT_FOUND, "%s: %s", failure_path(folder),
                           strerror(errno));
    look_at(cores, folder);
    look_in(cores, folder, below_any);
    return cores->seen > before ||
           failure_set(failure, EXIT_NOT_FOUND,
                       "%s: no core esp8266, esp32 or rp2040 is there; --dir takes a core's own "
                       "folder, the tools' data folder, a sketchbook or a portable IDE",
                       failure_path(folder));
}

void arduino_cores_free(struct arduino_cores *cores)
{
    free(cores->list);
    *cores = (struct arduino_cores){ 0 };
}
