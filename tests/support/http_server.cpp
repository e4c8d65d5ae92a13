#include "support/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/json.hpp>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace rowmill::test {
namespace {

std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
    std::vector<std::string> command{"python3", ROWMILL_SOURCE_DIR "/tests/support/http_server.py"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    return command;
}

std::uint16_t port_of(Process& process) {
    constexpr std::string_view before = "listening on ";
    if (!process.wait_for_output("\n")) throw std::runtime_error{"no web server: " + process.errors()};
    const std::string said = process.output();
    if (!said.starts_with(before)) throw std::runtime_error{"no web server: " + said + process.errors()};
    return static_cast<std::uint16_t>(std::stoi(said.substr(before.size())));
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

Descriptor make_socket() {
    return Descriptor{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
}

/// All that the server says to `question` until there is a whole JSON object.
std::string ask(std::uint16_t port, const std::string& question) {
    const Descriptor socket = make_socket();
    const sockaddr_in address = loopback(port);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::write(socket.get(), question.data(), question.size()) != static_cast<ssize_t>(question.size()))
        throw std::runtime_error{"the web server is gone"};
    std::string said;
    std::array<char, 65536> buffer{};
    while (!said.ends_with('}')) {
        const ssize_t size = ::read(socket.get(), buffer.data(), buffer.size());
        if (size <= 0) throw std::runtime_error{"the web server left in the middle of its answer: " + said};
        said.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return said;
}

}  // namespace

Certificate::Certificate() {
    const Finished made = run_process(
        {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key_file(), "-out", file()});
    if (!made.succeeded()) throw std::runtime_error{"no certificate: " + made.errors};
}

HttpServer::HttpServer() : HttpServer{"http", {}} {}

HttpServer::HttpServer(const Certificate& certificate)
    : HttpServer{"https", {certificate.file(), certificate.key_file()}} {}

HttpServer::HttpServer(const std::string& scheme, const std::vector<std::string>& arguments)
    : process_{command_of(arguments)}, scheme_{scheme}, port_{port_of(process_)} {
    ::setenv("no_proxy", "127.0.0.1", 1);  // whatever proxy there is could not reach it
}

std::string HttpServer::url(const std::string& path) const {
    return scheme_ + "://127.0.0.1:" + std::to_string(port_) + path;
}

HttpCounts HttpServer::counts() const {
    const std::string said = ask(port_, "GET /counts HTTP/1.1\r\n\r\n");
    const boost::json::value counts = boost::json::parse(said.substr(said.find('{')));
    const auto number = [&counts](const char* name) { return counts.at(name).to_number<std::uint64_t>(); };
    // This very question came on a connection of its own.
    HttpCounts seen{number("requests"), number("connections"), number("at_work"), number("peak"), {}};
    for (const auto& key : counts.at("keys").as_array()) seen.keys.emplace_back(key.as_string());
    return seen;
}

std::string closed_url() {
    const Descriptor socket = make_socket();
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
        throw std::runtime_error{"no port to be had"};
    return "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
}

}  // namespace rowmill::test
