#include "office.hpp"

#include <filesystem>
#include <fstream>

namespace rowmill::test {

Town::Town(unsigned rows) {
    make_counted_table(schema, rows, "CHECK (n < 5)");
    office = std::make_unique<Office>(server, schema.store_name(), jobs.path());
    // The store is there before it is looked at: `serve` sees to that.
    const auto session = db::Connector{server, {}}.connect();
    store::Store{*session, schema.store_name()}.migrate();
}

void Town::offer(const std::string& name, const std::string& statement, const std::string& more, unsigned rate) {
    std::ofstream{path_of(name)} << "[source]\ntable = \"t\"\nsettle = \"0\"\n[action]\nstatement = \"" << statement
                                 << "\"\n[run]\nworkers = 2\nbatch = 3\ntarget_time = \"0\"\nsack_rows = 10\nrate = " << rate << "\n[throttle]\nflag_file = \""
                                 << files.path() << "/hold\"\n"
                                 << more;
}

void Town::hold() { std::ofstream{files.path() + "/hold"}; }

void Town::let_go() { std::filesystem::remove(files.path() + "/hold"); }

void Town::reopen() {
    office.reset();
    office = std::make_unique<Office>(server, schema.store_name(), jobs.path());
}

void Watcher::look() {
    const progress::News news = subscription->take();
    if (news.now && (!last || last->settled != news.now->settled)) ++states;
    if (news.now) last = *news.now;
    if (news.summary) summary = news.summary;
    for (const progress::Line& line : news.lines) text += line.text + "\n";
    is_over = news.is_over;
}

bool Watcher::to_the_end() {
    return eventually([&] {
        look();
        return is_over;
    }, std::chrono::seconds{60});
}

}  // namespace rowmill::test
