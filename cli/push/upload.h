/*
 * The command `espota-c [upload] -i HOST -f IMAGE`.
 */
#ifndef CLI_UPLOAD_H
#define CLI_UPLOAD_H

/* Run the command; `argv[0]` is its name for messages. Returns the exit code. */
int upload_run(int argc, char **argv);

#endif
