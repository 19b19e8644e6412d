#include "foreign_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <thread>

namespace authd::tests {
namespace {

void put(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written <= 0) throw std::runtime_error("a foreign writer cannot write");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

void write_as_qwen_code(const std::string& path, std::string_view text) {
  const std::string temporary = path + ".tmp", aside = path + ".orig";
  std::remove(temporary.c_str());
  const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  put(descriptor, text);
  fchmod(descriptor, 0644);  // whatever the umask of the test
  fsync(descriptor);
  close(descriptor);
  std::rename(path.c_str(), aside.c_str());
  std::rename(temporary.c_str(), path.c_str());
  std::remove(aside.c_str());
}

void write_in_place(const std::string& path, std::string_view text, std::chrono::milliseconds pause) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  put(descriptor, text.substr(0, text.size() / 2));
  std::this_thread::sleep_for(pause);
  put(descriptor, text.substr(text.size() / 2));
  close(descriptor);
}

std::string with_member(std::string text, const std::string& name, const std::string& value) {
  return replaced(std::move(text), "{", "{\n  \"" + name + "\": " + value + ",");
}

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  if (at == std::string::npos) throw std::runtime_error("a foreign writer looks for " + std::string(what));
  return text.replace(at, what.size(), by);
}

}  // namespace authd::tests
