// SHA-256, from libcrypto.
#pragma once

#include <string>
#include <string_view>

namespace authd::core {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

// The first 8 of them: tells two secrets apart without showing either (rpc-contract, Transport).
std::string fingerprint(std::string_view secret);

}  // namespace authd::core
