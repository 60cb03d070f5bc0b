# cmake -DPAGES=FOLDER -DMANDOC=PROGRAM -DGROFF=PROGRAM -P manual.cmake: every manual page is well
# formed, and fits a terminal of 80 columns. GROFF may be missing: it is what man(1) shows pages
# with on most systems, and warns where mandoc finds a way.
string(ASCII 8 backspace)
file(GLOB pages ${PAGES}/*.[1-9])
if(NOT pages)
    message(FATAL_ERROR "there are no pages in ${PAGES}")
endif()

foreach(page IN LISTS pages)
    execute_process(COMMAND ${MANDOC} -T lint -W warning ${page}
        OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE code)
    if(NOT code EQUAL 0)
        message(SEND_ERROR "${out}${err}")
    endif()

    # Bold is a letter, a backspace, and the letter once more.
    execute_process(COMMAND ${MANDOC} -T ascii -O width=80 ${page} OUTPUT_VARIABLE text)
    string(REGEX REPLACE ".${backspace}" "" text "${text}")
    string(REPEAT "[^\n]" 81 too_long)
    if(text STREQUAL "" OR text MATCHES "${too_long}")
        message(SEND_ERROR "${page}: longer than 80 columns: ${CMAKE_MATCH_0}")
    endif()

    if(GROFF)
        execute_process(COMMAND ${GROFF} -ww -mandoc -Tutf8 -rLL=80n ${page}
            OUTPUT_QUIET ERROR_VARIABLE err RESULT_VARIABLE code)
        if(NOT code EQUAL 0 OR NOT err STREQUAL "")
            message(SEND_ERROR "groff: ${err}")
        endif()
    endif()
endforeach()
