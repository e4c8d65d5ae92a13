#pragma once

#include "http/options.hpp"
#include "http/request.hpp"

#include <curl/curl.h>

#include <array>
#include <memory>
#include <string_view>

namespace rowmill::http {

/// One request while it is under way: a curl handle, what it sends and what has come back. Not thread-safe.
class Transfer {
public:
    /// Throws Error{internal} where curl has no memory for it.
    Transfer(Request request, const Options& options);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    CURL* handle() const { return handle_.get(); }
    /// What came of it, once curl has said `code` of its end.
    Answer answer(CURLcode code);

private:
    void set_request();
    void set_headers();
    void set_rules(const Options& options);
    template <typename Value>
    void set(CURLoption option, Value value);

    std::size_t take_header(std::string_view line);
    std::size_t take_body(std::string_view bytes);
    bool count(std::size_t size);
    static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept;
    static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept;

    const Request request_;
    const std::size_t kept_bytes_, read_bytes_;
    std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)> headers_{nullptr, &::curl_slist_free_all};
    Response response_;
    std::size_t read_ = 0;
    bool too_long_ = false;
    std::array<char, CURL_ERROR_SIZE> trouble_{};
    std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> handle_;  ///< last: it refers to the others until it is gone
};

}  // namespace rowmill::http
