#pragma once

#include "http/client.hpp"

#include <chrono>
#include <future>
#include <stdexcept>

namespace rowmill::test {

/// The answer once it is there; std::runtime_error where it does not come.
template <typename Value>
Value within_time(std::future<Value>& future) {
    if (future.wait_for(std::chrono::seconds{30}) != std::future_status::ready) throw std::runtime_error{"no answer"};
    return future.get();
}

/// A request that was started, and its answer to be.
struct Asked {
    http::Client::Id id = 0;
    std::future<http::Answer> answer;

    http::Answer wait() { return within_time(answer); }
};

inline Asked ask(http::Client& client, http::Request request) {
    auto promise = std::make_shared<std::promise<http::Answer>>();
    std::future<http::Answer> answer = promise->get_future();
    const auto id =
        client.start(std::move(request), [promise](http::Answer said) { promise->set_value(std::move(said)); });
    return {id, std::move(answer)};
}

inline Asked ask(http::Client& client, const std::string& url) {
    http::Request request;
    request.url = url;
    return ask(client, std::move(request));
}

}  // namespace rowmill::test
