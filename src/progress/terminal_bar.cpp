#include "progress/cells.hpp"
#include "progress/first_details.hpp"
#include "progress/pace.hpp"
#include "progress/render.hpp"

#include <utility>

namespace rowmill::progress {
namespace {

constexpr double redraw_seconds = 0.25;
constexpr const char* erase_to_end = "\x1b[K";

/// The cursor stays visible, so that nothing has to be put right when the process is killed.
class TerminalBar : public Listener {
public:
    TerminalBar(std::FILE* out, std::function<unsigned()> columns, bool colour)
        : out_{out}, columns_{std::move(columns)}, colour_{colour} {}

    ~TerminalBar() override {
        if (!bar_.empty()) write("\n");  // ended without a summary: the bar stays, the prompt comes below it
    }
    TerminalBar(const TerminalBar&) = delete;
    TerminalBar& operator=(const TerminalBar&) = delete;

    void progress(const Snapshot& now) override {
        if (!pace_.shows(now, std::chrono::steady_clock::now())) return;
        const unsigned columns = columns_();
        // Some terminals wrap as soon as the last cell is written.
        bar_ = to_bar(now, columns > 1 ? columns - 1 : columns, colour_);
        write("\r" + bar_ + erase_to_end);
    }

    void note(const std::string& line) override { write(cleared() + harmless(line) + "\n" + bar_); }

    void detail(const std::string& line) override {
        if (const auto shown = details_.next(line)) note(*shown);
    }

    void finished(const Summary& summary) override {
        const std::string before = cleared();
        bar_.clear();
        write(before + to_summary(summary));
    }

private:
    std::string cleared() const { return bar_.empty() ? std::string{} : std::string{"\r"} + erase_to_end; }

    // In one write: a line half drawn is never seen, nor mixed with what others write.
    void write(const std::string& text) {
        std::fwrite(text.data(), 1, text.size(), out_);
        std::fflush(out_);
    }

    std::FILE* out_;
    std::function<unsigned()> columns_;
    bool colour_;
    Pace pace_{redraw_seconds};
    FirstDetails details_;
    std::string bar_;  ///< as it stands on the terminal; empty: none
};

}  // namespace

std::shared_ptr<Listener> terminal_bar(std::FILE* out, std::function<unsigned()> columns, bool colour) {
    return std::make_shared<TerminalBar>(out, std::move(columns), colour);
}

}  // namespace rowmill::progress
