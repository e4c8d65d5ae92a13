#include "store/cells.hpp"
#include "store/microseconds.hpp"
#include "store/row_insert.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::store {
namespace {

constexpr std::size_t most_notes = 200, most_samples = 240, most_classes = 100;
/// As long as their columns.
constexpr std::size_t longest_wait = 255, longest_worker = 300;

NoteRecord read_note(Cells cells) {
    NoteRecord note;
    note.id = cells.number();
    note.at = cells.text();
    note.worker = cells.text();
    note.is_warning = cells.flag();
    note.line = cells.text();
    return note;
}

SampleRecord read_sample(Cells cells) {
    SampleRecord sample;
    sample.at = cells.text();
    sample.settled = cells.number();
    sample.failed = cells.number();
    sample.in_flight = cells.number();
    sample.rate = cells.real();
    if (cells.is_null())
        cells.skip();
    else
        sample.latency_seconds = cells.real() / 1e6;
    sample.waiting_for = cells.text();
    return sample;
}

ErrorClassRecord read_error_class(Cells cells) {
    ErrorClassRecord record;
    record.error_class = cells.text();
    record.count = cells.number();
    record.example = cells.text();
    return record;
}

Value latency_of(const SampleRecord& sample) {
    if (!sample.latency_seconds || !std::isfinite(*sample.latency_seconds)) return {};
    return Value::integer(std::llround(std::max(0.0, *sample.latency_seconds) * 1e6));
}

/// Every so many, so that no more than `most` are left, counted from the last one.
template <typename Record>
void thin_out(std::vector<Record>& records, std::size_t most) {
    if (records.size() <= most || most == 0) return;
    const std::size_t step = (records.size() + most - 1) / most;
    std::vector<Record> kept;
    for (std::size_t at = (records.size() - 1) % step; at < records.size(); at += step)
        kept.push_back(std::move(records[at]));
    records = std::move(kept);
}

}  // namespace

void Store::add_notes(RunId run, const std::string& worker, std::span<const NewNote> notes) {
    if (notes.empty()) return;
    RowInsert insert{session_, sql("insert_notes")};
    for (const NewNote& note : notes) {
        insert.add(sql("insert_notes_row", {{"run", run},
                                            {"ago", in_microseconds(note.ago)},
                                            {"worker", Value::text(storable_text(worker, longest_worker))},
                                            {"is_warning", note.is_warning},
                                            {"line", Value::text(storable_reason(note.line))}}));
    }
    insert.finish();
    const std::vector<std::uint64_t> old = ids(sql("notes_beyond", {{"run", run}, {"kept", most_notes}}));
    if (!old.empty()) session_.execute(sql("delete_notes", {{"ids", old}}));
}

std::vector<NoteRecord> Store::notes(RunId run, std::uint64_t after, std::size_t most) {
    std::vector<NoteRecord> notes = records(session_.query(sql("last_notes", {{"run", run}, {"after", after}, {"most", most}})), read_note);
    std::ranges::reverse(notes);  // the newest is the first of them
    return notes;
}

void Store::insert_sample(std::string_view statement, RunId run, std::chrono::seconds interval,
                          const SampleRecord& sample) {
    const double rate = std::isfinite(sample.rate) ? sample.rate : 0;
    session_.execute(sql(statement, {{"run", run},
                                     {"interval", static_cast<std::uint64_t>(interval.count())},
                                     {"settled", sample.settled},
                                     {"failed", sample.failed},
                                     {"in_flight", sample.in_flight},
                                     {"rate", rate},
                                     {"latency", latency_of(sample)},
                                     {"waiting_for", Value::text(storable_text(sample.waiting_for, longest_wait))}}));
}

std::chrono::seconds Store::add_sample(RunId run, std::chrono::seconds interval, const SampleRecord& sample) {
    insert_sample("insert_sample", run, interval, sample);
    const db::ResultSet count = session_.query(sql("count_samples", {{"run", run}}));
    if (Cells{count, 0}.number() <= most_samples) return interval;
    interval *= 2;
    session_.execute(sql("thin_samples", {{"run", run}, {"interval", static_cast<std::uint64_t>(interval.count())}}));
    return interval;
}

void Store::add_last_sample(RunId run, const SampleRecord& sample) {
    insert_sample("insert_last_sample", run, std::chrono::seconds{1}, sample);
}

std::vector<SampleRecord> Store::samples(RunId run, std::size_t most) {
    std::vector<SampleRecord> samples = records(session_.query(sql("samples_of_run", {{"run", run}})), read_sample);
    thin_out(samples, most);
    return samples;
}

std::vector<ErrorClassRecord> Store::dead_letter_classes(RunId run) {
    return records(session_.query(sql("dead_letter_classes", {{"run", run}, {"most", most_classes}})), read_error_class);
}

}  // namespace rowmill::store
