#include "mill.hpp"

#include "support/counted_table.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <fstream>
#include <stdexcept>

namespace rowmill::test {

Mill::Mill(unsigned rows, const std::string& dsn) : trial{dsn.empty() ? schema.dsn() : dsn, schema.store_name(), ""} {
    make_counted_table(schema, rows);
}

void Mill::use_commands(const std::string& seconds, const std::string& run) {
    trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"sleep " + seconds +
                  "; echo {id} >> " + trial.folder() + "/log\"]\n[run]\n" + run + "\n");
}

void Mill::use_held_commands(const std::string& run) {
    const std::string gate = trial.folder() + "/gate";
    gate_ = Descriptor{::open(gate.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)};
    if (::flock(gate_.get(), LOCK_EX) != 0) throw std::runtime_error{"no lock on " + gate};
    trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nkind = \"exec\"\ncommand = [\"sh\", \"-c\", \"echo {id} >> " +
                  trial.folder() + "/log; flock --shared " + gate + " true\"]\n[run]\n" + run + "\n");
}

void Mill::use_updates(const std::string& run) {
    trial.set_job("[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nstatement = \"UPDATE t SET n = n + 1 + SLEEP(0.01) WHERE id = :id\"\n"
                  "[run]\nworkers = 2\nbatch = 3\ntarget_time = \"0\"\nsack_rows = 20\n" + run + "\n");
}

std::vector<unsigned> Mill::logged() const {
    std::ifstream file{trial.folder() + "/log"};
    std::vector<unsigned> ids;
    for (unsigned id = 0; file >> id;) ids.push_back(id);
    return ids;
}

bool Mill::logs(std::size_t rows) const {
    return eventually([&] { return logged().size() >= rows; });
}

bool Mill::updates(std::uint64_t rows) {
    return eventually([&] { return updated() >= rows; });
}

std::string Mill::status(const std::string& name) const { return boost::json::serialize(trial.status().at(name)); }

bool Mill::comes_to_be(const std::string& state) const {
    return eventually([&] { return status("state") == "\"" + state + "\""; });
}

}  // namespace rowmill::test
