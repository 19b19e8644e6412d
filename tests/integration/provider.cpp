#include "provider.hpp"

#include <catch2/catch.hpp>
#include <sstream>

#include "tests/support/bin_dir.hpp"

namespace authd::tests {

Provider::Provider(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--log", scratch_.path("requests"), "--lifetime", "300"});
  process_.emplace(bin_dir() + "/loopback-provider", arguments, bare_environment(), scratch_.path("output"));
  const std::string greeting = "listening on ";
  const bool is_up = eventually([&] {
    const std::string output = read_file(scratch_.path("output"));
    const std::size_t begin = output.find(greeting), end = output.find('\n');
    if (begin == std::string::npos || end == std::string::npos) return !process_->is_running();
    origin_ = output.substr(begin + greeting.size(), end - begin - greeting.size());
    return true;
  });
  if (!is_up || origin_.empty()) FAIL("the provider did not start: " << read_file(scratch_.path("output")));
}

std::string Provider::base_url(const std::string& protocol, const std::string& mode) const {
  return origin_ + "/mode-" + mode + (protocol == "openai" ? "/v1" : "");
}

std::vector<Json> Provider::requests() const {
  std::vector<Json> requests;
  std::istringstream log(read_file(scratch_.path("requests")));
  for (std::string line; std::getline(log, line) && !log.eof();) requests.push_back(Json::parse(line));
  return requests;
}

bool Provider::was_asked(std::size_t times) const {
  return eventually([&] { return requests().size() >= times; });
}

}  // namespace authd::tests
