#include "client/local_time.hpp"

#include <time.h>

#include <array>
#include <ctime>

namespace authd::client {

std::string local_time(const std::string& utc) {
  std::tm parts{};
  if (strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return utc;
  const time_t seconds = timegm(&parts);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  return {text.data(), strftime(text.data(), text.size(), "%Y-%m-%d %H:%M", &local)};
}

}  // namespace authd::client
