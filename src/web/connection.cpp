#include "web/connection.hpp"

#include "web/target.hpp"
#include "web/wire.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <type_traits>

namespace rowmill::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

using Parser = http::request_parser<http::string_body>;
using TlsSocket = asio::ssl::stream<tcp::socket>;

constexpr std::size_t first_read = 2048;        // most requests are smaller
constexpr std::size_t lingering_bytes = 1 << 20;  // of what is still sent to us after our last word
constexpr std::chrono::milliseconds lingering_time{2000};
constexpr int stream_send_buffer = 64 << 10;    // so that who never reads is noticed, and costs no more

/// Why a request could not be read, as a status; 0: there is nobody to tell.
unsigned status_of(const error_code& error, const Parser& parser) {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return parser.get().target().empty() ? 414 : 431;
    if (error == http::error::body_limit) return 413;
    if (error == http::error::bad_version) return 505;
    if (error == http::error::end_of_stream) return 0;
    return error.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
}

std::string small_letters(std::string_view text) {
    std::string small{text};
    std::ranges::transform(small, small.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return small;
}

/// Absent: HTTP does not allow it, or its path is none.
std::optional<Request> to_request(http::request<http::string_body>& message) {
    const auto hosts = message.equal_range(http::field::host);
    const auto host_count = std::distance(hosts.first, hosts.second);
    if (host_count > 1 || (host_count == 0 && message.version() >= 11)) return std::nullopt;
    std::optional<Target> target = read_target(std::string_view{message.target().data(), message.target().size()});
    if (!target) return std::nullopt;
    Request request;
    request.method = std::string{message.method_string()};
    request.path = std::move(target->path);
    request.query = std::move(target->query);
    for (const auto& field : message) {
        request.headers.emplace_back(small_letters({field.name_string().data(), field.name_string().size()}), std::string{field.value()});
    }
    request.body = std::move(message.body());
    return request;
}

/// HTTP/1.1 on a plain or an encrypted socket. What it waits for holds it; when nothing does, it is gone.
template <typename Socket>
class HttpConnection final : public Connection {
public:
    template <typename... Arguments>
    HttpConnection(Hall& hall, bool is_turned_away, Arguments&&... arguments)
        : Connection{hall}, socket_{std::forward<Arguments>(arguments)...}, timer_{hall.io}, is_turned_away_{is_turned_away} {}

    void start() override;
    void wake() override {
        if (stream_) pump();
    }

private:
    static constexpr bool is_tls = std::is_same_v<Socket, TlsSocket>;
    enum class Late : std::uint8_t { drop, tell };

    std::shared_ptr<HttpConnection> self() { return std::static_pointer_cast<HttpConnection>(shared_from_this()); }
    auto& tcp_socket() { return socket_.lowest_layer(); }

    void begin();
    void wait_for_request();
    void read_header();
    void header_is_read();
    void read_body();
    void reading_failed(const error_code& error);
    void ask();
    void respond(Response response, bool keeps_alive);
    void body_is_sent(bool keeps_alive);
    void linger();
    void discard();

    void begin_stream(Response response);
    void pump();
    void send_piece(std::shared_ptr<const std::string> piece);
    void piece_is_sent();
    void end_stream();
    void rest();
    void beat();
    void watch_for_end();
    void other_side_is_done();

    template <typename Buffers, typename Then>
    void write(const Buffers& buffers, Then then);
    void set_deadline(std::chrono::milliseconds time, std::function<void()> late);
    void set_deadline(std::chrono::milliseconds time, Late late = Late::drop);
    void drop();

    Socket socket_;
    asio::steady_timer timer_;
    std::uint64_t deadline_ = 0;  // counts them, so that one that was met just in time does nothing
    beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::string peer_, local_, head_, body_;
    std::unique_ptr<Stream> stream_;
    std::shared_ptr<const std::string> piece_;
    std::array<char, 64> scrap_{};
    std::size_t discarded_ = 0;
    bool is_turned_away_, is_first_ = true, is_head_request_ = false, is_chunked_ = false, wants_close_ = false;
    bool is_late_ = false, is_sending_ = false, wants_probe_ = false;
};

template <typename Socket>
void HttpConnection<Socket>::set_deadline(std::chrono::milliseconds time, std::function<void()> late) {
    const std::uint64_t deadline = ++deadline_;
    timer_.expires_after(time);
    timer_.async_wait([this, self = self(), deadline, late = std::move(late)](const error_code& error) {
        if (!error && deadline == deadline_) late();
    });
}

template <typename Socket>
void HttpConnection<Socket>::set_deadline(std::chrono::milliseconds time, Late late) {
    set_deadline(time, [this, late] {
        if (late == Late::drop) return drop();
        is_late_ = true;  // what is being read ends with an error, and is answered
        error_code ignored;
        tcp_socket().cancel(ignored);
    });
}

template <typename Socket>
void HttpConnection<Socket>::drop() {
    ++deadline_;
    stream_.reset();
    timer_.cancel();
    error_code ignored;
    tcp_socket().close(ignored);
}

/// The deadline begins anew with whatever is taken.
template <typename Socket>
template <typename Buffers, typename Then>
void HttpConnection<Socket>::write(const Buffers& buffers, Then then) {
    set_deadline(hall_.limits.write_time);
    auto condition = [this, taken = std::size_t{0}](const error_code& error, std::size_t so_far) mutable -> std::size_t {
        if (error) return 0;
        if (so_far > taken) set_deadline(hall_.limits.write_time);
        taken = so_far;
        return 64 << 10;
    };
    asio::async_write(socket_, buffers, std::move(condition),
                      [this, self = self(), then = std::move(then)](const error_code& error, std::size_t) {
                          if (error) return drop();
                          then();
                      });
}

/// An IPv4 address as such, though it came to a socket for IPv6.
std::string shown(const asio::ip::address& address) {
    if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address.to_string();
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

/// Has the system ask whether the other side is still there, where neither of us says anything.
void keep_alive(int socket) {
    const int on = 1, idle_seconds = 15, interval_seconds = 5, times = 3;
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval_seconds, sizeof interval_seconds);
    ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof times);
}

template <typename Socket>
void HttpConnection<Socket>::start() {
    error_code ignored;
    tcp_socket().set_option(tcp::no_delay{true}, ignored);
    keep_alive(tcp_socket().native_handle());
    peer_ = shown(tcp_socket().remote_endpoint(ignored).address());
    local_ = shown(tcp_socket().local_endpoint(ignored).address());
    set_deadline(hall_.limits.header_time);
    if constexpr (is_tls) {
        socket_.async_handshake(asio::ssl::stream_base::server, [this, self = self()](const error_code& error) {
            if (error) return drop();
            begin();
        });
    } else {
        begin();
    }
}

template <typename Socket>
void HttpConnection<Socket>::begin() {
    if (!is_turned_away_) return wait_for_request();
    respond(refusal(503), false);
}

template <typename Socket>
void HttpConnection<Socket>::wait_for_request() {
    if (buffer_.size() > 0) return read_header();
    set_deadline(is_first_ ? hall_.limits.header_time : hall_.limits.idle_time);
    is_first_ = false;
    socket_.async_read_some(buffer_.prepare(first_read), [this, self = self()](const error_code& error, std::size_t bytes) {
        if (error) return drop();
        buffer_.commit(bytes);
        read_header();
    });
}

template <typename Socket>
void HttpConnection<Socket>::read_header() {
    parser_.emplace();
    is_head_request_ = false;
    parser_->header_limit(hall_.limits.header_bytes);
    parser_->body_limit(hall_.limits.body_bytes);
    set_deadline(hall_.limits.header_time, Late::tell);
    http::async_read_header(socket_, buffer_, *parser_, [this, self = self()](const error_code& error, std::size_t) {
        if (error) return reading_failed(error);
        header_is_read();
    });
}

template <typename Socket>
void HttpConnection<Socket>::header_is_read() {
    const auto& message = parser_->get();
    wants_close_ = !message.keep_alive();
    is_head_request_ = message.method() == http::verb::head;
    is_chunked_ = message.version() >= 11;
    const auto expectation = small_letters(std::string_view{message[http::field::expect].data(), message[http::field::expect].size()});
    if (!expectation.empty() && expectation != "100-continue") return respond(refusal(417), false);
    if (expectation.empty() || parser_->is_done() || message.version() < 11) return read_body();
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    write(asio::buffer(head_), [this] { read_body(); });
}

template <typename Socket>
void HttpConnection<Socket>::read_body() {
    if (parser_->is_done()) return ask();
    set_deadline(hall_.limits.body_time, Late::tell);
    http::async_read(socket_, buffer_, *parser_, [this, self = self()](const error_code& error, std::size_t) {
        if (error) return reading_failed(error);
        ask();
    });
}

template <typename Socket>
void HttpConnection<Socket>::reading_failed(const error_code& error) {
    const unsigned status = is_late_ ? 408 : status_of(error, *parser_);
    if (status == 0 || !tcp_socket().is_open()) return drop();
    respond(refusal(status), false);
}

template <typename Socket>
void HttpConnection<Socket>::ask() {
    ++deadline_;  // answering takes the time that it takes
    timer_.cancel();
    auto message = parser_->release();
    parser_.reset();
    std::optional<Request> request = to_request(message);
    if (!request) return respond(refusal(400), false);
    request->peer = peer_;
    request->local = local_;
    request->is_tls = is_tls;
    Crew* crew = &hall_.crew_for(hall_.estimate(*request));
    if (crew->requests >= crew->most) {
        request->is_one_too_many = true;
        crew = &hall_.crew_for(Effort::none);
    }
    ++crew->requests;
    asio::post(crew->io, [this, self = self(), crew, request = *std::move(request)]() mutable {
        Response response;
        try {
            response = hall_.handler(request);
        } catch (...) {  // what it says is for nobody outside
            response = refusal(500);
        }
        --crew->requests;
        asio::post(hall_.io, [this, self = std::move(self), response = std::move(response)]() mutable {
            respond(std::move(response), !wants_close_);
        });
    });
}

template <typename Socket>
void HttpConnection<Socket>::respond(Response response, bool keeps_alive) {
    if (response.stream && !is_head_request_) return begin_stream(std::move(response));
    const Framing framing = !response.stream ? Framing::length : is_chunked_ ? Framing::chunked : Framing::closing;
    head_ = head_of(response, framing, keeps_alive, std::time(nullptr));
    body_ = is_head_request_ ? std::string{} : std::move(response.body);
    write(std::array{asio::const_buffer{asio::buffer(head_)}, asio::const_buffer{asio::buffer(body_)}},
          [this, keeps_alive] { body_is_sent(keeps_alive); });
}

template <typename Socket>
void HttpConnection<Socket>::body_is_sent(bool keeps_alive) {
    head_ = {};
    body_ = {};
    if (keeps_alive) return wait_for_request();
    linger();
}

/// Says that no more comes, and takes what is still under way: a socket that is closed with unread bytes resets the connection, and with
/// it what the client has not read of our answer.
template <typename Socket>
void HttpConnection<Socket>::linger() {
    set_deadline(lingering_time);
    if constexpr (is_tls) {
        socket_.async_shutdown([this, self = self()](const error_code&) { drop(); });
    } else {
        error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        discard();
    }
}

template <typename Socket>
void HttpConnection<Socket>::discard() {
    socket_.async_read_some(asio::buffer(scrap_), [this, self = self()](const error_code& error, std::size_t bytes) {
        discarded_ += bytes;
        if (error || discarded_ > lingering_bytes) return drop();
        discard();
    });
}

template <typename Socket>
void HttpConnection<Socket>::begin_stream(Response response) {
    stream_ = std::move(response.stream);
    head_ = head_of(response, is_chunked_ ? Framing::chunked : Framing::closing, false, std::time(nullptr));
    buffer_ = {};
    error_code ignored;
    tcp_socket().set_option(tcp::socket::send_buffer_size{stream_send_buffer}, ignored);
    stream_->wake_with([bells = hall_.bells, sleeper = weak_from_this()] { bells->ring(sleeper); });
    watch_for_end();
    is_sending_ = true;
    write(asio::buffer(head_), [this] { piece_is_sent(); });
}

/// Sends what there is to send, a piece at a time.
template <typename Socket>
void HttpConnection<Socket>::pump() {
    if (is_sending_) return;
    try {
        if (auto piece = stream_->next(); piece && !piece->empty()) return send_piece(std::move(piece));
        if (stream_->is_over()) return end_stream();
        if (std::exchange(wants_probe_, false)) return beat();
        rest();
    } catch (...) {  // a body has no other way to say that it failed
        drop();
    }
}

template <typename Socket>
void HttpConnection<Socket>::send_piece(std::shared_ptr<const std::string> piece) {
    is_sending_ = true;
    piece_ = std::move(piece);
    head_ = is_chunked_ ? chunk_head(piece_->size()) : std::string{};
    const std::string_view end = is_chunked_ ? chunk_end : std::string_view{};
    write(std::array{asio::const_buffer{asio::buffer(head_)}, asio::const_buffer{asio::buffer(*piece_)}, asio::const_buffer{asio::buffer(end)}},
          [this] { piece_is_sent(); });
}

template <typename Socket>
void HttpConnection<Socket>::piece_is_sent() {
    is_sending_ = false;
    piece_.reset();
    head_ = {};
    if (stream_) pump();
}

template <typename Socket>
void HttpConnection<Socket>::end_stream() {
    stream_.reset();
    if (!is_chunked_) return linger();
    write(asio::buffer(last_chunk), [this] { linger(); });
}

template <typename Socket>
void HttpConnection<Socket>::rest() {
    set_deadline(hall_.limits.heartbeat_time, [this] {
        if (stream_ && !is_sending_) beat();
    });
}

template <typename Socket>
void HttpConnection<Socket>::beat() {
    std::string heartbeat = stream_->heartbeat();
    if (heartbeat.empty()) return rest();
    send_piece(std::make_shared<const std::string>(std::move(heartbeat)));
}

/// While a stream goes on nothing is expected of its client; what it sends is dropped, and its end is noticed.
template <typename Socket>
void HttpConnection<Socket>::watch_for_end() {
    socket_.async_read_some(asio::buffer(scrap_), [this, self = self()](const error_code& error, std::size_t) {
        if (!stream_) return;
        if (!error) return watch_for_end();
        if (error == asio::error::eof && !is_tls) return other_side_is_done();
        drop();
    });
}

/// It may have gone, or only have nothing more to say: what is sent now has a client that went away answer with a reset.
template <typename Socket>
void HttpConnection<Socket>::other_side_is_done() {
    tcp_socket().async_wait(tcp::socket::wait_error, [this, self = self()](const error_code& error) {
        if (stream_ && !error) drop();
    });
    wants_probe_ = true;
    pump();
}

}  // namespace

std::shared_ptr<Connection> make_connection(Hall& hall, tcp::socket socket, asio::ssl::context* tls, bool is_turned_away) {
    if (tls == nullptr) return std::make_shared<HttpConnection<tcp::socket>>(hall, is_turned_away, std::move(socket));
    return std::make_shared<HttpConnection<TlsSocket>>(hall, is_turned_away, std::move(socket), *tls);
}

}  // namespace rowmill::web
