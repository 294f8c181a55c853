// CAF test with sentences for names. Each file: `#define CAF_SUITE name` before it includes this.
// The deterministic fixture for actors stands in support/fixture.hpp.
#pragma once

#include <caf/test/unit_test.hpp>

#include <string>
#include <vector>
