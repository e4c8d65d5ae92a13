#include "http/multi.hpp"

#include <rowmill/error.hpp>

#include <boost/asio/post.hpp>

#include <array>

namespace rowmill::http {
namespace asio = boost::asio;

Multi::Multi(asio::io_context& io, std::function<void(CURL*, CURLcode)> on_end)
    : io_{io}, on_end_{std::move(on_end)}, timer_{io}, multi_{::curl_multi_init(), &::curl_multi_cleanup} {
    if (!multi_) throw Error{ErrorKind::internal, "no memory for HTTP requests"};
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETFUNCTION, &Multi::on_socket);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_SOCKETDATA, static_cast<void*>(this));
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERFUNCTION, &Multi::on_timer);
    ::curl_multi_setopt(multi_.get(), CURLMOPT_TIMERDATA, static_cast<void*>(this));
}

Multi::~Multi() {
    multi_.reset();  // tells of the sockets that it closes
    while (!watches_.empty()) forget(watches_.begin()->first);
}

void Multi::add(CURL* handle) {
    const CURLMcode code = ::curl_multi_add_handle(multi_.get(), handle);
    if (code != CURLM_OK)
        throw Error{ErrorKind::internal, std::string{"an HTTP request can't be sent: "} + ::curl_multi_strerror(code)};
}

void Multi::remove(CURL* handle) {
    ::curl_multi_remove_handle(multi_.get(), handle);
}

int Multi::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
    Multi& multi = *static_cast<Multi*>(self);
    if (what == CURL_POLL_REMOVE) {
        multi.forget(socket);
    } else {
        multi.watch(socket, what);
    }
    return 0;
}

int Multi::on_timer(CURLM*, long milliseconds, void* self) noexcept {
    static_cast<Multi*>(self)->set_timer(milliseconds);
    return 0;
}

void Multi::watch(curl_socket_t socket, int what) {
    std::shared_ptr<Watch>& found = watches_[socket];
    if (!found) {
        found = std::make_shared<Watch>(io_, socket);
        boost::system::error_code error;
        found->descriptor.assign(socket, error);
        if (error) {
            // The system takes no more: curl hears of it as an error of the socket.
            asio::post(io_, [this, watch = found] {
                if (!watch->forgotten) act(watch->socket, CURL_CSELECT_ERR);
            });
            return;
        }
    }
    found->wanted = 0;
    if ((what & CURL_POLL_IN) != 0) found->wanted |= CURL_CSELECT_IN;
    if ((what & CURL_POLL_OUT) != 0) found->wanted |= CURL_CSELECT_OUT;
    arm(found);
}

void Multi::forget(curl_socket_t socket) {
    const auto found = watches_.find(socket);
    if (found == watches_.end()) return;
    found->second->forgotten = true;
    if (found->second->descriptor.is_open()) found->second->descriptor.release();  // it is curl's to close
    watches_.erase(found);
}

void Multi::arm(const std::shared_ptr<Watch>& watch) {
    if (!watch->descriptor.is_open()) return;
    for (const int event : std::array{CURL_CSELECT_IN, CURL_CSELECT_OUT}) {
        if ((watch->wanted & ~watch->armed & event) != 0) wait(watch, event);
    }
}

void Multi::wait(const std::shared_ptr<Watch>& watch, int event) {
    watch->armed |= event;
    const auto kind =
        event == CURL_CSELECT_IN ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
    watch->descriptor.async_wait(kind, [this, watch, event](const boost::system::error_code& error) {
        watch->armed &= ~event;
        if (watch->forgotten) return;
        act(watch->socket, error ? CURL_CSELECT_ERR : event);
        if (!watch->forgotten) arm(watch);
    });
}

void Multi::set_timer(long milliseconds) {
    timer_.cancel();
    if (milliseconds < 0) return;
    timer_.expires_after(std::chrono::milliseconds{milliseconds});
    timer_.async_wait([this](const boost::system::error_code& error) {
        if (!error) act(CURL_SOCKET_TIMEOUT, 0);
    });
}

void Multi::act(curl_socket_t socket, int events) {
    int running = 0;
    ::curl_multi_socket_action(multi_.get(), socket, events, &running);
    int left = 0;
    while (const CURLMsg* message = ::curl_multi_info_read(multi_.get(), &left)) {
        if (message->msg == CURLMSG_DONE) on_end_(message->easy_handle, message->data.result);
    }
}

}  // namespace rowmill::http
