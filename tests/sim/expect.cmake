# cmake -DCODE=N -DMATCH=REGEX -P expect.cmake -- PROGRAM ARG...
#
# The program must end with this exit code, and its standard output match the expression: a crash
# may have the same exit code, but says something else.
set(command "")
set(found FALSE)
foreach(i RANGE ${CMAKE_ARGC})
    if(found AND NOT "${CMAKE_ARGV${i}}" STREQUAL "")
        list(APPEND command "${CMAKE_ARGV${i}}")
    elseif("${CMAKE_ARGV${i}}" STREQUAL "--")
        set(found TRUE)
    endif()
endforeach()
execute_process(COMMAND ${command} OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
message("${out}${err}")
if(NOT "${code}" STREQUAL "${CODE}")
    message(FATAL_ERROR "it ended with ${code}, not with ${CODE}")
endif()
if(DEFINED MATCH AND NOT "${out}" MATCHES "${MATCH}")
    message(FATAL_ERROR "its output does not match ${MATCH}")
endif()
