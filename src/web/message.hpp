#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowmill::web {

/// A request, read in full and within its limits. Knows nothing of the library that read it.
struct Request {
    std::string method;
    std::string path;                          ///< decoded, "/runs/7"; never with "..", "//", a NUL or a backslash in it
    std::map<std::string, std::string> query;  ///< decoded; of a name that is there twice, the last
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in small letters
    std::string body;
    std::string peer;   ///< the address that it came from
    std::string local;  ///< the address of this host that it came to
    bool is_tls = false;
    bool is_one_too_many = false;  ///< more wait already than may: it is to be refused, at once

    /// The first of this name.
    std::optional<std::string> header(std::string_view name) const;
    std::optional<std::string> cookie(std::string_view name) const;
    /// A body of application/x-www-form-urlencoded, decoded; of a name that is there twice, the last. Empty for any other type.
    std::map<std::string, std::string, std::less<>> form() const;
};

/// A body that goes on as things happen. Read by one thread at a time.
struct Stream {
    virtual ~Stream() = default;
    /// What is to be sent now, shared with whoever else is sent the same; null: nothing yet.
    virtual std::shared_ptr<const std::string> next() = 0;
    /// Nothing follows.
    virtual bool is_over() const = 0;
    /// `wake` is called, from any thread, when `next` may have something; to be set once, before the first `next`.
    virtual void wake_with(std::function<void()> wake) = 0;
    /// What is sent where nothing has been for Limits::heartbeat_time, so that a dead connection is noticed; empty: nothing.
    virtual std::string heartbeat() const { return {}; }
};

struct Response {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};
    std::unique_ptr<Stream> stream{};  ///< in place of a body
};

/// Answers a request. Called from several threads at once; may take its time (the store's). What it throws is a 500 without details.
using Handler = std::function<Response(const Request&)>;

/// How long an answer may take.
enum class Effort : std::uint8_t {
    none,    ///< no time: nobody has to be asked
    look,    ///< moments: the store is looked at
    steer,   ///< seconds: a run is told something
    begin,   ///< as long as others hold its table: something is begun, or planned
};
/// Says it of a request before it is answered. Pure, and quick.
using Estimate = std::function<Effort(const Request&)>;

/// With these words and no more, as text, JSON or a page, as the request would have it.
Response redirect(const std::string& to, unsigned status = 303);
Response json(std::string body, unsigned status = 200);
Response html(std::string body, unsigned status = 200);
Response text(std::string body, unsigned status = 200);

}  // namespace rowmill::web
