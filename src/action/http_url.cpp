#include "action/http_url.hpp"

#include "http/origin.hpp"
#include "http/percent.hpp"

#include <rowmill/error.hpp>

namespace rowmill::action {
namespace {

using Part = job::ItemTemplate::Part;

constexpr std::string_view where = "action.url";

[[noreturn]] void refuse(const std::string& what) {
    throw Error{ErrorKind::usage, std::string{where} + " " + what};
}

/// "https://user@host:8443" of the URL's literal beginning.
std::string literal_authority(const std::vector<Part>& parts) {
    std::string_view text;
    if (!parts.empty() && parts[0].kind == Part::Kind::text) text = parts[0].text;
    const std::size_t slashes = text.find("://");
    const std::size_t end = slashes == std::string_view::npos ? slashes : text.find_first_of("/?#\\", slashes + 3);
    if (end == std::string_view::npos && parts.size() > 1) {
        refuse(
            "must begin with http:// or https:// and a host that no template stands for; "
            "what differs from one installation to another can be ${NAME}, from the environment");
    }
    return std::string{text.substr(0, end)};
}

/// The path while it is written, segment by segment.
class Path {
public:
    explicit Path(const std::string& url) : url_{url} {}

    /// Before a literal character is appended.
    void before(char c) {
        if (!inside_ || (c != '/' && c != '?' && c != '#')) return;
        close();
        inside_ = c == '/';
        begin_ = url_.size() + 1;
    }
    /// After a part was filled in.
    void filled(const Part& part) {
        if (inside_) filled_ = &part;
    }
    void close() {
        const std::string_view segment = std::string_view{url_}.substr(std::min(begin_, url_.size()));
        if (inside_ && filled_ != nullptr && (segment.empty() || segment == "." || segment == "..")) {
            throw Error{ErrorKind::row, shown(*filled_) + " makes a segment of the URL's path \"" +
                                            std::string{segment} + "\", which would be another path"};
        }
        filled_ = nullptr;
    }

private:
    const std::string& url_;
    std::size_t begin_ = 0;
    const Part* filled_ = nullptr;
    bool inside_ = true;
};

}  // namespace

UrlTemplate::UrlTemplate(std::string_view text, const job::Params& params)
    : template_{read_template(text, where, params)} {
    const std::string authority = literal_authority(template_.parts());
    try {
        origin_ = http::origin_of(authority);
        std::string sample;
        for (const Part& part : template_.parts()) sample += part.kind == Part::Kind::text ? part.text : "x";
        if (http::origin_of(sample) != origin_) refuse("has no clear host");
    } catch (const Error& error) {
        const std::string sentence = error.what();
        if (sentence.starts_with(where)) throw;
        refuse(sentence);
    }
}

std::string UrlTemplate::render(const Filling& filling) const {
    std::string url;
    Path path{url};
    for (const Part& part : template_.parts()) {
        if (part.kind != Part::Kind::text) {
            url += http::percent_encoded(filling.present(part, "a URL").text());
            path.filled(part);
            continue;
        }
        for (const char c : part.text) {
            path.before(c);
            url += c;
        }
    }
    path.close();
    return url;
}

}  // namespace rowmill::action
