#include "run/range_map.hpp"

#include "run/snapshot.hpp"

#include <algorithm>
#include <span>
#include <unordered_map>
#include <unordered_set>

namespace rowmill::run {
namespace {

using Sacks = std::vector<const store::SackRecord*>;

/// Puts sacks side by side: what begins where another ends comes next to it. One that is split off has the ordinal of its making, not
/// of its place, so ordinals only tell which comes first of those that nothing leads to.
class SideBySide {
public:
    explicit SideBySide(const std::vector<store::SackRecord>& sacks) {
        for (const store::SackRecord& sack : sacks) by_ordinal_.push_back(&sack);
        std::ranges::stable_sort(by_ordinal_, {}, &store::SackRecord::ordinal);
        for (const store::SackRecord* sack : by_ordinal_) {
            // A later one that begins in the same place is reached by its ordinal.
            next_.emplace(encode_key(sack->after), sack);
            if (sack->upto != sack->after) ends_.insert(encode_key(sack->upto));
        }
    }

    Sacks in_order() {
        for (const store::SackRecord* sack : by_ordinal_)
            if (!ends_.contains(encode_key(sack->after))) follow(sack);
        for (const store::SackRecord* sack : by_ordinal_) follow(sack);
        return std::move(ordered_);
    }

private:
    void follow(const store::SackRecord* sack) {
        while (placed_.insert(sack).second) {
            ordered_.push_back(sack);
            const auto next = next_.find(encode_key(sack->upto));
            if (next == next_.end()) return;
            sack = next->second;
        }
    }

    Sacks by_ordinal_, ordered_;
    std::unordered_map<std::string, const store::SackRecord*> next_;
    std::unordered_set<std::string> ends_;
    std::unordered_set<const store::SackRecord*> placed_;
};

bool is_done(const store::SackRecord& sack) { return sack.state == "done"; }

/// How much of them all: by rows, where it is known of any how many it has; else each counts alike.
double fraction_of(std::span<const store::SackRecord* const> sacks, std::optional<double> density) {
    const bool has_rows = std::ranges::any_of(sacks, [](const auto* sack) { return sack->rows > 0; });
    double whole = 0, worked = 0;
    for (const store::SackRecord* sack : sacks) {
        const double weight = has_rows ? static_cast<double>(sack->rows) : 1;
        whole += weight;
        worked += weight * (is_done(*sack) ? 1 : fraction_done(*sack, density));
    }
    return whole > 0 ? worked / whole : 0;
}

RangeCell cell_of(std::span<const store::SackRecord* const> sacks, std::optional<double> density) {
    RangeCell cell;
    cell.sacks = sacks.size();
    for (const store::SackRecord* sack : sacks) {
        cell.rows += sack->rows;
        cell.settled += sack->tally.settled();
        cell.dead_letters += sack->tally.failed;
        if (sack->state == "running") cell.state = RangeCell::State::running;
    }
    const bool are_done = std::ranges::all_of(sacks, [](const auto* sack) { return is_done(*sack); });
    if (are_done) cell.state = RangeCell::State::done;
    cell.fraction = are_done ? 1 : fraction_of(sacks, density);
    cell.after = display(sacks.front()->after);
    cell.upto = display(sacks.back()->upto);
    return cell;
}

}  // namespace

std::vector<RangeCell> range_map(const std::vector<store::SackRecord>& sacks, std::size_t most, std::optional<double> density) {
    const Sacks ordered = SideBySide{sacks}.in_order();
    const std::size_t cells = std::min(ordered.size(), most);
    std::vector<RangeCell> map;
    for (std::size_t i = 0; i < cells; ++i) {
        const std::size_t first = i * ordered.size() / cells, past = (i + 1) * ordered.size() / cells;
        map.push_back(cell_of(std::span{ordered}.subspan(first, past - first), density));
    }
    return map;
}

}  // namespace rowmill::run
