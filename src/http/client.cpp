#include "http/client.hpp"

#include "http/driver.hpp"

#include <rowmill/error.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <atomic>

namespace rowmill::http {
namespace asio = boost::asio;
namespace {

/// curl's own global state, made once and left to the process: other parts of it may use curl too.
void prepare_curl() {
    static const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) throw Error{ErrorKind::internal, std::string{"curl: "} + ::curl_easy_strerror(code)};
}

}  // namespace

struct Client::Loop {
    explicit Loop(const Options& options) : driver{io, options} {}

    /// What a piece of work throws ends neither the thread nor the other requests.
    void run() noexcept {
        while (true) {
            try {
                io.run();
                return;
            } catch (...) {  // NOLINT: no memory, most likely; the request is cancelled at its timeout
            }
        }
    }

    asio::io_context io{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard{io.get_executor()};
    Driver driver;
    std::atomic<Id> last{0};
};

Client::Client(const Options& options) {
    prepare_curl();
    loop_ = std::make_shared<Loop>(options);
    thread_ = std::thread{[loop = loop_] { loop->run(); }};
}

Client::~Client() {
    asio::post(loop_->io, [loop = loop_.get()] {
        loop->driver.cancel_all();
        loop->guard.reset();
        loop->io.stop();
    });
    if (thread_.get_id() == std::this_thread::get_id()) {
        thread_.detach();  // it can't wait for itself; it holds what it uses
    } else {
        thread_.join();
    }
}

Client::Id Client::start(Request request, Done done) {
    const Id id = ++loop_->last;
    asio::post(loop_->io, [loop = loop_.get(), id, request = std::move(request), done = std::move(done)]() mutable {
        loop->driver.start(id, std::move(request), std::move(done));
    });
    return id;
}

void Client::cancel(Id id) {
    asio::post(loop_->io, [loop = loop_.get(), id] { loop->driver.cancel(id); });
}

}  // namespace rowmill::http
