#include "cli/watch.hpp"

#include "cli/status_text.hpp"
#include "progress/cells.hpp"
#include "progress/render.hpp"

#include <rowmill/error.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <thread>

namespace rowmill::cli {
namespace {

constexpr std::chrono::seconds interval{1};
constexpr unsigned usual_width = 80;

/// Nothing more happens by itself.
bool is_over(const progress::Snapshot& now) {
    return now.state == "succeeded" || now.state == "failed" || now.state == "cancelled" || now.state == "interrupted";
}

unsigned terminal_width() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

/// Draws over what it drew before.
class Screen {
public:
    void show(const std::string& text) {
        const unsigned width = terminal_width();
        // A line that wraps would take two, and the next drawing begin too low.
        std::string drawing = lines_ > 0 ? "\x1b[" + std::to_string(lines_) + "A" : "";
        lines_ = 0;
        for (std::size_t at = 0; at < text.size(); ++lines_) {
            const std::size_t end = text.find('\n', at);
            drawing += progress::fit_cells(std::string_view{text}.substr(at, end - at), width - 1) + "\x1b[K\n";
            at = end + 1;
        }
        drawing += "\x1b[J";
        std::fwrite(drawing.data(), 1, drawing.size(), stdout);
        std::fflush(stdout);
    }

private:
    std::size_t lines_ = 0;
};

}  // namespace

void watch(const std::function<progress::Snapshot()>& look, bool json) {
    const bool in_place = !json && ::isatty(STDOUT_FILENO) != 0;
    Screen screen;
    std::string text;
    for (bool over = false; !over; std::this_thread::sleep_for(over ? std::chrono::seconds{0} : interval)) {
        try {
            const progress::Snapshot now = look();
            over = is_over(now);
            text = status_text(now);
            if (in_place)
                screen.show(text);
            else
                std::printf("%s\n", (json ? progress::to_json(now) : progress::to_line(now)).c_str());
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::usage) throw;
            if (in_place) screen.show(text + "  not seen: " + progress::harmless(error.what()) + "\n");
            else std::fprintf(stderr, "not seen: %s\n", progress::harmless(error.what()).c_str());
        }
        std::fflush(stdout);
    }
}

}  // namespace rowmill::cli
