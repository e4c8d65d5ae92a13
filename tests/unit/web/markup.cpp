#include "web/chart.hpp"
#include "web/markup.hpp"
#include "web/times.hpp"

#include <doctest/doctest.h>

using namespace rowmill::web;

TEST_CASE("what would be markup is escaped, for text and for quoted values") {
    CHECK(escaped(R"(<a href="x" title='y'>&amp;</a>)") == "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
    CHECK(escaped("12 € für Zoë 🦀\n\tnext") == "12 € für Zoë 🦀\n\tnext");
}

TEST_CASE("control characters, reversed text and broken UTF-8 become replacement characters") {
    CHECK(escaped("a\x01\x7F" "b") == "a��b");
    CHECK(escaped("\xC2\x9B") == "�");
    CHECK(escaped("user\xE2\x80\xAEgnp.exe") == "user�gnp.exe");
    CHECK(escaped("\xFF\xC3") == "��");
    CHECK(escaped(std::string_view{"\0", 1}) == "�");
}

TEST_CASE("values are escaped on their way into markup, and markup is not escaped again") {
    const Markup inner = markup("<b>{}</b>", "a < b");
    CHECK(markup(R"(<p title="{}">{} {}</p>)", "\"", inner, 7).text() == R"(<p title="&quot;"><b>a &lt; b</b> 7</p>)");
}

TEST_CASE("a chart goes over the whole width, from its first point to its last, and breaks where nothing is known") {
    const Chart chart = make_chart({{100, 10, false}, {110, std::nullopt, true}, {120, 20, false}, {130, 15, false}});
    CHECK(chart.top == 20);
    CHECK(chart.line == "M0.0 60.0M400.0 2.0L600.0 31.0");
    CHECK(chart.waits == "M0.0 0H200.0V120H0.0Z");
    CHECK(chart.area == "M0.0 60.0V120H0.0ZM400.0 2.0L600.0 31.0V120H400.0Z");
}

TEST_CASE("of fewer than two points there is no chart") {
    CHECK(make_chart({}).line.empty());
    CHECK(make_chart({{5, 1, false}}).line.empty());
    CHECK(make_chart({{5, 1, false}, {5, 2, false}}).line.empty());
}

TEST_CASE("the top of a chart is a round number that its values do not pass") {
    const auto top_of = [](double most) { return make_chart({{0, most, false}, {1, 0, false}}).top; };
    CHECK(top_of(31'234) == 40'000);
    CHECK(top_of(40'000) == 40'000);
    CHECK(top_of(0.0213) == doctest::Approx(0.03));
    CHECK(top_of(95) == 100);
    CHECK(top_of(0) == 1);
}

TEST_CASE("times are read as RFC 3339 writes them, and shown to the second") {
    CHECK(*seconds_of("1970-01-02T00:00:01Z") == 86401);
    CHECK(*seconds_of("1970-01-01T00:00:01.25Z") == 1.25);
    CHECK_FALSE(seconds_of("2026-13-01T00:00:00Z").has_value());
    CHECK_FALSE(seconds_of("").has_value());
    CHECK(time_text("2026-11-22T09:39:18.123456Z") == "2026-11-22 09:39:18 UTC");
    CHECK(time_text("soon") == "soon");
    CHECK(clock_text("2026-11-22T09:39:18Z") == "09:39:18");
}

TEST_CASE("a latency is shown in the unit that suits it") {
    CHECK(latency_text(0.0032) == "3.2 ms");
    CHECK(latency_text(0.0314) == "31 ms");
    CHECK(latency_text(1.5) == "1.5 s");
    CHECK(latency_text(-1) == "?");
}
