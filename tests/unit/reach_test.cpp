// What small files of the system say about where this is, and what Node trusts.
#include "daemon/core/reach.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("the gateway is that of the default route which is up") {
  const std::string head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
  CHECK(default_gateway(head + "eth0\t00000000\t0110A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n") == "192.168.16.1");
  CHECK(default_gateway(head + "eth0\t0010A8C0\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0\n"
                               "eth1\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n") == "172.17.0.1");
  CHECK(default_gateway(head + "eth0\t00000000\t0110A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n").empty());
  CHECK(default_gateway(head + "tun0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n").empty());
  CHECK(default_gateway(head + "tun0\t00000000\t010011AC\t0003\t0\t0\t0\t00000080\t0\t0\t0\n").empty());
  CHECK(default_gateway(head).empty());
  CHECK(default_gateway("").empty());
  CHECK(default_gateway("eth0\tzz\t0110A8C0\t0003\t0\t0\t0\t00000000").empty());
}

TEST_CASE("a container is told by its cgroup, and a service of the host is none") {
  CHECK(container_in_cgroup("0::/docker/0123456789abcdef") == "docker");
  CHECK(container_in_cgroup("12:cpu:/\n0::/system.slice/docker-0123.scope\n") == "docker");
  CHECK(container_in_cgroup("0::/kubepods.slice/kubepods-burstable.slice/cri-containerd-1.scope") == "kubernetes");
  CHECK(container_in_cgroup("0::/machine.slice/libpod-1.scope") == "podman");
  CHECK(container_in_cgroup("9:memory:/lxc/box") == "lxc");
  CHECK(container_in_cgroup("0::/user.slice/user-1000.slice/user@1000.service/app.slice/qwen-authd.service").empty());
  CHECK(container_in_cgroup("0::/").empty());
  CHECK(container_in_cgroup("").empty());
}

TEST_CASE("WSL is told by the kernel's version") {
  CHECK(says_wsl("Linux version 5.15.153.1-microsoft-standard-WSL2 (root@x)"));
  CHECK(says_wsl("Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com)"));
  CHECK_FALSE(says_wsl("Linux version 6.1.0-21-amd64 (debian-kernel@lists.debian.org)"));
}

TEST_CASE("Node takes the system's authorities only where it is told to") {
  const auto uses = [](Variables variables) {
    Environment environment;
    environment.variables = std::move(variables);
    return node_uses_system_store(environment);
  };
  CHECK_FALSE(uses({}));
  CHECK_FALSE(uses({{"NODE_EXTRA_CA_CERTS", "/etc/x.pem"}, {"SSL_CERT_DIR", "/etc/ssl/certs"}}));
  CHECK_FALSE(uses({{"NODE_OPTIONS", "--max-old-space-size=4096 --use-bundled-ca"}}));
  CHECK(uses({{"NODE_OPTIONS", "--max-old-space-size=4096 --use-system-ca"}}));
  CHECK(uses({{"NODE_OPTIONS", "--use-openssl-ca"}}));
  CHECK(uses({{"NODE_USE_SYSTEM_CA", "1"}}));
  CHECK_FALSE(uses({{"NODE_USE_SYSTEM_CA", "0"}}));
}

TEST_CASE("a way that the name does not lead to does not count as reached") {
  Reach reach;
  reach.url = "http://localhost:11434/v1";
  Way resolved, other;
  resolved.address = "::1";
  resolved.fault = NetworkFault::connect;
  other.address = "127.0.0.1";
  other.is_resolved = false;
  reach.direct = {resolved, other};
  CHECK_FALSE(reach.works_directly());
  reach.direct[1].is_resolved = true;
  CHECK(reach.works_directly());
  CHECK(reach.is_loopback());
  CHECK(reach.direct[0].is_ipv6());
  CHECK_FALSE(reach.direct[1].is_ipv6());
}

}  // namespace authd::core
