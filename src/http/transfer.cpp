#include "http/transfer.hpp"

#include "item/ascii.hpp"

#include <rowmill/error.hpp>

#include <sys/socket.h>

#include <algorithm>

namespace rowmill::http {
namespace {

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Fault::Kind kind_of(CURLcode code) {
    switch (code) {
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_OPERATION_TIMEDOUT:
            return Fault::Kind::connect;  // connecting alone has a limit here
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_INVALIDCERTSTATUS:
            return Fault::Kind::certificate;
        case CURLE_SSL_CONNECT_ERROR:
            return Fault::Kind::tls;
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return Fault::Kind::cut;
        case CURLE_URL_MALFORMAT:
            return Fault::Kind::url;
        default:
            return Fault::Kind::network;
    }
}

/// As curl does, but that no child process inherits it.
curl_socket_t open_socket(void*, curlsocktype, curl_sockaddr* address) noexcept {
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

Transfer::Transfer(Request request, const Options& options)
    : request_{std::move(request)},
      kept_bytes_{options.kept_bytes},
      read_bytes_{options.read_bytes},
      handle_{::curl_easy_init(), &::curl_easy_cleanup} {
    if (!handle_) throw Error{ErrorKind::internal, "no memory for an HTTP request"};
    set_request();
    set_headers();
    set_rules(options);
}

template <typename Value>
void Transfer::set(CURLoption option, Value value) {
    const CURLcode code = ::curl_easy_setopt(handle_.get(), option, value);
    if (code != CURLE_OK)
        throw Error{ErrorKind::internal, std::string{"an HTTP request can't be made: "} + ::curl_easy_strerror(code)};
}

void Transfer::set_request() {
    const std::string& method = request_.method;
    set(CURLOPT_URL, request_.url.c_str());
    if (method == "HEAD") set(CURLOPT_NOBODY, 1L);
    // An empty body is sent as one of no bytes where servers expect some: without a length they answer 411.
    if (!request_.body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
        set(CURLOPT_POST, 1L);
        set(CURLOPT_POSTFIELDS, request_.body.c_str());
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    }
    if (method != "GET" && method != "HEAD" && method != "POST") set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

void Transfer::set_headers() {
    const auto add = [this](const std::string& line) {
        curl_slist* longer = ::curl_slist_append(headers_.get(), line.c_str());
        if (longer == nullptr) throw Error{ErrorKind::internal, "no memory for an HTTP request"};
        (void)headers_.release();
        headers_.reset(longer);
    };
    bool has_type = false;
    for (const Header& header : request_.headers) {
        has_type = has_type || is_same_name(header.name, "Content-Type");
        // "Name:" would take one of curl's own away.
        add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    if (!has_type) add("Content-Type:");
    add("Expect:");  // many servers never answer it, and curl would wait a second each time
    set(CURLOPT_HTTPHEADER, headers_.get());
}

void Transfer::set_rules(const Options& options) {
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    // One request a connection, so that per_host bounds both.
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_USERAGENT, "rowmill/" ROWMILL_VERSION);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // else giving up waits for a name that is being looked up
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_BUFFERSIZE, 8192L);  // thousands of them
    set(CURLOPT_ERRORBUFFER, trouble_.data());
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
}

bool Transfer::count(std::size_t size) {
    read_ += size;
    too_long_ = too_long_ || read_ > read_bytes_;
    return !too_long_;
}

std::size_t Transfer::take_header(std::string_view line) {
    if (!count(line.size())) return 0;
    if (line.starts_with("HTTP/")) response_ = {};  // what came before was but a 1xx
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
        const std::string_view name = line.substr(0, colon);
        if (is_same_name(name, "Retry-After")) response_.retry_after = trimmed(line.substr(colon + 1));
        if (is_same_name(name, "Location")) response_.location = trimmed(line.substr(colon + 1));
    }
    return line.size();
}

std::size_t Transfer::take_body(std::string_view bytes) {
    if (!count(bytes.size())) return 0;
    response_.body.append(bytes.substr(0, kept_bytes_ - response_.body.size()));
    return bytes.size();
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) noexcept {
    return static_cast<Transfer*>(self)->take_header({data, size * count});
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) noexcept {
    return static_cast<Transfer*>(self)->take_body({data, size * count});
}

Answer Transfer::answer(CURLcode code) {
    if (too_long_)
        return Fault{Fault::Kind::too_long, "the answer is longer than " + std::to_string(read_bytes_) + " bytes"};
    if (code != CURLE_OK) {
        const std::string_view said = trimmed(trouble_.data());
        return Fault{kind_of(code), said.empty() ? ::curl_easy_strerror(code) : std::string{said}};
    }
    long status = 0;
    ::curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    return std::move(response_);
}

}  // namespace rowmill::http
