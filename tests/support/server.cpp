#include "support/server.hpp"

#include "db/login.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace rowmill::test {
namespace {

std::string run_script(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error{"could not run " + command};
    std::string output;
    std::array<char, 512> buffer{};
    while (std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output += buffer.data();
    if (::pclose(pipe) != 0) throw std::runtime_error{command + " failed: " + output};
    while (!output.empty() && output.back() == '\n') output.pop_back();
    return output;
}

/// A private server of this test binary, in a folder of its own.
class Sandbox {
public:
    Sandbox() {
        std::string pattern = (std::filesystem::temp_directory_path() / "rowmill-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"no temporary folder"};
        folder_ = pattern;
        dsn_ = run_script(script("start"));
    }
    ~Sandbox() {
        try {
            run_script(script("stop"));
        } catch (const std::exception& error) {
            std::fprintf(stderr, "%s\n", error.what());
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    const std::string& dsn() const { return dsn_; }

private:
    std::string script(const std::string& verb) const {
        return std::string{ROWMILL_SOURCE_DIR "/scripts/sandbox "} + verb + " '" + folder_ + "'";
    }

    std::string folder_;
    std::string dsn_;
};

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
    static const Sandbox sandbox;
    return sandbox.dsn();
}

db::Endpoint server_endpoint() { return db::parse_dsn(server_dsn()); }

Schema::Schema() : name_{unique_name()}, session_{std::make_unique<db::Session>(server_endpoint(), db::SessionSettings{})} {
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
