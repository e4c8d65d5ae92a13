#include "progress/cells.hpp"
#include "progress/first_details.hpp"
#include "progress/pace.hpp"
#include "progress/render.hpp"

namespace rowmill::progress {
namespace {

// Flushed each time: a log that is followed must not lag behind by a buffer.
void write(std::FILE* out, const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), out);
    std::fflush(out);
}

class SummaryOnly : public Listener {
public:
    explicit SummaryOnly(std::FILE* out) : out_{out} {}

    void progress(const Snapshot&) override {}
    void note(const std::string& line) override { write(out_, harmless(line) + "\n"); }
    void detail(const std::string& line) override {
        if (const auto shown = details_.next(line)) note(*shown);
    }
    void finished(const Summary& summary) override { write(out_, to_summary(summary)); }

protected:
    std::FILE* out_;

private:
    FirstDetails details_;
};

class PlainLines : public SummaryOnly {
public:
    PlainLines(std::FILE* out, double every_seconds) : SummaryOnly{out}, pace_{every_seconds} {}

    void progress(const Snapshot& now) override {
        if (pace_.shows(now, std::chrono::steady_clock::now())) write(out_, to_line(now) + "\n");
    }

private:
    Pace pace_;
};

/// Notes are left out: whoever parses the lines may count on each being a snapshot.
class JsonLines : public Listener {
public:
    explicit JsonLines(std::FILE* out) : out_{out} {}

    void progress(const Snapshot& now) override {
        if (pace_.shows(now, std::chrono::steady_clock::now())) write(out_, to_json(now) + "\n");
    }
    void note(const std::string&) override {}
    void finished(const Summary& summary) override { write(out_, to_json(summary.last) + "\n"); }

private:
    std::FILE* out_;
    Pace pace_{1.0};
};

class QuietLines : public Listener {
public:
    explicit QuietLines(std::FILE* out) : out_{out} {}

    void progress(const Snapshot&) override {}
    void note(const std::string&) override {}
    void warning(const std::string& line) override { write(out_, harmless(line) + "\n"); }
    void finished(const Summary& summary) override {
        if (summary.exit_code != 0 || summary.last.dead_letters > 0) write(out_, to_summary_line(summary) + "\n");
    }

private:
    std::FILE* out_;
};

}  // namespace

std::shared_ptr<Listener> plain_lines(std::FILE* out, double every_seconds) {
    return std::make_shared<PlainLines>(out, every_seconds);
}
std::shared_ptr<Listener> json_lines(std::FILE* out) {
    return std::make_shared<JsonLines>(out);
}
std::shared_ptr<Listener> quiet_lines(std::FILE* out) {
    return std::make_shared<QuietLines>(out);
}
std::shared_ptr<Listener> summary_only(std::FILE* out) {
    return std::make_shared<SummaryOnly>(out);
}

}  // namespace rowmill::progress
