#!/usr/bin/env python3
# For tools that insist on a script of this name: everything goes to espota-c.
import os, sys
try:
    os.execvp("espota-c", ["espota-c", *sys.argv[1:]])
except OSError as error:
    sys.exit(f"espota.py: espota-c: {error.strerror}; it has to be installed, and in PATH")
