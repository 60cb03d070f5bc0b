/*
 * Replays a corpus through a fuzz target: every file of the folder given, and the empty input.
 * Exit status 1 when there is no corpus; a finding ends the program by its sanitizer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
    struct stat st;
    FILE *file = fopen(path, "rb");

    if (!file || fstat(fileno(file), &st) != 0) {
        perror(path);
        if (file)
            fclose(file);
        return 0;
    }
    if (!S_ISREG(st.st_mode)) {
        fclose(file);
        return 0;
    }
    /* Exactly as large as the input, so that the sanitizer sees a read past its end. */
    uint8_t *data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
    size_t len = data ? fread(data, 1, (size_t)st.st_size, file) : 0;
    fclose(file);
    if (data && len == (size_t)st.st_size)
        LLVMFuzzerTestOneInput(data, len);
    free(data);
    return 1;
}

int main(int argc, char **argv)
{
    int replayed = 0;
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (!folder) {
        fprintf(stderr, "usage: %s CORPUS\n", argv[0]);
        return 1;
    }
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        replayed += replay_file(path);
    }
    closedir(folder);
    printf("%d inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 1;
}
