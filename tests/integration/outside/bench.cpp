#include "bench.hpp"

#include <filesystem>
#include <fstream>

namespace rowmill::test {

Works::Works(std::uint64_t rows, const std::string& script, const std::string& run)
    : trial_{schema_.dsn(), schema_.store_name(), {}} {
    trial_.set_job("[job]\nname = \"works\"\n[source]\ntable = \"t\"\ncolumns = [\"mood\"]\nsettle = \"0\"\n[action]\nkind = \"exec\"\n"
                   "command = [\"" +
                   trial_.folder() + "/work.sh\", \"{mood}\"]\n[run]\nbackoff = \"5ms..50ms\"\nmax_failures = 1000\n" + run);
    set_script(script);
    schema_.execute("CREATE TABLE t (id INT NOT NULL PRIMARY KEY, mood VARCHAR(100) NOT NULL DEFAULT 'fine')");
    std::string insert;
    for (std::uint64_t id = 1; id <= rows; ++id) insert += (id == 1 ? "(" : ",(") + std::to_string(id) + ")";
    if (rows > 0) schema_.execute("INSERT INTO t (id) VALUES " + insert);
}

void Works::set_script(const std::string& script) const {
    const std::string path = trial_.folder() + "/work.sh";
    std::ofstream file{path};
    file << "#!/bin/sh\nLOG=" << trial_.folder() << "/log\n" << script << "\n";
    file.close();
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

std::string Works::stored(const std::string& select, const std::string& table) {
    return schema_.scalar("SELECT " + select + " FROM " + schema_.store_name() + "." + table);
}

std::vector<std::string> Works::log() const {
    std::ifstream file{trial_.folder() + "/log"};
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

std::map<std::string, unsigned> Works::counted() const {
    std::map<std::string, unsigned> times;
    for (const std::string& line : log()) ++times[line];
    return times;
}

}  // namespace rowmill::test
