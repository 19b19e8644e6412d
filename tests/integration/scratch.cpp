#include "scratch.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace authd::tests {
namespace fs = std::filesystem;

// Below /tmp whatever TMPDIR says: a socket's path has few bytes.
Scratch::Scratch() {
  std::string name = "/tmp/authd-XXXXXX";
  if (!mkdtemp(name.data())) throw std::runtime_error("cannot make a directory below /tmp");
  path_ = name;
}

Scratch::~Scratch() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void write_file(const std::string& path, std::string_view text, mode_t mode) {
  const fs::path parent = fs::path(path).parent_path();
  if (!fs::exists(parent)) {
    fs::create_directories(parent);
    fs::permissions(parent, fs::perms::owner_all);
  }
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  chmod(path.c_str(), mode);
}

bool exists(const std::string& path) { return fs::symlink_status(path).type() != fs::file_type::not_found; }

mode_t mode_of(const std::string& path) {
  struct stat st {};
  return lstat(path.c_str(), &st) == 0 ? st.st_mode & 07777 : 0;
}

std::string identity_of(const std::string& path) {
  struct stat st {};
  if (lstat(path.c_str(), &st) != 0) return "absent";
  std::ostringstream text;
  text << st.st_ino << ' ' << st.st_size << ' ' << st.st_mtim.tv_sec << '.' << st.st_mtim.tv_nsec << ' '
       << st.st_ctim.tv_sec << '.' << st.st_ctim.tv_nsec;
  return text.str();
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(directory, error)) names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> files_below(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(directory, error))
    if (!entry.is_symlink() && entry.is_regular_file()) paths.push_back(entry.path());
  return paths;
}

}  // namespace authd::tests
