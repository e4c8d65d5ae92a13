#include "run/lanes.hpp"

#include "table/side_by_side.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::run {
namespace {

/// Of an action that is not sql, until a page was read.
constexpr std::uint64_t first_page = 100;

/// Of one that was begun, as if each settled row were one of the table's; 0: not known.
std::uint64_t rows_left_of(const store::SackRecord& sack) {
    return sack.rows == 0 ? 0 : std::max<std::uint64_t>(1, sack.rows - std::min(sack.rows, sack.tally.settled()));
}

/// Whether a statement touches whatever lies between a batch's first key and its last.
bool goes_by_bounds(const action::SqlPlan& plan) {
    return std::ranges::any_of(plan.statements,
                               [](const job::Statement& each) { return each.uses("lo") || each.uses("hi"); });
}

}  // namespace

Lanes::Reader::Reader(Mill& mill)
    : reading{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
              [&mill](db::Session& session) { mill.greet_table(session); }},
      working{mill.preparation.target, true, mill.patience, mill.open, [&mill](db::Session& session) {
                  if (mill.preparation.target_is_store) mill.greet(session);
              }},
      side_by_side{std::make_shared<table::SideBySide>(*mill.selection)} {}

Lanes::Lanes(Mill& mill, std::function<void()> on_retries)
    : mill_{mill},
      checkpoints_{mill.link_to_store(Link::Until::dropping)},
      checkpoint_ledger_{std::make_shared<CheckpointLedger>(checkpoints_, mill.store_key(), std::move(on_retries))},
      waiting_store_{mill.link_to_store()},
      waiting_settlements_{mill.link_to_store(Link::Until::dropping)} {}

Lanes::Reader& Lanes::reader_of(unsigned index) {
    const std::lock_guard lock{mutex_};
    auto& slot = readers_[index];
    if (!slot) slot = std::make_unique<Reader>(mill_);
    return *slot;
}

void Lanes::put_action_on(engine::Lane& lane, Reader& reader) {
    if (!mill_.plan) {
        lane.action = mill_.action;
        return;
    }
    lane.action = std::make_shared<action::SqlAction>(
        mill_.plan, [&reader]() -> db::Session& { return reader.working.session(); });
    if (!mill_.exactly_once) lane.transaction = std::make_shared<WorkTransaction>(reader.working);
}

void Lanes::open_sessions(unsigned index) {
    const auto connect = [](Link& link) {
        try {
            link.session();
        } catch (const Error&) {
            link.drop();  // the first sack waits for it, if there is one
        }
    };
    Reader& reader = reader_of(index);
    connect(reader.reading);
    if (mill_.plan) connect(reader.working);
}

Link& Lanes::reading(unsigned reader) { return reader_of(reader).reading; }

std::shared_ptr<Stretch> Lanes::stretch_of(const store::SackRecord& sack) const {
    const std::uint64_t page = mill_.plan ? mill_.request.job.run.batch : first_page;
    return std::make_shared<Stretch>(table::Range{sack.low, sack.upto, mill_.selection->descending},
                                     rows_left_of(sack), page);
}

std::unique_ptr<engine::Lane> Lanes::of_sack(unsigned index, const store::SackRecord& sack, std::shared_ptr<Stretch> stretch) {
    Reader& reader = reader_of(index);
    // At each claim, and by the link's greeting after each reconnect.
    reader.reading.repeat([&](db::Session& session) { mill_.greet_table(session); });
    auto lane = std::make_unique<engine::Lane>();
    lane->origin = sack.id;
    lane->low = sack.low;
    lane->above = sack.above;
    lane->source = std::make_unique<SackSource>(reader.reading, mill_.selection, std::move(stretch), reader.side_by_side);
    put_action_on(*lane, reader);
    if (mill_.is_transacted()) {
        const auto both = std::make_shared<SackTransaction>(reader.working, mill_.store_key(), sack);
        lane->transaction = both;
        lane->ledger = both;
    } else {
        lane->ledger = checkpoint_ledger_;
        checkpoint_ledger_->opened(sack);
    }
    return lane;
}

std::unique_ptr<engine::Lane> Lanes::of_waiting(unsigned index, std::function<bool()> is_over, WaitingSource::Wait wait) {
    Reader& reader = reader_of(index);
    const auto& claims = mill_.waiting_claims;
    auto selection = std::make_shared<table::Selection>(*mill_.selection);
    selection->stretches_only = false;
    auto lane = std::make_unique<engine::Lane>();
    lane->origin = waiting_origin;
    lane->by_item = true;
    lane->source = std::make_unique<WaitingSource>(WaitingSource::Parts{
        .reading = reader.reading,
        .store = waiting_store_,
        .key = mill_.store_key(),
        .worker = mill_.worker,
        .lease = mill_.request.job.run.lease,
        .one_by_one = mill_.plan && goes_by_bounds(*mill_.plan),
        .selection = std::move(selection),
        .claims = claims,
        .gate = *mill_.gate,
        .is_over = std::move(is_over),
        .wait = std::move(wait)});
    put_action_on(*lane, reader);
    if (mill_.is_transacted()) {
        const auto both = std::make_shared<WaitingTransaction>(reader.working, mill_.store_key(), claims);
        lane->transaction = both;
        lane->ledger = both;
    } else {
        lane->ledger = std::make_shared<WaitingLedger>(waiting_settlements_, mill_.store_key(), claims);
    }
    return lane;
}

}  // namespace rowmill::run
