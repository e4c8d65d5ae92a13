#include "action/placeholders.hpp"

#include "job/read.hpp"

#include <algorithm>

namespace rowmill::action {

const std::vector<std::string>& reserved_placeholders() {
    static const std::vector<std::string> names{"batch", "range",  "ids",    "lo",
                                                "hi",    "filter", "run_id", "run_started_at"};
    return names;
}

Placeholder classify(std::string_view name, const job::Job& job, const Shape& shape) {
    if (name == "filter") return Placeholder::filter;
    if (name == "range") return Placeholder::range;
    if (name == "batch" || name == "ids" || name == "lo" || name == "hi") return Placeholder::batch;
    if (name == "run_id" || name == "run_started_at" || job.find_param(name) != nullptr) return Placeholder::constant;
    return shape.find(name) ? Placeholder::column : Placeholder::unknown;
}

std::string place_of_statement(const job::Job& job, std::size_t index) {
    const std::string key = job.file.empty() ? "--sql" : "action.statement";
    if (job.action.statements.size() == 1) return key;
    return "action.statements[" + std::to_string(index + 1) + "]";
}

std::string place_of_filter(const job::Job& job) {
    return job.file.empty() ? "--where" : "source.where";
}

std::vector<std::string> param_names(const job::Job& job) {
    std::vector<std::string> names;
    for (const job::ParamSpec& param : job.params) names.push_back(param.name);
    return names;
}

std::vector<std::string> placeholder_names(const job::Job& job, const Shape& shape) {
    std::vector<std::string> names = param_names(job);
    for (const Column& column : shape.columns) names.push_back(column.name);
    names.insert(names.end(), reserved_placeholders().begin(), reserved_placeholders().end());
    return names;
}

void refuse_unknown(const std::string& place, const std::string& name, const std::vector<std::string>& known) {
    std::string sentence = place + ": there is no placeholder :" + name;
    if (known.empty()) throw Error{ErrorKind::usage, sentence + ", and the job has no [params]"};
    if (place == "--sql") sentence += ", and no --param " + name + "=… is given";
    const auto meant = job::nearest(name, known);
    sentence += meant ? "; did you mean :" + *meant + "? There are" : "; there are";
    for (std::size_t i = 0; i < known.size(); ++i) sentence += (i == 0 ? " :" : ", :") + known[i];
    throw Error{ErrorKind::usage, sentence};
}

}  // namespace rowmill::action
