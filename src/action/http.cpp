#include "action/http_outcome.hpp"
#include "action/http_request.hpp"
#include "action/outside.hpp"
#include "action/masking.hpp"
#include "http/client.hpp"
#include "http/descriptors.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>

namespace rowmill::action {
namespace {

http::Options options_of(const Outside& outside) {
    http::Options options;
    options.per_host = std::max(1U, outside.job.action.per_host);
    // All requests of a job go to one host.
    options.overall = http::room_for_connections(options.per_host);
    // As curl, OpenSSL and most other programs have it.
    if (const char* file = std::getenv("SSL_CERT_FILE")) options.ca_file = file;
    return options;
}

/// One request while it is under way.
struct Call {
    engine::Reply reply;
    Key key;
    unsigned attempt = 1;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

class HttpAction : public engine::Action {
public:
    explicit HttpAction(const Outside& outside)
        : outside_{outside},
          mask_{outside},
          request_{outside.job.action, outside.params},
          most_{options_of(outside).overall},
          client_{options_of(outside)} {}

    engine::Where runs_on() const override { return engine::Where::io; }
    /// Those beyond a host's limit would only use up their time waiting.
    std::uint64_t make_room(std::uint64_t items) override { return std::min<std::uint64_t>(items, most_); }
    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override;

private:
    void answered(Call& call, const http::Answer& answer) const;
    /// Before a piece is shown of it: half of a secret would not be known as one.
    http::Response masked(http::Response response) const;
    void settle(Call& call, Outcome outcome) const;

    const Outside outside_;
    const Masking mask_;
    const RequestTemplate request_;
    const unsigned most_;
    http::Client client_;
};

void HttpAction::start(const engine::Batch& batch, engine::Context context, engine::Reply reply) {
    const Item item = batch.items[0];
    const auto call = std::make_shared<Call>();
    call->reply = std::move(reply);
    call->key = item.key();
    call->attempt = batch.attempt;
    http::Request request;
    try {
        request = request_.render({item, outside_.params}, idempotency_token(outside_.run_token, call->key));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::row) throw;
        return settle(*call, failure(error.what(), "template"));
    }
    const auto id =
        client_.start(std::move(request), [this, call](const http::Answer& answer) { answered(*call, answer); });
    // The answer may be there already: then there is nothing left to cancel, and the client knows that.
    call->on_stop.emplace(context.stop, [this, id] { client_.cancel(id); });
}

void HttpAction::answered(Call& call, const http::Answer& answer) const {
    if (const auto* response = std::get_if<http::Response>(&answer))
        return settle(call, outcome_of(masked(*response), std::chrono::system_clock::now()));
    auto verdict = outcome_of(std::get<http::Fault>(answer), request_.origin());
    if (const auto* error = std::get_if<Error>(&verdict))
        return call.reply.fail(Error{error->kind(), mask_(error->what())});
    settle(call, std::get<Outcome>(std::move(verdict)));
}

http::Response HttpAction::masked(http::Response response) const {
    response.body = mask_(response.body);
    response.location = mask_(response.location);
    return response;
}

/// Answers for the row, and tells of everything but a success.
void HttpAction::settle(Call& call, Outcome outcome) const {
    engine::BatchOutcome answer;
    if (outcome.kind != Outcome::Kind::success) {
        outcome.reason = mask_(outcome.reason);
        if (outside_.log && outcome.error_class != "cancelled")
            outside_.log("key " + display(call.key) + ", attempt " + std::to_string(call.attempt) + ": " + outcome.reason);
        answer.named.emplace_back(0, std::move(outcome));
    }
    call.reply.answer(std::move(answer));
}

}  // namespace

std::shared_ptr<engine::Action> http_action(const Outside& outside) {
    return std::make_shared<HttpAction>(outside);
}

}  // namespace rowmill::action
