#include "nightly.hpp"

namespace rowmill::test {

Nightly::Nightly(unsigned orders, const std::string& more_source, const std::string& more) : Shop{0} {
    execute("CREATE TABLE orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, n INT NOT NULL DEFAULT 0)");
    insert(orders);
    write("nightly.toml", source + more_source + "\n" + action + more);
}

void Nightly::insert(unsigned orders) {
    std::string rows;
    for (unsigned i = 0; i < orders; ++i) rows += rows.empty() ? "(0)" : ",(0)";
    if (!rows.empty()) execute("INSERT INTO orders (n) VALUES " + rows);
}

Finished Nightly::run(const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments{"nightly.toml"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return rowmill("run", arguments);
}

std::unique_ptr<Process> Nightly::start(const std::vector<std::string>& flags) const {
    std::vector<std::string> arguments{"run", "nightly.toml", "--store-schema", store_name()};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    const ProcessOptions options{{{"HOME", "/nonexistent"}, {"ROWMILL_DSN", dsn()}}, {}, folder()};
    return std::make_unique<Process>(rowmill_command(arguments), options);
}

Writer::Writer(const Nightly& shop) {
    db::Endpoint endpoint = server_endpoint();
    endpoint.database = shop.name();
    session_ = std::make_unique<db::Session>(endpoint, db::SessionSettings{});
}

Writer::~Writer() = default;

std::uint64_t Writer::begin() {
    session_->execute("BEGIN");
    open_ = true;
    return session_->execute("INSERT INTO orders (n) VALUES (0)").last_insert_id;
}

void Writer::end(const std::string& how) {
    session_->execute(how);
    open_ = false;
}

}  // namespace rowmill::test
