// A child process of a test: started with exactly the environment given, never outliving the test.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace authd::tests {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

// How long anything may take before a test gives up; never how long it ought to take.
inline constexpr std::chrono::milliseconds patience{is_sanitized ? 60'000 : 30'000};

using Environment = std::map<std::string, std::string>;

// PATH and what a sanitizer needs, nothing else of the test's own environment.
Environment bare_environment();

class Process {
 public:
  // Standard output and error go to `output_file`.
  Process(const std::string& program, const std::vector<std::string>& arguments,
          const Environment& environment, const std::string& output_file);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  pid_t pid() const { return pid_; }
  bool is_running();
  void signal(int number) const;
  // The exit code, 128 + signal number, or nothing after `bound`.
  std::optional<int> wait(std::chrono::milliseconds bound);

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

// Runs a program to its end; the exit code, and its output in `output`.
int run(const std::string& program, const std::vector<std::string>& arguments,
        const Environment& environment, std::string& output);

// Whether the condition came true before the patience ended.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds bound = patience);

}  // namespace authd::tests
