#pragma once

#include <rowmill/export.hpp>
#include <rowmill/item.hpp>
#include <rowmill/value.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace rowmill {

namespace action {
class SessionLease;
}

/// What a `:name` of a statement stands for.
struct Binding {
    Binding(std::string given, ValueView meant) : name{std::move(given)}, value{meant} {}
    Binding(std::string given, Value meant) : name{std::move(given)}, value{std::move(meant)} {}
    Binding(std::string given, std::string_view meant)
        : name{std::move(given)}, value{Value::text(std::string{meant})} {}
    Binding(std::string given, const std::string& meant) : Binding{std::move(given), std::string_view{meant}} {}
    Binding(std::string given, const char* meant) : Binding{std::move(given), std::string_view{meant}} {}
    Binding(std::string given, std::signed_integral auto meant)
        : name{std::move(given)}, value{Value::integer(meant)} {}
    Binding(std::string given, std::unsigned_integral auto meant)
        : name{std::move(given)}, value{Value::unsigned_integer(meant)} {}
    ROWMILL_EXPORT Binding(std::string given, double meant);
    Binding(std::string given, std::nullptr_t) : name{std::move(given)} {}

    std::string name;
    Value value;  ///< NULL by itself
};
using Bindings = std::initializer_list<Binding>;

/// A connection to the database for one call of a handler; it goes back to the others' pool when the handler returns,
/// and a transaction left open is rolled back then. What else was set on it (variables, temporary tables) stays: undo
/// it.
///
/// The handler's transactions are its own: rowmill records on other connections what was done, afterwards. Every call
/// blocks its thread until the server has answered; when the item's time is up, the connection is ended and the call
/// fails.
///
/// In a statement `:name` stands for a value, escaped, as in a job file; what is in quotes or a comment is text. With
/// no bindings the statement is sent as it is. All calls throw Error: of the kind that the server's answer asks for, or
/// Error{usage} for a `:name` without a value. What a handler lets pass of a deadlock or a lost connection has its row
/// tried again. One thread at a time.
class ROWMILL_EXPORT Session {
public:
    explicit Session(std::unique_ptr<action::SessionLease> lease);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// The rows of a SELECT, whole in memory. The items have no key.
    Items query(std::string_view sql, Bindings bindings = {});
    /// How many rows an UPDATE or DELETE matched, an INSERT wrote.
    std::uint64_t execute(std::string_view sql, Bindings bindings = {});
    /// Of the last `execute`; 0 for none.
    std::uint64_t last_insert_id() const;
    /// A literal of the value.
    std::string quote(ValueView value) const;

private:
    std::unique_ptr<action::SessionLease> lease_;
    std::uint64_t last_insert_id_ = 0;
};

}  // namespace rowmill
