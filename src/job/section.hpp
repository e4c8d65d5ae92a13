#pragma once

#include "job/document.hpp"
#include "job/job.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A table of a job file, read key by key. Each key that is asked for becomes a known one; `refuse_unknown`
/// then finds the others. Every getter is absent where the key is, and throws Error{usage} with
/// the place, the key and what it must be where the value is of another kind.
class Section {
public:
    /// `table` may be none: a section that was left out, of what is at `place`. `path` is its name, empty for the
    /// document.
    Section(const Node* table, std::string path, std::string place);

    bool is_there() const { return table_ != nullptr; }
    const std::string& path() const { return path_; }
    const Node* find(std::string_view key);
    /// All there is, where the keys are the writer's to choose. Only of a section that is there.
    const std::vector<Node>& entries() const { return table_->items; }

    std::optional<std::string> text(std::string_view key);
    /// Like text, but the empty one is an error.
    std::optional<std::string> name(std::string_view key);
    /// A DSN, `${NAME}` in it taken from the environment.
    std::optional<std::string> dsn(std::string_view key);
    std::optional<bool> boolean(std::string_view key);
    std::optional<std::uint64_t> count(std::string_view key, std::uint64_t least, std::uint64_t most);
    std::optional<double> number(std::string_view key, double least = std::numeric_limits<double>::lowest());
    std::optional<milliseconds> duration(std::string_view key, milliseconds least = milliseconds{0});
    std::optional<std::uint64_t> size(std::string_view key, std::uint64_t least);
    /// One of the words.
    std::optional<std::string> choice(std::string_view key, const std::vector<std::string>& words);
    /// A list of texts that are not empty, each only once.
    std::vector<std::string> names(std::string_view key);
    /// A scalar, or a list of them, as text.
    std::vector<std::string> scalars(std::string_view key);
    Section section(std::string_view key);

    /// Keys that this version knows of and can't serve yet.
    void refuse_unavailable(const std::vector<std::string>& keys);
    /// Throws for the first key that nobody asked for, with the nearest known one.
    void refuse_unknown() const;

    /// Throws Error{usage}: the place, the key, and what is wrong with it.
    [[noreturn]] void fail(const Node& node, std::string_view what) const;
    /// The same for the section as a whole, or for a key that is missing.
    [[noreturn]] void fail(std::string_view what) const;
    /// "job.toml:3:9: run.batch", or "--batch".
    std::string subject(const Node& node) const;

private:
    const Node* scalar(std::string_view key, std::string_view expected);

    const Node* table_;
    std::string path_;
    std::string place_;
    std::vector<std::string> known_;
};

/// Puts a value where one was given.
template <typename Target, typename Given>
void assign(Target& target, std::optional<Given> given) {
    if (given) target = static_cast<Target>(*std::move(given));
}

}  // namespace rowmill::job
