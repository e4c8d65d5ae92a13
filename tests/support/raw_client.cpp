#include "support/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <stdexcept>

namespace rowmill::test {
namespace {

using Clock = std::chrono::steady_clock;

std::string small(std::string text) {
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// What the chunks at the beginning of `text` hold; absent: the last one is not there yet. `used`: how long they are.
std::optional<std::string> unchunked(std::string_view text, std::size_t& used) {
    std::string body;
    for (std::size_t at = 0;;) {
        const std::size_t line_end = text.find("\r\n", at);
        if (line_end == std::string_view::npos) return std::nullopt;
        const std::size_t size = std::strtoul(std::string{text.substr(at, line_end - at)}.c_str(), nullptr, 16);
        if (text.size() < line_end + 2 + size + 2) return std::nullopt;
        body += text.substr(line_end + 2, size);
        at = line_end + 2 + size + 2;
        used = at;
        if (size == 0) return body;
    }
}

}  // namespace

std::string RawAnswer::header(std::string_view name) const {
    const std::string wanted = "\r\n" + small(std::string{name}) + ":";
    const std::size_t at = small(head).find(wanted);
    if (at == std::string::npos) return {};
    const std::size_t begin = head.find_first_not_of(' ', at + wanted.size());
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawClient::RawClient(std::uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error{"nobody listens on port " + std::to_string(port)};
    }
}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::send_end() {
    ::shutdown(socket_.get(), SHUT_WR);
}

void RawClient::reset() {
    const linger at_once{1, 0};
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_.close();
}

bool RawClient::read_more(Clock::time_point until) {
    if (at_end_) return false;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return false;
    std::array<char, 16384> bytes{};
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) {
        at_end_ = true;
        return false;
    }
    read_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

RawAnswer RawClient::answer(bool to_head, std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    if (!read_until("\r\n\r\n", limit)) return {};
    const std::size_t head_end = read_.find("\r\n\r\n") + 4;
    RawAnswer answer;
    answer.head = read_.substr(0, head_end - 2);
    const auto status = static_cast<unsigned>(std::atoi(answer.head.c_str() + 9));
    const std::string length = answer.header("content-length");
    std::size_t used = 0;
    if (to_head || status == 304 || status == 100) {
        used = 0;
    } else if (!length.empty()) {
        used = std::strtoul(length.c_str(), nullptr, 10);
        while (read_.size() < head_end + used)
            if (!read_more(until)) return {};
        answer.body = read_.substr(head_end, used);
    } else if (answer.header("transfer-encoding") == "chunked") {
        std::optional<std::string> body;
        while (!(body = unchunked(std::string_view{read_}.substr(head_end), used)))
            if (!read_more(until)) return {};
        answer.body = *body;
    } else {
        while (read_more(until)) {
        }
        if (!at_end_) return {};
        used = read_.size() - head_end;
        answer.body = read_.substr(head_end);
    }
    read_.erase(0, head_end + used);
    answer.status = status;
    return answer;
}

bool RawClient::read_until(std::string_view text, std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (read_.find(text) == std::string::npos)
        if (!read_more(until)) return false;
    return true;
}

bool RawClient::read_more_within(std::chrono::milliseconds limit) {
    return read_more(Clock::now() + limit);
}

bool RawClient::is_ended(std::chrono::milliseconds limit) {
    const auto until = Clock::now() + limit;
    while (read_more(until)) {
    }
    return at_end_;
}

std::string get(std::string_view path, std::uint16_t port, std::string_view more) {
    return "GET " + std::string{path} + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n" + std::string{more} + "\r\n";
}

}  // namespace rowmill::test
