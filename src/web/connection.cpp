#include "web/connection.hpp"

#include "web/incoming.hpp"
#include "web/socket_connection.hpp"
#include "web/sockets.hpp"
#include "web/wire.hpp"

#include <boost/asio/post.hpp>

#include <ctime>
#include <optional>

namespace rowmill::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int stream_send_buffer = 64 << 10;  // so that who never reads is noticed, and costs no more

/// HTTP/1.1 on a socket.
template <typename Socket>
class HttpConnection final : public SocketConnection<Socket> {
public:
    template <typename... Arguments>
    HttpConnection(Hall& hall, bool is_turned_away, Arguments&&... arguments)
        : Base{hall, std::forward<Arguments>(arguments)...}, incoming_{hall.limits}, is_turned_away_{is_turned_away} {}

    void start() override;
    void wake() override {
        if (stream_) pump();
    }

private:
    using Base = SocketConnection<Socket>;
    using Base::hall_;
    using Base::is_tls;
    using Base::linger;
    using Base::meet_deadline;
    using Base::scrap_;
    using Base::set_deadline;
    using Base::socket_;
    using Base::tcp_socket;
    using Base::write;

    std::shared_ptr<Connection> self() { return this->shared_from_this(); }

    void begin();
    void wait_for_request();
    void read_header();
    void header_is_read();
    void read_body();
    void reading_failed(const error_code& error);
    void ask();
    void respond(Response response, bool keeps_alive);
    void body_is_sent(bool keeps_alive);
    void tell_when_late(std::chrono::milliseconds time);
    void drop() override;

    void begin_stream(Response response);
    void pump();
    void send_piece(std::shared_ptr<const std::string> piece);
    void piece_is_sent();
    void end_stream();
    void rest();
    void beat();
    void watch_for_end();
    void other_side_is_done();

    Incoming incoming_;
    std::string peer_, local_, head_, body_;
    std::unique_ptr<Stream> stream_;
    std::shared_ptr<const std::string> piece_;
    bool is_turned_away_, is_first_ = true, is_head_request_ = false, is_chunked_ = false, wants_close_ = false;
    bool is_late_ = false, is_sending_ = false, wants_probe_ = false;
};

/// What is being read ends with an error then, and is answered.
template <typename Socket>
void HttpConnection<Socket>::tell_when_late(std::chrono::milliseconds time) {
    set_deadline(time, [this] {
        is_late_ = true;
        error_code ignored;
        tcp_socket().cancel(ignored);
    });
}

template <typename Socket>
void HttpConnection<Socket>::drop() {
    stream_.reset();
    Base::drop();
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
    if (incoming_.has_more()) return read_header();
    set_deadline(is_first_ ? hall_.limits.header_time : hall_.limits.idle_time);
    is_first_ = false;
    incoming_.wait(socket_, [this, self = self()](const error_code& error) {
        if (error) return drop();
        read_header();
    });
}

template <typename Socket>
void HttpConnection<Socket>::read_header() {
    is_head_request_ = false;
    tell_when_late(hall_.limits.header_time);
    incoming_.read_header(socket_, [this, self = self()](const error_code& error) {
        if (error) return reading_failed(error);
        header_is_read();
    });
}

template <typename Socket>
void HttpConnection<Socket>::header_is_read() {
    wants_close_ = !incoming_.keeps_alive();
    is_head_request_ = incoming_.is_head();
    is_chunked_ = incoming_.is_http_1_1();
    const std::string expectation = incoming_.expectation();
    if (!expectation.empty() && expectation != "100-continue") return respond(refusal(417), false);
    if (expectation.empty() || incoming_.is_complete() || !incoming_.is_http_1_1()) return read_body();
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    write(asio::buffer(head_), [this] { read_body(); });
}

template <typename Socket>
void HttpConnection<Socket>::read_body() {
    if (incoming_.is_complete()) return ask();
    tell_when_late(hall_.limits.body_time);
    incoming_.read_body(socket_, [this, self = self()](const error_code& error) {
        if (error) return reading_failed(error);
        ask();
    });
}

template <typename Socket>
void HttpConnection<Socket>::reading_failed(const error_code& error) {
    const unsigned status = is_late_ ? 408 : incoming_.status_of(error);
    if (status == 0 || !tcp_socket().is_open()) return drop();
    respond(refusal(status), false);
}

template <typename Socket>
void HttpConnection<Socket>::ask() {
    meet_deadline();  // answering takes the time that it takes
    std::optional<Request> request = incoming_.take();
    if (!request) return respond(refusal(400), false);
    request->peer = peer_;
    request->local = local_;
    request->is_tls = is_tls;
    Crew& crew = hall_.admit(*request);
    asio::post(crew.io, [this, self = self(), &crew, request = *std::move(request)]() mutable {
        Response response = hall_.answer(crew, request);
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

template <typename Socket>
void HttpConnection<Socket>::begin_stream(Response response) {
    stream_ = std::move(response.stream);
    head_ = head_of(response, is_chunked_ ? Framing::chunked : Framing::closing, false, std::time(nullptr));
    incoming_.clear();
    error_code ignored;
    tcp_socket().set_option(tcp::socket::send_buffer_size{stream_send_buffer}, ignored);
    stream_->wake_with([bells = hall_.bells, sleeper = this->weak_from_this()] { bells->ring(sleeper); });
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
