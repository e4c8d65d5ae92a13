# Files that are built into the binary as raw strings. Included, it is rowmill_embed; run as a script, it writes the source.

# rowmill_embed(rowmill_sql HEADER sql/embedded.hpp NAMESPACE rowmill::sql FOLDERS migrations statements): adds to the target, for each of
# these folders beside the CMakeLists.txt, a function of its name that returns its files. The header declares them, and a struct `File`.
function(rowmill_embed target)
  cmake_parse_arguments(ARG "" "HEADER;NAMESPACE" "FOLDERS" ${ARGN})
  list(TRANSFORM ARG_FOLDERS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
  set(patterns ${ARG_FOLDERS})
  list(TRANSFORM patterns APPEND /*)
  file(GLOB files CONFIGURE_DEPENDS ${patterns})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embedded.cpp)
  set(script ${CMAKE_CURRENT_FUNCTION_LIST_FILE})
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D HEADER=${ARG_HEADER} -D NAMESPACE=${ARG_NAMESPACE} -D "FOLDERS=${ARG_FOLDERS}" -D OUTPUT=${output}
            -P ${script}
    DEPENDS ${files} ${script}
    COMMENT "Embedding the files of ${ARG_HEADER}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

# The files of a folder in the order of their names: each with its name, without ".sql", which says nothing, and its text.
function(write_folder folder)
  get_filename_component(function_name ${folder} NAME)
  file(GLOB files ${folder}/*)
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(name ${file} NAME)
    string(REGEX REPLACE "\\.sql$" "" name ${name})
    file(READ ${file} text)
    string(LENGTH "${text}" length)
    # As long as a compiler need take a string literal.
    if(length GREATER 65000)
      message(FATAL_ERROR "${file} is too long to be built in as one literal: ${length} bytes")
    endif()
    string(APPEND entries "        {\"${name}\", R\"rowmill(${text})rowmill\"},\n")
  endforeach()
  file(APPEND ${OUTPUT} "std::span<const File> ${function_name}() {
    static constexpr File files[] = {
${entries}    };
    return files;
}

")
endfunction()

if(CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  file(WRITE ${OUTPUT} "// Generated.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\n\n")
  foreach(folder IN LISTS FOLDERS)
    write_folder(${folder})
  endforeach()
  file(APPEND ${OUTPUT} "}  // namespace ${NAMESPACE}\n")
endif()
