// How a host can be reached from here, as far as that can be told without a key and without a
// request (issue: network truth; user-pain-and-diagnoses, N701 to N704, U305, U306). Values only:
// Checker::reach finds out.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/environment.hpp"
#include "daemon/core/probe.hpp"

namespace authd::core {

// One way on which a TCP connection was tried; through a proxy, a CONNECT for https.
struct Way {
  std::string address;      // "127.0.0.1", "::1"; of the proxied way the proxy's URL, masked
  bool is_resolved = true;  // false: not what the name resolves to, but tried for "localhost"
  NetworkFault fault = NetworkFault::none;
  std::string fault_text;  // the library's words
  int proxy_status = 0;    // the proxy's answer to CONNECT, such as 407
  std::chrono::milliseconds latency{0};

  bool works() const { return fault == NetworkFault::none; }
  bool is_ipv6() const { return address.find(':') != std::string::npos; }
};

struct Certificate {
  std::string subject, issuer;        // "CN=…,O=…" (RFC 2253)
  std::string not_before, not_after;  // "2026-01-31T00:00:00Z"
  std::string fingerprint;            // SHA-256, hexadecimal
  std::string pem;
};

enum class Trust {
  trusted,
  unknown_issuer,  // the chain leads to no authority of the store
  expired,         // or not valid yet
  wrong_host,      // trusted, but made for another host
  invalid,         // anything else that is wrong with it
  not_judged,      // there is no chain, or no store to judge by
};
std::string_view trust_name(Trust trust);

// What a server presented, or something in between that poses as it.
struct Chain {
  std::vector<Certificate> presented;  // the server's own first
  Trust by_system = Trust::not_judged;
  // By Node: Mozilla's authorities and NODE_EXTRA_CA_CERTS; the system's store only where
  // `node_uses_system_store`. Not judged where the system does not keep Mozilla's set apart.
  Trust by_node = Trust::not_judged;
  bool node_uses_system_store = false;
  // The authority that the system's store trusts it by, where Mozilla's set lacks it: what
  // inspects TLS here. `authority_file` is its PEM file, for NODE_EXTRA_CA_CERTS.
  std::optional<Certificate> local_authority;
  std::string authority_file;
};

struct Reach {
  std::string url, host, port;  // the host in lower case, without brackets
  // Whether the name could be looked up; nothing below is tried where not, but for the proxied way.
  NetworkFault look_up = NetworkFault::none;
  std::string look_up_text;
  std::vector<Way> direct;     // one for each address, in the order in which they are tried
  std::optional<Way> proxied;  // where the environment has a proxy for this URL
  Chain chain;                 // of https; on the way that Qwen Code takes
  NetworkFault tls = NetworkFault::none;  // why there is no chain
  std::string tls_text;

  bool works_directly() const;
  // Whether the name leads to loopback or the URL names it.
  bool is_loopback() const;
};

// What to look at. `environment` says the proxy, NODE_EXTRA_CA_CERTS and NODE_OPTIONS.
struct ReachTarget {
  std::string url;
  bool allows_guarded_address = false;  // as in HttpRequest
};

// Whether Node takes the authorities of the system, too: --use-system-ca or --use-openssl-ca in
// NODE_OPTIONS, or NODE_USE_SYSTEM_CA=1.
bool node_uses_system_store(const Environment& environment);

// Where this process runs, for "localhost" that means another machine than the user thinks.
struct HostFacts {
  bool is_wsl = false;
  std::string container;        // "docker", "podman", "lxc", "kubernetes", "container"; or empty
  std::string default_gateway;  // an IPv4 address; empty where there is none
};
bool says_wsl(std::string_view proc_version);
// The kind of container that /proc/1/cgroup tells of; empty where of none.
std::string container_in_cgroup(std::string_view proc_cgroup);
// /proc/net/route.
std::string default_gateway(std::string_view proc_net_route);

}  // namespace authd::core
