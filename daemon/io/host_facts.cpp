#include "daemon/io/host_facts.hpp"

#include <unistd.h>

#include "daemon/core/text.hpp"
#include "daemon/io/file.hpp"

namespace authd::io {
namespace {

constexpr std::size_t proc_bytes_max = 1024 * 1024;

std::string small_text(const std::string& path) {
  auto file = read_file(path, proc_bytes_max);
  return file ? std::move(file->text) : std::string();
}

}  // namespace

core::HostFacts load_host_facts(const std::string& root) {
  core::HostFacts facts;
  facts.is_wsl = core::says_wsl(small_text(root + "proc/version"));
  facts.default_gateway = core::default_gateway(small_text(root + "proc/net/route"));
  if (::access((root + "run/.containerenv").c_str(), F_OK) == 0)
    facts.container = "podman";
  else if (::access((root + ".dockerenv").c_str(), F_OK) == 0)
    facts.container = "docker";
  else
    facts.container = core::container_in_cgroup(small_text(root + "proc/1/cgroup"));
  // Docker Desktop and WSL's own services have such files, too: systemd-nspawn and LXC say it here.
  if (facts.container.empty())
    facts.container = core::js_trim(small_text(root + "run/systemd/container"));
  if (facts.container == "wsl") facts.container.clear();
  return facts;
}

}  // namespace authd::io
