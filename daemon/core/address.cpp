#include "daemon/core/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

constexpr std::size_t ipv4_bytes = 4, ipv6_bytes = 16;

bool begins_with(const AddressBytes& address, std::initializer_list<std::uint8_t> prefix) {
  return address.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), address.begin());
}

bool is_guarded_ipv4(std::span<const std::uint8_t> address) {
  if (address[0] == 169 && address[1] == 254) return true;  // link-local, and most clouds
  // Alibaba Cloud, Azure, Oracle.
  constexpr std::array<std::array<std::uint8_t, ipv4_bytes>, 3> metadata{
      {{100, 100, 100, 200}, {168, 63, 129, 16}, {192, 0, 0, 192}}};
  return std::any_of(metadata.begin(), metadata.end(), [&](const auto& one) {
    return std::equal(one.begin(), one.end(), address.begin());
  });
}

// Where an IPv6 address holds an IPv4 one: mapped, compatible, behind NAT64, in 6to4.
std::optional<std::size_t> place_of_ipv4(const AddressBytes& address) {
  const AddressBytes zeros(10, 0);
  if (std::equal(zeros.begin(), zeros.end(), address.begin()) &&
      ((address[10] == 0xFF && address[11] == 0xFF) || (address[10] == 0 && address[11] == 0)))
    return 12;
  if (begins_with(address, {0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0})) return 12;
  if (begins_with(address, {0x20, 0x02})) return 2;
  return std::nullopt;
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    return text.substr(1, text.size() - 2);
  return text;
}

bool is_in_network(std::string_view host, std::string_view network, std::string_view bits_text) {
  const auto address = parse_address(host), base = parse_address(network);
  std::size_t bits = 0;
  const auto [end, error] =
      std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits);
  if (!address || !base || address->size() != base->size() || error != std::errc() ||
      end != bits_text.data() + bits_text.size() || bits > base->size() * 8)
    return false;
  for (std::size_t i = 0; i < bits; ++i) {
    const unsigned mask = 0x80U >> (i % 8);
    if (((*address)[i / 8] & mask) != ((*base)[i / 8] & mask)) return false;
  }
  return true;
}

bool is_port(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool entry_excepts(std::string_view entry, std::string_view host, std::string_view port) {
  if (entry == "*") return true;
  if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos)
    return is_in_network(host, entry.substr(0, slash), entry.substr(slash + 1));
  // A colon is a port's where there is one only, or it stands behind brackets.
  const std::size_t colon = entry.rfind(':');
  const bool has_port = colon != std::string_view::npos && is_port(entry.substr(colon + 1)) &&
                        (entry.find(':') == colon || entry[colon - 1] == ']');
  if (has_port) {
    if (entry.substr(colon + 1) != port) return false;
    entry = entry.substr(0, colon);
  }
  entry = without_brackets(entry);
  if (const auto address = parse_address(entry)) return parse_address(host) == address;
  if (entry.starts_with("*.")) entry.remove_prefix(1);
  if (entry.starts_with(".")) entry.remove_prefix(1);
  if (entry.ends_with(".")) entry.remove_suffix(1);
  if (host.ends_with(".")) host.remove_suffix(1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  const std::size_t rest = host.size() - entry.size();
  return rest == 0 || (host[rest - 1] == '.' && !parse_address(host));
}

}  // namespace

std::optional<AddressBytes> parse_address(std::string_view text) {
  const std::string plain(without_brackets(text));
  if (plain.find('\0') != std::string::npos) return std::nullopt;
  AddressBytes bytes(ipv4_bytes);
  if (inet_pton(AF_INET, plain.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(ipv6_bytes);
  if (inet_pton(AF_INET6, plain.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool is_guarded_address(const AddressBytes& address) {
  if (address.size() == ipv4_bytes) return is_guarded_ipv4(address);
  if (address.size() != ipv6_bytes) return false;
  if (address[0] == 0xFE && (address[1] & 0xC0U) == 0x80) return true;  // fe80::/10
  // fd00:ec2::254 (AWS) and fd20:ce::254 (Google).
  if (address == AddressBytes{0xFD, 0, 0x0E, 0xC2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54} ||
      address == AddressBytes{0xFD, 0x20, 0, 0xCE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54})
    return true;
  const auto place = place_of_ipv4(address);
  return place && is_guarded_ipv4(std::span(address).subspan(*place, ipv4_bytes));
}

bool names_guarded_address(std::string_view host) {
  const auto address = parse_address(host);
  return address && is_guarded_address(*address);
}

bool is_excepted_from_proxy(std::string_view no_proxy, std::string_view host,
                            std::string_view port) {
  const std::string entries = lower_ascii(no_proxy);
  for (std::string_view part : split(entries, ','))
    for (const std::string_view entry : split(part, ' '))
      if (!entry.empty() && entry_excepts(js_trim(entry), host, port)) return true;
  return false;
}

}  // namespace authd::core
