#include "support/server.hpp"

#include "db/login.hpp"
#include "support/mariadb.hpp"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace rowmill::test {
namespace {

std::string unique_name() {
    static std::atomic<unsigned> next{0};
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return "rm_" + std::to_string(::getpid()) + "_" +
           std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count() % 1000000) + "_" +
           std::to_string(next++);
}

}  // namespace

const std::string& server_dsn() {
    static const std::string given = std::getenv("ROWMILL_TEST_DSN") ? std::getenv("ROWMILL_TEST_DSN") : "";
    if (!given.empty()) return given;
    static const MariaDb server;
    return server.dsn();
}

db::Endpoint server_endpoint() {
    return db::parse_dsn(server_dsn());
}

Schema::Schema()
    : name_{unique_name()}, session_{std::make_unique<db::Session>(server_endpoint(), db::SessionSettings{})} {
    execute("CREATE DATABASE " + db::quote_name(name_) + " CHARACTER SET utf8mb4");
    execute("USE " + db::quote_name(name_));
}

Schema::~Schema() {
    try {
        db::Session session{server_endpoint(), {}};
        session.execute("DROP DATABASE IF EXISTS " + db::quote_name(name_));
        session.execute("DROP DATABASE IF EXISTS " + db::quote_name(store_name()));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "schema %s was not dropped: %s\n", name_.c_str(), error.what());
    }
}

db::Endpoint Schema::endpoint() const {
    db::Endpoint endpoint = server_endpoint();
    endpoint.database = name_;
    return endpoint;
}

std::string Schema::dsn() const {
    const std::string& dsn = server_dsn();
    const std::size_t query = dsn.find('?');
    std::string head = dsn.substr(0, query);
    const std::size_t path = head.find('/', head.find("//") + 2);
    head = head.substr(0, path) + "/" + name_;
    return query == std::string::npos ? head : head + dsn.substr(query);
}

std::string Schema::scalar(std::string_view sql) {
    const db::ResultSet result = session_->query(sql);
    return result.empty() ? "(none)" : result.text(0, 0);
}

}  // namespace rowmill::test
