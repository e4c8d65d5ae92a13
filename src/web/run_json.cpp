#include "progress/cells.hpp"
#include "progress/render.hpp"
#include "web/live_view.hpp"
#include "web/pages.hpp"

#include <boost/json.hpp>

#include <cmath>

namespace rowmill::web {

namespace json = boost::json;

namespace {

json::string text(std::string_view value) {
    return json::string{progress::valid_utf8(value)};
}

json::value number_or_null(std::optional<double> value) {
    return value && std::isfinite(*value) ? json::value(std::round(*value * 1e6) / 1e6) : json::value(nullptr);
}

json::value text_or_null(std::string_view value) {
    return value.empty() ? json::value(nullptr) : json::value(text(value));
}

const char* name_of(run::RangeCell::State state) {
    switch (state) {
        case run::RangeCell::State::waiting:
            return "waiting";
        case run::RangeCell::State::running:
            return "running";
        case run::RangeCell::State::done:
            return "done";
    }
    return "waiting";
}

/// A cell goes from where the one before it ends: there may be thousands, so that is not said twice.
json::object to_json(const run::RangeCell& cell) {
    json::object object{{"state", name_of(cell.state)}, {"fraction", std::round(cell.fraction * 1000) / 1000},
                        {"sacks", cell.sacks},          {"rows", cell.rows},
                        {"settled", cell.settled},      {"dead_letters", cell.dead_letters},
                        {"upto", text(cell.upto)}};
    return object;
}

json::object to_json(const store::SampleRecord& sample) {
    return {{"at", text(sample.at)},
            {"settled", sample.settled},
            {"failed", sample.failed},
            {"in_flight", sample.in_flight},
            {"rate", number_or_null(sample.rate)},
            {"latency_seconds", number_or_null(sample.latency_seconds)},
            {"waiting_for", text_or_null(sample.waiting_for)}};
}

json::object to_json(const store::NoteRecord& note) {
    return {{"id", note.id},
            {"at", text(note.at)},
            {"worker", text(note.worker)},
            {"is_warning", note.is_warning},
            {"line", text(note.line)}};
}

json::object to_json(const store::ErrorClassRecord& one) {
    return {{"error_class", text(one.error_class)}, {"count", one.count}, {"example", text(one.example)}};
}

template <typename Records>
json::array array_of(const Records& records) {
    json::array all;
    all.reserve(records.size());
    for (const auto& record : records) all.emplace_back(to_json(record));
    return all;
}

/// The status, which is written with care for its numbers, and more behind it.
std::string with_more(std::string status, const json::object& more) {
    status.pop_back();
    return status + "," + json::serialize(more).substr(1);
}

}  // namespace

std::string to_json(const progress::Snapshot& now) {
    return with_more(progress::to_json(now), {{"shown", to_json(view_of(now))}});
}

std::string to_json(const std::vector<progress::Snapshot>& runs) {
    std::string all;
    for (const progress::Snapshot& run : runs) all += (all.empty() ? "" : ",") + web::to_json(run);
    return R"({"runs":[)" + all + "]}";
}

std::string to_json(const run::RunDetails& run) {
    json::object settings;
    for (const auto& [key, value] : run.settings) settings[key] = text(value);
    json::array missing;
    for (const std::string& name : run.missing_secrets) missing.emplace_back(text(name));
    return with_more(progress::to_json(run.now), {{"map", array_of(run.map)},
                                                  {"samples", array_of(run.samples)},
                                                  {"notes", array_of(run.notes)},
                                                  {"classes", array_of(run.classes)},
                                                  {"settings", std::move(settings)},
                                                  {"is_ours", run.is_ours},
                                                  {"can_be_resumed", run.can_be_resumed},
                                                  {"offered_as", text_or_null(run.offered_as)},
                                                  {"missing_secrets", std::move(missing)},
                                                  {"shown", to_json(view_of(run))}});
}

}  // namespace rowmill::web
