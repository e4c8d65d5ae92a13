#include "web/sheet.hpp"

namespace rowmill::web {
namespace {

Markup notice(const Frame& frame) {
    if (frame.notice.empty()) return {};
    // What has gone wrong is read out at once, what has gone well when there is time.
    return frame.notice_is_error ? markup(R"(<p class="notice error" role="alert">{}</p>)", frame.notice)
                                 : markup(R"(<p class="notice" role="status">{}</p>)", frame.notice);
}

Markup banner(const Frame& frame) {
    Markup side;
    if (!frame.may_change) side += markup(R"(<span class="tag">read-only</span>)");
    if (frame.has_login)
        side += markup(R"(<form method="post" action="/logout">{}<button class="quiet">Log out</button></form>)", csrf_field(frame));
    return markup(
        R"(<header class="banner"><a class="brand" href="/"><img src="/assets/icon.svg" alt="" width="20" height="20">{}</a>)"
        R"(<nav aria-label="Main"><a href="/#runs">Runs</a><a href="/#jobs">Jobs</a></nav><div class="side">{}</div></header>)",
        frame.program, side);
}

}  // namespace

Markup csrf_field(const Frame& frame) {
    return markup(R"(<input type="hidden" name="csrf" value="{}">)", frame.csrf);
}

std::string page(const Frame& frame, const Sheet& sheet) {
    Markup refresh;
    if (sheet.refresh_seconds > 0)
        refresh = markup(R"(<noscript><meta http-equiv="refresh" content="{}"></noscript>)", sheet.refresh_seconds);
    Markup role;
    if (!sheet.script_role.empty()) role = markup(R"( data-page="{}" data-run="{}")", sheet.script_role, sheet.script_run);
    return markup(
               R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{0} · {1}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/style.css">
<script src="/assets/page.js" defer></script>
{2}
</head>
<body{3} data-program="{1}">
<a class="skip" href="#main">Skip to the content</a>
{4}
<main id="main">
{5}
{6}
</main>
</body>
</html>
)",
               sheet.title, frame.program, refresh, role, banner(frame), notice(frame), sheet.main)
        .text();
}

Markup state_badge(const LiveView& view) {
    return markup(R"(<span class="state"{}>{}</span>)", live_attributes(view, "state"), live_text(view, "state"));
}

}  // namespace rowmill::web
