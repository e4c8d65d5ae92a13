#!/bin/sh
# Begins a run, or takes part in the one that another process has begun: the same command for every worker, in any order.
#   work.sh JOB.toml [FLAG...]
# The job must say `once = true`, or a worker that is late would begin a new run when the others are done.
set -u

# As a container's first process this shell alone is told to stop, and passes it on.
stopped=
pass_on() {
    stopped=yes
    [ -z "${!:-}" ] || kill -TERM "$!" 2>/dev/null
}
trap pass_on TERM INT

work() {
    rowmill run "$@" &
    [ -z "$stopped" ] || pass_on
    # A signal ends a wait, and not what is waited for.
    while wait "$!"; code=$?; kill -0 "$!" 2>/dev/null; do :; done
}

work "$@"
# Another one was faster. --join never begins a run; where it is over by now, it says so and exits with 0.
if [ "$code" = 75 ] && [ -z "$stopped" ]; then
    work "$@" --join
fi
exit "$code"
