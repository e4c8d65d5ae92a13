#include "http/origin.hpp"

#include <rowmill/error.hpp>

#include <curl/curl.h>

#include <memory>

namespace rowmill::http {
namespace {

using Parts = std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)>;

std::string part_of(const Parts& parts, CURLUPart which) {
    char* text = nullptr;
    const CURLUcode code = ::curl_url_get(parts.get(), which, &text, CURLU_DEFAULT_PORT);
    const std::unique_ptr<char, decltype(&::curl_free)> owner{text, &::curl_free};
    return code == CURLUE_OK && text != nullptr ? std::string{text} : std::string{};
}

}  // namespace

std::string origin_of(const std::string& url) {
    const Parts parts{::curl_url(), &::curl_url_cleanup};
    const CURLUcode code = ::curl_url_set(parts.get(), CURLUPART_URL, url.c_str(), CURLU_PATH_AS_IS);
    if (code != CURLUE_OK) throw Error{ErrorKind::usage, std::string{"is not a URL: "} + ::curl_url_strerror(code)};
    const std::string scheme = part_of(parts, CURLUPART_SCHEME), host = part_of(parts, CURLUPART_HOST);
    if (scheme != "http" && scheme != "https") throw Error{ErrorKind::usage, "must begin with http:// or https://"};
    if (host.empty()) throw Error{ErrorKind::usage, "names no host"};
    return scheme + "://" + host + ":" + part_of(parts, CURLUPART_PORT);
}

}  // namespace rowmill::http
