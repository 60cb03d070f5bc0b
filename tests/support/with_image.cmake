# cmake -DTEST=PROGRAM -DPROGRAMS=FOLDER -DMAKE_IMAGE=PROGRAM -DWORK=FOLDER -P with_image.cmake: runs
# a test that takes the folder of the programs, and an image for an ESP8266.
execute_process(COMMAND ${MAKE_IMAGE} esp8266 200000 ${WORK}/image COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${TEST} ${PROGRAMS} ${WORK}/image COMMAND_ERROR_IS_FATAL ANY)
