// Where this runs, by the files of a made-up root.
#include "daemon/io/host_facts.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/unit/support.hpp"

namespace authd::io {
namespace {

core::HostFacts facts_of(const std::vector<std::pair<std::string, std::string>>& files) {
  test::ScratchDirectory root;
  for (const auto& [path, text] : files) {
    std::filesystem::create_directories(std::filesystem::path(root / path).parent_path());
    test::write_text(root / path, text);
  }
  return load_host_facts(root / "");
}

}  // namespace

TEST_CASE("a plain machine is neither WSL nor a container") {
  const core::HostFacts facts = facts_of({{"proc/version", "Linux version 6.1.0 (debian-kernel@lists.debian.org)"},
                                          {"proc/1/cgroup", "0::/init.scope\n"},
                                          {"proc/net/route", "Iface\nwlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"}});
  CHECK_FALSE(facts.is_wsl);
  CHECK(facts.container.empty());
  CHECK(facts.default_gateway == "192.168.0.1");
  CHECK(facts_of({}).container.empty());
}

TEST_CASE("WSL and containers are told by the files that they leave") {
  CHECK(facts_of({{"proc/version", "Linux version 5.15-microsoft-standard-WSL2"}}).is_wsl);
  CHECK(facts_of({{"proc/version", "Linux version 5.15-microsoft-standard-WSL2"}, {"run/systemd/container", "wsl\n"}}).container.empty());
  CHECK(facts_of({{".dockerenv", ""}}).container == "docker");
  CHECK(facts_of({{"run/.containerenv", ""}, {".dockerenv", ""}}).container == "podman");
  CHECK(facts_of({{"proc/1/cgroup", "0::/kubepods.slice/x\n"}}).container == "kubernetes");
  CHECK(facts_of({{"run/systemd/container", "systemd-nspawn\n"}}).container == "systemd-nspawn");
}

}  // namespace authd::io
