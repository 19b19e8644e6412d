// The log: one line per event, never a secret. Credential-shaped text is masked at the sink, as a
// second net.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace spdlog {
class logger;
}

namespace authd {

class Log {
 public:
  // To stderr (with <N> priorities under journald), or to a file of at most 1 MiB that is rotated
  // once. `level` is one of trace, debug, info, warn, error, off.
  Log(const std::string& level, const std::string& file);
  ~Log();

  void info(std::string_view text) const;
  void warn(std::string_view text) const;

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace authd
