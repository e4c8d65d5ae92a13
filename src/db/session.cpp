#include "db/session.hpp"

#include "db/connection.hpp"
#include "db/literal.hpp"

#include <algorithm>
#include <mutex>

namespace rowmill::db {
namespace {

/// The library sets itself up at first use, which is not safe from two threads at once.
void start_library() {
    static std::once_flag once;
    std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
}

thread_local unsigned scopes_on_this_thread = 0;

bool same_name(std::string_view one, std::string_view other) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [&](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

ThreadScope::ThreadScope() {
    start_library();
    if (scopes_on_this_thread++ == 0) mysql_thread_init();
}

ThreadScope::~ThreadScope() {
    if (--scopes_on_this_thread == 0) mysql_thread_end();
}

const std::string& ResultSet::text(std::size_t row, std::size_t column) const {
    static const std::string null;
    if (row >= rows.size() || column >= rows[row].size()) {
        throw Error{ErrorKind::internal,
                    "a result has no row " + std::to_string(row) + ", column " + std::to_string(column)};
    }
    const auto& cell = rows[row][column];
    return cell ? *cell : null;
}

std::optional<std::size_t> ResultSet::find(std::string_view column) const {
    const auto found =
        std::find_if(columns.begin(), columns.end(), [&](const auto& name) { return same_name(name, column); });
    if (found == columns.end()) return {};
    return static_cast<std::size_t>(found - columns.begin());
}

Session::Session(const Endpoint& endpoint, const SessionSettings& settings) {
    start_library();
    connection_ = std::make_unique<Connection>(endpoint, settings);
}

Session::~Session() = default;

void Session::defer(std::string statement) {
    connection_->deferred.push_back(std::move(statement));
}

void Session::forget_deferred() {
    connection_->deferred.clear();
}

Executed Session::execute(std::string_view statement) {
    Executed executed;
    connection_->run_one(statement, [&] { executed = connection_->take_answer(); });
    return executed;
}

Executed Session::execute(std::string_view statement, std::function<void()> when_sent) {
    connection_->when_sent = std::move(when_sent);
    const auto forget = [this](void*) { connection_->when_sent = nullptr; };
    const std::unique_ptr<void, decltype(forget)> told{this, forget};
    return execute(statement);
}

std::vector<Executed> Session::execute_all(std::span<const std::string> statements) {
    std::vector<Executed> answers;
    answers.reserve(statements.size());
    const std::vector<std::string_view> views{statements.begin(), statements.end()};
    connection_->run(views, [&](std::size_t) { answers.push_back(connection_->take_answer()); });
    return answers;
}

ResultSet Session::query(std::string_view statement) {
    ResultSet result;
    connection_->run_one(statement, [&] { result = connection_->take_rows(); });
    return result;
}

void Session::stream(std::string_view statement, const std::function<void(const RowView&)>& row) {
    connection_->run_one(statement, [&] { connection_->take_rows(row); });
}

Executed Session::execute_bulk(std::string_view statement, std::span<const std::vector<Value>> rows) {
    return connection_->execute_bulk(statement, rows);
}

std::vector<Warning> Session::warnings() {
    std::vector<Warning> list;
    connection_->require_usable();
    if (!connection_->may_have_warnings) return list;
    constexpr std::string_view statement = "SHOW WARNINGS";
    connection_->run_now(std::span{&statement, 1}, [&](std::size_t) {
        connection_->take_rows([&](const RowView& row) {
            list.push_back({std::string{row[0]}, std::stoi(std::string{row[1]}), std::string{row[2]}});
        });
    });
    // It reports the same ones until another statement is executed.
    connection_->may_have_warnings = true;
    return list;
}

std::string Session::quote(ValueView value) const {
    std::string sql;
    quote_to(sql, value);
    return sql;
}

void Session::quote_to(std::string& sql, ValueView value) const {
    append_literal(sql, value, connection_->backslash());
}

bool Session::in_transaction() const {
    return connection_->in_transaction();
}

const Server& Session::server() const {
    return connection_->server;
}

std::uint64_t Session::connection_id() const {
    return connection_->id;
}

std::uint64_t Session::max_allowed_packet() const {
    return connection_->max_packet;
}

bool Session::usable() const {
    return !connection_->lost && !connection_->interrupted;
}

void Session::interrupt() {
    connection_->interrupt();
}

}  // namespace rowmill::db
