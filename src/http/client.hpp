#pragma once

#include "http/options.hpp"
#include "http/request.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

namespace rowmill::http {

/// An HTTP client for thousands of requests at once, on one thread of its own. Connections are kept and used again;
/// certificates are always verified; redirects are not followed, and nothing but a lost connection that was kept is
/// tried again. There is no limit on the time of a whole request: whoever starts it cancels it. Proxies are taken from
/// the environment, as curl does. Thread-safe.
class Client {
public:
    using Id = std::uint64_t;
    /// Called once for each request, on the client's thread: it must not block, and what it throws is lost.
    using Done = std::function<void(Answer)>;

    /// Throws Error{internal} where the system has no room for it.
    explicit Client(const Options& options);
    /// Cancels what is under way, and returns when all have been told. Where the last to be told lets go of the client
    /// itself, on the client's thread, that thread ends by itself.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Never blocks, and never answers before it has returned on the client's own thread.
    Id start(Request request, Done done);
    /// Breaks the request off, or takes it out of the queue, soon: it is then answered with Fault cancelled. Does
    /// nothing for one that was answered.
    void cancel(Id id);

private:
    struct Loop;
    std::shared_ptr<Loop> loop_;
    std::thread thread_;
};

}  // namespace rowmill::http
