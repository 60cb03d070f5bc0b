# cmake -DBUILD=FOLDER -DBIN=FOLDER -DWORK=FOLDER -DANALYZE=PROGRAM -P service.cmake: the update
# server's unit starts the program that was installed with it, systemd takes it as it is, and finds
# it well shut off.
set(prefix "${WORK}/of somebody") # systemd has its own mind about spaces
set(unit ${prefix}/lib/systemd/system/espota-serve.service)
file(REMOVE_RECURSE ${WORK})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} --component unit --prefix ${prefix}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(STRINGS ${unit} start REGEX "^ExecStart=")
if(NOT start STREQUAL
        "ExecStart=\"${prefix}/bin/espota-c\" serve --catalog /etc/espota-c/catalog.ini")
    message(FATAL_ERROR "it starts something else: ${start}")
endif()

# systemd looks whether the program is there.
file(MAKE_DIRECTORY ${prefix}/bin)
file(CREATE_LINK ${BIN}/espota-c ${prefix}/bin/espota-c SYMBOLIC)
execute_process(COMMAND ${ANALYZE} --man=no --recursive-errors=no verify ${unit}
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
if(NOT code EQUAL 0 OR NOT "${out}${err}" STREQUAL "")
    message(FATAL_ERROR "verify ended with ${code}: ${out}${err}")
endif()

# Tenths on systemd's scale, where 10 is no protection at all.
execute_process(
    COMMAND ${ANALYZE} --no-pager --offline=true --threshold=20 security ${unit}
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
if(NOT code EQUAL 0)
    message(FATAL_ERROR "security ended with ${code}: ${out}${err}")
endif()

# The sum forgives the loss of one of them.
foreach(setting DynamicUser=yes ProtectSystem=strict ProtectHome=yes NoNewPrivileges=yes
        CapabilityBoundingSet= "RestrictAddressFamilies=AF_INET AF_INET6"
        SystemCallFilter=~@privileged StateDirectory=espota-c)
    file(STRINGS ${unit} line REGEX "^${setting}$")
    if(line STREQUAL "")
        message(FATAL_ERROR "the unit lacks ${setting}")
    endif()
endforeach()
file(REMOVE_RECURSE ${WORK})
