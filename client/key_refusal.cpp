// Keys among the arguments, told by the name they are given under or by how they look.
#include <algorithm>
#include <array>
#include <cctype>

#include "client/arguments.hpp"
#include "client/words.hpp"

namespace authd::client {
namespace {

constexpr std::array<std::string_view, 13> key_prefixes{
    "sk-",    "sk_",   "AIza", "gsk_",        "xai-", "hf_",    "fw_",
    "nvapi-", "pplx-", "ghp_", "github_pat_", "AQ.",  "Bearer "};
constexpr std::array<std::string_view, 5> secret_names{"apikey", "key", "token", "secret",
                                                       "password"};
constexpr std::array<std::string_view, 3> secret_endings{"_key", "_token", "_secret"};
constexpr std::size_t key_bytes_min = 12;
constexpr std::size_t random_bytes_min = 32;

// Letters and digits without a break, as in a hexadecimal or base64 key.
bool looks_random(std::string_view word) {
  const auto is_key_character = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '+' || c == '=';
  };
  return word.size() >= random_bytes_min && std::ranges::all_of(word, is_key_character) &&
         std::ranges::any_of(word, [](unsigned char c) { return std::isdigit(c); }) &&
         std::ranges::any_of(word, [](unsigned char c) { return std::isalpha(c); });
}

std::unexpected<Fault> key_in_arguments(const std::string& instead) {
  return usage(
      "A key among the arguments is refused: every process of this machine can read them, and the "
      "shell's history keeps them.",
      "Give it on standard input: " + instead +
          " < FILE. If this key is a real one, consider it "
          "known and replace it.");
}

constexpr const char* set_from_stdin = "qwen-authctl settings set PATH -";

std::unexpected<Fault> key_in_params(const std::string& what) {
  return usage("A key in an argument is refused (" + what +
                   "): every process of this machine can read arguments.",
               "Give the JSON on standard input: qwen-authctl rpc METHOD - < FILE");
}

bool is_secret_name(std::string_view name) {
  const std::string word = lowered(name);
  return std::ranges::find(secret_names, word) != secret_names.end() ||
         std::ranges::any_of(secret_endings, [&](auto end) { return word.ends_with(end); });
}

bool is_secret_step(const Json& value) {
  return value.is_string() &&
         value.get_ref<const std::string&>().find("api-key-input") != std::string::npos;
}

// What holds a secret in a value that is called `name`: "member X", "a value", or nothing does.
std::string secret_in(const Json& value, const std::string& name) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    const bool is_secret = (!text.empty() && is_secret_name(name)) || begins_like_key(text);
    if (is_secret) return name.empty() ? "a value" : "member " + name;
  }
  std::string found;
  if (value.is_structured())
    for (const auto& [inner, item] : value.items())
      if (found.empty()) found = secret_in(item, value.is_array() ? name : inner);
  return found;
}

// The last name of a path such as env.NAME or env["NAME"].
std::string last_name(std::string_view path) {
  const std::string_view without_bracket = path.substr(0, path.find_last_not_of("\"]") + 1);
  return std::string(without_bracket.substr(without_bracket.find_last_of(".[\"") + 1));
}

}  // namespace

bool begins_like_key(std::string_view word) {
  return word.size() >= key_bytes_min &&
         std::ranges::any_of(key_prefixes, [&](auto prefix) { return word.starts_with(prefix); });
}

bool looks_like_key(std::string_view word) { return begins_like_key(word) || looks_random(word); }

Outcome<void> refuse_key_in_arguments(const std::vector<std::string>& words) {
  // The JSON of `rpc` has its own, better message, and --key of `restore` names a member.
  bool is_params = false, is_restore = false, is_settings = false, takes_name = false;
  const auto refused = [&] {
    return key_in_arguments(is_settings ? set_from_stdin : "--key-stdin");
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string name = lowered(word.substr(0, word.find('=')));
    for (const char* option : {"--key", "--api-key", "--apikey", "--token", "--secret", "-k"})
      if (name == option && !is_restore) return refused();
    is_params = is_params || word == "rpc";
    is_restore = is_restore || word == "restore";
    is_settings = is_settings || word == "settings";
    takes_name = takes_name || word == "models" || word == "use" || word == "explain";
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string value = equals == std::string::npos ? word : word.substr(equals + 1);
    // The id of a model and the name of a variable may be long and odd.
    const bool is_name = std::ranges::any_of(std::array{"--model", "--purge"}, [&](auto option) {
      return name == option || (i > 0 && words[i - 1] == option);
    });
    const bool may_be_odd = is_name || is_params || takes_name;
    if (begins_like_key(value) || (!may_be_odd && looks_random(value))) return refused();
  }
  return {};
}

Outcome<void> refuse_key_in_params(const std::string& method, const Json& params) {
  const bool takes_answer = method == "wizard.submitStep" || method == "wizard.amend";
  if (takes_answer && params.is_object() && params.contains("step") &&
      is_secret_step(params["step"]) && params.contains("value") && !params["value"].is_null())
    return key_in_params("the answer to step " + params["step"].get<std::string>());
  if (takes_answer && params.is_array() && params.size() > 2 && is_secret_step(params[1]))
    return key_in_params("the answer to step " + params[1].get<std::string>());
  const std::string found = secret_in(params, "");
  if (!found.empty()) return key_in_params(found);
  return {};
}

Outcome<void> refuse_key_in_value(const std::string& path, const Json& value) {
  if (is_secret_name(last_name(path)) || !secret_in(value, "").empty())
    return key_in_arguments(set_from_stdin);
  return {};
}

}  // namespace authd::client
