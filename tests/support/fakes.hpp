#pragma once

// The fakes of the engine's edges: time, threads, a server, a table, chance.
#include "fake_clock.hpp"
#include "fake_server.hpp"
#include "fake_table.hpp"
#include "manual_executor.hpp"
#include "seed.hpp"
