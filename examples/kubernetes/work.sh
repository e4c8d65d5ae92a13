#!/bin/sh
# Begins a run, or takes part in the one that another process has begun: the same command for every worker, in any order.
#   work.sh JOB.toml [FLAG...]
# The job must say `once = true`, or a worker that is late would begin a new run when the others are done.
set -u
rowmill run "$@"
code=$?
# Another one was faster. --join never begins a run; where it is over by now, it says so and exits with 0.
if [ "$code" = 75 ]; then
    rowmill run "$@" --join
    code=$?
fi
exit "$code"
