#pragma once

#include "integration/web/served.hpp"
#include "support/seed.hpp"

#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::test {

/// A served site that is sent bytes, any bytes.
class SiteTarget {
public:
    /// What went wrong; empty: nothing.
    std::string try_bytes(std::string_view bytes) {
        RawClient client{served_.server.port()};
        client.send(bytes);
        client.send_end();
        // A stream goes on for who has nothing more to say: it has begun, that will do.
        while (!is_stream(client.read()) && client.read_more_within(std::chrono::seconds{20})) {
        }
        if (!is_stream(client.read()) && !client.is_ended(std::chrono::milliseconds{0})) return "it was neither answered nor let go";
        client.reset();
        return judge(client.read());
    }
    /// What it did; every one of these is one too many.
    std::vector<std::string> asked() const { return served_.desk.asked(); }
    std::size_t connections() const { return served_.server.connections(); }
    std::uint16_t port() const { return served_.server.port(); }

private:
    static bool is_stream(const std::string& text) { return text.find("X-Accel-Buffering: no") != std::string::npos; }

    /// Nothing at all is right where there was nothing to answer.
    static std::string judge(const std::string& text) {
        if (text.empty()) return "";
        static const std::set<std::string> right{"100", "200", "303", "304", "400", "401", "403", "404", "405", "408", "413", "414", "415", "417", "421", "422", "431", "505"};
        if (!text.starts_with("HTTP/1.1 ")) return "this is no answer: " + text.substr(0, 80);
        return right.contains(text.substr(9, 3)) ? "" : "this is no right answer: " + text.substr(0, 80);
    }

    Served served_;
};

/// Requests to begin with: none of them may change anything.
inline std::vector<std::string> seeds_of_requests(std::uint16_t port) {
    const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) + "\r\n";
    const std::string evil = host + "Origin: http://evil.example\r\n";
    return {
        "GET /" + host + "\r\n",
        "GET /runs/1?class=timeout&after=1003" + host + "Cookie: rowmill-visit-" + std::to_string(port) + "=0123456789abcdef0123456789abcdef; rowmill-notice-" +
            std::to_string(port) + "=ehello%20you\r\n\r\n",
        "GET /jobs/import" + host + "Accept: text/html\r\n\r\n",
        "HEAD /runs/2" + host + "\r\n",
        "GET /api/runs/1/dead-letters?most=5&after=1001&class=timeout" + host + "\r\n",
        "GET /runs/2/progress" + host + "Accept: text/event-stream\r\nLast-Event-ID: a-7\r\n\r\n",
        "GET /assets/style.css" + host + "If-None-Match: \"a\"\r\n\r\n",
        "GET /login?to=%2Fruns%2F1" + host + "\r\nGET /metrics" + host + "\r\n",
        "POST /jobs/import" + evil + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\ncsrf=0123456789&publisher_id=7",
        "POST /api/jobs/import/runs" + evil + "Content-Type: application/json\r\nContent-Length: 31\r\n\r\n{\"params\": {\"publisher_id\": 7}}",
        "POST /api/jobs/nightly/runs" + evil + "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "POST /runs/2/cancel" + host + "Sec-Fetch-Site: cross-site\r\nContent-Length: 0\r\n\r\n",
        "POST /login" + evil + "Expect: 100-continue\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\ntoken=x",
    };
}

/// The text with a few of its bytes changed, dropped, doubled, or exchanged for what parsers stumble over.
inline std::string mutated(std::string text, Dice& dice) {
    static const std::array<std::string_view, 24> traps{"\r\n", "\r\n\r\n", "\n", "\r", std::string_view{"\0", 1}, "%", "%00", "%2e%2e", "../", "//", "\\",
                                                        "\xff\xfe", " ", ":", "Content-Length: 18446744073709551616\r\n", "Content-Length: -1\r\n",
                                                        "Transfer-Encoding: chunked, gzip\r\n", "Host: evil.example\r\n", "HTTP/9.9", "HTTP/1.0",
                                                        "<script>", "ffffffffffffffff\r\n", "\"", "99999999999999999999"};
    for (auto times = dice.between(1, 5); times > 0 && !text.empty(); --times) {
        const std::size_t at = dice.between(0, text.size() - 1), many = dice.between(1, 12);
        switch (dice.between(0, 5)) {
            case 0:
                text[at] = static_cast<char>(dice.between(0, 255));
                break;
            case 1:
                text.erase(at, many);
                break;
            case 2:
                text.insert(at, text.substr(at, many * 10));
                break;
            case 3:
                text.insert(at, traps.at(dice.between(0, traps.size() - 1)));
                break;
            case 4:
                text.resize(at);
                break;
            default:
                text.insert(at, std::string(many * 100, static_cast<char>(dice.between(0, 255))));
        }
    }
    return text;
}

inline std::string random_bytes(Dice& dice) {
    std::string text(dice.between(1, 400), '\0');
    for (char& byte : text) byte = static_cast<char>(dice.between(0, 255));
    return text;
}

}  // namespace rowmill::test
