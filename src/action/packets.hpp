#pragma once

#include "db/session.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rowmill::action {

/// Which execution a statement of a packet is.
struct Execution {
    std::size_t statement = 0;
    std::optional<std::size_t> row;  ///< of the rows worked on; absent for a statement that is for all of them
};

/// Statements on their way to the server: they travel together, in order, in packets of a bounded number and size.
class Packets {
public:
    /// Hears of each execution, in order; `last` where it was the last of its packet, the only one whose warnings the
    /// server still shows.
    using Listener = std::function<void(const Execution& execution, const db::Executed& executed, bool last)>;

    Packets(db::Session& session, std::stop_token stop, bool one_by_one, Listener listener);

    /// Sends what waits first where there would be too much in one packet. Throws Error{too_large} for a statement that
    /// no packet can hold.
    void add(std::string sql, Execution execution);
    /// Sends what waits. Throws the server's errors, with `item_index` set to the row of the execution that failed;
    /// Error{stopped}.
    void flush();

private:
    db::Session& session_;
    std::stop_token stop_;
    Listener listener_;
    std::size_t most_statements_;
    std::size_t most_bytes_;
    std::size_t bytes_ = 0;
    std::vector<std::string> statements_;
    std::vector<Execution> executions_;
};

/// Throws Error{too_large} for a statement that the server would not take, which would cost the connection.
void check_size(const db::Session& session, const std::string& sql);

}  // namespace rowmill::action
