#pragma once

#include "fixture.hpp"

#include "store/statements.hpp"
#include "support/eventually.hpp"

#include <string>
#include <vector>

namespace rowmill::store_test {

/// A run whose items wait for another attempt.
struct Waiting : Fixture {
    /// An item of sack 1 that has used one attempt.
    void wait(std::int64_t id, std::chrono::milliseconds delay = {}, store::SackId sack = 1) {
        store.add_waiting(run.id, sack, std::vector<engine::Retry>{{key(id), 1, delay, "timeout", "took too long"}});
    }
    /// It has been due for so long.
    void make_due(std::int64_t id, const std::string& interval) {
        schema.execute("UPDATE " + table("waiting") + " SET due_at = UTC_TIMESTAMP(6) - INTERVAL " + interval +
                       " WHERE item_key = " + process.session.quote(Value::bytes(encode_key(key(id)))));
    }

    std::vector<store::WaitingRecord> claim(store::WorkerId worker, std::size_t most = 10,
                                            std::chrono::milliseconds lease = std::chrono::minutes{1}) {
        return store.claim_waiting(run.id, worker, most, lease);
    }
    /// Of one item whose last holder's connection is just ending.
    std::vector<store::WaitingRecord> claim_eventually(store::WorkerId worker) {
        std::vector<store::WaitingRecord> claimed;
        eventually([&] { return !(claimed = claim(worker)).empty(); });
        return claimed;
    }

    static store::WaitingSettlement done(
        const store::WaitingRecord& item,
        store::WaitingSettlement::Done done = store::WaitingSettlement::Done::succeeded) {
        return {{item.id, item.token}, item.sack, done};
    }
    static store::WaitingSettlement again(const store::WaitingRecord& item, std::chrono::milliseconds delay = {}) {
        return {{item.id, item.token}, item.sack, engine::Retry{item.key, item.attempts, delay, "503", "not yet"}};
    }
    static store::WaitingSettlement dead(const store::WaitingRecord& item) {
        return {{item.id, item.token}, item.sack, engine::DeadLetter{item.key, item.attempts, "500", "broken"}};
    }

    /// A named statement of the store, to hold its locks open.
    std::string statement(std::string_view name, store::Arguments arguments) {
        const store::Dialect dialect{db::quote_name(schema.store_name()),
                                     [&](std::string& sql, ValueView value) { process.session.quote_to(sql, value); }};
        return store::render(name, dialect, arguments);
    }
    std::string cell(store::WaitingId id, const std::string& column) {
        return schema.scalar("SELECT " + column + " FROM " + table("waiting") + " WHERE id = " + std::to_string(id));
    }
    long seconds_left(store::WaitingId id) {
        return std::stol(cell(id, "TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at)"));
    }
    std::vector<store::DeadLetterRecord> letters() {
        std::vector<store::DeadLetterRecord> all;
        store.stream_dead_letters(run.id, "", [&](const auto& letter) { all.push_back(letter); });
        return all;
    }
};

}  // namespace rowmill::store_test
