# Toolchain of tests/big-endian: s390x, whose libraries lie in a folder.
set(FOREIGN_PROCESSOR s390x)
get_filename_component(FOREIGN_ROOT ${CMAKE_CURRENT_LIST_DIR}/../build/big-endian/root ABSOLUTE)
include(${CMAKE_CURRENT_LIST_DIR}/support/foreign.cmake)

# What is undefined ends the program it happens in. AddressSanitizer does not run there.
set(CMAKE_C_FLAGS_INIT "-fsanitize=undefined -fno-sanitize-recover=all -static-libubsan")
