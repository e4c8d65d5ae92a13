#include "action/packets.hpp"

#include <utility>

namespace rowmill::action {
namespace {

/// More at once could deadlock: both sides waiting for room in the socket's buffers.
constexpr std::size_t safe_window = 100;
/// Room for what was deferred, and for the packet's own bytes.
constexpr std::size_t reserve = 1024;

}  // namespace

Packets::Packets(db::Session& session, std::stop_token stop, bool one_by_one, Listener listener)
    : session_{session},
      stop_{std::move(stop)},
      listener_{std::move(listener)},
      most_statements_{one_by_one ? 1 : safe_window},
      most_bytes_{static_cast<std::size_t>(session.max_allowed_packet() / 2)} {}

void Packets::add(std::string sql, Execution execution) {
    check_size(session_, sql);
    if (!statements_.empty() && (statements_.size() >= most_statements_ || bytes_ + sql.size() > most_bytes_)) flush();
    bytes_ += sql.size();
    statements_.push_back(std::move(sql));
    executions_.push_back(execution);
}

void Packets::flush() {
    if (statements_.empty()) return;
    if (stop_.stop_requested()) throw Error{ErrorKind::stopped, "asked to stop in the middle of a batch"};
    const std::vector<std::string> statements = std::exchange(statements_, {});
    const std::vector<Execution> executions = std::exchange(executions_, {});
    bytes_ = 0;
    std::vector<db::Executed> answers;
    try {
        answers = session_.execute_all(statements);
    } catch (Error& error) {
        if (error.statement_index < executions.size()) error.item_index = executions[error.statement_index].row;
        throw;
    }
    for (std::size_t i = 0; i < answers.size(); ++i) listener_(executions[i], answers[i], i + 1 == answers.size());
}

void check_size(const db::Session& session, const std::string& sql) {
    if (sql.size() + reserve <= session.max_allowed_packet()) return;
    throw Error{ErrorKind::too_large, "a statement of " + std::to_string(sql.size()) +
                                          " bytes does not fit into max_allowed_packet (" +
                                          std::to_string(session.max_allowed_packet()) + ")"};
}

}  // namespace rowmill::action
