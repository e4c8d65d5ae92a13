#include "web/pages.hpp"

#include "tests/support/fake_desk.hpp"
#include "tests/support/html.hpp"

#include <doctest/doctest.h>
#include <boost/json.hpp>

#include <algorithm>

using namespace rowmill;
using test::HtmlReader;
using test::HtmlTag;

namespace {

web::Frame frame() {
    web::Frame made;
    made.csrf = "c5rf";
    made.has_login = true;
    return made;
}

run::Plan hostile_plan() {
    run::Plan plan;
    for (std::string* text : {&plan.server, &plan.table, &plan.key, &plan.filter, &plan.bound, &plan.promise, &plan.work, &plan.page_query,
                              &plan.unfinished})
        *text = test::hostile;
    plan.page_plan = plan.statements = plan.sacks = {test::hostile, test::hostile};
    plan.sample = {{test::hostile, {{test::hostile, {test::hostile, test::hostile}}}}};
    return plan;
}

/// Every page there is, of a desk that has something hostile wherever it can.
std::map<std::string, std::string> all_pages(web::Frame around = frame()) {
    test::FakeDesk desk;
    around.notice = test::hostile;
    around.program = test::hostile;
    std::map<std::string, std::string> pages;
    pages["index"] = web::index_page(around, desk.catalog().entries(), desk.runs(100));
    pages["empty index"] = web::index_page(around, {}, {});
    for (const char* name : {"import", test::FakeDesk::hostile_name.c_str()}) {
        const job::Job job = *desk.jobs.find(name);
        run::ParamTexts given{{test::hostile, test::hostile}};
        std::map<std::string, std::string> problems{{test::hostile, test::hostile}};
        for (const job::ParamSpec& spec : job.params) given[spec.name] = problems[spec.name] = test::hostile;
        pages[std::string{"job "} + name] = web::job_page(around, job, given, problems, desk.runs(100));
        pages[std::string{"new job "} + name] = web::job_page(around, job, {}, {}, {});
        pages[std::string{"plan of "} + name] = web::plan_page(around, job, given, hostile_plan());
    }
    for (store::RunId id = 1; id <= 6; ++id) {
        const std::string name = "run " + std::to_string(id);
        pages[name] = web::run_page(around, *desk.details(id), "", desk.dead_letters(id, "", 0, 100), 99);
        pages[name + " filtered"] = web::run_page(around, *desk.details(id), test::hostile, {}, std::nullopt);
    }
    pages["login"] = web::login_page(around, test::hostile, test::hostile);
    pages["error"] = web::error_page(around, 404, test::hostile);
    return pages;
}

std::vector<HtmlTag> tags_named(const std::string& page, const std::string& name) {
    std::vector<HtmlTag> found;
    for (HtmlTag& tag : HtmlReader::read(page))
        if (tag.name == name) found.push_back(std::move(tag));
    return found;
}

/// The tag with this value of an attribute; there has to be one.
HtmlTag tag_with(const std::string& page, const std::string& attribute, const std::string& value) {
    for (HtmlTag& tag : HtmlReader::read(page))
        if (const auto found = tag.attributes.find(attribute); found != tag.attributes.end() && found->second == value) return tag;
    FAIL("there is no tag with " << attribute << "=\"" << value << "\"");
    return {};
}

job::Job job_of(const std::string& params) {
    return job::parse_job("[job]\nname = \"a\"\n[params]\n" + params + "\n[source]\ntable = \"t\"\n[action]\nkind = \"none\"\n", "a.toml");
}

std::string form_of(const std::string& params, const run::ParamTexts& given = {}, const std::map<std::string, std::string>& problems = {}) {
    return web::job_page(frame(), job_of(params), given, problems, {});
}

}  // namespace

TEST_CASE("every page is well-formed, whatever its texts are") {
    for (const auto& [name, page] : all_pages()) {
        CAPTURE(name);
        CHECK_NOTHROW(HtmlReader::read(page));
        CHECK(page.find("alert('") == std::string::npos);
    }
}

TEST_CASE("the reader of pages sees a text that is not escaped") {
    CHECK_THROWS(HtmlReader::read("<p>" + test::hostile + "</p>"));
    CHECK_THROWS(HtmlReader::read(R"(<p class=")" + test::hostile + R"("></p>)"));
    CHECK_THROWS(HtmlReader::read("<p><b></p></b>"));
    CHECK_THROWS(HtmlReader::read("<p>fish & chips</p>"));
    CHECK_NOTHROW(HtmlReader::read("<p>fish &amp; chips<br></p>"));
}

TEST_CASE("a page has no script, style or handler of its own, and asks nothing of another host") {
    for (const auto& [name, page] : all_pages()) {
        CAPTURE(name);
        for (const HtmlTag& tag : HtmlReader::read(page)) {
            CHECK(tag.name != "style");
            if (tag.name == "script") CHECK(tag.attributes.at("src") == "/assets/page.js");
            for (const auto& [attribute, value] : tag.attributes) {
                CHECK(attribute != "style");
                CHECK(!attribute.starts_with("on"));
                if (attribute == "src" || attribute == "href" || attribute == "action")
                    CHECK((value.starts_with("#") || (value.starts_with("/") && !value.starts_with("//"))));
            }
        }
    }
}

TEST_CASE("what pages refer to under /assets/ is built in") {
    for (const HtmlTag& tag : HtmlReader::read(web::index_page(frame(), {}, {})))
        for (const char* attribute : {"src", "href"})
            if (const auto found = tag.attributes.find(attribute); found != tag.attributes.end() && found->second.starts_with("/assets/"))
                CHECK(web::find_asset(found->second.substr(8)).has_value());
    CHECK(web::find_asset("style.css")->type == "text/css; charset=utf-8");
    CHECK_FALSE(web::find_asset("../pages.cpp").has_value());
}

TEST_CASE("every form is a POST with the CSRF value") {
    for (const auto& [name, page] : all_pages()) {
        CAPTURE(name);
        std::size_t forms = 0, values = 0;
        for (const HtmlTag& tag : HtmlReader::read(page)) {
            if (tag.name == "form") {
                ++forms;
                CHECK(tag.attributes.at("method") == "post");
            }
            const auto field = tag.attributes.find("name");
            if (field != tag.attributes.end() && field->second == "csrf" && tag.attributes.at("value") == "c5rf") ++values;
        }
        CHECK(forms == values);
    }
}

TEST_CASE("where nothing may be changed no form is there but the one to log out") {
    web::Frame reader = frame();
    reader.may_change = false;
    for (const auto& [name, page] : all_pages(reader)) {
        if (name == "login") continue;
        CAPTURE(name);
        for (const HtmlTag& form : tags_named(page, "form")) CHECK(form.attributes.at("action") == "/logout");
    }
}

TEST_CASE("each type of parameter has a field of its kind") {
    const std::string page = form_of(R"(
        count = { type = "integer", required = true, min = 1, max = 9007199254740993 }
        share = { type = "number", min = 0.25, default = 0.5 }
        force = { type = "boolean", default = true }
        maybe = { type = "boolean" }
        since = { type = "date", default = "2024-02-29" }
        mode  = { type = "choice", choices = ["fast", "careful"], default = "careful" }
        word  = { type = "string", secret = true, default = "swordfish" })");
    const HtmlTag count = tag_with(page, "name", "count");
    CHECK(count.attributes.at("type") == "number");
    CHECK(count.attributes.at("step") == "1");
    CHECK(count.attributes.at("min") == "1");
    CHECK(count.attributes.contains("required"));
    const HtmlTag share = tag_with(page, "name", "share");
    CHECK(share.attributes.at("step") == "any");
    CHECK(share.attributes.at("min") == "0.25");
    CHECK(share.attributes.at("value") == "0.5");
    CHECK(tag_with(page, "id", "param-force").attributes.at("type") == "checkbox");
    CHECK(tag_with(page, "id", "param-force").attributes.contains("checked"));
    CHECK(tag_with(page, "id", "param-maybe").name == "select");
    CHECK(tag_with(page, "id", "param-since").attributes.at("type") == "date");
    CHECK(tag_with(page, "id", "param-since").attributes.at("value") == "2024-02-29");
    CHECK(tag_with(page, "value", "careful").attributes.contains("selected"));
    CHECK(tag_with(page, "id", "param-word").attributes.at("type") == "password");
    CHECK(page.find("swordfish") == std::string::npos);
}

TEST_CASE("every field has a label, and is described by its hint and its problem") {
    const std::string page = form_of("count = { type = \"integer\" }", {{"count", "many"}}, {{"count", "must be an integer"}});
    const HtmlTag field = tag_with(page, "id", "param-count");
    CHECK(field.attributes.at("aria-invalid") == "true");
    CHECK(field.attributes.at("aria-describedby") == "param-count-hint param-count-problem");
    CHECK(field.attributes.at("value") == "many");
    CHECK(tag_with(page, "for", "param-count").name == "label");
    CHECK(tag_with(page, "id", "param-count-hint").name == "p");
    CHECK(tag_with(page, "id", "param-count-problem").name == "p");
}

TEST_CASE("a secret that was typed is not sent back") {
    const std::string page = form_of("word = { type = \"string\", secret = true }", {{"word", "swordfish"}}, {{"word", "is too long"}});
    CHECK(page.find("swordfish") == std::string::npos);
    CHECK(page.find("is too long") != std::string::npos);
}

TEST_CASE("an empty field is a parameter that was not given, but for a text that has a default") {
    const job::Job job = job_of(R"(
        count = { type = "integer", default = 3 }
        note  = { type = "string" }
        label = { type = "string", default = "new" }
        word  = { type = "string", default = "x", secret = true })");
    const run::ParamTexts params =
        web::params_of(job, {{"csrf", "c"}, {"plan-only", "1"}, {"count", ""}, {"note", ""}, {"label", ""}, {"word", ""}, {"unknown", ""}});
    CHECK(params == run::ParamTexts{{"label", ""}, {"unknown", ""}});
    CHECK(web::params_of(job, {{"count", "7"}}) == run::ParamTexts{{"count", "7"}});
}

TEST_CASE("where what can't be chosen was typed, the default is chosen, and nothing where there is none") {
    const std::string with = form_of("mode = { type = \"choice\", choices = [\"fast\", \"careful\"], default = \"careful\" }",
                                     {{"mode", "slow"}}, {{"mode", "must be fast or careful"}});
    CHECK(tag_with(with, "value", "careful").attributes.contains("selected"));
    const std::string without = form_of("mode = { type = \"choice\", choices = [\"fast\"], required = true }", {{"mode", "slow"}});
    CHECK(tag_with(without, "value", "").name == "option");
    CHECK_FALSE(tag_with(without, "value", "fast").attributes.contains("selected"));
}

TEST_CASE("a run that somebody works on can be resumed without its secrets, one that nobody works on can't") {
    test::FakeDesk desk;
    run::RunDetails run = *desk.details(3);
    run.missing_secrets = {"password"};
    const auto is_required = [&] {
        return tag_with(web::run_page(frame(), run, "", {}, {}), "id", "resume-password").attributes.contains("required");
    };
    CHECK(is_required());
    run.now.workers.emplace_back();
    CHECK_FALSE(is_required());
}

TEST_CASE("a run leads to its job where it is offered") {
    test::FakeDesk desk;
    run::RunDetails run = *desk.details(1);
    run.offered_as = "im/port";
    CHECK(tag_with(web::run_page(frame(), run, "", {}, {}), "href", "/jobs/im%2Fport").name == "a");
    run.offered_as = "";
    CHECK(web::run_page(frame(), run, "", {}, {}).find("\"/jobs/") == std::string::npos);
}

TEST_CASE("secrets for a run come back by their names, whatever else the form has") {
    CHECK(web::secrets_of({{web::secret_field("class"), "s"}, {"class", "timeout"}, {"csrf", "c"}}) == run::ParamTexts{{"class", "s"}});
}

TEST_CASE("a page says beside each setting what it shows of it, so that what was changed there is known whatever others set meanwhile") {
    test::FakeDesk desk;
    const run::RunDetails run = *desk.details(2);
    std::map<std::string, std::string, std::less<>> form;
    for (const HtmlTag& tag : HtmlReader::read(web::run_page(frame(), run, "", {}, {}))) {
        const auto name = tag.attributes.find("name");
        const bool is_of_settings = name != tag.attributes.end() && (tag.attributes.contains("data-setting") || name->second.starts_with("shown-"));
        if (is_of_settings) form[name->second] = tag.attributes.at("value");
    }
    CHECK(form.size() == 2 * run.settings.size());
    const job::Overrides set_by_another{{"concurrency", "1"}, {"rate", "1"}, {"max_lag", "9s"}};
    CHECK(web::changed_settings(form, set_by_another).empty());
    form["rate"] = "250";
    CHECK(web::changed_settings(form, set_by_another) == job::Overrides{{"rate", "250"}});
}

TEST_CASE("where a form does not say what was shown of a setting, what is set now counts, and what is not known is not left out") {
    CHECK(web::changed_settings({{"csrf", "c"}, {"rate", "5"}, {"batch", "7"}, {"x", "1"}}, {{"rate", "5"}, {"batch", "6"}}) ==
          job::Overrides{{"batch", "7"}, {"x", "1"}});
}

TEST_CASE("a field of one line has lost the line breaks of its setting, and changes nothing by that") {
    CHECK(web::changed_settings({{"query", "SELECT 1"}, {"shown-query", "SELECT\r\n 1\r\n"}}, {}).empty());
    CHECK(web::changed_settings({{"query", "SELECT 1"}}, {{"query", "SELECT\n 1"}}).empty());
}

TEST_CASE("a running run can be paused and cancelled, a paused one resumed, a finished one neither") {
    test::FakeDesk desk;
    const auto is_shown = [&](store::RunId run, const std::string& show) {
        return !tag_with(web::run_page(frame(), *desk.details(run), "", {}, {}), "data-show", show).attributes.contains("hidden");
    };
    CHECK(is_shown(2, "can_pause"));
    CHECK(is_shown(2, "can_cancel"));
    CHECK_FALSE(is_shown(2, "can_resume"));
    CHECK_FALSE(is_shown(3, "can_pause"));
    CHECK(is_shown(3, "can_resume"));
    CHECK(is_shown(5, "can_resume"));
    CHECK_FALSE(is_shown(1, "can_cancel"));
    CHECK_FALSE(is_shown(1, "can_resume"));
}

TEST_CASE("dead letters can be tried again one by one, by class and all, when the run has ended") {
    test::FakeDesk desk;
    const auto retries = [&](store::RunId run, const std::string& error_class) {
        const std::string page =
            web::run_page(frame(), *desk.details(run), error_class, desk.dead_letters(run, error_class, 0, 100), std::nullopt);
        std::size_t shown = 0;
        for (const HtmlTag& form : tags_named(page, "form"))
            if (form.attributes.at("action") == "/runs/" + std::to_string(run) + "/retry" && !form.attributes.contains("hidden")) ++shown;
        return shown;
    };
    CHECK(retries(1, "") == 13);
    CHECK(retries(1, "timeout") == 5);
    CHECK(retries(2, "") == 0);
    const std::string page = web::run_page(frame(), *desk.details(1), "timeout", desk.dead_letters(1, "timeout", 0, 100), std::nullopt);
    CHECK(page.find("Retry the 4 of class timeout") != std::string::npos);
    CHECK(tag_with(page, "aria-current", "true").attributes.at("href") == "/runs/1?class=timeout#letters");
}

TEST_CASE("a page that waits for nothing more is not loaded again and again") {
    test::FakeDesk desk;
    const auto reloads = [&](store::RunId run) {
        return web::run_page(frame(), *desk.details(run), "", {}, {}).find("http-equiv=\"refresh\"") != std::string::npos;
    };
    CHECK(reloads(2));
    CHECK(reloads(3));
    CHECK_FALSE(reloads(1));
}

TEST_CASE("the script gets a run as status --json has it, and what its page shows beside it") {
    test::FakeDesk desk;
    for (store::RunId id = 1; id <= 6; ++id) {
        CAPTURE(id);
        const run::RunDetails run = *desk.details(id);
        const boost::json::object json = boost::json::parse(web::to_json(run)).as_object();
        for (const char* key : {"run", "state", "percent", "settled", "map", "samples", "notes", "classes", "settings", "is_ours",
                                "can_be_resumed", "missing_secrets", "shown"})
            CHECK_MESSAGE(json.contains(key), key);
        CHECK(json.at("map").as_array().size() == run.map.size());
        const std::string page = web::run_page(frame(), run, "", {}, {});
        for (const auto& [name, text] : json.at("shown").at("texts").as_object()) {
            const std::string place = "data-text=\"" + std::string{name} + "\">";
            if (page.find(place) == std::string::npos) continue;
            CHECK_MESSAGE(page.find(place + web::escaped(std::string{text.as_string()})) != std::string::npos, name);
        }
    }
}

TEST_CASE("whatever the script is to fill in, the page has the place and the JSON has the value") {
    test::FakeDesk desk;
    const run::RunDetails run = *desk.details(2);
    const boost::json::value shown = boost::json::parse(web::to_json(run)).at("shown");
    for (const HtmlTag& tag : HtmlReader::read(web::run_page(frame(), run, "", {}, {}))) {
        for (const auto& [attribute, part] : {std::pair{"data-text", "texts"}, std::pair{"data-show", "shows"},
                                              std::pair{"data-attrs", "attributes"}, std::pair{"data-rows", "rows"}}) {
            const auto name = tag.attributes.find(attribute);
            if (name != tag.attributes.end()) CHECK_MESSAGE(shown.at(part).as_object().contains(name->second), name->second);
        }
    }
}

TEST_CASE("a job's name is a part of an address, whatever is in it") {
    CHECK(web::path_part("nightly-2.b_c") == "nightly-2.b_c");
    CHECK(web::path_part("a/b c?d#e%") == "a%2Fb%20c%3Fd%23e%25");
    CHECK(web::path_part("é") == "%C3%A9");
}
