// Where the programs under test are: $AUTHD_TEST_BIN, so that tests of one build can drive the
// programs of another (scripts/test --sanitizers does), else beside the tests.
#pragma once

#include <cstdlib>
#include <string>

namespace authd::tests {

inline std::string bin_dir() {
  const char* other = std::getenv("AUTHD_TEST_BIN");
  return other ? other : AUTHD_BIN_DIR;
}

}  // namespace authd::tests
