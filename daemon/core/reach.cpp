#include "daemon/core/reach.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

std::vector<std::string_view> words_of_line(std::string_view line) {
  std::vector<std::string_view> words;
  for (const std::string_view tabbed : split(line, '\t'))
    for (const std::string_view word : split(tabbed, ' '))
      if (!word.empty()) words.push_back(word);
  return words;
}

std::optional<std::uint32_t> hexadecimal(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view trust_name(Trust trust) {
  switch (trust) {
    case Trust::trusted: return "trusted";
    case Trust::unknown_issuer: return "unknown_issuer";
    case Trust::expired: return "expired";
    case Trust::wrong_host: return "wrong_host";
    case Trust::invalid: return "invalid";
    case Trust::not_judged: break;
  }
  return "not_judged";
}

bool Reach::works_directly() const {
  return std::any_of(direct.begin(), direct.end(),
                     [](const Way& way) { return way.is_resolved && way.works(); });
}

bool Reach::is_loopback() const {
  return parse_url(url).is_loopback() ||
         (!direct.empty() && std::all_of(direct.begin(), direct.end(), [](const Way& way) {
           return way.address == "::1" || way.address.starts_with("127.");
         }));
}

bool node_uses_system_store(const Environment& environment) {
  const std::string options = environment.get("NODE_OPTIONS");
  const auto words = words_of_line(options);
  return environment.get("NODE_USE_SYSTEM_CA") == "1" ||
         std::any_of(words.begin(), words.end(), [](std::string_view word) {
           return word == "--use-system-ca" || word == "--use-openssl-ca";
         });
}

bool says_wsl(std::string_view proc_version) {
  return lower_ascii(proc_version).find("microsoft") != std::string::npos;
}

std::string container_in_cgroup(std::string_view proc_cgroup) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kinds{
      {{"kubepods", "kubernetes"},
       {"libpod", "podman"},
       {"docker", "docker"},
       {"/lxc", "lxc"},
       {"machine.slice/machine-", "container"},
       {"containerd", "container"}}};
  // Only of the path, which is the third field: a controller's name tells nothing.
  for (const std::string_view line : split(proc_cgroup, '\n')) {
    const auto fields = split(line, ':');
    if (fields.size() < 3) continue;
    const std::string_view path = line.substr(fields[0].size() + fields[1].size() + 2);
    for (const auto& [part, kind] : kinds)
      if (path.find(part) != std::string_view::npos) return std::string(kind);
  }
  return {};
}

std::string default_gateway(std::string_view proc_net_route) {
  constexpr std::uint32_t is_up_and_gateway = 3;
  for (const std::string_view line : split(proc_net_route, '\n')) {
    const auto fields = words_of_line(line);  // Iface Destination Gateway Flags … Mask …
    if (fields.size() < 8) continue;
    const auto destination = hexadecimal(fields[1]), gateway = hexadecimal(fields[2]),
               flags = hexadecimal(fields[3]), mask = hexadecimal(fields[7]);
    if (!destination || !gateway || !flags || !mask || *destination != 0 || *mask != 0 ||
        *gateway == 0 || (*flags & is_up_and_gateway) != is_up_and_gateway)
      continue;
    // The kernel prints the address as a number of this machine: little-endian here.
    std::string text;
    for (int shift = 0; shift < 32; shift += 8)
      text += (shift ? "." : "") + std::to_string((*gateway >> shift) & 0xFFU);
    return text;
  }
  return {};
}

}  // namespace authd::core
