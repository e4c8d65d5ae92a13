#include "store/cells.hpp"
#include "store/row_insert.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"

namespace rowmill::store {
namespace {

constexpr std::size_t longest_reason = 4096;
constexpr std::size_t longest_class = 190;

DeadLetterRecord read(Cells cells) {
    DeadLetterRecord letter;
    letter.id = cells.number();
    letter.run = cells.number();
    letter.sack = cells.number();
    letter.key = cells.key();
    letter.attempts = static_cast<unsigned>(cells.number());
    for (std::string* text : {&letter.error_class, &letter.reason, &letter.first_at, &letter.last_at}) {
        *text = cells.text();
    }
    return letter;
}

}  // namespace

void Store::add_dead_letters(RunId run, SackId sack, std::span<const engine::DeadLetter> letters) {
    RowInsert insert{session_, sql("insert_dead_letters")};
    for (const engine::DeadLetter& letter : letters) {
        insert.add(sql("insert_dead_letters_row",
                       {{"run", run},
                        {"sack", sack},
                        {"key", Value::bytes(encode_key(letter.key))},
                        {"attempts", letter.attempts},
                        {"error_class", Value::text(storable_text(letter.error_class, longest_class))},
                        {"reason", Value::text(storable_text(letter.reason, longest_reason))}}));
    }
    insert.finish();
}

void Store::stream_dead_letters(RunId run, const std::string& error_class,
                                const std::function<void(const DeadLetterRecord&)>& each) {
    const std::string_view page = error_class.empty() ? "dead_letters_page" : "dead_letters_page_of_class";
    std::uint64_t after = 0;
    for (;;) {
        const db::ResultSet result =
            session_.query(sql(page, {{"run", run}, {"after", after}, {"error_class", Value::text(error_class)}}));
        if (result.empty()) return;
        for (std::size_t row = 0; row < result.rows.size(); ++row) {
            const DeadLetterRecord letter = read(Cells{result, row});
            after = letter.id;
            each(letter);
        }
    }
}

}  // namespace rowmill::store
