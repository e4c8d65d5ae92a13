#pragma once

#include "fake_rows.hpp"
#include "run/sharing.hpp"
#include "run/stretch.hpp"
#include "../../support/fake_store.hpp"
#include "../../support/seed.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rowmill::test {

/// What may go wrong in a schedule.
struct Troubles {
    double crash = 0;      ///< a process is gone, at any step
    double sleep = 0;      ///< it does nothing for longer than its lease, and wakes up
    double no_answer = 0;  ///< the COMMIT of a split has none: it stands, or does not
};

/// A run that several processes share, played step by step: its store is fake, so are table and clock, and a process does what
/// sharing.hpp decides, with the very Stretch that a reader and a splitter have between them.
class SharedRun {
public:
    /// `transacted`: a page's work and its checkpoint are one; else pages settle in any order, and a checkpoint follows.
    SharedRun(Dice& dice, const FakeRows& rows, bool transacted, Troubles troubles);

    void add_process();
    /// One random step of one process, or time goes on.
    void step();
    bool is_over() const;
    /// No more trouble from now on; those that sleep wake up.
    void calm_down();

    const FakeStore& store() const { return store_; }
    unsigned times_done(std::int64_t row) const;
    std::uint64_t splits() const { return splits_; }
    /// Rows that were done and never recorded, by who was lost or fenced off.
    std::uint64_t unrecorded() const;

private:
    struct Lane {
        store::SackRecord sack;
        std::shared_ptr<run::Stretch> stretch;
        struct Work {
            engine::Page page;
            std::vector<std::int64_t> rows;
            bool settled = false;
        };
        std::deque<Work> work;  ///< read and not recorded, in order
        bool read_to_end = false;
    };
    struct Process {
        store::WorkerId worker = 0;
        std::size_t readers = 1;
        std::vector<Lane> lanes;
        std::optional<FakeStore::Time> sleeps_until;
        FakeStore::Time renew_at{0};
        std::optional<FakeStore::Time> without_sacks{};
    };

    void pass_time(FakeStore::Time time);
    void act(Process& process);
    void plan(Process& process);
    void claim(Process& process);
    void take_over(Process& process);
    bool split_one(Process& process);
    void answer(Process& process);
    void work(Process& process);
    void read(Lane& lane);
    /// False where the sack has become another's.
    bool record(Lane& lane);
    bool split(Lane& lane);
    std::optional<Key> try_split(Lane& lane, const run::Stretch::Left& left);
    void remove(Process& process);
    static std::uint64_t unrecorded(const Lane& lane);

    Dice& dice_;
    const FakeRows& rows_;
    bool transacted_;
    Troubles troubles_;
    FakeStore store_;
    std::vector<std::unique_ptr<Process>> processes_;
    std::map<std::int64_t, unsigned> done_;
    std::uint64_t splits_ = 0, unrecorded_ = 0;
};

}  // namespace rowmill::test
