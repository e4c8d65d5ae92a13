#include "example.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace rowmill::test {
namespace {

namespace fs = std::filesystem;

std::string read_whole(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    if (!(text << file.rdbuf())) throw std::runtime_error{path + " can't be read"};
    return text.str();
}

}  // namespace

Example::Example(const std::string& name) {
    // The scripts ask for a python3 that has the Debian packages.
    environment_ = {{"HOME", "/nonexistent"}, {"PATH", "/usr/bin:/bin"}, {"ROWMILL_DSN", schema_.dsn()}};
    const fs::path source = fs::path{ROWMILL_SOURCE_DIR} / "examples" / name;
    fs::copy(source, folder_.path(), name.empty() ? fs::copy_options::none : fs::copy_options::recursive);
    if (!name.empty()) load("schema.sql");
}

void Example::load(const std::string& path) {
    // Each statement of these files ends its line.
    const std::string sql = read_whole((fs::path{folder_.path()} / path).string());
    std::size_t begin = 0;
    for (std::size_t end = sql.find(";\n"); end != std::string::npos; end = sql.find(";\n", begin)) {
        schema_.execute(std::string_view{sql}.substr(begin, end - begin));
        begin = end + 2;
    }
}

ProcessOptions Example::options() const {
    return {environment_, {}, folder_.path()};
}

Finished Example::rowmill(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--store-schema", store_name()});
    return run_rowmill(arguments, options());
}

std::string Example::read(const std::string& file) const {
    return read_whole(path(file));
}

void Example::write(const std::string& file, const std::string& text) const {
    std::ofstream out{path(file), std::ios::binary};
    out << text;
    if (!out.flush()) throw std::runtime_error{file + " can't be written"};
}

std::vector<boost::json::object> Example::dead_letters(const std::string& run) const {
    const Finished finished = rowmill({"failures", run, "--json"});
    if (!finished.succeeded()) throw std::runtime_error{"rowmill failures: " + finished.errors};
    return json_lines(finished.output);
}

std::vector<boost::json::object> json_lines(const std::string& text) {
    std::vector<boost::json::object> objects;
    std::istringstream lines{text};
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with('{')) objects.push_back(boost::json::parse(line).as_object());
    return objects;
}

}  // namespace rowmill::test
