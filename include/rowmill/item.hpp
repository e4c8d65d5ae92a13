#pragma once

#include <rowmill/export.hpp>
#include <rowmill/value.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill {

/// A column of the items of a source: its name, and its values' type.
struct Column {
    std::string name;
    ValueType type = ValueType::text;
};

/// What all items of a source have in common: their columns, the key's first.
struct ROWMILL_EXPORT Shape {
    std::vector<Column> columns;
    std::size_t key_columns = 0;

    /// The position of a column, compared without regard to ASCII case as the server does.
    std::optional<std::size_t> find(std::string_view name) const;
};

/// The rows of one page: one arena for all bytes, eight bytes a cell. Built by one thread, then
/// read-only and shared.
class ROWMILL_EXPORT Block {
public:
    explicit Block(std::shared_ptr<const Shape> shape) : shape_{std::move(shape)} {}

    /// Appends the next cell, row by row, in the order of the shape's columns.
    void append(std::string_view text) {
        cells_.push_back({static_cast<std::uint32_t>(bytes_.size()), static_cast<std::uint32_t>(text.size())});
        bytes_.append(text);
    }
    void append_null() { cells_.push_back({0, is_null}); }

    std::size_t rows() const { return shape_->columns.empty() ? 0 : cells_.size() / shape_->columns.size(); }
    /// Bytes held, for `page_bytes`.
    std::size_t size_in_bytes() const { return bytes_.size() + cells_.size() * sizeof(Cell); }
    const Shape& shape() const { return *shape_; }
    ValueView at(std::size_t row, std::size_t column) const {
        const Cell cell = cells_[row * shape_->columns.size() + column];
        if (cell.length == is_null) return {};
        return {shape_->columns[column].type, std::string_view{bytes_}.substr(cell.offset, cell.length)};
    }

private:
    struct Cell {
        std::uint32_t offset;
        std::uint32_t length;
    };
    static constexpr std::uint32_t is_null = 0xFFFFFFFF;

    std::shared_ptr<const Shape> shape_;
    std::string bytes_;
    std::vector<Cell> cells_;
};

/// One row of a page: its key and the columns asked for. A view; valid as long as its `Items`.
class ROWMILL_EXPORT Item {
public:
    Item(const Block& block, std::size_t row) : block_{&block}, row_{row} {}

    /// Throws Error{usage} that names the columns there are, for a column that was not asked for.
    ValueView operator[](std::string_view column) const;
    ValueView at(std::size_t column) const { return block_->at(row_, column); }
    Key key() const;
    const Shape& shape() const { return block_->shape(); }

private:
    const Block* block_;
    std::size_t row_;
};

/// A run of consecutive rows of a block. Copies share the block.
class ROWMILL_EXPORT Items {
public:
    Items() = default;
    explicit Items(std::shared_ptr<const Block> block)
        : block_{std::move(block)}, count_{block_ ? block_->rows() : 0} {}

    std::size_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    Item operator[](std::size_t index) const { return {*block_, first_ + index}; }
    Items slice(std::size_t first, std::size_t count) const;
    const Shape& shape() const { return block_->shape(); }

    class Iterator {
    public:
        using value_type = Item;
        using difference_type = std::ptrdiff_t;

        Iterator() = default;
        Iterator(const Block* block, std::size_t row) : block_{block}, row_{row} {}
        Item operator*() const { return {*block_, row_}; }
        Iterator& operator++() { return ++row_, *this; }
        Iterator operator++(int) { return {block_, row_++}; }
        friend bool operator==(const Iterator&, const Iterator&) = default;

    private:
        const Block* block_ = nullptr;
        std::size_t row_ = 0;
    };
    Iterator begin() const { return {block_.get(), first_}; }
    Iterator end() const { return {block_.get(), first_ + count_}; }

private:
    std::shared_ptr<const Block> block_;
    std::size_t first_ = 0;
    std::size_t count_ = 0;
};

}  // namespace rowmill
