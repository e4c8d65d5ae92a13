// A run beside what else a program does, over the table `books`.

#include <rowmill/app.hpp>

#include <cstdint>
#include <cstdio>
#include <future>

int main(int, char** argv) {
    rowmill::App app{"follower", "Count books, and look on"};
    app.job("count", "Look at each book").table("books").each([](const rowmill::Item&, rowmill::Context&) { return rowmill::success(); });
    const rowmill::Run run = app.start("count", {}, {.store_schema = argv[1]});
    std::promise<std::uint64_t> counted;
    const rowmill::Subscription watching = run.subscribe([&](const rowmill::Progress& now) {
        if (now.state == "succeeded") counted.set_value(now.settled);
    });
    const int exit_code = run.wait();
    std::printf("counted %llu\n", static_cast<unsigned long long>(counted.get_future().get()));
    return exit_code;
}
