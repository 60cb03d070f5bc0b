# cmake -DPROGRAMS=FOLDER -DMAKE_IMAGE=PROGRAM -DWORK=FOLDER -P empty_root.cmake: programs that are
# one file each work where there is nothing else.
execute_process(COMMAND ${MAKE_IMAGE} esp8266 200000 ${WORK}/image COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_CURRENT_LIST_DIR}/empty-root ${PROGRAMS} ${WORK}/image
    COMMAND_ERROR_IS_FATAL ANY)
