#include "run/background.hpp"
#include "run/definition.hpp"
#include "run/desk.hpp"
#include "run/follower.hpp"
#include "run/kept_looks.hpp"
#include "run/required.hpp"
#include "run/snapshot.hpp"
#include "run/steering.hpp"
#include "run/store_reader.hpp"

#include "progress/program_name.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <mutex>
#include <tuple>
#include <type_traits>
#include <utility>

namespace rowmill::run {
namespace {

constexpr std::size_t most_cells = 2000, most_samples = 120, most_notes = 200;

std::string name_of_run(store::RunId run) { return "run " + std::to_string(run); }

/// As it stands: what was changed while it was on, over what it was begun with.
job::Overrides settings_of(const StoredSettings& stored, const std::string& live_settings) {
    const std::map<std::string, std::string> begun{stored.live.begin(), stored.live.end()};
    const LiveSettings set = decode_live_settings(live_settings);
    job::Overrides settings;
    for (const std::string& key : job::live_keys()) {
        if (const auto changed = set.find(key); changed != set.end())
            settings.emplace_back(key, job::shown_setting(key, changed->second));
        else if (const auto known = begun.find(key); known != begun.end())
            settings.emplace_back(key, known->second);
        else
            settings.emplace_back(key, "");
    }
    return settings;
}

std::vector<RangeCell> map_of(store::Store& store, store::RunId run, const StoredSettings& stored) {
    // Sums over all sacks are dear, and without a filter it is 1 anyway.
    const auto density = stored.filtered ? density_of(stored, store.totals(run), store.begun_sacks(run)) : 1.0;
    RangeMap map{most_cells, density};
    store.glance_at_sacks(run, [&](const store::SackGlance& sack) { map.add(sack); });
    return map.cells();
}

/// Of a run's secret parameters those that it was begun with: the store masks their values.
std::vector<std::string> given_secrets(const job::Job& job, const std::string& masked_params) {
    boost::system::error_code failed;
    const boost::json::value parsed = boost::json::parse(masked_params, failed);
    std::vector<std::string> names;
    for (const job::ParamSpec& spec : job.params) {
        const boost::json::value* value = failed || !parsed.is_object() ? nullptr : parsed.get_object().if_contains(spec.name);
        if (spec.secret && (value == nullptr || !value->is_null())) names.push_back(spec.name);
    }
    return names;
}

/// Secrets of the runs that this process has begun or gone on with: the store does not keep them. Thread-safe.
class Secrets {
public:
    void keep(store::RunId run, const job::Job& job, const ParamTexts& texts) {
        const std::lock_guard lock{mutex_};
        for (const auto& [name, text] : texts)
            if (const job::ParamSpec* spec = job.find_param(name); spec != nullptr && spec->secret && !text.empty())
                by_run_[run].insert_or_assign(name, text);
    }
    ParamTexts of(store::RunId run) const {
        const std::lock_guard lock{mutex_};
        const auto found = by_run_.find(run);
        return found == by_run_.end() ? ParamTexts{} : found->second;
    }

private:
    mutable std::mutex mutex_;
    std::map<store::RunId, ParamTexts> by_run_;
};

class StoreDesk : public Desk {
public:
    StoreDesk(const db::Connector& store, std::string schema, Catalog& catalog, BackgroundRuns& runs, progress::Channels& channels)
        : catalog_{catalog}, runs_{runs}, channels_{channels}, store_{store, std::move(schema)},
          follower_{store_, runs_, channels_} {}

    Catalog& catalog() override { return catalog_; }

    Plan plan(std::string_view job, const ParamTexts& params) override {
        thread_local const db::ThreadScope scope;
        return make_plan(catalog_.request(job, params), 0);
    }

    store::RunId start(std::string_view job, const ParamTexts& params) override {
        Request request = catalog_.request(job, params);
        const job::Job read = request.job;
        const BackgroundRuns::Begun begun = begin(std::move(request));
        if (!begun.run) throw Error{ErrorKind::usage, begun.said};
        secrets_.keep(*begun.run, read, params);
        return *begun.run;
    }

    std::vector<progress::Snapshot> runs(std::size_t most) override {
        return lists_.get({most, ends()}, [&] {
            return store_.look([&](store::Store& store) {
                std::vector<progress::Snapshot> list;
                for (const store::RunRecord& run : store.list_runs(most)) list.push_back(snapshot_in_list(store, run));
                return list;
            });
        });
    }

    std::optional<progress::Snapshot> run(store::RunId run) override {
        if (auto now = told_here(run)) return now;
        return store_.look([&](store::Store& store) {
            const auto record = store.find_run(run);
            return record ? std::optional{snapshot_of(store, *record)} : std::nullopt;
        });
    }

    std::optional<RunDetails> details(store::RunId run) override {
        auto details = details_.get({run, ends()}, [&] { return store_.look([&](store::Store& store) { return look_at(store, run); }); });
        if (!details) return details;
        details->is_ours = runs_.works_on(run);
        if (auto now = told_here(run)) details->now = *std::move(now);
        return details;
    }

    std::vector<store::DeadLetterRecord> dead_letters(store::RunId run, const std::string& error_class, std::uint64_t after,
                                                      std::size_t most) override {
        return store_.look([&](store::Store& store) { return store.dead_letters(run, error_class, after, most); });
    }

    std::shared_ptr<progress::Channel> watch(store::RunId run) override {
        return follower_.follow(run);
    }

    std::string pause(store::RunId run) override {
        return steer(run, [](Steering& steering) { return steering.pause(); });
    }
    std::string cancel(store::RunId run) override {
        return steer(run, [](Steering& steering) { return steering.cancel(); });
    }
    std::string set(store::RunId run, const job::Overrides& settings) override {
        return steer(run, [&](Steering& steering) { return steering.set(settings); });
    }

    std::string resume(store::RunId run, const ParamTexts& secrets, bool accept_changes) override {
        const Steering::Resumed resumed = steer(run, [](Steering& steering) { return steering.resume(); });
        if (!resumed.definition) return resumed.sentence;
        Request request = request_of(run, *resumed.definition, secrets, "resume");
        request.resume = run;
        request.accept_changes = accept_changes;
        return go_on(run, std::move(request), secrets);
    }

    std::string retry(store::RunId run, const std::string& error_class, const std::vector<std::string>& keys,
                      const ParamTexts& secrets) override {
        const store::RunRecord record = store_.look([&](store::Store& store) { return require_run(store, run); });
        const Request::Retry wanted = retry_of(record, error_class, keys);
        Request request = request_of(run, record.definition, secrets, "retry");
        request.retry = wanted;
        return go_on(run, std::move(request), secrets);
    }

private:
    /// Runs that are worked on here, those of them that have told their end, and the ends that were told of others.
    using Ends = std::tuple<std::size_t, std::size_t, std::uint64_t>;

    template <typename Ask>
    std::invoke_result_t<Ask, Steering&> steer(store::RunId run, Ask ask) {
        thread_local const db::ThreadScope scope;
        auto asked = Steering::Asked::no;
        try {
            Steering steering{store_.connector(), store_.schema(), run};
            try {
                const auto answer = ask(steering);
                forget_looks();
                return answer;
            } catch (const Error&) {
                asked = steering.asked();
                forget_looks();
                throw;
            }
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::disconnected) throw given_up(run, error, asked);
            throw;
        }
    }

    /// Nobody is to believe that nothing was asked for, or to have to guess.
    Error given_up(store::RunId run, const Error& error, Steering::Asked asked) const {
        const Error lost = store_.unreachable(error);
        if (asked == Steering::Asked::no) return lost;
        const std::string what = asked == Steering::Asked::yes ? " was asked for this, and what came of it could not be seen"
                                                               : " may or may not have taken this: look at it before asking again";
        return Error{lost.kind(), std::string{lost.what()} + "; " + name_of_run(run) + what};
    }

    /// Throws what is in the way in words for those who have no command line.
    BackgroundRuns::Begun begin(Request request) {
        const std::string accept = way_to_accept_changes(request);
        try {
            BackgroundRuns::Begun begun = runs_.start(std::move(request), {}, [this] { require_answer(); });
            forget_looks();
            return begun;
        } catch (const Busy& busy) {
            throw Busy{busy.found(), "it can be watched, paused or cancelled where it is; ask again when it has ended"};
        } catch (const JobChanged& changed) {
            throw JobChanged{changed.found(), accept};
        } catch (const Error&) {
            forget_looks();
            throw;
        }
    }

    static std::string way_to_accept_changes(const Request& request) {
        if (request.resume) return "It can go on with the job as it is now, where these changes are accepted";
        if (!request.retry) return "Resume it with the changes accepted, or cancel it to begin anew";
        return "`" + progress::program_name() + " retry " + std::to_string(request.retry->run) +
               " --accept-changes` tries them again with the job as it is now";
    }

    /// Who has a run begun waits for the store as long as that answers others.
    void require_answer() {
        try {
            store_.look([](store::Store& store) { return store.exists(); });
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::unreachable) return;
            throw Error{error.kind(), std::string{error.what()} +
                                          "; the run may or may not have been begun, and may yet be: look for it when the store is back"};
        }
    }

    std::string go_on(store::RunId run, Request request, const ParamTexts& secrets) {
        const job::Job job = request.job;
        const BackgroundRuns::Begun begun = begin(std::move(request));
        if (begun.run) secrets_.keep(run, job, secrets);
        return begun.said;
    }

    Request request_of(store::RunId run, const std::string& definition, const ParamTexts& given, const char* verb) {
        ParamTexts secrets = given;
        std::erase_if(secrets, [](const auto& secret) { return secret.second.empty(); });
        secrets.merge(secrets_.of(run));
        if (auto request = catalog_.request_of(definition, secrets)) return *std::move(request);
        throw Error{ErrorKind::usage, name_of_run(run) + " is of none of the jobs that are offered here; `" + progress::program_name() + " " +
                                          verb + " " + std::to_string(run) + "` works it where its job is"};
    }

    /// Changes whenever it is told of a run that it has ended, here or elsewhere: whoever asks then is not told what was before.
    Ends ends() const {
        const auto channels = channels_.all();
        const auto here = std::ranges::count_if(channels, [](const auto& channel) { return channel->is_over(); });
        return {runs_.count(), static_cast<std::size_t>(here), follower_.ends()};
    }

    /// What a run of this process has told last.
    std::optional<progress::Snapshot> told_here(store::RunId run) const {
        const auto channel = runs_.channel_of(run);
        const auto now = channel ? channel->now() : nullptr;
        return now ? std::optional{*now} : std::nullopt;
    }

    /// Those that have ended change no more.
    progress::Snapshot snapshot_in_list(store::Store& store, const store::RunRecord& run) {
        if (auto now = told_here(run.id)) return *std::move(now);
        const std::string version = run.state + run.finished_at + run.last_progress_at;
        {
            const std::lock_guard lock{mutex_};
            const auto known = ended_.find(run.id);
            if (known != ended_.end() && known->second.first == version) return known->second.second;
        }
        progress::Snapshot now = snapshot_of(store, run);
        const bool has_ended = run.state == "succeeded" || run.state == "failed" || run.state == "cancelled";
        if (has_ended && now.workers.empty()) {
            const std::lock_guard lock{mutex_};
            if (ended_.size() >= most_ended) ended_.clear();
            ended_.insert_or_assign(run.id, std::pair{version, now});
        }
        return now;
    }

    std::optional<RunDetails> look_at(store::Store& store, store::RunId run) {
        const auto record = store.find_run(run);
        if (!record) return {};
        const StoredSettings stored = decode_settings(record->settings);
        RunDetails details;
        details.now = snapshot_of(store, *record);
        details.map = map_of(store, run, stored);
        details.samples = store.samples(run, most_samples);
        details.notes = store.notes(run, 0, most_notes);
        details.classes = store.dead_letter_classes(run);
        details.settings = settings_of(stored, record->live_settings);
        if (const auto job = job_of(record->definition)) {
            details.can_be_resumed = true;
            details.offered_as = job->file.empty() ? job->name : std::filesystem::path{job->file}.stem().string();
            const ParamTexts known = secrets_.of(run);
            for (std::string& name : given_secrets(*job, record->params))
                if (!known.contains(name)) details.missing_secrets.push_back(std::move(name));
        }
        return details;
    }

    std::optional<job::Job> job_of(const std::string& definition) {
        try {
            return catalog_.job_of(definition);
        } catch (const Error&) {
            // It can't be read now: the page of the jobs says why.
            return {};
        }
    }

    void forget_looks() {
        lists_.forget();
        details_.forget();
    }

    static constexpr std::size_t most_ended = 10'000;

    Catalog& catalog_;
    BackgroundRuns& runs_;
    progress::Channels& channels_;
    StoreReader store_;
    Secrets secrets_;
    KeptLooks<std::pair<std::size_t, Ends>, std::vector<progress::Snapshot>> lists_;
    KeptLooks<std::pair<store::RunId, Ends>, std::optional<RunDetails>> details_;
    std::mutex mutex_;
    std::map<store::RunId, std::pair<std::string, progress::Snapshot>> ended_;  ///< by what tells whether it has changed
    Follower follower_;
};

}  // namespace

std::unique_ptr<Desk> make_desk(db::Connector store, std::string schema, Catalog& catalog, BackgroundRuns& runs,
                                progress::Channels& channels) {
    return std::make_unique<StoreDesk>(store, std::move(schema), catalog, runs, channels);
}

}  // namespace rowmill::run
