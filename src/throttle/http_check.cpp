#include "throttle/http_check.hpp"

#include "http/client.hpp"
#include "http/origin.hpp"

#include <rowmill/error.hpp>

#include <future>
#include <mutex>
#include <optional>

namespace rowmill::throttle {
namespace {

std::string origin_of(const std::string& url) {
    try {
        return http::origin_of(url);
    } catch (const Error& error) {
        throw Error{ErrorKind::usage, "throttle.http " + std::string{error.what()}};
    }
}

/// Who asks is left out, and what only the server is to know.
std::string shown(const std::string& url) {
    const std::string origin = origin_of(url);
    const std::size_t host = url.find("://") + 3;
    const std::size_t path = url.find('/', host);
    const std::size_t end = std::min(url.find_first_of("?#", host), url.size());
    return origin + (path < end ? url.substr(path, end - path) : "");
}

class HttpCheck : public Throttle {
public:
    HttpCheck(std::string url, std::chrono::milliseconds answer_within)
        : url_{std::move(url)}, shown_{shown(url_)}, answer_within_{answer_within}, client_{http::Options{.connect_timeout = answer_within}} {}

    std::string kind() const override { return "http"; }
    std::chrono::milliseconds interval() const override { return std::chrono::seconds{1}; }
    std::string asks() const override { return shown_; }
    void interrupt() override {
        const std::lock_guard lock{mutex_};
        if (request_) client_.cancel(*request_);
    }

    Reading look() override {
        const auto answered = std::make_shared<std::promise<http::Answer>>();
        auto answer = answered->get_future();
        http::Request request;
        request.url = url_;
        set(client_.start(std::move(request), [answered](http::Answer got) { answered->set_value(std::move(got)); }));
        if (answer.wait_for(answer_within_) != std::future_status::ready) interrupt();
        const http::Answer got = answer.get();
        set({});
        if (const auto* fault = std::get_if<http::Fault>(&got)) {
            const bool is_late = fault->kind == http::Fault::Kind::cancelled;
            return {.strain = 2, .reason = shown_ + (is_late ? ": no answer in time" : ": " + fault->reason)};
        }
        const int status = std::get<http::Response>(got).status;
        if (status >= 200 && status < 300) return {};
        return {.strain = 2, .reason = shown_ + " answers " + std::to_string(status)};
    }

private:
    void set(std::optional<http::Client::Id> request) {
        const std::lock_guard lock{mutex_};
        request_ = request;
    }

    const std::string url_, shown_;
    const std::chrono::milliseconds answer_within_;
    http::Client client_;
    std::mutex mutex_;
    std::optional<http::Client::Id> request_;
};

}  // namespace

std::unique_ptr<Throttle> http_check(std::string url, std::chrono::milliseconds answer_within) {
    return std::make_unique<HttpCheck>(std::move(url), answer_within);
}

}  // namespace rowmill::throttle
