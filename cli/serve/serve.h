/*
 * `espota-c serve`: the update server from its command line to its end.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

/* Run the command; returns the exit code. */
int serve_run(int argc, char **argv);

#endif
