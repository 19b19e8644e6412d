#include "daemon/core/env_key.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("the plain name is the PRD's formula") {
  struct Row {
    std::string protocol, base_url, name;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "https://api.openai.com/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1"},
      {"openai", "https://openrouter.ai/api/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1"},
      {"anthropic", "https://api.anthropic.com/v1", "QWEN_CUSTOM_API_KEY_ANTHROPIC_HTTPS_API_ANTHROPIC_COM_V1"},
      {"gemini", "https://generativelanguage.googleapis.com",
       "QWEN_CUSTOM_API_KEY_GEMINI_HTTPS_GENERATIVELANGUAGE_GOOGLEAPIS_COM"},
      {"openai", "http://localhost:11434/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_LOCALHOST_11434_V1"},
      // Trimmed, upper-cased, runs of anything else are one _, none at the ends.
      {"openai", "  https://a.b/v1//  ", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"},
      {"openai", "https://a.b/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"},
      {"openai", "https://a-b/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"},
      {"openai", "https://a_b/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"},
      {"openai", "https://a/b/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1"},
      {"openai", "HTTPS://A.B/V1?q=1#f", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_V1_Q_1_F"},
      {"openai", "http://[::1]:8080", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_1_8080"},
      {"openai", "http://例え.jp/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_JP_V1"},
      {" openai ", "\xC2\xA0http://x\xEF\xBB\xBF", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_X"},
      {"openai", "", "QWEN_CUSTOM_API_KEY_OPENAI_"},
  }));
  CAPTURE(row.protocol, row.base_url);
  CHECK(plain_env_key(row.protocol, row.base_url) == row.name);
}

TEST_CASE("the seventeen characters whose upper case is ASCII in JavaScript are letters of the name") {
  struct Row {
    std::string character, name;
  };
  const auto row = GENERATE(values<Row>({
      {"ß", "HTTP_XSSY"},  {"ı", "HTTP_XIY"},   {"ŉ", "HTTP_X_NY"}, {"ſ", "HTTP_XSY"},   {"ǰ", "HTTP_XJ_Y"},
      {"ẖ", "HTTP_XH_Y"},  {"ẗ", "HTTP_XT_Y"},  {"ẘ", "HTTP_XW_Y"}, {"ẙ", "HTTP_XY_Y"},  {"ẚ", "HTTP_XA_Y"},
      {"ﬀ", "HTTP_XFFY"}, {"ﬁ", "HTTP_XFIY"}, {"ﬂ", "HTTP_XFLY"}, {"ﬃ", "HTTP_XFFIY"}, {"ﬄ", "HTTP_XFFLY"},
      {"ﬅ", "HTTP_XSTY"}, {"ﬆ", "HTTP_XSTY"},
  }));
  CAPTURE(row.character);
  CHECK(plain_env_key("openai", "http://x" + row.character + "y") == "QWEN_CUSTOM_API_KEY_OPENAI_" + row.name);
}

TEST_CASE("other letters outside ASCII are separators, even where they look like ASCII") {
  const auto character = GENERATE(as<std::string>(), "é", "ä", "Ａ", "ａ", "\u212A", "\u212B", "Ω", "я", "😀", "ﬓ", "ẞ", "\xFF");
  CAPTURE(character);
  CHECK(plain_env_key("openai", "http://x" + character + "y") == "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_X_Y");
}

TEST_CASE("the hashed name is the one that Qwen Code 0.24.4 generates") {
  struct Row {
    std::string protocol, base_url, name;
  };
  const auto row = GENERATE(values<Row>({
      {"openai", "https://api.openai.com/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_API_OPENAI_COM_V1_5744383712D8"},
      {"openai", "https://openrouter.ai/api/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27"},
      {"anthropic", "https://api.anthropic.com/v1",
       "QWEN_CUSTOM_API_KEY_ANTHROPIC_HTTPS_API_ANTHROPIC_COM_V1_67292F4EBB40"},
      {"gemini", "https://generativelanguage.googleapis.com",
       "QWEN_CUSTOM_API_KEY_GEMINI_HTTPS_GENERATIVELANGUAGE_GOOGLEAPIS_COM_2204C1361727"},
      {"openai", "http://localhost:11434/v1", "QWEN_CUSTOM_API_KEY_OPENAI_HTTP_LOCALHOST_11434_V1_76873BDAA9B6"},
      {"anthropic", "http://127.0.0.1:18555/v1", "QWEN_CUSTOM_API_KEY_ANTHROPIC_HTTP_127_0_0_1_18555_V1_559EBC41F2F5"},
      {"openai", "", "QWEN_CUSTOM_API_KEY_OPENAI__627D09A0BBBD"},
      // The hash is over the URL without white space around it and without slashes at its end …
      {"openai", "  https://openrouter.ai/api/v1//\n",
       "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27"},
  }));
  CAPTURE(row.protocol, row.base_url);
  CHECK(hashed_env_key(row.protocol, row.base_url) == row.name);
}

TEST_CASE("the hash keeps the case of the URL") {
  CHECK(hashed_env_key("openai", "https://openrouter.ai/API/v1") !=
        "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_OPENROUTER_AI_API_V1_D2BFDF91BF27");
}

namespace {

const std::string dotted = "https://a.b.com/v1", dashed = "https://a-b.com/v1";
const std::string plain = "QWEN_CUSTOM_API_KEY_OPENAI_HTTPS_A_B_COM_V1";
// sha256("openai" NUL "https://a.b.com/v1") and sha256("openai" NUL "https://a-b.com/v1").
const std::string dotted_6 = plain + "_A76686", dotted_12 = plain + "_A766865D7452";
const std::string dashed_12 = plain + "_E87D676092CC";

}  // namespace

TEST_CASE("an endpoint gets its own earlier name, else the plain one, never one that another has") {
  struct Row {
    std::string what, base_url;
    std::vector<KeyUse> uses;
    std::string name;
  };
  const auto row = GENERATE(values<Row>({
      {"nothing is there", dotted, {}, plain},
      {"only other names are there", dotted, {{"openai", dashed, "MY_KEY"}}, plain},
      {"the plain name is reused", dotted, {{"openai", dotted, plain}}, plain},
      {"the 6 digit name is reused", dotted, {{"openai", dotted, dotted_6}}, dotted_6},
      {"the 12 digit name is reused", dotted, {{"openai", dotted, dotted_12}}, dotted_12},
      {"slashes at the end do not matter", dotted + "/", {{"openai", dotted + "//", dotted_12}}, dotted_12},
      {"a name made by hand is not reused", dotted, {{"openai", dotted, "MY_KEY"}}, plain},
      {"another protocol's entry is not reused", dotted, {{"anthropic", dotted, dotted_12}}, plain},
      {"the case of the path tells endpoints apart", "https://a.b.com/V1", {{"openai", dotted, dotted_12}}, plain},
      {"another endpoint has the plain name", dotted, {{"openai", dashed, plain}}, dotted_12},
      {"the same from the other side", dashed, {{"openai", dotted, plain}}, dashed_12},
      {"the same base URL under another protocol is no other endpoint", dotted,
       {{"openai", dotted, plain}, {"anthropic", dotted, plain}}, plain},
      {"another protocol's endpoint has the plain name", dotted, {{"gemini", dashed, plain}}, dotted_12},
      {"an entry without a base URL has the plain name", dotted, {{"openai", "", plain}}, dotted_12},
      {"both endpoints share the plain name", dotted, {{"openai", dotted, plain}, {"openai", dashed, plain}}, dotted_12},
      {"both share it and this one has its own, too", dotted,
       {{"openai", dotted, plain}, {"openai", dashed, plain}, {"openai", dotted, dotted_6}}, dotted_6},
      {"the other one has its hashed name", dotted, {{"openai", dashed, dashed_12}}, plain},
  }));
  CAPTURE(row.what);
  CHECK(choose_env_key("openai", row.base_url, row.uses) == row.name);
}

}  // namespace authd::core
