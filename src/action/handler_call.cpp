#include "action/handler_call.hpp"

#include "action/outside.hpp"
#include "action/secrets.hpp"
#include "action/session_lease.hpp"
#include "item/error_kind.hpp"

#include <rowmill/error.hpp>

#include <cxxabi.h>

#include <cstdlib>

namespace rowmill {
namespace action {
namespace {

/// The type of the exception that is being handled, as its source names it.
std::string name_of_current_exception() {
    const std::type_info* type = abi::__cxa_current_exception_type();
    if (type == nullptr) return "exception";
    int status = 0;
    const std::unique_ptr<char, decltype(&std::free)> name{abi::__cxa_demangle(type->name(), nullptr, nullptr, &status),
                                                           &std::free};
    return status == 0 ? name.get() : type->name();
}

/// A server's error is known by its number, as with SQL.
std::string class_of(const Error& error) {
    return error.server_code != 0 ? std::to_string(error.server_code) : std::string{name_of(error.kind())};
}

Outcome failure_of_current_exception(const std::vector<std::string>& secrets) {
    try {
        throw;
    } catch (const Error& error) {
        // Its statement may hold one as the server reads it, with escapes.
        Outcome outcome = failure(without_secrets(error, secrets).what(), class_of(error));
        // The server's state, and not the row, is at fault.
        if (may_pass(error.kind()) || is_lost_connection(error.kind())) outcome.kind = Outcome::Kind::retry;
        return outcome;
    } catch (const std::exception& error) {
        const char* what = error.what();
        return failure(what != nullptr ? what : "an exception without words", name_of_current_exception());
    } catch (...) {
        return failure("the handler threw something that is no std::exception", name_of_current_exception());
    }
}

}  // namespace

Session& HandlerCall::session() {
    if (!session_) session_.emplace(std::make_unique<SessionLease>(run_->sessions, stop_));
    return *session_;
}

void HandlerCall::log(std::string_view text) const {
    std::string line = "key " + display(batch_.items[0].key());
    if (batch_.items.size() > 1) line += " to " + display(batch_.items[batch_.items.size() - 1].key());
    run_->log(line.append(": ").append(text));
}

Outcome HandlerCall::outcome_of_exception() const {
    Outcome outcome = failure_of_current_exception(run_->secrets);
    if (run_->retry_on_exception) outcome.kind = Outcome::Kind::retry;
    return outcome;
}

engine::BatchOutcome HandlerCall::end(std::vector<Outcome> outcomes) {
    session_.reset();
    engine::BatchOutcome answer;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        Outcome& outcome = outcomes[i];
        if (outcome.kind == Outcome::Kind::success) continue;
        outcome.reason = without_secrets(std::move(outcome.reason), run_->secrets);
        outcome.error_class = without_secrets(std::move(outcome.error_class), run_->secrets);
        if (outcome.kind != Outcome::Kind::skip && !stop_.stop_requested())
            run_->log("key " + display(batch_.items[i].key()) + ", attempt " + std::to_string(batch_.attempt) + ": " +
                      outcome.reason);
        answer.named.emplace_back(static_cast<std::uint32_t>(i), std::move(outcome));
    }
    return answer;
}

}  // namespace action

Context::Context(std::shared_ptr<action::HandlerCall> call) : call_{std::move(call)} {}
Context::Context(const Context&) = default;
Context::Context(Context&&) noexcept = default;
Context::~Context() = default;

unsigned Context::attempt() const {
    return call_->batch().attempt;
}

const std::string& Context::last_class() const {
    return call_->batch().last_class;
}

std::string Context::token() const {
    return token(call_->batch().items[0]);
}

std::string Context::token(const Item& item) const {
    return action::idempotency_token(call_->run().run_token, item.key());
}

std::uint64_t Context::run_id() const {
    return call_->run().run;
}

ValueView Context::param(std::string_view name) const {
    const job::Params& params = call_->run().params;
    const auto found = params.find(name);
    if (found != params.end()) return found->second.view();
    throw Error{ErrorKind::usage, "the job declares no parameter \"" + std::string{name} + "\""};
}

std::stop_token Context::stop_token() const {
    return call_->stop_token();
}

void Context::log(std::string_view text) const {
    call_->log(text);
}

Session& Context::session() {
    return call_->session();
}

}  // namespace rowmill
