# cmake -DVERSION=X.Y.Z -DOUT=FOLDER -P dist.cmake: the source tarball espota-c-X.Y.Z.tar.gz, of what
# is committed. The same commit gives the same bytes.
find_package(Git REQUIRED)
cmake_path(GET CMAKE_CURRENT_LIST_DIR PARENT_PATH source)
cmake_path(GET source PARENT_PATH source)
set(name espota-c-${VERSION})
execute_process(
    COMMAND ${GIT_EXECUTABLE} archive --format=tar.gz --prefix=${name}/ -o ${OUT}/${name}.tar.gz HEAD
    WORKING_DIRECTORY ${source} COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "${OUT}/${name}.tar.gz")
