#include "web/incoming.hpp"

#include "item/ascii.hpp"
#include "web/target.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <iterator>
#include <utility>

namespace rowmill::web {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;

using Parser = http::request_parser<http::string_body>;

constexpr std::size_t first_read = 2048;  // most requests are smaller

std::optional<Request> to_request(Parser::value_type message) {
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

}  // namespace

struct Incoming::Inside {
    const Limits& limits;
    boost::beast::flat_buffer buffer{};
    std::optional<Parser> parser{};
};

Incoming::Incoming(const Limits& limits) : inside_{std::make_unique<Inside>(limits)} {}

Incoming::~Incoming() = default;

bool Incoming::has_more() const { return inside_->buffer.size() > 0; }

template <typename Socket>
void Incoming::wait(Socket& socket, Then then) {
    socket.async_read_some(inside_->buffer.prepare(first_read), [this, then = std::move(then)](const error_code& error, std::size_t bytes) {
        if (!error) inside_->buffer.commit(bytes);
        then(error);
    });
}

template <typename Socket>
void Incoming::read_header(Socket& socket, Then then) {
    Parser& parser = inside_->parser.emplace();
    parser.header_limit(inside_->limits.header_bytes);
    parser.body_limit(inside_->limits.body_bytes);
    http::async_read_header(socket, inside_->buffer, parser, [then = std::move(then)](const error_code& error, std::size_t) { then(error); });
}

template <typename Socket>
void Incoming::read_body(Socket& socket, Then then) {
    http::async_read(socket, inside_->buffer, *inside_->parser, [then = std::move(then)](const error_code& error, std::size_t) { then(error); });
}

template void Incoming::wait(PlainSocket&, Then);
template void Incoming::wait(TlsSocket&, Then);
template void Incoming::read_header(PlainSocket&, Then);
template void Incoming::read_header(TlsSocket&, Then);
template void Incoming::read_body(PlainSocket&, Then);
template void Incoming::read_body(TlsSocket&, Then);

void Incoming::clear() { inside_->buffer = {}; }

bool Incoming::is_complete() const { return inside_->parser->is_done(); }

bool Incoming::is_head() const { return inside_->parser->get().method() == http::verb::head; }

bool Incoming::is_http_1_1() const { return inside_->parser->get().version() >= 11; }

bool Incoming::keeps_alive() const { return inside_->parser->get().keep_alive(); }

std::string Incoming::expectation() const {
    const auto value = inside_->parser->get()[http::field::expect];
    return small_letters({value.data(), value.size()});
}

std::optional<Request> Incoming::take() {
    std::optional<Request> request = to_request(inside_->parser->release());
    inside_->parser.reset();
    return request;
}

unsigned Incoming::status_of(const error_code& error) const {
    if (error == http::error::header_limit || error == http::error::buffer_overflow) return inside_->parser->get().target().empty() ? 414 : 431;
    if (error == http::error::body_limit) return 413;
    if (error == http::error::bad_version) return 505;
    if (error == http::error::end_of_stream) return 0;
    return error.category() == make_error_code(http::error::bad_method).category() ? 400 : 0;
}

}  // namespace rowmill::web
