// What a text means, in the words of the contract.
#pragma once

#include "daemon/core/decode.hpp"
#include "daemon/wire.hpp"

namespace authd::wire {

// `judged_by` is empty where no set-up was looked at.
Json decoding(const core::Decoding& decoding, const std::string& judged_by);

}  // namespace authd::wire
