#pragma once

/// Marks what the shared library offers; all else in it is hidden.
#define ROWMILL_EXPORT __attribute__((visibility("default")))
/// What is inside of a class that is offered, and is not.
#define ROWMILL_HIDDEN __attribute__((visibility("hidden")))
