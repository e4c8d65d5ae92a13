#include "table/condition.hpp"

#include "table/comparison.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

void conjoin(std::string& condition, const std::string& term) {
    if (!condition.empty() && !term.empty()) condition += " AND ";
    condition += term;
}

/// Writes the seeks of one range. `fork` is the first column in which the two ends differ in their bytes: before it the
/// range is a set of equalities, at it the two ends part.
class SeekWriter {
public:
    SeekWriter(const KeySpec& key, const Range& range, const Quote& quote)
        : key_{key},
          after_{key, range.after, quote},
          upto_{key, range.upto, quote},
          beyond_{range.descending ? " < " : " > "},
          before_{range.descending ? " > " : " < "},
          after_included_{includes_itself(key, range.after)} {
        find_fork(range);
    }

    std::vector<Seek> write() {
        const std::size_t last = key_.columns.size() - 1;
        if (fork_ > last) {
            if (after_included_) seeks_.push_back({shared_, fork_});
            return std::move(seeks_);
        }
        for (std::size_t j = last; after_ && j > fork_; --j) add_lower(j);
        if (!adjacent_ || fork_ == last) add_middle(fork_ == last);
        for (std::size_t j = fork_ + 1; upto_ && j <= last; ++j) add_upper(j);
        return std::move(seeks_);
    }

private:
    void find_fork(const Range& range) {
        if (!after_ || !upto_) return;
        while (fork_ < key_.columns.size() && range.after[fork_].text() == range.upto[fork_].text()) {
            conjoin(shared_, after_.compare(fork_, " = "));
            ++fork_;
        }
        if (fork_ == key_.columns.size()) return;
        const ColumnDescription& column = key_.columns[fork_];
        guarded_ = !bytes_tell_keys_apart(column);
        adjacent_ = are_adjacent(range.after[fork_], range.upto[fork_], range.descending);
    }

    std::string equalities(const KeyLiterals& bound, std::size_t end) const {
        std::string condition = shared_;
        for (std::size_t i = fork_; i < end; ++i) conjoin(condition, bound.compare(i, " = "));
        return condition;
    }

    /// The keys that share their first `j` columns with `after` and lie beyond it.
    void add_lower(std::size_t j) {
        const bool included = after_included_ && j + 1 == key_.columns.size();
        std::string condition = equalities(after_, j);
        conjoin(condition, after_.compare(j, included ? or_equal(beyond_) : beyond_));
        if (guarded_) {
            conjoin(condition, upto_.compare(fork_, or_equal(before_)));
            conjoin(condition, upto_.not_beyond(fork_, before_));
        }
        seeks_.push_back({std::move(condition), j});
    }

    /// The keys between the two ends in the column where they part.
    void add_middle(bool is_last_column) {
        std::string condition = shared_;
        if (after_) {
            const bool included = after_included_ && is_last_column;
            conjoin(condition, after_.compare(fork_, included ? or_equal(beyond_) : beyond_));
        }
        if (upto_) conjoin(condition, upto_.compare(fork_, is_last_column ? or_equal(before_) : before_));
        seeks_.push_back({std::move(condition), fork_});
    }

    /// The keys that share their first `j` columns with `upto` and lie before it, or are it.
    void add_upper(std::size_t j) {
        std::string condition = equalities(upto_, j);
        conjoin(condition, upto_.compare(j, j + 1 == key_.columns.size() ? or_equal(before_) : before_));
        if (guarded_) conjoin(condition, after_.compare(fork_, beyond_));
        seeks_.push_back({std::move(condition), j});
    }

    const KeySpec& key_;
    KeyLiterals after_, upto_;
    std::string beyond_, before_;
    bool after_included_;
    std::size_t fork_ = 0;
    std::string shared_;     ///< the equalities before the fork
    bool guarded_ = false;   ///< a collation may find the two ends equal where they part
    bool adjacent_ = false;  ///< no key lies between the two ends in the column where they part
    std::vector<Seek> seeks_;
};

/// MariaDB converts no text inside row constructors to the column's character set: a latin1 'é' was not found.
bool rows_lose_text(const KeySpec& key) {
    return key.columns.size() > 1 && std::ranges::any_of(key.columns, [](const ColumnDescription& column) {
               return column.type == ValueType::text && !column.collation.starts_with("utf8");
           });
}

/// `(a, b) IN ((1, 2), …)`; for one column `a IN (1, …)`.
std::string batch_of_rows(const KeySpec& key, const Items& items, const Quote& quote) {
    const std::size_t width = key.columns.size();
    std::string condition = width == 1 ? "(" : "((";
    for (std::size_t column = 0; column < width; ++column) {
        if (column > 0) condition += ", ";
        condition += db::quote_name(key.columns[column].name);
    }
    condition += width == 1 ? " IN (" : ") IN (";
    for (std::size_t row = 0; row < items.size(); ++row) {
        if (row > 0) condition += ',';
        if (width > 1) condition += '(';
        for (std::size_t column = 0; column < width; ++column) {
            if (column > 0) condition += ',';
            condition += quote(items[row].at(column));
        }
        if (width > 1) condition += ')';
    }
    return condition + "))";
}

/// `(a = 1 AND b = 2) OR …`: longer, but read as the same points of the index.
std::string batch_of_terms(const KeySpec& key, const Items& items, const Quote& quote) {
    std::string condition;
    for (std::size_t row = 0; row < items.size(); ++row) {
        condition += row == 0 ? "((" : " OR (";
        for (std::size_t column = 0; column < key.columns.size(); ++column) {
            if (column > 0) condition += " AND ";
            condition += db::quote_name(key.columns[column].name) + " = " + quote(items[row].at(column));
        }
        condition += ')';
    }
    return condition + ")";
}

}  // namespace

std::vector<Seek> seeks(const KeySpec& key, const Range& range, const Quote& quote) {
    return SeekWriter{key, range, quote}.write();
}

std::string range_condition(const KeySpec& key, const Range& range, const Quote& quote) {
    const std::vector<Seek> parts = seeks(key, range, quote);
    if (parts.empty()) return "(1 = 0)";
    if (parts.size() == 1) return parts.front().condition.empty() ? "(1 = 1)" : "(" + parts.front().condition + ")";
    std::string condition;
    for (const Seek& part : parts) {
        condition += condition.empty() ? "((" : " OR (";
        condition += part.condition + ")";
    }
    return condition + ")";
}

std::string batch_condition(const KeySpec& key, const Items& items, const Quote& quote) {
    if (items.empty()) return "(1 = 0)";
    return rows_lose_text(key) ? batch_of_terms(key, items, quote) : batch_of_rows(key, items, quote);
}

std::string order_by(const KeySpec& key, bool descending, std::size_t fixed) {
    std::string order;
    // Where all are fixed there is one row at most, in any order.
    for (std::size_t i = fixed < key.columns.size() ? fixed : 0; i < key.columns.size(); ++i) {
        if (!order.empty()) order += ", ";
        order += db::quote_name(key.columns[i].name);
        if (descending) order += " DESC";
    }
    return order;
}

}  // namespace rowmill::table
