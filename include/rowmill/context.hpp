#pragma once

#include <rowmill/export.hpp>
#include <rowmill/item.hpp>
#include <rowmill/session.hpp>
#include <rowmill/value.hpp>

#include <concepts>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace rowmill {

namespace action {
class HandlerCall;
}

/// What a handler may know of its call beside the item, and what it may use. Copies are of the same call, and are worth
/// nothing after it. `log` and the stop token may be used from any thread.
class ROWMILL_EXPORT Context {
public:
    explicit Context(std::shared_ptr<action::HandlerCall> call);
    Context(const Context&);
    Context(Context&&) noexcept;
    ~Context();

    /// Which attempt this is of the item, counted from 1.
    unsigned attempt() const;
    /// The class of the error that the attempt before ended with; empty for the first.
    const std::string& last_class() const;
    /// The same for all attempts of one item in one run, and another for each other item: for an Idempotency-Key, or
    /// the name of a file. Of the call's (first) item, or of another one of its batch.
    std::string token() const;
    std::string token(const Item& item) const;
    std::uint64_t run_id() const;

    /// A parameter of the run. Throws Error{usage} for one that the job does not declare.
    ValueView param(std::string_view name) const;
    /// The same as a std::int64_t, double, bool or std::string. Throws Error{usage} for one that was left out.
    template <typename Type>
    Type param(std::string_view name) const;

    /// Asks to end early: the item's time is up, or the run is to be left at once. What the handler answers is ignored
    /// then; until it does, its slot stays taken.
    std::stop_token stop_token() const;

    /// Writes a line to the run's log, with the item's key.
    void log(std::string_view text) const;

    /// The call's own session with the database that the job works in, connected by the first call. See Session. Throws
    /// Error where the server can't be reached.
    Session& session();

private:
    std::shared_ptr<action::HandlerCall> call_;
};

template <>
inline std::int64_t Context::param<std::int64_t>(std::string_view name) const {
    return param(name).as_integer();
}
template <>
inline double Context::param<double>(std::string_view name) const {
    return param(name).as_number();
}
template <>
inline bool Context::param<bool>(std::string_view name) const {
    return param(name).as_boolean();
}
template <>
inline std::string Context::param<std::string>(std::string_view name) const {
    return param(name).as_string();
}

}  // namespace rowmill
