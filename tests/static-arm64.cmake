# Toolchain of tests/static-arm64: Debian's compiler for 64-bit ARM, with libraries in a folder.
set(FOREIGN_PROCESSOR aarch64)
get_filename_component(FOREIGN_ROOT ${CMAKE_CURRENT_LIST_DIR}/../build/static-arm64/root ABSOLUTE)
include(${CMAKE_CURRENT_LIST_DIR}/support/foreign.cmake)
