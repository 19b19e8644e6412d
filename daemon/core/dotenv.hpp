// The grammar of .env files as Node's dotenv reads it (facts, 8).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace authd::core {

struct DotenvEntry {
  std::string name;
  std::string value;
  std::size_t line = 1;
  // Bytes of the text: where the name begins; the value, with its quotes.
  std::size_t begin = 0, value_begin = 0, value_end = 0;
};

// In the order of the file; of two entries with one name the last wins.
std::vector<DotenvEntry> parse_dotenv(std::string_view text);

}  // namespace authd::core
