// The options of doctor and why.
#pragma once

#include <string>
#include <vector>

namespace authd::client {

struct DoctorOptions {
  bool probe = false;
  bool fix = false;
  bool yes = false;  // every fix that the daemon can carry out
  bool report = false;
  std::vector<std::string> only;
  std::vector<std::string> hosts;  // consent
  bool yes_sweep = false;          // consent to all hosts of the vendor
  std::string cli_version;
};

struct WhyOptions {
  std::string code;  // empty for the list
  bool markdown = false;
};

}  // namespace authd::client
