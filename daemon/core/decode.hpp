// What a pasted error text or log means: the decoder of `doctor.decode` (rpc-contract, Doctor).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/error_texts.hpp"

namespace authd::core {

// What is known of the set-up that the text may be from. It sharpens, and decides nothing that the
// text itself says.
struct DecodeFacts {
  std::string auth_type;  // what security.auth.selectedType says
  std::string protocol;
  std::string base_url;
  bool has_plan_key = false;  // the key looks like a Coding Plan's
  bool has_proxy = false;
};

struct Meaning {
  std::string code;  // of a row of diagnoses()
  Certainty certainty = Certainty::possible;
  std::string message;                // one or two sentences, with the names of this case
  std::vector<std::string> evidence;  // the words of the text that it is told by, fit to be shown
};

struct Decoding {
  std::vector<Meaning> meanings;  // the surest first; a cause hides what comes of it
  std::string hint;               // where there is none: what may help
};

// Offline, and linear in the text. Nothing of a credential is in what comes out.
Decoding decode(std::string_view text, const DecodeFacts& facts);

}  // namespace authd::core
