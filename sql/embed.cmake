# Writes a C++ source that holds the SQL files as raw strings, in the order of their names:
#   cmake -D SQL_FOLDER=… -D OUTPUT=… -P embed.cmake

function(append_folder function_name folder)
  file(GLOB files ${SQL_FOLDER}/${folder}/*.sql)
  set(entries "")
  foreach(file IN LISTS files)
    get_filename_component(name "${file}" NAME_WE)
    file(READ "${file}" text)
    string(APPEND entries "    {\"${name}\", R\"rowmill(${text})rowmill\"},\n")
  endforeach()
  string(APPEND source "std::span<const File> ${function_name}() {\n")
  string(APPEND source "    static constexpr File files[] = {\n${entries}    };\n    return files;\n}\n\n")
  set(source "${source}" PARENT_SCOPE)
endfunction()

set(source "// Generated from the files in sql/.\n#include \"sql/embedded.hpp\"\n\nnamespace rowmill::sql {\n\n")
append_folder(migrations migrations)
append_folder(statements statements)
string(APPEND source "}  // namespace rowmill::sql\n")
file(WRITE "${OUTPUT}" "${source}")
