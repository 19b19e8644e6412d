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
};

// In the order of the file; of two entries with one name the last wins.
std::vector<DotenvEntry> parse_dotenv(std::string_view text);

}  // namespace authd::core
