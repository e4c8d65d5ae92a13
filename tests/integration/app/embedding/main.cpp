// A program that begins runs beside what else it does, and follows them: a scenario of the tests, named by the first argument, in the run
// store that the second one names. Prints what it saw, a fact a line.

#include <rowmill/app.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;
using rowmill::App, rowmill::Context, rowmill::Item, rowmill::Outcome, rowmill::Progress, rowmill::Run, rowmill::Subscription;

namespace {

void add_jobs(App& app) {
    app.job("titles", "Record each book's title")
        .param<std::int64_t>("ms", "How long each takes", {.otherwise = 0})
        .table("books")
        .columns({"title"})
        .concurrency(2)
        .each([](const Item& book, Context& context) -> Outcome {
            std::this_thread::sleep_for(std::chrono::milliseconds{context.param<std::int64_t>("ms")});
            context.session().execute("INSERT INTO done (id, attempt, token, what) VALUES (:id, 1, '', :title)",
                                      {{"id", book["id"]}, {"title", book["title"]}});
            return rowmill::success();
        });
    app.job("once", "The same, and never again").table("books").once().each([](const Item&, Context&) { return rowmill::success(); });
    app.job("faulty", "Fail for some")
        .table("books")
        .max_failures("100%")
        .each([](const Item& book, Context&) -> Outcome {
            return book["id"].as_integer() % 4 == 0 ? rowmill::failure("the fourth") : rowmill::success();
        });
}

struct Scene {
    App app{"embedding", "Runs of a program's own"};
    rowmill::RunOptions options;

    Run start(const std::string& job, const std::map<std::string, std::string>& params = {}) { return app.start(job, params, options); }
};

void say(const std::string& name, const auto& value) { std::cout << name << ' ' << value << std::endl; }

/// Counts what it is told, and how long it takes over each.
struct Watcher {
    std::chrono::milliseconds takes{0};
    std::atomic<int> calls = 0;
    std::atomic<bool> went_back = false;
    std::mutex mutex;
    std::condition_variable changed;
    Progress last;

    void operator()(const Progress& now) {
        ++calls;
        {
            const std::scoped_lock lock{mutex};
            if (now.settled < last.settled) went_back = true;
            last = now;
        }
        changed.notify_all();
        std::this_thread::sleep_for(takes);
    }
    Progress wait_until(const std::function<bool(const Progress&)>& is_so) {
        std::unique_lock lock{mutex};
        changed.wait(lock, [&] { return is_so(last); });
        return last;
    }
};

bool is_over(const Progress& now) { return now.state != "running" && !now.state.empty(); }

void watch(Scene& scene) {
    Watcher quick, slow;
    slow.takes = 700ms;
    const Run run = scene.start("titles", {{"ms", "100"}});
    const Subscription first = run.subscribe(std::ref(quick)), second = run.subscribe(std::ref(slow));
    say("exit", run.wait());
    const Progress end = quick.wait_until(is_over);
    say("state", end.state);
    say("settled", end.settled);
    say("percent", end.percent.value_or(-1));
    say("slow-settled", slow.wait_until(is_over).settled);
    say("slow-missed-some", slow.calls < quick.calls);
    say("went-back", quick.went_back || slow.went_back);
    Watcher late;
    const Subscription third = run.subscribe(std::ref(late));
    say("late-state", late.wait_until(is_over).state);
    say("progress-state", run.progress().state);
}

void leave(Scene& scene) {
    Watcher watcher;
    const Run run = scene.start("titles", {{"ms", "20"}});
    {
        const Subscription subscription = run.subscribe(std::ref(watcher));
        watcher.wait_until([](const Progress& now) { return now.settled > 0; });
    }
    const int calls = watcher.calls;
    say("exit", run.wait());
    say("calls-after", watcher.calls - calls);
}

void stop(Scene& scene) {
    Watcher watcher;
    Run run = scene.start("titles", {{"ms", "20"}});
    const Subscription subscription = run.subscribe(std::ref(watcher));
    watcher.wait_until([](const Progress& now) { return now.settled > 0; });
    run.stop();
    say("exit", run.wait());
    const Progress end = watcher.wait_until(is_over);
    say("state", end.state);
    say("is-partial", end.settled > 0 && end.settled < 800);
    const Run again = scene.start("titles", {{"ms", "20"}});
    say("same-run", again.id() == run.id());
    say("exit", again.wait());
    say("settled", again.progress().settled);
}

void drop(Scene& scene) {
    std::uint64_t id = 0;
    {
        const Run run = scene.start("titles", {{"ms", "20"}});
        id = run.id();
        Watcher watcher;
        const Subscription subscription = run.subscribe(std::ref(watcher));
        watcher.wait_until([](const Progress& now) { return now.settled > 0; });
    }
    say("dropped", id);
}

/// Two at once, and each goes on though the app is gone.
void outlive(Scene& scene) {
    std::optional<Run> titles, faulty;
    {
        App app{"shortlived", "Gone before its runs are over"};
        add_jobs(app);
        titles = app.start("titles", {{"ms", "50"}}, scene.options);
        faulty = app.start("faulty", {}, scene.options);
    }
    say("exit", titles->wait());
    say("exit", faulty->wait());
    say("dead-letters", faulty->progress().dead_letters);
}

void refuse(Scene& scene) {
    const auto refused = [](const char* what, const std::function<void()>& act) {
        try {
            act();
            say(what, "was begun");
        } catch (const rowmill::Error& error) {
            say(what, error.what());
        }
    };
    refused("job", [&] { scene.start("none"); });
    refused("unknown", [&] { scene.start("titles", {{"mss", "1"}}); });
    refused("type", [&] { scene.start("titles", {{"ms", "soon"}}); });
    refused("setting", [&] {
        rowmill::RunOptions options = scene.options;
        options.settings = {{"concurency", "7"}};
        scene.app.start("titles", {}, options);
    });
    refused("server", [&] {
        rowmill::RunOptions options = scene.options;
        options.dsn = "mysql://nobody@127.0.0.1:1/none";
        scene.app.start("titles", {}, options);
    });
    const Run held = scene.start("titles", {{"ms", "100"}});
    refused("busy", [&] { scene.start("titles", {{"ms", "100"}}); });
}

void once(Scene& scene) {
    say("exit", scene.start("once").wait());
    const Run again = scene.start("once");
    say("exit", again.wait());
    say("id", again.id());
    say("state", again.progress().state);
}

}  // namespace

int main(int, char** argv) {
    const std::map<std::string, std::function<void(Scene&)>> scenes{{"watch", watch},     {"leave", leave},   {"stop", stop}, {"drop", drop},
                                                                   {"outlive", outlive}, {"refuse", refuse}, {"once", once}};
    Scene scene;
    add_jobs(scene.app);
    scene.options.store_schema = argv[2];
    scenes.at(argv[1])(scene);
    return 0;
}
