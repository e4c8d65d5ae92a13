#pragma once

#include "job/param_value.hpp"
#include "job/read.hpp"
#include "progress/channels.hpp"
#include "run/desk.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace rowmill::test {

/// What a page that does not escape would run, in every way to get out of where it stands.
inline const std::string hostile = R"(</script><script>alert('rowmill')</script>"><img src=x onerror=alert(1)>&amp; ' )";

/// Jobs from texts, by name. Thread-safe.
class FakeCatalog : public run::Catalog {
public:
    void add(const std::string& name, const std::string& toml) {
        const std::lock_guard lock{mutex_};
        job::Job job = job::parse_job(toml, name + ".toml");
        job.name = name;
        jobs_[name] = std::move(job);
    }
    void add_broken(const std::string& name, const std::string& problem) {
        const std::lock_guard lock{mutex_};
        broken_[name] = problem;
    }

    std::vector<Entry> entries() override {
        const std::lock_guard lock{mutex_};
        std::map<std::string, Entry> sorted;
        for (const auto& [name, job] : jobs_) sorted[name] = {name, job.description, ""};
        for (const auto& [name, problem] : broken_) sorted[name] = {name, "", problem};
        std::vector<Entry> entries;
        for (auto& [name, entry] : sorted) entries.push_back(std::move(entry));
        return entries;
    }
    std::optional<job::Job> find(std::string_view name) override {
        const std::lock_guard lock{mutex_};
        if (const auto broken = broken_.find(name); broken != broken_.end()) throw Error{ErrorKind::usage, broken->second};
        const auto job = jobs_.find(name);
        return job == jobs_.end() ? std::nullopt : std::optional{job->second};
    }
    run::Request request(std::string_view name, const run::ParamTexts& params) override {
        run::Request request;
        const std::optional<job::Job> job = find(name);
        if (!job) throw Error{ErrorKind::usage, "there is no job \"" + std::string{name} + "\""};
        request.job = *job;
        std::map<std::string, std::string> problems;
        for (const auto& [param, text] : params)
            if (job->find_param(param) == nullptr) problems[param] = "there is no parameter \"" + param + "\"";
        for (const job::ParamSpec& spec : job->params) {
            const auto given = params.find(spec.name);
            if (given == params.end() && spec.required) problems[spec.name] = "the parameter " + spec.name + " is missing";
            if (given == params.end()) continue;
            try {
                request.params[spec.name] = job::parse_param_value(spec, given->second, "the parameter " + spec.name);
            } catch (const Error& error) {
                problems[spec.name] = error.what();
            }
        }
        if (!problems.empty()) throw run::BadParams{problems};
        return request;
    }
    std::optional<job::Job> job_of(const std::string&) override { return std::nullopt; }
    std::optional<run::Request> request_of(const std::string&, const run::ParamTexts&) override { return std::nullopt; }

private:
    std::mutex mutex_;
    std::map<std::string, job::Job, std::less<>> jobs_;
    std::map<std::string, std::string, std::less<>> broken_;
};

/// A desk in memory, which notes down what it is asked to change. With runs in every state: 1 succeeded with dead letters, 2 running with
/// 2,000 sacks, 3 paused, 4 interrupted, 5 failed, 6 of a job whose every text is hostile. Thread-safe.
class FakeDesk : public run::Desk {
public:
    FakeDesk() {
        jobs.add("import", R"([job]
    name = "import"
    description = "Imports what has come in"
[params]
    publisher_id = { type = "integer", required = true, min = 1, max = 1000, description = "Whose books" }
    share = { type = "number", default = 0.5, min = 0, max = 1 }
    label = { type = "string", default = "new" }
    force = { type = "boolean", default = false }
    since = { type = "date" }
    mode = { type = "choice", choices = ["fast", "careful"], default = "careful" }
    password = { type = "string", secret = true }
[source]
    table = "books"
    where = "publisher_id = :publisher_id"
[action]
    kind = "sql"
    statement = "UPDATE books SET seen = 1 WHERE :batch"
)");
        jobs.add("nightly", "[job]\n    name = \"nightly\"\n[source]\n    table = \"books\"\n[action]\n    kind = \"sql\"\n    statement = \"DELETE FROM books WHERE :batch\"\n");
        jobs.add(hostile_name, "[job]\n    name = \"hostile\"\n    description = \"\"\"<script>alert('description')</script>\"\"\"\n[params]\n    a = { type = \"string\", default = \"<script>alert('default')</script>\" }\n"
                               "[source]\n    table = \"books\"\n[action]\n    kind = \"none\"\n");
        jobs.add_broken("torn", "torn.toml:3:1: unknown key \"actoin\"; did you mean \"action\"? <script>alert('problem')</script>");
        add_run(1, "import", "succeeded", 1000, 1000, 12);
        add_run(2, "nightly", "running", 2'000'000, 900'000, 3, 2000);
        add_run(3, "import", "paused", 1000, 400, 0);
        add_run(4, "nightly", "interrupted", 1000, 700, 0);
        add_run(5, "nightly", "failed", 1000, 100, 2);
        add_run(6, hostile_name, "running", 1000, 500, 5);
        make_hostile(details_[6], letters_[6]);
    }

    // Jobs
    FakeCatalog& catalog() override { return jobs; }
    run::Plan plan(std::string_view job, const run::ParamTexts& params) override {
        check();
        jobs.request(job, params);
        run::Plan plan;
        plan.server = "127.0.0.1:3306";
        plan.table = "books";
        plan.key = "id";
        plan.promise = "exactly once";
        plan.estimated_rows = 1000;
        plan.page_query = "SELECT id FROM books ORDER BY id LIMIT 500";
        plan.statements = {"UPDATE books SET seen = 1 WHERE id IN (1, 2)"};
        return plan;
    }
    store::RunId start(std::string_view job, const run::ParamTexts& params) override {
        check();
        jobs.request(job, params);
        note("start " + std::string{job}, params);
        const std::lock_guard lock{mutex_};
        const store::RunId run = details_.rbegin()->first + 1;
        add_run(run, std::string{job}, "running", 1000, 0, 0);
        return run;
    }

    // Looking
    std::vector<progress::Snapshot> runs(std::size_t most) override {
        check();
        const std::lock_guard lock{mutex_};
        std::vector<progress::Snapshot> runs;
        for (auto run = details_.rbegin(); run != details_.rend() && runs.size() < most; ++run) runs.push_back(run->second.now);
        return runs;
    }
    std::optional<progress::Snapshot> run(store::RunId run) override {
        const auto found = details(run);
        return found ? std::optional{found->now} : std::nullopt;
    }
    std::optional<run::RunDetails> details(store::RunId run) override {
        check();
        const std::lock_guard lock{mutex_};
        const auto found = details_.find(run);
        return found == details_.end() ? std::nullopt : std::optional{found->second};
    }
    std::vector<store::DeadLetterRecord> dead_letters(store::RunId run, const std::string& error_class, std::uint64_t after,
                                                      std::size_t most) override {
        check();
        const std::lock_guard lock{mutex_};
        std::vector<store::DeadLetterRecord> found;
        for (const store::DeadLetterRecord& letter : letters_[run]) {
            if (letter.id <= after || found.size() >= most) continue;
            if (error_class.empty() || letter.error_class == error_class) found.push_back(letter);
        }
        return found;
    }
    std::shared_ptr<progress::Channel> watch(store::RunId run) override {
        check();
        const std::lock_guard lock{mutex_};
        return details_.contains(run) ? channels.of(run) : nullptr;
    }

    // Steering
    std::string pause(store::RunId run) override { return steer("pause", run, {}); }
    std::string cancel(store::RunId run) override { return steer("cancel", run, {}); }
    std::string set(store::RunId run, const job::Overrides& settings) override {
        run::ParamTexts texts;
        for (const auto& [key, value] : settings) texts[key] = value;
        return steer("set", run, texts);
    }
    std::string resume(store::RunId run, const run::ParamTexts& secrets, bool accept_changes) override {
        return steer(accept_changes ? "resume with changes" : "resume", run, secrets);
    }
    std::string retry(store::RunId run, const std::string& error_class, const std::vector<std::string>& keys,
                      const run::ParamTexts& secrets) override {
        run::ParamTexts texts = secrets;
        if (!error_class.empty()) texts["class"] = error_class;
        for (const std::string& key : keys) texts["key " + key] = "";
        return steer("retry", run, texts);
    }

    /// What it was asked to change: "start import publisher_id=7", "pause 2".
    std::vector<std::string> asked() const {
        const std::lock_guard lock{mutex_};
        return asked_;
    }
    /// Called by every call from now on, to throw something; empty: nothing.
    void fail_with(std::function<void()> fault) {
        const std::lock_guard lock{mutex_};
        fault_ = std::move(fault);
    }
    /// A new run, with as many cells to its map as it has sacks (60 at most), and this state told to its channel.
    void add_run(store::RunId run, const std::string& job, const std::string& state, std::uint64_t total, std::uint64_t settled,
                 std::uint64_t dead_letters, std::uint64_t sacks = 20);

    inline static const std::string hostile_name = "<script>alert('name')";
    FakeCatalog jobs;
    progress::Channels channels;

private:
    void check() const {
        std::function<void()> fault;
        {
            const std::lock_guard lock{mutex_};
            fault = fault_;
        }
        if (fault) fault();
    }
    void note(const std::string& what, const run::ParamTexts& texts) {
        std::string line = what;
        for (const auto& [key, value] : texts) line += " " + key + (value.empty() ? "" : "=" + value);
        const std::lock_guard lock{mutex_};
        asked_.push_back(line);
    }
    std::string steer(const std::string& what, store::RunId run, const run::ParamTexts& texts) {
        check();
        if (!details(run)) throw Error{ErrorKind::usage, "there is no run " + std::to_string(run)};
        note(what + " " + std::to_string(run), texts);
        return "run " + std::to_string(run) + " was asked to " + what;
    }
    static void make_hostile(run::RunDetails& details, std::vector<store::DeadLetterRecord>& letters);

    mutable std::mutex mutex_;
    std::map<store::RunId, run::RunDetails> details_;
    std::map<store::RunId, std::vector<store::DeadLetterRecord>> letters_;
    std::vector<std::string> asked_;
    std::function<void()> fault_;
};

inline void FakeDesk::add_run(store::RunId run, const std::string& job, const std::string& state, std::uint64_t total, std::uint64_t settled,
                              std::uint64_t dead_letters, std::uint64_t sacks) {
    run::RunDetails& details = details_[run];
    progress::Snapshot& now = details.now;
    now.run = run;
    now.job = job;
    now.state = state;
    now.params_json = R"({"publisher_id":7,"password":"***"})";
    now.started_at = "2026-11-22T10:00:00Z";
    if (state == "succeeded" || state == "failed") now.finished_at = "2026-11-22T10:05:00Z";
    now.bound = "id <= 2000000";
    now.server = "127.0.0.1:3306";
    now.total = total;
    now.total_is_exact = true;
    now.settled = settled;
    now.percent = 100.0 * static_cast<double>(settled) / static_cast<double>(total);
    now.failed = now.dead_letters = dead_letters;
    now.succeeded = settled - dead_letters;
    now.sacks_total = sacks;
    now.sacks_done = sacks * settled / total;
    if (state == "running") {
        now.rate = 3120.5;
        now.eta_seconds = 352.5;
        now.in_flight = 64;
        now.latency_seconds = 0.021;
        now.workers.push_back({.host = "mill-1", .pid = 4711, .connection_ids = {11, 12}, .sack = 3, .lease_expires_at = "2026-11-22T10:06:00Z"});
    }
    if (state == "failed") now.last_error = "the table books has no column \"seen\"";
    for (std::uint64_t cell = 0; cell < std::min<std::uint64_t>(sacks, 60); ++cell) {
        const std::uint64_t done = std::min<std::uint64_t>(sacks, 60) * settled / total;
        run::RangeCell range;
        range.state = cell < done ? run::RangeCell::State::done : cell == done ? run::RangeCell::State::running : run::RangeCell::State::waiting;
        range.fraction = cell < done ? 1 : cell == done ? 0.4 : 0;
        range.sacks = std::max<std::uint64_t>(sacks / 60, 1);
        range.rows = total / 60;
        range.settled = static_cast<std::uint64_t>(range.fraction * static_cast<double>(range.rows));
        range.dead_letters = cell == 2 ? dead_letters : 0;
        range.after = std::to_string(cell * 1000);
        range.upto = std::to_string(cell * 1000 + 1000);
        details.map.push_back(range);
    }
    for (unsigned sample = 0; sample < 30; ++sample) {
        store::SampleRecord record;
        record.at = "2026-11-22T10:00:" + std::to_string(10 + sample) + "Z";
        record.settled = settled * sample / 30;
        record.rate = 2000 + 50 * sample;
        record.latency_seconds = 0.02;
        details.samples.push_back(record);
    }
    details.notes.push_back({1, "2026-11-22T10:00:01Z", "mill-1:4711", false, "begins at id 1"});
    details.notes.push_back({2, "2026-11-22T10:00:09Z", "mill-1:4711", true, "waits: replica lag 12s"});
    details.settings = {{"concurrency", "16"}, {"rate", "500"}, {"max_lag", ""}};
    details.can_be_resumed = true;
    details.offered_as = job;
    for (std::uint64_t id = 1; id <= dead_letters; ++id) {
        store::DeadLetterRecord letter;
        letter.id = run * 1000 + id;
        letter.run = run;
        letter.sack = 2;
        letter.key = {Value::integer(static_cast<std::int64_t>(id * 100))};
        letter.attempts = 5;
        letter.error_class = id % 3 == 0 ? "timeout" : "constraint";
        letter.reason = id % 3 == 0 ? "no answer within 2s" : "Duplicate entry 'x' for key 'title'";
        letter.first_at = letter.last_at = "2026-11-22T10:01:00Z";
        letter.item = R"({"id":)" + std::to_string(id * 100) + R"(,"title":"Faust"})";
        letters_[run].push_back(letter);
    }
    if (dead_letters > 0) details.classes = {{"constraint", dead_letters - dead_letters / 3, "Duplicate entry 'x' for key 'title'"}};
    if (dead_letters >= 3) details.classes.push_back({"timeout", dead_letters / 3, "no answer within 2s"});
    const auto channel = channels.of(run);
    if (now.finished_at.empty()) {
        channel->progress(now);
    } else {
        channel->end(now);
    }
}

inline void FakeDesk::make_hostile(run::RunDetails& details, std::vector<store::DeadLetterRecord>& letters) {
    progress::Snapshot& now = details.now;
    now.params_json = R"({"a":"<script>alert('param')</script>"})";
    for (std::string* text : {&now.bound, &now.server, &now.waiting_for, &now.last_error}) *text = hostile;
    now.waited_seconds[hostile] = 3;
    details.notes.push_back({3, "2026-11-22T10:00:10Z", hostile, true, hostile});
    details.classes.push_back({hostile, 1, hostile});
    details.settings.emplace_back("max_load", hostile);
    details.missing_secrets = {hostile};
    for (run::RangeCell& cell : details.map) cell.after = cell.upto = hostile;
    for (progress::WorkerView& worker : now.workers) worker.host = worker.waiting_for = hostile;
    for (store::DeadLetterRecord& letter : letters) {
        letter.error_class = letter.reason = hostile;
        letter.key = {Value::text(hostile)};
        letter.item = R"({"title":"<script>alert('row')</script>"})";
    }
}

}  // namespace rowmill::test
