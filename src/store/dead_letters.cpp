#include "store/cells.hpp"
#include "store/row_insert.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <map>

namespace rowmill::store {
namespace {

constexpr std::size_t streamed_page = 500;

DeadLetterRecord read(Cells cells) {
    DeadLetterRecord letter;
    letter.id = cells.number();
    letter.run = cells.number();
    letter.sack = cells.number();
    letter.key = cells.key();
    letter.attempts = static_cast<unsigned>(cells.number());
    for (std::string* text : {&letter.error_class, &letter.reason, &letter.first_at, &letter.last_at, &letter.item}) {
        *text = cells.text();
    }
    return letter;
}

}  // namespace

void Store::add_dead_letters(RunId run, SackId sack, std::span<const engine::DeadLetter> letters) {
    RowInsert insert{session_, sql("insert_dead_letters")};
    for (const engine::DeadLetter& letter : letters) {
        insert.add(sql("insert_dead_letters_row", {{"run", run},
                                                   {"sack", sack},
                                                   {"key", Value::bytes(encode_key(letter.key))},
                                                   {"attempts", letter.attempts},
                                                   {"error_class", Value::text(storable_class(letter.error_class))},
                                                   {"reason", Value::text(storable_reason(letter.reason))},
                                                   {"item", Value::text(storable_item(letter.item))}}));
    }
    insert.finish();
}

void Store::stream_dead_letters(RunId run, const std::string& error_class,
                                const std::function<void(const DeadLetterRecord&)>& each) {
    std::uint64_t after = 0;
    for (;;) {
        const db::ResultSet result = dead_letters_page(run, error_class, after, streamed_page);
        if (result.empty()) return;
        for (std::size_t row = 0; row < result.rows.size(); ++row) {
            const DeadLetterRecord letter = read(Cells{result, row});
            after = letter.id;
            each(letter);
        }
    }
}

db::ResultSet Store::dead_letters_page(RunId run, const std::string& error_class, std::uint64_t after,
                                       std::size_t most) {
    const std::string_view page = error_class.empty() ? "dead_letters_page" : "dead_letters_page_of_class";
    return session_.query(sql(
        page, {{"run", run}, {"after", after}, {"error_class", Value::text(error_class)}, {"most", most}}));
}

std::vector<DeadLetterRecord> Store::dead_letters(RunId run, const std::string& error_class, std::uint64_t after,
                                                  std::size_t most) {
    return records(dead_letters_page(run, error_class, after, most), read);
}

std::vector<std::uint64_t> Store::dead_letters_after(std::uint64_t after, RunId run, const std::string& error_class,
                                                     std::span<const Key> keys) {
    // An empty list is no SQL.
    std::vector<Value> wanted(keys.empty() ? 1 : 0);
    for (const Key& key : keys) wanted.push_back(Value::bytes(encode_key(key)));
    const std::string_view page = error_class.empty() ? "dead_letters_to_retry" : "dead_letters_to_retry_of_class";
    return ids(sql(page, {{"run", run},
                          {"after", after},
                          {"error_class", Value::text(error_class)},
                          {"any_key", keys.empty()},
                          {"keys", wanted}}));
}

bool Store::has_dead_letters(RunId run, const std::string& error_class, std::span<const Key> keys) {
    return !dead_letters_after(0, run, error_class, keys).empty();
}

std::uint64_t Store::dead_letters_to_waiting(RunId run, const std::string& error_class, std::span<const Key> keys) {
    std::uint64_t moved = 0, after = 0;
    for (;;) {
        const std::vector<std::uint64_t> found = dead_letters_after(after, run, error_class, keys);
        if (found.empty()) return moved;
        after = found.back();
        moved += move_to_waiting(run, found);
    }
}

void Store::keep_going(RunId run) {
    const auto locked = lock_run(run);
    if (!locked) throw Error{ErrorKind::fenced, "run " + std::to_string(run) + " is not in this store any more"};
    if (locked->state == "failed" || locked->state == "cancelled")
        throw Error{ErrorKind::refused, "run " + std::to_string(run) + (locked->state == "failed" ? " has failed" : " was cancelled") +
                                            " meanwhile: dead letters that had not begun to wait by then stay what they are"};
    if (locked->state != "succeeded") return;
    reopen(*locked);
    take_up_run(run);
}

std::uint64_t Store::move_to_waiting(RunId run, const std::vector<std::uint64_t>& letters) {
    Transaction transaction{session_};
    keep_going(run);
    const db::ResultSet locked = session_.query(sql("lock_dead_letters", {{"ids", letters}}));
    if (locked.empty()) return 0;  // another process was quicker
    std::vector<std::uint64_t> moved;
    std::map<SackId, std::uint64_t> counts;
    for (std::size_t row = 0; row < locked.rows.size(); ++row) {
        Cells cells{locked, row};
        moved.push_back(cells.number());
        ++counts[cells.number()];
    }
    session_.execute(sql("wait_from_dead_letters", {{"ids", moved}}));
    std::vector<std::string> statements;
    for (const auto& [sack, count] : counts) {
        statements.push_back(sql("take_off_failures", {{"sack", sack}, {"count", count}}));
    }
    statements.push_back(sql("delete_dead_letters", {{"ids", moved}}));
    session_.execute_all(statements);
    transaction.commit();
    return moved.size();
}

}  // namespace rowmill::store
