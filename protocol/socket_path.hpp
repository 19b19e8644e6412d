// Where the socket is, by the same rule in daemon and client (rpc-contract, Transport).
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>

#include "protocol/result.hpp"

namespace authd {

struct SocketPathFacts {
  // The value of an environment variable; nothing where it is unset.
  std::function<std::optional<std::string>(const std::string& name)> variable;
  uid_t uid = 0;
  // Whether a path is a directory that belongs to `uid` and has mode 0700.
  std::function<bool(const std::string& path)> is_private_directory;
};

// $QWEN_AUTHD_SOCKET, else $XDG_RUNTIME_DIR/qwen-authd/rpc.sock, else the same below
// /run/user/<uid> where that is a private directory, else
// ${TMPDIR:-/tmp}/qwen-authd-<uid>/rpc.sock. A path of more than 107 bytes is an error, because
// the kernel would cut it. An empty variable counts as unset.
Result<std::string> socket_path(const SocketPathFacts& facts);

// Refuses a path that the kernel would cut.
Result<std::string> checked_socket_path(std::string path);

// The facts of this process, for `main` on both sides.
SocketPathFacts this_process_socket_facts();

}  // namespace authd
