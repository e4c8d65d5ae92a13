#include "throttle/query.hpp"

#include "db/errors.hpp"
#include "throttle/probe.hpp"

#include <charconv>

namespace rowmill::throttle {
namespace {

constexpr int writes_in_read_only = 1792;

db::Connector reading_only(const db::Connector& server) {
    db::SessionSettings settings = server.settings();
    settings.read_only = true;
    return {server.endpoint(), std::move(settings)};
}

class Query : public Throttle {
public:
    Query(std::string sql, const db::Connector& server) : sql_{std::move(sql)}, probe_{reading_only(server)} {}

    std::string kind() const override { return "query"; }
    std::chrono::milliseconds interval() const override { return std::chrono::seconds{1}; }
    std::string asks() const override { return "the throttle's query"; }
    void interrupt() override { probe_.interrupt(); }

    Reading look() override {
        const auto [text, number] = answer();
        is_known_good_ = true;
        if (!text) return {.strain = 2, .reason = "the throttle's query gives NULL"};
        if (number <= 0) return {};
        return {.strain = 2, .reason = "the throttle's query gives " + *text};
    }

private:
    struct Answer {
        std::optional<std::string> text;
        double number = 0;
    };

    Answer answer() {
        try {
            return number_in(probe_.ask(sql_));
        } catch (const Error& error) {
            const bool writes = error.server_code == writes_in_read_only;
            const bool is_bad = writes || error.kind() == ErrorKind::fatal || error.kind() == ErrorKind::row;
            if (!is_bad || is_known_good_) throw;
            throw Error{ErrorKind::usage, "throttle.query: " + (writes ? "it must be a SELECT that writes nothing"
                                                                       : db::without_statement(error))};
        }
    }

    static Answer number_in(const db::ResultSet& result) {
        if (result.rows.size() != 1 || result.columns.size() != 1)
            throw Error{ErrorKind::usage, "throttle.query must give one number, not " + std::to_string(result.rows.size()) +
                                              " row(s) of " + std::to_string(result.columns.size()) + " column(s)"};
        Answer answer{.text = result.rows[0][0]};
        if (!answer.text) return answer;
        const char* end = answer.text->data() + answer.text->size();
        const auto read = std::from_chars(answer.text->data(), end, answer.number);
        if (answer.text->empty() || read.ec != std::errc{} || read.ptr != end)
            throw Error{ErrorKind::usage, "throttle.query must give a number, not \"" + *answer.text + "\""};
        return answer;
    }

    std::string sql_;
    Probe probe_;
    bool is_known_good_ = false;
};

}  // namespace

std::unique_ptr<Throttle> query(std::string sql, const db::Connector& server) {
    return std::make_unique<Query>(std::move(sql), server);
}

}  // namespace rowmill::throttle
