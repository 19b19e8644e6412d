// IP addresses as bytes: which of them a key must not be sent to unasked, and which hosts a proxy
// is not used for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace authd::core {

// Four bytes of an IPv4 address or sixteen of an IPv6 one, in the order of the network.
using AddressBytes = std::vector<std::uint8_t>;

// Of the usual spelling; an IPv6 address with or without brackets, without a zone.
std::optional<AddressBytes> parse_address(std::string_view text);

// Whether the address is link-local, or one at which a cloud tells a machine its credentials; also
// where it is an IPv4 address inside an IPv6 one. A name that resolves to such an address is how
// a key is lured into a machine's own network.
bool is_guarded_address(const AddressBytes& address);
// Whether a URL's host is such an address itself: who writes it down means it.
bool names_guarded_address(std::string_view host);

// Whether a value of NO_PROXY excepts the host: "*", names with all that is below them (with or
// without a leading "." or "*."), addresses and their networks (10.0.0.0/8), each with or without
// a port. `host` in lower case, without brackets.
bool is_excepted_from_proxy(std::string_view no_proxy, std::string_view host,
                            std::string_view port);

}  // namespace authd::core
