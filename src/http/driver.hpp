#pragma once

#include "http/multi.hpp"
#include "http/transfer.hpp"
#include "http/turns.hpp"

#include <functional>
#include <unordered_map>

namespace rowmill::http {

/// Requests from their coming to their answer: waiting for their turn, or under way. Used from the context's one thread
/// alone.
class Driver {
public:
    using Id = Turns::Id;
    using Done = std::function<void(Answer)>;

    Driver(boost::asio::io_context& io, const Options& options);

    void start(Id id, Request request, Done done);
    /// Answers with Fault cancelled, at once; does nothing where it was answered before.
    void cancel(Id id);
    /// Cancels all there are.
    void cancel_all();

private:
    struct Entry {
        std::string host;
        Request request;  ///< until its turn comes
        Done done;
        std::unique_ptr<Transfer> transfer;
    };

    void begin(Id id);
    void ended(CURL* handle, CURLcode code);
    void finish(Id id, Answer answer);
    void begin_next();

    const Options options_;
    Turns turns_;
    std::unordered_map<Id, Entry> entries_;
    std::unordered_map<CURL*, Id> under_way_;
    bool closing_ = false;
    Multi multi_;
};

}  // namespace rowmill::http
