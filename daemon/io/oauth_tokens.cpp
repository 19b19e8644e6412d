#include "daemon/io/oauth_tokens.hpp"

#include <unistd.h>

#include "daemon/io/file.hpp"

namespace authd::io {
namespace {

constexpr std::size_t tokens_bytes_max = 64 * 1024;
std::string tokens_path(const std::string& qwen_dir) { return qwen_dir + "/oauth_creds.json"; }

}  // namespace

std::optional<std::string> read_oauth_tokens(const std::string& qwen_dir) {
  auto content = read_file(tokens_path(qwen_dir), tokens_bytes_max);
  if (!content) return std::nullopt;
  return std::move(content->text);
}

bool remove_oauth_tokens(const std::string& qwen_dir) {
  return unlink(tokens_path(qwen_dir).c_str()) == 0;
}

}  // namespace authd::io
