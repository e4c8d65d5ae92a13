#include "action/session_lease.hpp"

#include "action/fill.hpp"
#include "job/statement.hpp"

#include <rowmill/session.hpp>

#include <algorithm>
#include <charconv>

namespace rowmill {
namespace action {

SessionLease::SessionLease(std::shared_ptr<SessionPool> pool, std::stop_token stop)
    : pool_{std::move(pool)}, session_{pool_->take()} {
    on_stop_.emplace(std::move(stop), [this] {
        condemned_ = true;
        pool_->interrupt(session_);
    });
}

SessionLease::~SessionLease() {
    on_stop_.reset();  // waits for the callback where it runs: what it says of the session is known from here on
    if (!condemned_) pool_->give_back(std::move(session_));
}

namespace {

/// The statement with its values, as this session reads literals.
std::string bound(SessionLease& lease, std::string_view sql, Bindings bindings) {
    if (bindings.size() == 0) return std::string{sql};
    const std::string place = "a handler's statement";
    const auto statement = job::Statement::parse(sql, place);
    job::check_literals(sql, place, lease.sql_mode());
    return fill(statement, [&](const std::string& name) {
        const auto found = std::ranges::find(bindings, name, &Binding::name);
        if (found == bindings.end())
            throw Error{ErrorKind::usage, place + " uses :" + name + ", for which it was given no value"};
        return lease.session().quote(found->value);
    });
}

/// As text, whatever they are on the server: nobody but the handler has to understand them.
Items items_of(const db::ResultSet& result) {
    auto shape = std::make_shared<Shape>();
    for (const std::string& column : result.columns) shape->columns.push_back({column, ValueType::text});
    auto block = std::make_shared<Block>(std::move(shape));
    for (const auto& row : result.rows) {
        for (const auto& cell : row) {
            if (cell)
                block->append(*cell);
            else
                block->append_null();
        }
    }
    return Items{std::move(block)};
}

}  // namespace
}  // namespace action

Binding::Binding(std::string given, double meant) : name{std::move(given)} {
    char text[32];
    const auto end = std::to_chars(std::begin(text), std::end(text), meant).ptr;
    value = {ValueType::number, std::string{text, end}};
}

Session::Session(std::unique_ptr<action::SessionLease> lease) : lease_{std::move(lease)} {}
Session::~Session() = default;

Items Session::query(std::string_view sql, Bindings bindings) {
    return action::items_of(lease_->session().query(action::bound(*lease_, sql, bindings)));
}

std::uint64_t Session::execute(std::string_view sql, Bindings bindings) {
    const db::Executed executed = lease_->session().execute(action::bound(*lease_, sql, bindings));
    last_insert_id_ = executed.last_insert_id;
    return executed.matched;
}

std::uint64_t Session::last_insert_id() const {
    return last_insert_id_;
}

std::string Session::quote(ValueView value) const {
    return lease_->session().quote(value);
}

}  // namespace rowmill
