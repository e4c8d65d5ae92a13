#include "http/driver.hpp"

#include "http/origin.hpp"

#include <rowmill/error.hpp>

namespace rowmill::http {
namespace {

/// One answer's receiver that fails must not take the other requests with it: it is on its own then.
void tell(const Driver::Done& done, Answer answer) noexcept {
    try {
        done(std::move(answer));
    } catch (...) {  // NOLINT: see above
    }
}

}  // namespace

Driver::Driver(boost::asio::io_context& io, const Options& options)
    : options_{options}, turns_{options.per_host, options.overall}, multi_{io, [this](CURL* handle, CURLcode code) {
                                                                               ended(handle, code);
                                                                           }} {}

void Driver::start(Id id, Request request, Done done) {
    if (closing_) return tell(done, Fault{Fault::Kind::cancelled, "the client is closed"});
    std::string host;
    try {
        host = origin_of(request.url);
    } catch (const Error& error) {
        return tell(done, Fault{Fault::Kind::url, std::string{"the URL "} + error.what()});
    }
    entries_.emplace(id, Entry{host, std::move(request), std::move(done), nullptr});
    if (turns_.enter(id, host)) begin(id);
}

void Driver::begin(Id id) {
    Entry& entry = entries_.at(id);
    try {
        entry.transfer = std::make_unique<Transfer>(std::move(entry.request), options_);
        under_way_.emplace(entry.transfer->handle(), id);
        multi_.add(entry.transfer->handle());
    } catch (const std::exception& error) {
        finish(id, Fault{Fault::Kind::network, error.what()});
    }
}

void Driver::ended(CURL* handle, CURLcode code) {
    const Id id = under_way_.at(handle);
    finish(id, entries_.at(id).transfer->answer(code));
}

void Driver::finish(Id id, Answer answer) {
    const auto found = entries_.find(id);
    const Entry entry = std::move(found->second);
    entries_.erase(found);
    if (entry.transfer) {
        under_way_.erase(entry.transfer->handle());
        multi_.remove(entry.transfer->handle());
    }
    turns_.leave(entry.host);
    if (!closing_) begin_next();
    tell(entry.done, std::move(answer));
}

void Driver::begin_next() {
    while (const auto id = turns_.next()) begin(*id);
}

void Driver::cancel(Id id) {
    const auto found = entries_.find(id);
    if (found == entries_.end()) return;
    Answer answer = Fault{Fault::Kind::cancelled, "it was given up"};
    if (found->second.transfer) return finish(id, std::move(answer));
    const Entry waiting = std::move(found->second);
    entries_.erase(found);
    turns_.forget(id);
    tell(waiting.done, std::move(answer));
}

void Driver::cancel_all() {
    closing_ = true;
    while (!entries_.empty()) cancel(entries_.begin()->first);
}

}  // namespace rowmill::http
