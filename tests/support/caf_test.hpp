// CAF test with sentences for names. Each file: `#define CAF_SUITE name` before it includes this.
// The deterministic fixture for actors stands in support/fixture.hpp.
#pragma once

// As a precompiled header this comes first: CAF's default name then makes room for the file's own.
#ifndef CAF_SUITE
#include <caf/test/unit_test.hpp>
#undef CAF_SUITE
#else
#include <caf/test/unit_test.hpp>
#endif

#include <string>
#include <vector>
