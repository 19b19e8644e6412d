// qwen-authctl without a terminal: run to its end, with what it wrote.
#pragma once

#include <string>
#include <vector>

#include "tests/client/fake_daemon.hpp"

namespace authd::client::tests {

struct FinishedRun {
  int exit_code;
  std::string out, err;
};

// `environment` is added to TERM, HOME (the daemon's directory), PATH and TZ (UTC).
FinishedRun run(const FakeDaemon& daemon, const std::vector<std::string>& words,
                const std::string& input = {}, const std::vector<std::string>& environment = {});

std::string everything_in(int file);

}  // namespace authd::client::tests
