#pragma once

#include "run/mill.hpp"
#include "table/sacks.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace rowmill::run {

/// Plans a run's sacks: walks on along the table, and stores what it found together with how far it got. One thread at a time.
class Planning {
public:
    /// Does something that is safe to do again on the run store, until it is done.
    using WithStore = std::function<void(const std::function<void(store::Store&)>&)>;

    Planning(Mill& mill, WithStore with_store);

    /// Some more sacks from where `walk` stands; how many. Where the store stands elsewhere, `walk` stands there too
    /// afterwards, and none are planned.
    std::uint64_t plan_some(table::Walk& walk);

private:
    void store_sacks(std::vector<store::NewSack>& sacks, const table::Walk& from, table::Walk& walk);

    Mill& mill_;
    WithStore with_store_;
    Link walking_;
    table::Density density_;
};

}  // namespace rowmill::run
