#pragma once

#include "db/session.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace rowmill::test {

/// The DSN of the server under test, without a database: ROWMILL_TEST_DSN, or a private MariaDB that
/// `scripts/sandbox` starts at the first call and stops when the test binary exits. The account has all privileges.
const std::string& server_dsn();
db::Endpoint server_endpoint();

/// A schema of its own, dropped (with the run store schema of the same name + "_store") at the end of the test case.
class Schema {
public:
    Schema();
    ~Schema();
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    const std::string& name() const { return name_; }
    /// For a store of the test's own: `--store-schema`.
    std::string store_name() const { return name_ + "_store"; }
    /// With the schema as the database.
    db::Endpoint endpoint() const;
    std::string dsn() const;
    db::Session& session() { return *session_; }

    void execute(std::string_view sql) { session_->execute(sql); }
    /// The first cell of the result, "" for NULL; "(none)" for an empty result.
    std::string scalar(std::string_view sql);

private:
    std::string name_;
    std::unique_ptr<db::Session> session_;
};

}  // namespace rowmill::test
