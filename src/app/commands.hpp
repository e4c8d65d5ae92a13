#pragma once

#include "app/declaration.hpp"
#include "cli/program.hpp"

#include <vector>

namespace rowmill::app {

using Declarations = std::vector<const Declaration*>;

/// The commands of an App that are not those of rowmill itself: one for each job, `plan JOB`, `serve`, which offers them, and `retry RUN`
/// and `resume RUN`, which find the job by what the store says of the run. The declarations must outlive the program. Throws
/// Error{usage} for what is wrong with one of them.
void add_job(cli::Program& program, const Declaration& declaration);
void add_plan(cli::Program& program, const Declarations& declarations);
void add_retry(cli::Program& program, const Declarations& declarations);
void add_resume(cli::Program& program, const Declarations& declarations);
void add_serve(cli::Program& program, const Declarations& declarations);

}  // namespace rowmill::app
