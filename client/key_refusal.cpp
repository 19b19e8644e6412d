// Keys among the arguments, told by the name they are given under or by how they look.
#include <algorithm>
#include <array>
#include <cctype>

#include "client/arguments.hpp"

namespace authd::client {
namespace {

constexpr std::array<std::string_view, 13> key_prefixes{
    "sk-", "sk_", "AIza", "gsk_", "xai-", "hf_", "fw_", "nvapi-", "pplx-", "ghp_", "github_pat_",
    "AQ.", "Bearer "};
constexpr std::array<std::string_view, 6> secret_names{"apikey", "key", "token",
                                                       "secret", "password", "api_key"};
constexpr std::size_t key_bytes_min = 12;
constexpr std::size_t random_bytes_min = 32;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

// Letters and digits without a break, as in a hexadecimal or base64 key.
bool looks_random(std::string_view word) {
  const auto is_key_character = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '+' || c == '=';
  };
  return word.size() >= random_bytes_min && std::ranges::all_of(word, is_key_character) &&
         std::ranges::any_of(word, [](unsigned char c) { return std::isdigit(c); }) &&
         std::ranges::any_of(word, [](unsigned char c) { return std::isalpha(c); });
}

bool begins_like_key(std::string_view word) {
  return word.size() >= key_bytes_min &&
         std::ranges::any_of(key_prefixes, [&](auto prefix) { return word.starts_with(prefix); });
}

std::unexpected<Fault> key_in_arguments() {
  return usage(
      "A key among the arguments is refused: every process of this machine can read them, and the "
      "shell's history keeps them.",
      "Give it on standard input: --key-stdin < FILE. If this key is a real one, consider it "
      "known and replace it.");
}

std::unexpected<Fault> key_in_params(const std::string& what) {
  return usage("A key in an argument is refused (" + what +
                   "): every process of this machine can read arguments.",
               "Give the JSON on standard input: qwen-authctl rpc METHOD - < FILE");
}

bool is_secret_name(std::string_view name) {
  const std::string word = lower(name);
  return std::ranges::find(secret_names, word) != secret_names.end() || word.ends_with("_api_key");
}

bool is_secret_step(const Json& value) {
  return value.is_string() &&
         value.get_ref<const std::string&>().find("api-key-input") != std::string::npos;
}

Outcome<void> refuse_secret_members(const Json& value, const std::string& name) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.empty() && is_secret_name(name)) return key_in_params("member " + name);
    if (begins_like_key(text)) return key_in_params(name.empty() ? "a value" : "member " + name);
    return {};
  }
  if (value.is_array())
    for (const Json& item : value)
      if (auto ok = refuse_secret_members(item, name); !ok) return ok;
  if (value.is_object())
    for (const auto& [inner, item] : value.items())
      if (auto ok = refuse_secret_members(item, inner); !ok) return ok;
  return {};
}

}  // namespace

bool looks_like_key(std::string_view word) { return begins_like_key(word) || looks_random(word); }

Outcome<void> refuse_key_in_arguments(const std::vector<std::string>& words) {
  bool is_params = false;  // the JSON of `rpc` has its own, better message
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    const std::string name = lower(word.substr(0, word.find('=')));
    for (const char* option : {"--key", "--api-key", "--apikey", "--token", "--secret", "-k"})
      if (name == option) return key_in_arguments();
    is_params = is_params || word == "rpc";
    const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
    const std::string value = equals == std::string::npos ? word : word.substr(equals + 1);
    // A model's id may be long and odd, and a path may be anything.
    const bool is_model = name == "--model" || (i > 0 && words[i - 1] == "--model");
    if (begins_like_key(value) || (!is_model && !is_params && looks_random(value)))
      return key_in_arguments();
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
  return refuse_secret_members(params, "");
}

}  // namespace authd::client
