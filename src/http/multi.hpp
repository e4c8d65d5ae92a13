#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <curl/curl.h>

#include <functional>
#include <memory>
#include <unordered_map>

namespace rowmill::http {

/// Many curl handles at once on one io_context: curl says which sockets and which moment it waits for, Asio tells it
/// when they have come. Used from the context's one thread alone; made before it runs, or on it.
class Multi {
public:
    /// `on_end` hears of each handle that is done; it may add handles and remove that one.
    Multi(boost::asio::io_context& io, std::function<void(CURL*, CURLcode)> on_end);
    /// Closes all connections. No handle may be left in it.
    ~Multi();
    Multi(const Multi&) = delete;
    Multi& operator=(const Multi&) = delete;

    /// Throws Error{internal} where curl has no memory for it.
    void add(CURL* handle);
    void remove(CURL* handle);

private:
    /// A socket that curl waits for. Shared with the waits on it, which may come to an end after it was forgotten.
    struct Watch {
        Watch(boost::asio::io_context& io, curl_socket_t number) : descriptor{io}, socket{number} {}

        boost::asio::posix::stream_descriptor descriptor;
        curl_socket_t socket;
        int wanted = 0;  ///< CURL_CSELECT_IN, _OUT
        int armed = 0;
        bool forgotten = false;
    };

    void watch(curl_socket_t socket, int what);
    void forget(curl_socket_t socket);
    void arm(const std::shared_ptr<Watch>& watch);
    void wait(const std::shared_ptr<Watch>& watch, int event);
    void set_timer(long milliseconds);
    void act(curl_socket_t socket, int events);
    static int on_socket(CURL* handle, curl_socket_t socket, int what, void* self, void* unused) noexcept;
    static int on_timer(CURLM* multi, long milliseconds, void* self) noexcept;

    boost::asio::io_context& io_;
    std::function<void(CURL*, CURLcode)> on_end_;
    boost::asio::steady_timer timer_;
    std::unordered_map<curl_socket_t, std::shared_ptr<Watch>> watches_;
    std::unique_ptr<CURLM, decltype(&::curl_multi_cleanup)> multi_;
};

}  // namespace rowmill::http
