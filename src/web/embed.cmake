# Writes a C++ source that holds the pages' files as raw strings:
#   cmake -D FOLDER=… -D OUTPUT=… -P embed.cmake

set(entries "")
foreach(name style.css page.js icon.svg)
  file(READ "${FOLDER}/${name}" text)
  string(LENGTH "${text}" length)
  # As long as a compiler need take a string literal.
  if(length GREATER 65000)
    message(FATAL_ERROR "${name} is too long to be built in as one literal: ${length} bytes")
  endif()
  if(name MATCHES "css$")
    set(type "text/css; charset=utf-8")
  elseif(name MATCHES "js$")
    set(type "text/javascript; charset=utf-8")
  else()
    set(type "image/svg+xml")
  endif()
  string(APPEND entries "        {\"${name}\", \"${type}\", R\"rowmill(${text})rowmill\"},\n")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from the files in src/web/assets.
#include \"web/pages.hpp\"

namespace rowmill::web {

std::optional<Asset> find_asset(std::string_view name) {
    static constexpr Asset assets[] = {
${entries}    };
    for (const Asset& asset : assets)
        if (asset.name == name) return asset;
    return std::nullopt;
}

}  // namespace rowmill::web
")
