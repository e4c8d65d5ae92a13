// The fake store, over which schedules are played without a server, follows the real one's rules.

#include "fixture.hpp"
#include "support/fake_store.hpp"
#include "support/seed.hpp"

#include <random>

using namespace rowmill;
using namespace rowmill::store_test;
using namespace std::chrono_literals;

namespace {

std::string in_words(const store::SackRecord& sack) {
    return display(sack.after) + " .. " + display(sack.low) + " .. " + display(sack.upto) +
           " seq " + std::to_string(sack.seq) + " rows " + std::to_string(sack.rows) + (sack.rows_exact ? " exact" : "") +
           " settled " + std::to_string(sack.tally.settled());
}

std::string in_words(const std::optional<store::SackRecord>& sack) { return sack ? in_words(*sack) : "none"; }

std::string in_words(const store::OpenSacks& open) {
    return std::to_string(open.pending) + " pending, " + std::to_string(open.running) + " running, walk " +
           display(open.walk_position) + (open.walk_done ? " done" : "") + ", first worker " + std::to_string(open.first_worker) +
           " of " + std::to_string(open.workers);
}

/// What a call came to, an error included.
template <typename Call>
std::string answer_of(Call&& call) {
    try {
        return call();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::fenced ? "fenced" : error.what();
    }
}

/// Does the same to both, and holds what they answer and how they stand against each other.
struct Pair : Fixture {
    void both(const std::string& what, const std::function<std::string()>& real, const std::function<std::string()>& faked) {
        const std::string expected = answer_of(real), found = answer_of(faked);
        CAPTURE(what);
        CHECK(found == expected);
        CHECK(faked_state() == real_state());
    }

    std::string real_state() {
        std::string text = in_words(store.open_sacks(run.id, 5));
        const auto rest = process.session.query("SELECT `state`, COALESCE(`worker_id`, 0), `split_wanted` FROM " + table("sacks") +
                                                " ORDER BY `ordinal`");
        std::size_t row = 0;
        for (const auto& sack : list_sacks(store, run.id, 1000)) {
            text += "\n" + in_words(sack) + " " + rest.text(row, 0) + " " + rest.text(row, 1) + " " + rest.text(row, 2) + hands(sack);
            ++row;
        }
        return text;
    }

    std::string faked_state() const {
        static const char* const states[]{"pending", "running", "done"};
        std::string text = in_words(fake.open_sacks(5));
        for (const FakeStore::Sack& sack : fake.sacks())
            text += "\n" + in_words(sack) + " " + states[static_cast<int>(sack.state)] + " " + std::to_string(sack.worker) +
                    (sack.split_wanted ? " 1" : " 0") + " changed hands " + std::to_string(sack.fence);
        return text;
    }

    /// How often its fence has been raised: by how much is the real store's secret.
    std::string hands(const store::SackRecord& sack) {
        Fence& fence = fences[sack.id];
        CHECK(sack.fence >= fence.value);
        if (sack.fence != std::exchange(fence.value, sack.fence)) ++fence.raised;
        return " changed hands " + std::to_string(fence.raised);
    }

    void step(Dice& dice);
    void step_of_workers(Dice& dice, store::WorkerId worker);
    void step_of_owners(Dice& dice, store::WorkerId worker);

    struct Fence {
        std::uint64_t value = 0, raised = 0;
    };

    FakeStore fake;
    std::map<store::SackId, Fence> fences;
    std::int64_t planned = 0;
    store::WorkerId workers = 0;
};

void Pair::step(Dice& dice) {
    fake.now += 1ms;
    const store::WorkerId worker = dice.between(1, workers + 1);
    if (dice.chance(0.15)) {
        const std::vector<store::NewSack> sacks{{key(planned), key(planned + 10), 10, true}, {key(planned + 10), key(planned + 20), 10, false}};
        const Key from = planned == 0 || dice.chance(0.1) ? Key{} : key(planned);
        const bool done = dice.chance(0.1);
        both("plan", [&] { store.add_sacks(run.id, sacks, from, key(planned + 20), done); return "ok"; },
             [&] { fake.add_sacks(sacks, from, key(planned + 20), done); return "ok"; });
        if (!fake.sacks().empty()) planned = std::stol(display(fake.open_sacks(1).walk_position));
    } else if (dice.chance(0.4)) {
        step_of_workers(dice, worker);
    } else {
        step_of_owners(dice, worker);
    }
}

void Pair::step_of_workers(Dice& dice, store::WorkerId worker) {
    // One that has run out by the time of the next look, where time stands still for the fake.
    const bool is_over = dice.chance(0.3);
    const std::chrono::milliseconds lease = is_over ? 0ms : 1h, faked = is_over ? -1ms : 1h;
    switch (dice.between(0, 4)) {
        case 0:
            both("register", [&] { return std::to_string(join(lease)); },
                 [&] { return std::to_string(fake.register_worker(faked)); });
            ++workers;
            break;
        case 1:
            both("renew", [&] { return std::to_string(renew(worker, lease)); },
                 [&] { return std::to_string(fake.renew_lease(worker, faked)); });
            break;
        case 2:
            both("declare expired", [&] { return std::to_string(store.declare_expired(worker)); },
                 [&] { return std::to_string(fake.declare_expired(worker)); });
            break;
        case 3:
            if (!dice.chance(0.3)) break;
            both("declare gone", [&] { store.declare_gone(worker); return "ok"; }, [&] { fake.declare_gone(worker); return "ok"; });
            break;
        default:
            both("claim orphan", [&] { return in_words(store.claim_orphan(run.id, worker)); },
                 [&] { return in_words(fake.claim_orphan(worker)); });
    }
}

void Pair::step_of_owners(Dice& dice, store::WorkerId worker) {
    if (fake.sacks().empty() || dice.chance(0.25)) {
        return both("claim", [&] { return in_words(store.claim_pending(run.id, worker)); },
                    [&] { return in_words(fake.claim_pending(worker)); });
    }
    const FakeStore::Sack sack = fake.sacks()[dice.between(0, fake.sacks().size() - 1)];
    const store::SackRecord real = list_sacks(store, run.id, 1000)[sack.ordinal];
    const store::SackId id = real.id;
    const std::uint64_t behind = sack.fence > 0 && dice.chance(0.2) ? 1 : 0;
    const std::uint64_t fence = real.fence - behind, faked_fence = sack.fence - behind;
    const std::int64_t low = std::stol(display(sack.low)), upto = std::stol(display(sack.upto));
    const Key middle = key(low + (upto - low) / 2);
    const auto to_text = [](const std::vector<store::SackId>& ids) { return std::to_string(ids.size()); };
    switch (dice.between(0, 5)) {
        case 0: {
            store::Checkpoint checkpoint{.sack = id, .fence = fence, .seq = sack.seq, .low = middle, .tally = {1, 0, 0}};
            checkpoint.completes = dice.chance(0.2);
            if (dice.chance(0.1)) ++checkpoint.seq;
            store::Checkpoint faked = checkpoint;
            faked.sack = sack.id;
            faked.fence = faked_fence;
            return both("checkpoint", [&] { store.checkpoint(checkpoint); return "ok"; }, [&] { fake.checkpoint(faked); return "ok"; });
        }
        case 1: {
            const Key end = dice.chance(0.1) ? key(upto + 1) : sack.upto;
            return both("split", [&] { store.split_sack(id, fence, end, middle, 6, 4); return "ok"; },
                        [&] { fake.split_sack(sack.id, faked_fence, end, middle, 6, 4); return "ok"; });
        }
        case 2:
            return both("release", [&] { store.release_sack(id, fence); return "ok"; }, [&] { fake.release_sack(sack.id, faked_fence); return "ok"; });
        case 3:
            return both("decline", [&] { store.decline_split(id, fence); return "ok"; }, [&] { fake.decline_split(sack.id, faked_fence); return "ok"; });
        case 4:
            if (dice.chance(0.5)) {  // long ago
                fake.now += 10s;
                schema.execute("UPDATE " + table("sacks") + " SET split_asked_at = split_asked_at - INTERVAL 2 HOUR");
            }
            both("ask", [&] { return std::to_string(store.ask_for_split(run.id, worker)); },
                 [&] { return std::to_string(fake.ask_for_split(worker)); });
            // Just now, however long the test takes.
            return schema.execute("UPDATE " + table("sacks") + " SET split_asked_at = split_asked_at + INTERVAL 1 HOUR "
                                  "WHERE split_asked_at > UTC_TIMESTAMP() - INTERVAL 30 MINUTE AND split_asked_at < UTC_TIMESTAMP() + INTERVAL 30 MINUTE");
        default:
            return both("wanted", [&] { return to_text(store.wanted_splits(run.id, worker)); },
                        [&] { return to_text(fake.wanted_splits(worker)); });
    }
}

}  // namespace

TEST_CASE("whatever is done to a store and to its fake, in whatever order, they answer alike and stand alike") {
    const std::uint64_t first = std::random_device{}();
    for_each_seed(4, [&](std::uint64_t number) {
        const std::uint64_t seed = std::getenv("ROWMILL_SEED") != nullptr ? number : first + number;
        MESSAGE("ROWMILL_SEED=" << seed);
        Dice dice{seed};
        Pair pair;
        for (int step = 0; step < 150; ++step) pair.step(dice);
    });
}
