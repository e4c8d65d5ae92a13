#pragma once

#include "run/sharing.hpp"
#include "../../support/seed.hpp"
#include "table/middle.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <set>
#include <vector>

namespace rowmill::test {

inline Key key_of(std::int64_t id) { return {Value::integer(id)}; }

/// Rows with an integer for a key, and what the server would answer about stretches of them.
struct FakeRows {
    std::set<std::int64_t> ids;

    /// Dense, with gaps, or nearly all in one place.
    static FakeRows any(Dice& dice) {
        FakeRows rows;
        const std::uint64_t widest = dice.chance(0.5) ? 1 : dice.between(2, 1000);
        std::int64_t id = 0;
        for (std::uint64_t left = dice.between(0, 120); left > 0; --left) {
            id += static_cast<std::int64_t>(dice.chance(0.9) ? 1 : dice.between(1, widest));
            rows.ids.insert(id);
        }
        return rows;
    }

    static std::int64_t id_of(const Key& key, std::int64_t none) { return key.empty() ? none : key[0].view().as_integer(); }

    std::vector<std::int64_t> in(const table::Range& range) const {
        return {ids.upper_bound(id_of(range.after, std::numeric_limits<std::int64_t>::min())),
                ids.upper_bound(id_of(range.upto, std::numeric_limits<std::int64_t>::max()))};
    }

    /// As PageReader: at the end where the last key read is the range's, or there was no more.
    engine::Page read(const table::Range& range, std::size_t most) const {
        const auto all = in(range);
        engine::Page page{.items = {}, .after = range.after, .upto = range.upto};
        page.count = std::min(most, all.size());
        if (all.size() >= most && most > 0) page.upto = key_of(all[most - 1]);
        page.at_end = page.upto == range.upto;
        return page;
    }

    /// As table::find_middle.
    table::Middle middle(const table::Range& range, run::Worth worth) const {
        const auto all = in(range);
        table::Middle middle;
        middle.rows = std::min<std::uint64_t>(all.size(), worth.most);
        if (middle.rows < worth.least) return middle;
        middle.below = middle.rows - middle.rows / 2;
        middle.key = key_of(all[middle.below - 1]);
        if (*middle.key == range.upto) middle.key.reset();
        return middle;
    }
};

}  // namespace rowmill::test
