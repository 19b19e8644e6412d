#include "daemon/core/cli_flags.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("flags are read in each of their spellings, and the last counts") {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"--model", "m"},
                                               {"--model=m"},
                                               {"-m", "m"},
                                               {"-m=m"},
                                               {"-mm"},
                                               {"qwen", "-p", "hi", "--model", "x", "--model", "m"}}) {
    CAPTURE(args);
    CHECK(parse_cli_flags(args).model == "m");
  }
  const CliFlags flags = parse_cli_flags({"--openai-api-key=sk-1", "--openai-base-url", "http://h/v1", "--auth-type", "openai"});
  CHECK(flags.api_key->reveal() == "sk-1");
  CHECK(flags.base_url == "http://h/v1");
  CHECK(flags.auth_type == "openai");
  CHECK_FALSE(flags.model);
  CHECK(parse_cli_flags({"--openaiApiKey", "sk-2"}).api_key->reveal() == "sk-2");
  CHECK(parse_cli_flags({"--authType=gemini", "--openaiBaseUrl=http://x"}).auth_type == "gemini");
}

TEST_CASE("what only looks like a flag is none") {
  const CliFlags flags = parse_cli_flags({"--modelx=1", "--", "--model", "m"});
  CHECK_FALSE(flags.model);
  CHECK_FALSE(parse_cli_flags({"model", "m"}).model);
  CHECK(parse_cli_flags({"--model", "--auth-type", "openai"}).model == "");
  CHECK(parse_cli_flags({"--model", "--auth-type", "openai"}).auth_type == "openai");
  CHECK(parse_cli_flags({"--model="}).model == "");
}

}  // namespace authd::core
