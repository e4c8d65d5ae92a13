#pragma once

#include <rowmill/export.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace rowmill {

/// Why something could not be done, by what is to be done about it. Closed: every place that reacts
/// to errors switches over all of them.
enum class ErrorKind : std::uint8_t {
    usage,        ///< a flag, a job file, a parameter; found before the first row. Exit 2
    refused,      ///< what can't be done safely: no usable key, a full scan, a changed job. Exit 2
    replay,       ///< deadlock, lock wait: the transaction is gone, do it again
    too_large,    ///< packet or transaction too large: again with a smaller batch
    interrupted,  ///< killed or timed out on the server: again with a smaller batch, a few times
    disconnected, ///< the connection is gone: connect, resolve the doubt, do it again
    overloaded,   ///< the server takes no more connections: the same, with longer waits
    failover,     ///< the server became read-only: drop the connection, find the writable one
    row,          ///< the row's own fault: a constraint, a value
    fatal,        ///< the run's fault: privileges, syntax, a missing table. Stops the run
    disk_full,    ///< the server's disk is full: wait
    fenced,       ///< the sack was taken over by another worker: roll back and drop it
    unsafe,       ///< the exactly-once promise was found broken (a hidden commit). Stops the run
    unreachable,  ///< the server was not reached within the time allowed. Exit 69
    stopped,      ///< we were asked to leave at once
    internal,     ///< a fault of rowmill itself
};

ROWMILL_EXPORT std::string_view name_of(ErrorKind kind);

/// The one exception of rowmill. `what()` is a sentence that says what happened, where, and what to
/// do; it never holds a secret.
class ROWMILL_EXPORT Error : public std::runtime_error {
public:
    Error(ErrorKind kind, const std::string& sentence) : std::runtime_error{sentence}, kind_{kind} {}

    ErrorKind kind() const { return kind_; }

    /// The server's error number and SQLSTATE, where a server said it; else 0 and empty.
    int server_code = 0;
    std::string sqlstate;
    /// The statement that failed, shortened.
    std::string statement;
    /// Which statement of a packet failed, counted from 0.
    std::size_t statement_index = 0;
    /// The item of the batch that is known to be at fault.
    std::optional<std::size_t> item_index;

private:
    ErrorKind kind_;
};

}  // namespace rowmill
