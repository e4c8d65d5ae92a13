#include "http/percent.hpp"
#include "item/utf8.hpp"
#include "job/digest.hpp"
#include "web/routes.hpp"
#include "web/target.hpp"

#include <charconv>
#include <chrono>

namespace rowmill::web {
namespace {

constexpr std::size_t runs_shown = 100, runs_of_job_shown = 10, letters_shown = 50;
constexpr std::string_view notice_cookie = "notice";
constexpr std::size_t longest_notice = 1000;

std::string address_of(store::RunId run) {
    return "/runs/" + std::to_string(run);
}

std::string query(const Call& call, const std::string& name) {
    const auto found = call.request.query.find(name);
    return found == call.request.query.end() ? "" : found->second;
}

// What came of a form is told by the page that it leads to, once: a cookie carries it there.

/// `kind`: 'i' tells what was done, 'e' what is in the way, 'c' that it is what has changed of the job, which can be accepted.
Response back_with(const Place& place, const Call& call, const std::string& to, const std::string& sentence, char kind) {
    Response response = redirect(to);
    const std::string value = kind + http::percent_encoded(sentence.substr(0, longest_notice));
    response.headers.emplace_back("Set-Cookie", place.guard.cookie_to_set(call.request, notice_cookie, value, std::chrono::seconds{60}));
    return response;
}

void read_notice(const Place& place, const Call& call, Frame& frame) {
    const std::string value = call.request.cookie(place.guard.cookie_name(call.request, notice_cookie)).value_or("");
    if (value.empty()) return;
    frame.notice_is_error = value.front() != 'i';
    frame.offers_changes = value.front() == 'c';
    for (auto& [text, nothing] : read_form(value.substr(1))) frame.notice = text;
}

Response page(const Place& place, const Call& call, const Frame& frame, std::string body) {
    Response response = html(std::move(body));
    if (!frame.notice.empty()) {
        response.headers.emplace_back("Set-Cookie", place.guard.cookie_to_set(call.request, notice_cookie, "", std::chrono::seconds{0}));
    }
    return response;
}

Response show_index(const Place& place, const Call& call) {
    Frame frame = frame_of(place, call.visitor);
    read_notice(place, call, frame);
    return page(place, call, frame, index_page(frame, place.desk.catalog().entries(), place.desk.runs(runs_shown)));
}

std::vector<progress::Snapshot> runs_of(const Place& place, const std::string& job) {
    std::vector<progress::Snapshot> runs = place.desk.runs(1000);
    std::erase_if(runs, [&](const progress::Snapshot& run) { return run.job != job; });
    if (runs.size() > runs_of_job_shown) runs.resize(runs_of_job_shown);
    return runs;
}

Response show_job(const Place& place, const Call& call) {
    const job::Job job = find_job(place, call.name);
    return html(job_page(frame_of(place, call.visitor), job, {}, {}, runs_of(place, job.name)));
}

/// The form again, as it was filled in, with what is wrong with it.
Response show_job_again(const Place& place, const Call& call, const job::Job& job, const run::ParamTexts& given, const Problem& problem) {
    Frame frame = frame_of(place, call.visitor);
    frame.notice = problem.what();
    frame.notice_is_error = true;
    return html(job_page(frame, job, given, problem.params, runs_of(place, job.name)), problem.status());
}

void check_texts(const run::ParamTexts& texts) {
    std::map<std::string, std::string> problems;
    for (const auto& [name, text] : texts)
        if (!is_utf8(name) || !is_utf8(text)) problems[name] = "this is not UTF-8";
    if (!problems.empty()) throw run::BadParams{problems};
}

Response start_or_plan(const Place& place, const Call& call) {
    const job::Job job = find_job(place, call.name);
    const auto form = call.request.form();
    const run::ParamTexts given = params_of(job, form);
    try {
        check_texts(given);
        if (form.contains("plan-only")) {
            return html(plan_page(frame_of(place, call.visitor), job, given, place.desk.plan(call.name, given)));
        }
        return redirect(address_of(place.desk.start(call.name, given)));
    } catch (...) {
        const Problem problem = current_problem();
        if (problem.status() >= 500) throw problem;
        return show_job_again(place, call, job, given, problem);
    }
}

Response show_run(const Place& place, const Call& call) {
    const std::optional<run::RunDetails> details = place.desk.details(call.run);
    if (!details) throw no_such_run(call.run);
    const std::string error_class = query(call, "class"), after_text = query(call, "after");
    std::uint64_t after = 0;
    std::from_chars(after_text.data(), after_text.data() + after_text.size(), after);
    auto letters = place.desk.dead_letters(call.run, error_class, after, letters_shown + 1);
    std::optional<std::uint64_t> more_after;
    if (letters.size() > letters_shown) {
        letters.resize(letters_shown);
        more_after = letters.back().id;
    }
    Frame frame = frame_of(place, call.visitor);
    read_notice(place, call, frame);
    return page(place, call, frame, run_page(frame, *details, error_class, letters, more_after));
}

/// What a form of a run's page asks for. What can't be done is told on that page.
Response steer_run(const Place& place, const Call& call, unsigned refused, const std::function<std::string()>& action) {
    try {
        return back_with(place, call, address_of(call.run), steer(place, call.run, refused, action), 'i');
    } catch (...) {
        const Problem problem = current_problem();
        if (problem.status() == 404 || problem.status() >= 500) throw problem;
        return back_with(place, call, address_of(call.run), problem.what(), problem.may_accept_changes ? 'c' : 'e');
    }
}

std::string field(const Call& call, std::string_view name) {
    const auto form = call.request.form();
    const auto found = form.find(name);
    return found == form.end() ? "" : found->second;
}

/// Only what was changed is set: the form has every setting.
std::string set_changed(const Place& place, const Call& call) {
    const std::optional<run::RunDetails> details = place.desk.details(call.run);
    if (!details) throw no_such_run(call.run);
    const job::Overrides changed = changed_settings(call.request.form(), details->settings);
    return changed.empty() ? "Nothing was changed." : place.desk.set(call.run, changed);
}

std::string retry_letters(const Place& place, const Call& call) {
    const std::string key = field(call, "key");
    const std::vector<std::string> keys = key.empty() ? std::vector<std::string>{} : std::vector{key};
    return place.desk.retry(call.run, field(call, "class"), keys, secrets_of(call.request.form()));
}

Response show_login(const Place& place, const Call& call) {
    const std::string to = safe_destination(query(call, "to"));
    if (!place.guard.wants_login() || call.visitor.is_logged_in) return redirect(to);
    return html(login_page(frame_of(place, call.visitor), to, ""));
}

Response log_in(const Place& place, const Call& call) {
    const std::string to = safe_destination(field(call, "to"));
    const Guard::LogIn answer = place.guard.log_in(call.request);
    if (answer.cookie.empty()) return html(login_page(frame_of(place, call.visitor), to, answer.problem), answer.status);
    Response response = redirect(to);
    response.headers.emplace_back("Set-Cookie", answer.cookie);
    return response;
}

Response log_out(const Place& place, const Call& call) {
    Response response = redirect(place.guard.wants_login() ? "/login" : "/");
    response.headers.emplace_back("Set-Cookie", place.guard.log_out(call.request));
    return response;
}

/// Asked for anew each time, and sent only where it has changed.
Response send_asset(const Call& call, std::string_view name) {
    const std::optional<Asset> asset = find_asset(name);
    if (!asset) throw Problem{404, "There is nothing at this address."};
    const std::string tag = "\"" + job::sha256(asset->content).substr(0, 32) + "\"";
    Response response;
    response.headers.emplace_back("ETag", tag);
    response.headers.emplace_back("Cache-Control", "no-cache");
    if (call.request.header("if-none-match").value_or("").find(tag) != std::string::npos) {
        response.status = 304;
        return response;
    }
    response.headers.emplace_back("Content-Type", asset->type);
    response.body = asset->content;
    return response;
}

}  // namespace

void add_page_routes(Router& router, Place& place) {
    const auto page_at = [&](std::string pattern, Response (*show)(const Place&, const Call&)) {
        router.add("GET", std::move(pattern), [&place, show](const Call& call) { return show(place, call); });
    };
    const auto form_at = [&](std::string pattern, Response (*take)(const Place&, const Call&)) {
        router.add("POST", std::move(pattern), [&place, take](const Call& call) { return take(place, call); });
    };
    page_at("/", show_index);
    page_at("/jobs/{name}", show_job);
    form_at("/jobs/{name}", start_or_plan);
    page_at("/runs/{run}", show_run);
    page_at("/login", show_login);
    form_at("/login", log_in);
    form_at("/logout", log_out);
    const auto steering_at = [&](const std::string& verb, unsigned refused, std::string (*action)(const Place&, const Call&)) {
        router.add("POST", "/runs/{run}/" + verb, [&place, refused, action](const Call& call) {
            return steer_run(place, call, refused, [&] { return action(place, call); });
        });
    };
    steering_at("pause", 409, [](const Place& at, const Call& call) { return at.desk.pause(call.run); });
    steering_at("cancel", 409, [](const Place& at, const Call& call) { return at.desk.cancel(call.run); });
    steering_at("resume", 409, [](const Place& at, const Call& call) {
        return at.desk.resume(call.run, secrets_of(call.request.form()), !field(call, "accept_changes").empty());
    });
    steering_at("set", 422, set_changed);
    steering_at("retry", 409, retry_letters);
    router.add("GET", "/assets/{name}", [](const Call& call) { return send_asset(call, call.name); });
    router.add("GET", "/favicon.ico", [](const Call& call) { return send_asset(call, "icon.svg"); });
}

}  // namespace rowmill::web
