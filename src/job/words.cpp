#include "job/words.hpp"

#include "job/read.hpp"
#include "job/sql_token.hpp"

#include <algorithm>

namespace rowmill::job {

namespace {

/// How many letters must be put in, taken out, replaced or swapped with their neighbour to make one word of the
/// other (optimal string alignment distance).
std::size_t edit_distance(std::string_view left, std::string_view right) {
    const std::size_t width = right.size() + 1;
    std::vector<std::size_t> table((left.size() + 1) * width);
    const auto cell = [&](std::size_t i, std::size_t j) -> std::size_t& { return table[i * width + j]; };
    for (std::size_t i = 0; i <= left.size(); ++i) cell(i, 0) = i;
    for (std::size_t j = 0; j <= right.size(); ++j) cell(0, j) = j;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const std::size_t replaced = cell(i - 1, j - 1) + (left[i - 1] == right[j - 1] ? 0 : 1);
            cell(i, j) = std::min({cell(i - 1, j) + 1, cell(i, j - 1) + 1, replaced});
            const bool swapped = i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) cell(i, j) = std::min(cell(i, j), cell(i - 2, j - 2) + 1);
        }
    }
    return cell(left.size(), right.size());
}

}  // namespace

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known) {
    const std::string wanted = to_upper(word);
    std::optional<std::string> best;
    std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
    if (wanted.size() > 100) return best;  // nobody's slip, and the table would be large
    for (const std::string& candidate : known) {
        const std::string other = to_upper(candidate);
        const bool shortened = wanted.size() >= 3 && other.starts_with(wanted);
        const std::size_t distance = shortened ? 1 : edit_distance(wanted, other);
        if (distance >= best_distance || distance >= candidate.size()) continue;
        best_distance = distance;
        best = candidate;
    }
    return best;
}

std::string join_quoted(const std::vector<std::string>& words, std::string_view last_separator) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? last_separator : ", ";
        text += "\"" + words[i] + "\"";
    }
    return text;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const std::optional<std::string> meant = nearest(word, known);
    return meant ? "; did you mean \"" + *meant + "\"?" : "";
}

}  // namespace rowmill::job
