#include "protocol/socket_path.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "protocol/limits.hpp"

namespace authd {

Result<std::string> checked_socket_path(std::string path) {
  if (path.empty() || path.front() != '/')
    return fail(ErrorKind::invalid_input, "The socket path must be absolute: " + path, "socket",
                "Give an absolute path in QWEN_AUTHD_SOCKET or --socket.");
  if (path.size() > limits::socket_path_bytes_max)
    return fail(ErrorKind::invalid_input,
                "The socket path is " + std::to_string(path.size()) +
                    " bytes long and the system allows 107: " + path,
                "socket", "Set QWEN_AUTHD_SOCKET to a shorter path.");
  return path;
}

Result<std::string> socket_path(const SocketPathFacts& facts) {
  const auto variable = [&](const char* name) {
    return facts.variable(name).value_or(std::string());
  };
  if (auto path = variable("QWEN_AUTHD_SOCKET"); !path.empty()) return checked_socket_path(path);
  if (auto dir = variable("XDG_RUNTIME_DIR"); !dir.empty())
    return checked_socket_path(dir + "/qwen-authd/rpc.sock");
  const std::string uid = std::to_string(facts.uid);
  if (const std::string dir = "/run/user/" + uid; facts.is_private_directory(dir))
    return checked_socket_path(dir + "/qwen-authd/rpc.sock");
  std::string tmp = variable("TMPDIR");
  if (tmp.empty()) tmp = "/tmp";
  return checked_socket_path(tmp + "/qwen-authd-" + uid + "/rpc.sock");
}

SocketPathFacts this_process_socket_facts() {
  const uid_t uid = geteuid();
  return {[](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            return value ? std::optional<std::string>(value) : std::nullopt;
          },
          uid,
          [uid](const std::string& path) {
            struct stat st {};
            return lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == uid &&
                   (st.st_mode & 0777) == 0700;
          }};
}

}  // namespace authd
