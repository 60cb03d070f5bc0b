# cmake -DSOURCE=FILE -DBIN=FOLDER -DWORK=FOLDER -DANALYZE=PROGRAM -P service.cmake: systemd takes the
# update server's unit as it is, and finds it well shut off.
set(CMAKE_INSTALL_FULL_BINDIR ${BIN})
file(REMOVE_RECURSE ${WORK})
configure_file(${SOURCE} ${WORK}/espota-serve.service @ONLY)
execute_process(COMMAND ${ANALYZE} --man=no --recursive-errors=no verify ${WORK}/espota-serve.service
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT "${out}${err}" STREQUAL "")
    message(FATAL_ERROR "verify ended with ${code}: ${out}${err}")
endif()

# Tenths on systemd's scale, where 10 is no protection at all.
execute_process(
    COMMAND ${ANALYZE} --no-pager --offline=true --threshold=20 security ${WORK}/espota-serve.service
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
if(NOT code EQUAL 0)
    message(FATAL_ERROR "security ended with ${code}: ${out}${err}")
endif()
file(REMOVE_RECURSE ${WORK})
