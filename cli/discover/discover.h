/*
 * The command discover: list the devices of the network.
 */
#ifndef CLI_DISCOVER_H
#define CLI_DISCOVER_H

/*
 * Run the command; its arguments begin at argv[1]. Returns the exit status; a signal that ended it
 * ends the program likewise.
 */
int discover_run(int argc, char **argv);

#endif
