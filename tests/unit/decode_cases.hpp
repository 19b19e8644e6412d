// Texts that people paste, as data: what they are from, what they mean, and texts that mean nothing.
#pragma once

#include <string>
#include <vector>

#include "daemon/core/decode.hpp"

namespace authd::core {

struct DecodeCase {
  std::string name;
  std::string text;
  std::string expected;                   // the best code
  std::string certainty = "";             // where it matters: "certain", "likely", "possible"
  std::vector<std::string> also = {};     // codes that have to be among the others
  DecodeFacts facts = {};
};

const std::vector<DecodeCase>& decode_cases();

struct HarmlessText {
  std::string name, text;
};
const std::vector<HarmlessText>& harmless_texts();

}  // namespace authd::core
