#include "run/catalog.hpp"

#include "job/param_value.hpp"
#include "job/words.hpp"

namespace rowmill::run {
namespace {

std::string sentence_of(const std::map<std::string, std::string>& by_name) {
    std::string text;
    for (const auto& [name, sentence] : by_name) text += (text.empty() ? "" : "; ") + sentence;
    return text;
}

struct NoJobs : Catalog {
    std::vector<Entry> entries() override { return {}; }
    std::optional<job::Job> find(std::string_view) override { return {}; }
    Request request(std::string_view name, const ParamTexts&) override {
        throw Error{ErrorKind::usage, "there is no job " + std::string{name} + " here"};
    }
    std::optional<job::Job> job_of(const std::string&) override { return {}; }
    std::optional<Request> request_of(const std::string&, const ParamTexts&) override { return {}; }
};

std::string unknown(const job::Job& job, const std::string& name) {
    std::vector<std::string> names;
    for (const job::ParamSpec& spec : job.params) names.push_back(spec.name);
    return "there is no parameter " + name + job::suggestion(name, names);
}

}  // namespace

BadParams::BadParams(std::map<std::string, std::string> by_name)
    : Error{ErrorKind::usage, sentence_of(by_name)}, by_name_{std::move(by_name)} {}

std::shared_ptr<Catalog> empty_catalog() { return std::make_shared<NoJobs>(); }

job::Params read_params(const job::Job& job, const ParamTexts& texts) {
    job::Params params;
    std::map<std::string, std::string> bad;
    for (const auto& [name, text] : texts)
        if (job.find_param(name) == nullptr) bad.emplace(name, unknown(job, name));
    for (const job::ParamSpec& spec : job.params) {
        const auto given = texts.find(spec.name);
        const bool is_given = given != texts.end() && !given->second.empty();
        if (!is_given && spec.required) {
            bad.emplace(spec.name, spec.name + " (" + std::string{job::name_of(spec.type)} + ") is missing");
            continue;
        }
        if (!is_given && !spec.default_text) {
            params.emplace(spec.name, Value{});
            continue;
        }
        try {
            params.emplace(spec.name, job::parse_param_value(spec, is_given ? given->second : *spec.default_text, spec.name));
        } catch (const Error& error) {
            bad.emplace(spec.name, error.what());
        }
    }
    if (!bad.empty()) throw BadParams{std::move(bad)};
    return params;
}

}  // namespace rowmill::run
