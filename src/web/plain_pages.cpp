#include "web/sheet.hpp"

namespace rowmill::web {

std::string login_page(const Frame& frame, const std::string& to, const std::string& problem) {
    Markup complaint;
    Markup described;
    if (!problem.empty()) {
        complaint = markup(R"(<p class="problem" id="token-problem" role="alert">{}</p>)", problem);
        described = markup(R"( aria-invalid="true" aria-describedby="token-problem")");
    }
    return page(frame, {.title = "Log in",
                        .main = markup(R"(<div class="narrow"><h1>Log in</h1><form method="post" action="/login" class="stack">{})"
                                       R"(<input type="hidden" name="to" value="{}"><div class="field"><label for="token">Token</label>)"
                                       R"(<input id="token" name="token" type="password" autocomplete="current-password" required)"
                                       R"( autofocus{}>{}<p class="hint">It stands in the file that {} was started with.</p></div>)"
                                       R"(<button class="primary">Log in</button></form></div>)",
                                       csrf_field(frame), to, described, complaint, frame.program)});
}

std::string error_page(const Frame& frame, unsigned status, const std::string& sentence) {
    return page(frame, {.title = sentence,
                        .main = markup(R"(<div class="narrow"><p class="status">{}</p><h1>{}</h1>)"
                                       R"(<p><a href="/">Back to the runs and jobs</a></p></div>)",
                                       status, sentence)});
}

}  // namespace rowmill::web
