# cmake -DSOURCE=FOLDER -DWORK=FOLDER -P parts.cmake: firmware is not built from an archive that is
# not the one that it should be.
file(REMOVE_RECURSE ${WORK})
file(WRITE ${WORK}/parts/bearssl_0.6+dfsg.1.orig.tar.xz "something else")
execute_process(
    COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/build --preset sf2 -DESPOTA_PARTS=${WORK}/parts
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
file(REMOVE_RECURSE ${WORK})
if(code EQUAL 0 OR NOT err MATCHES "its SHA-256 is")
    message(FATAL_ERROR "it ended with ${code}: ${out}${err}")
endif()
