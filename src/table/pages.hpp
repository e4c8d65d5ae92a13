#pragma once

#include "engine/lane.hpp"
#include "table/condition.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rowmill::table {

/// What is read, the same for all sacks of a run.
struct Selection {
    Description table;
    KeySpec key;
    std::shared_ptr<const Shape> shape;
    std::string filter;  ///< SQL, parameters already in it; empty: every row. Always put in parentheses
    std::string filter_place = "source.where";  ///< where it was written, for messages
    std::vector<std::string> partitions;
    bool descending = false;
    bool stretches_only = false;  ///< read only the boundaries of batches (`:range`), not their keys
    /// A page may name keys of which it is not known that there are rows, since who works on it counts those. See SideBySide.
    bool may_reckon = false;
    std::uint64_t page_bytes = 8 << 20;
    /// Rows that one query may look at; a filter that matches little is read window by window.
    std::uint64_t max_examined = 50000;

    /// FROM clause with partitions and FORCE INDEX of the key.
    std::string from() const;
    /// The same, but for the index: the optimizer chooses one.
    std::string partitioned_table() const;
    /// The shape's columns for a SELECT list, each written so that its text is its whole value: servers show six digits
    /// of a FLOAT, and a BIT as bytes that no number column takes.
    std::string columns() const;
};

class SideBySide;

/// Reads one stretch of a table page by page. A page is whole before `next` returns; no cursor or
/// transaction stays open between calls. Not thread-safe; the session must outlive it.
///
/// A page may be empty without being the end: where a filter matches little, `next` returns after a few windows of
/// `max_examined` rows, so that a stop is heard and progress moves.
class PageReader : public engine::Source {
public:
    /// `rows` is how many rows of the table the range is known to hold (0: not known): where one query may look at so
    /// many, no windows are needed. `learned`: what the readers before this one have learned of the keys, each
    /// of another range, one after the other; of use where the selection may be reckoned with.
    PageReader(db::Session& session, std::shared_ptr<const Selection> selection, Range range, std::uint64_t rows = 0,
               std::shared_ptr<SideBySide> learned = {});
    ~PageReader() override;

    engine::Page next(std::size_t max, std::stop_token stop) override;
    bool knows_next() const override;
    /// The upper end from now on: another worker has taken what lies above. It must not lie below what was read.
    void shorten(const Key& upto);

private:
    struct Filling;

    bool needs_windows() const;
    Range open_window(const std::stop_token& stop);
    void fill(Filling& filling, const Range& window, const std::stop_token& stop);
    bool reckon(Filling& filling, const Range& window);
    void fill_rows(Filling& filling, const Range& window, const std::stop_token& stop);
    void fill_stretch(Filling& filling, const Range& window, const std::stop_token& stop);
    std::size_t rows_to_ask(const Filling& filling) const;

    db::Session& session_;
    std::shared_ptr<const Selection> selection_;
    Range range_;  ///< what is left: `after` is the cursor
    Key window_;   ///< where the open window ends; empty: none is open
    std::uint64_t rows_;
    double bytes_a_row_ = 0;  ///< of the last page, to ask for no more than fit into `page_bytes`
    std::shared_ptr<SideBySide> side_by_side_;  ///< where the selection may be reckoned with
    bool at_end_ = false;
};

/// The items of a stretch, the filter applied: what a batch that came as a stretch consists of.
Items read_items(db::Session& session, const Selection& selection, const Range& range);

/// How many those are.
std::uint64_t count_items(db::Session& session, const Selection& selection, const Range& range);

/// The rows of these keys that are there and match the filter, in the order of the keys. A key whose row has another spelling by
/// now (its bytes differ, whatever the collation thinks of them) counts as gone.
Items read_by_keys(db::Session& session, const Selection& selection, const std::vector<Key>& keys);

}  // namespace rowmill::table
