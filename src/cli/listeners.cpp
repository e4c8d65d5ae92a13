#include "cli/listeners.hpp"

#include "progress/render.hpp"

#include <rowmill/error.hpp>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace rowmill::cli {
namespace {

constexpr double plain_interval = 10;
constexpr unsigned usual_width = 80;

unsigned terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

bool may_colour() {
    const char* terminal = std::getenv("TERM");
    const char* refused = std::getenv("NO_COLOR");
    return (refused == nullptr || *refused == '\0') && terminal != nullptr && std::string{terminal} != "dumb";
}

class LogFile : public progress::Listener {
public:
    explicit LogFile(const std::string& path)
        : log_{"rowmill", std::make_shared<spdlog::sinks::basic_file_sink_mt>(path)} {
        log_.set_pattern("%Y-%m-%dT%H:%M:%S%z %v");
        log_.flush_on(spdlog::level::info);
    }

    void progress(const progress::Snapshot& now) override {
        const auto time = std::chrono::steady_clock::now();
        if (last_ && time - *last_ < std::chrono::duration<double>{plain_interval}) return;
        last_ = time;
        log_.info(progress::to_line(now));
    }
    void note(const std::string& line) override { log_.info(line); }
    void detail(const std::string& line) override { log_.info(line); }
    void finished(const progress::Summary& summary) override { log_.info(progress::to_summary(summary)); }

private:
    spdlog::logger log_;
    std::optional<std::chrono::steady_clock::time_point> last_;
};

class JsonSummary : public progress::Listener {
public:
    void progress(const progress::Snapshot&) override {}
    void note(const std::string&) override {}
    void finished(const progress::Summary& summary) override {
        std::printf("%s\n", progress::to_json(summary.last).c_str());
        std::fflush(stdout);
    }
};

/// Nothing but what must not be missed: notes, such as a lost server, and why a run did not end well.
class Notes : public progress::Listener {
public:
    void progress(const progress::Snapshot&) override {}
    void note(const std::string& line) override { std::fprintf(stderr, "%s\n", line.c_str()); }
    void finished(const progress::Summary& summary) override {
        if (summary.exit_code == 0) return;
        std::fprintf(stderr, "run %llu · %s: %s: %s\n", static_cast<unsigned long long>(summary.last.run),
                     summary.last.job.c_str(), summary.last.state.c_str(), summary.why_stopped.c_str());
    }
};

}  // namespace

void add_progress(progress::Hub& hub, const std::string& how) {
    if (how == "auto") return add_progress(hub, ::isatty(STDERR_FILENO) != 0 ? "bar" : "plain");
    if (how == "bar") return hub.add(progress::terminal_bar(stderr, terminal_width, may_colour()));
    if (how == "plain") return hub.add(progress::plain_lines(stderr, plain_interval));
    if (how == "json") return hub.add(progress::json_lines(stderr));
    if (how == "none") return hub.add(std::make_shared<Notes>());
    if (how == "quiet") return hub.add(progress::quiet_lines(stderr));
    throw Error{ErrorKind::usage, "--progress " + how + ": use auto, bar, plain, json or none"};
}

void add_log_file(progress::Hub& hub, const std::string& path) {
    // spdlog would make the folders that are missing, which is rarely what a slip of the finger asks for.
    if (std::FILE* file = std::fopen(path.c_str(), "ae"))
        std::fclose(file);
    else
        throw Error{ErrorKind::usage,
                    "--log-file " + path + " can't be written: " + std::generic_category().message(errno)};
    try {
        hub.add(std::make_shared<LogFile>(path));
    } catch (const spdlog::spdlog_ex& error) {
        throw Error{ErrorKind::usage, "--log-file " + path + ": " + error.what()};
    }
}

void add_json_summary(progress::Hub& hub) {
    hub.add(std::make_shared<JsonSummary>());
}

}  // namespace rowmill::cli
