# find_package(espota-c) brings
#
#     espota_upload(NAME HOST host... [PORT port] [FILE image] [AUTH_FILE file] [FILESYSTEM]
#                   [OPTIONS option...])
#
# a target NAME-upload that sends an image to devices. NAME may be a target: it is built first, and
# is the image unless FILE names another (usually the .bin that is made of it). FILE and AUTH_FILE
# are seen from the current build folder and source folder; FILESYSTEM says that it is a file system
# image; OPTIONS go to espota-c as they are. Without AUTH_FILE the variable ESPOTA_AUTH of the
# environment counts when the target is built.
#
# ESPOTA_C is the program's path.
find_program(ESPOTA_C espota-c HINTS "${CMAKE_CURRENT_LIST_DIR}/../../../bin")
if(NOT ESPOTA_C)
    set(espota-c_FOUND FALSE)
    set(espota-c_NOT_FOUND_MESSAGE "the program espota-c is not there; -DESPOTA_C=PATH names it")
    return()
endif()

function(espota_upload name)
    cmake_parse_arguments(PARSE_ARGV 1 ARG "FILESYSTEM" "PORT;FILE;AUTH_FILE" "HOST;OPTIONS")
    if(NOT ARG_HOST OR ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
        message(FATAL_ERROR "espota_upload(${name}): HOST must be there; unknown or without a value: "
            "${ARG_UNPARSED_ARGUMENTS} ${ARG_KEYWORDS_MISSING_VALUES}")
    endif()
    if(ARG_FILE)
        set(image ${ARG_FILE})
        if(NOT image MATCHES "^\\$<")
            cmake_path(ABSOLUTE_PATH image BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR} NORMALIZE)
        endif()
    elseif(TARGET ${name})
        set(image $<TARGET_FILE:${name}>)
    else()
        message(FATAL_ERROR "espota_upload(${name}): it is no target: FILE must name the image")
    endif()

    set(options)
    foreach(host IN LISTS ARG_HOST)
        list(APPEND options -i ${host})
    endforeach()
    if(ARG_PORT)
        list(APPEND options -p ${ARG_PORT})
    endif()
    if(ARG_AUTH_FILE)
        cmake_path(ABSOLUTE_PATH ARG_AUTH_FILE NORMALIZE)
        list(APPEND options --auth-file ${ARG_AUTH_FILE})
    endif()
    if(ARG_FILESYSTEM)
        list(APPEND options -s)
    endif()
    list(JOIN ARG_HOST ", " hosts)
    add_custom_target(${name}-upload COMMAND ${ESPOTA_C} ${options} ${ARG_OPTIONS} -f ${image}
        COMMENT "Updating ${hosts}" USES_TERMINAL VERBATIM)
    if(TARGET ${name})
        add_dependencies(${name}-upload ${name})
    endif()
endfunction()
