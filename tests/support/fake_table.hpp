#pragma once

#include "fake_server.hpp"

#include <algorithm>
#include <iterator>
#include <memory>

namespace rowmill::test {

/// Rows with an integer for a key.
inline Items items_of(const std::vector<std::int64_t>& keys) {
    static const auto shape =
        std::make_shared<const Shape>(Shape{.columns = {{"id", ValueType::integer}}, .key_columns = 1});
    auto block = std::make_shared<Block>(shape);
    for (const std::int64_t key : keys) block->append(std::to_string(key));
    return Items{std::move(block)};
}

/// A table, and what is to become of each of its rows.
struct FakeTable {
    std::set<std::int64_t> keys;
    std::set<std::int64_t> poisoned;  ///< their work always fails
    std::set<std::int64_t> skipped;   ///< they do not match any more
    bool stretches = false;           ///< pages name a stretch, without items
    bool names_guilty = false;        ///< errors of a row say which one
    double known = 0.5;               ///< how often a page is known before it is read

    /// Up to 30 rows with gaps between them, a tenth poisoned, a tenth skipped.
    static FakeTable any(Dice& dice) {
        FakeTable table;
        std::int64_t key = 0;
        for (std::uint64_t rows = dice.between(0, 30); rows > 0; --rows) {
            key += static_cast<std::int64_t>(dice.between(1, 3));
            table.keys.insert(key);
            if (dice.chance(0.1))
                table.poisoned.insert(key);
            else if (dice.chance(0.1))
                table.skipped.insert(key);
        }
        return table;
    }

    std::vector<std::int64_t> between(std::int64_t after, std::int64_t upto) const {
        return {keys.upper_bound(after), keys.upper_bound(upto)};
    }
    std::int64_t last() const { return keys.empty() ? 0 : *keys.rbegin(); }
};

class FakeSource : public engine::Source {
public:
    FakeSource(const FakeTable& table, Dice& dice, std::int64_t low)
        : table_{table}, dice_{dice}, at_{low}, after_{position(low)} {}

    engine::Page next(std::size_t max, std::stop_token stop) override {
        if (stop.stop_requested()) throw Error{ErrorKind::stopped, "stopped"};
        engine::Page page{.items = {}, .after = after_, .upto = {}};
        std::vector<std::int64_t> keys;
        auto next = table_.keys.upper_bound(at_);
        if (!dice_.chance(0.1)) {  // else: many were examined, none matched
            for (; next != table_.keys.end() && keys.size() < max; ++next) keys.push_back(*next);
            at_ = next == table_.keys.end() ? table_.last() : std::max(at_, *std::prev(next));
        }
        page.count = keys.size();
        if (!table_.stretches && !keys.empty()) page.items = items_of(keys);
        page.at_end = next == table_.keys.end();
        page.upto = after_ = position(at_);
        return page;
    }
    bool knows_next() const override { return dice_.chance(table_.known); }

private:
    const FakeTable& table_;
    Dice& dice_;
    std::int64_t at_;
    engine::Position after_;
};

/// Adds one to each row's counter, in the session's transaction.
class CountingAction : public engine::Action {
public:
    CountingAction(FakeServer& server, const FakeTable& table) : server_{server}, table_{table} {}

    engine::Where runs_on() const override { return engine::Where::blocking; }

    void start(const engine::Batch& batch, engine::Context, engine::Reply reply) override {
        server_.strike(Step::execute);
        const auto keys = table_.between(key_at(batch.after, batch.has_items() ? 0 : -1), key_at(batch.upto));
        engine::BatchOutcome outcome;
        if (batch.has_items()) {
            for (std::uint32_t i = 0; i < batch.items.size(); ++i)
                work_on(batch.items[i].at(0).as_integer(), i, outcome);
        } else {
            for (const std::int64_t key : keys) work_on(key, {}, outcome);
            outcome.counted = keys.size();
        }
        reply.answer(std::move(outcome));
    }

    Items items_of(const engine::Batch& batch) override {
        server_.strike(Step::expand);
        return test::items_of(table_.between(key_at(batch.after), key_at(batch.upto)));
    }

private:
    void work_on(std::int64_t key, std::optional<std::uint32_t> index, engine::BatchOutcome& outcome) {
        if (table_.poisoned.contains(key)) {  // what was done before it stays in the transaction
            Error error{ErrorKind::row, "poisoned"};
            if (table_.names_guilty && index) error.item_index = *index;
            throw error;
        }
        if (table_.skipped.contains(key)) {
            if (index)
                outcome.named.emplace_back(*index, skip("does not match"));
            else
                ++outcome.skipped;
            return;
        }
        server_.change([key](Durable& to) { ++to.counters[key]; });
    }

    FakeServer& server_;
    const FakeTable& table_;
};

}  // namespace rowmill::test
