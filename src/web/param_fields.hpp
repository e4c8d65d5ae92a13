#pragma once

#include "job/job.hpp"
#include "run/catalog.hpp"
#include "web/markup.hpp"

#include <map>
#include <string>

namespace rowmill::web {

/// A field for each of the job's parameters, of its type, those that are required first: what was typed in it (but for a secret), or its
/// default; and what is wrong with it.
Markup param_fields(const job::Job& job, const run::ParamTexts& given, const std::map<std::string, std::string>& problems);

/// A field for each of these secrets of a run, named by `secret_field`; its id begins with the prefix. Where somebody works on the run
/// they may be left out.
Markup secret_fields(const std::vector<std::string>& names, std::string_view prefix, bool are_required);

}  // namespace rowmill::web
