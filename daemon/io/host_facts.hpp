// Where this process runs: small files that the kernel or a container's runtime puts there.
#pragma once

#include <string>

#include "daemon/core/reach.hpp"

namespace authd::io {

// `root` is "/", but for tests. Reads files: not for the io thread.
core::HostFacts load_host_facts(const std::string& root = "/");

}  // namespace authd::io
