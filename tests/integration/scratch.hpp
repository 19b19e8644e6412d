// A directory of one test, and the files in it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace authd::tests {

class Scratch {
 public:
  Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  const std::string& path() const { return path_; }
  std::string path(const std::string& below) const { return path_ + "/" + below; }

 private:
  std::string path_;
};

// Empty where there is no such file.
std::string read_file(const std::string& path);
// Makes the directories above, too (0700).
void write_file(const std::string& path, std::string_view text, mode_t mode = 0600);
bool exists(const std::string& path);
mode_t mode_of(const std::string& path);
// What would change if the file were written again, even with the same bytes.
std::string identity_of(const std::string& path);
// Sorted; empty where there is no such directory.
std::vector<std::string> names_in(const std::string& directory);
std::vector<std::string> files_below(const std::string& directory);

}  // namespace authd::tests
