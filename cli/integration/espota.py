#!/usr/bin/env python3
# For tools that insist on a script of this name: everything goes to espota-c.
import os, sys
os.execvp("espota-c", ["espota-c", *sys.argv[1:]])
