// The program that the tests of the library run: a job for each thing that a handler can do, over the table `books`
// (see tests/support/shop.hpp). Handlers record what they did in the table `done`.

#include <rowmill/app.hpp>
#include <rowmill/coroutine.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using rowmill::Context, rowmill::Item, rowmill::Items, rowmill::Outcome;

namespace {

void record(const Item& book, Context& context, const std::string& what) {
    context.session().execute(
        "INSERT INTO done (id, attempt, token, what) VALUES (:id, :attempt, :token, :what)",
        {{"id", book["id"]}, {"attempt", context.attempt()}, {"token", context.token(book)}, {"what", what}});
}

Outcome title(const Item& book, Context& context) {
    record(book, context, book["title"].as_string());
    return rowmill::success();
}

/// Throws for every third book, at each attempt or at the first one only.
Outcome faulty(const Item& book, Context& context) {
    if (book["id"].as_integer() % 3 == 0 && (context.attempt() == 1 || !context.param<bool>("once")))
        throw std::runtime_error{"book " + std::to_string(book["id"].as_integer()) + " is torn"};
    record(book, context, "whole");
    return rowmill::success();
}

/// Counts itself in and out, so that the most at once can be told.
class Presence {
public:
    Presence() {
        const unsigned now = ++present_;
        unsigned most = most_;
        while (now > most && !most_.compare_exchange_weak(most, now)) {
        }
    }
    ~Presence() { --present_; }
    static unsigned most() { return most_; }

private:
    static inline std::atomic<unsigned> present_{0}, most_{0};
};

Outcome sleepy(const Item&, Context& context) {
    const Presence presence;
    std::this_thread::sleep_for(std::chrono::milliseconds{context.param<std::int64_t>("ms")});
    return rowmill::success();
}

asio::awaitable<Outcome> waiting(Item, Context context) {
    const Presence presence;
    asio::steady_timer timer{co_await asio::this_coro::executor,
                             std::chrono::milliseconds{context.param<std::int64_t>("ms")}};
    co_await timer.async_wait(asio::use_awaitable);
    co_return rowmill::success();
}

/// The first book takes no notice of its time.
Outcome stubborn(const Item& book, Context& context) {
    if (book["id"].as_integer() == 1 && context.attempt() == 1)
        std::this_thread::sleep_for(std::chrono::milliseconds{context.param<std::int64_t>("ms")});
    record(book, context, "done");
    return rowmill::success();
}

/// Waits in the server for longer than its time.
Outcome blocked(const Item& book, Context& context) {
    if (book["id"].as_integer() == 1) context.session().query("SELECT SLEEP(60)");
    record(book, context, "done");
    return rowmill::success();
}

/// Leaves a transaction open, which nobody is to see.
Outcome careless(const Item& book, Context& context) {
    context.session().execute("BEGIN");
    record(book, context, "lost");
    return rowmill::success();
}

/// Loses its connection for every fifth book.
Outcome disconnected(const Item& book, Context& context) {
    const auto id = context.session().query("SELECT CONNECTION_ID() AS id");
    if (book["id"].as_integer() % 5 == 0 && context.attempt() == 1)
        context.session().execute("KILL " + id[0]["id"].as_string());
    record(book, context, "done");
    return rowmill::success();
}

std::vector<Outcome> together(const Items& books, Context& context) {
    std::vector<Outcome> outcomes;
    for (const Item& book : books) {
        record(book, context, std::to_string(books.size()));
        outcomes.push_back(book["id"].as_integer() % 7 == 0 ? rowmill::failure("the seventh", "seven")
                                                            : rowmill::success());
    }
    return outcomes;
}

/// Goes on only once three are here.
std::vector<Outcome> meeting(const Items& books, Context& context) {
    const Presence presence;
    while (Presence::most() < 3 && !context.stop_token().stop_requested()) std::this_thread::yield();
    return std::vector<Outcome>(books.size());
}

void add_jobs(rowmill::App& app) {
    app.job("titles", "Record each book's title").table("books").columns({"title"}).each(title);
    app.job("some", "Record the titles of some books")
        .param<std::int64_t>("from_id", "The first book", {.least = 1})
        .param<std::string>("size", "Which ones", {.otherwise = "all", .choices = {"all", "none"}})
        .param<double>("most", "The highest price", {.optional = true})
        .param<bool>("force", "Whatever is in the way", {.otherwise = false})
        .param<std::string>("key", "Not to be shown", {.optional = true, .secret = true})
        .table("books")
        .where("id >= :from_id AND :size = 'all' AND (:most IS NULL OR price <= :most)")
        .columns({"title"})
        .each([](const Item& book, Context& context) {
            record(book, context, (context.param<bool>("force") ? "forced " : "") + context.param<std::string>("size"));
            return rowmill::success();
        });
    app.job("faulty", "Throw for every third book")
        .param<bool>("once", "At the first attempt only", {.otherwise = false})
        .table("books")
        .max_failures("100%")
        .each(faulty);
    app.job("obstinate", "The same, and try again")
        .param<bool>("once", "At the first attempt only", {.otherwise = false})
        .table("books")
        .max_failures("100%")
        .max_attempts(2)
        .backoff(1ms, 2ms)
        .retry_on_exception()
        .each(faulty);
    app.job("sleepy", "Hold a thread").param<std::int64_t>("ms", "How long").table("books").each(sleepy);
    app.job("waiting", "Hold no thread").param<std::int64_t>("ms", "How long").table("books").each(waiting);
    app.job("stubborn", "Ignore the time of the first book")
        .param<std::int64_t>("ms", "How long")
        .table("books")
        .timeout(1s)
        .backoff(1ms, 2ms)
        .each(stubborn);
    app.job("blocked", "Wait in the server")
        .table("books")
        .timeout(1s)
        .max_attempts(2)
        .backoff(1ms, 2ms)
        .max_failures("100%")
        .each(blocked);
    app.job("careless", "Leave transactions open").table("books").each(careless);
    app.job("disconnected", "Lose connections")
        .table("books")
        .backoff(1ms, 2ms)
        .retry_on_exception()
        .each(disconnected);
    app.job("together", "Several books at once").table("books").max_failures("100%").each_batch(4, together);
    app.job("meeting", "Several calls at once").table("books").timeout(30s).each_batch(500, meeting);
    app.job("cheaper", "SQL").table("books").sql("UPDATE books SET price = price - 1 WHERE id = :id");
}

}  // namespace

int main(int argc, char** argv) {
    rowmill::App app{"bookshop", "What handlers can do"};
    add_jobs(app);
    const int exit_code = app.main(argc, argv);
    if (Presence::most() > 0) std::printf("most at once: %u\n", Presence::most());
    return exit_code;
}
