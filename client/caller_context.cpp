#include "client/caller_context.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "client/characters.hpp"
#include "client/home.hpp"

namespace authd::client {
namespace {

// PATH finds the installed CLI, whose version decides which rules hold.
constexpr std::array<std::string_view, 15> names{"HOME",
                                                 "PATH",
                                                 "HTTPS_PROXY",
                                                 "https_proxy",
                                                 "HTTP_PROXY",
                                                 "http_proxy",
                                                 "ALL_PROXY",
                                                 "all_proxy",
                                                 "NO_PROXY",
                                                 "no_proxy",
                                                 "NODE_EXTRA_CA_CERTS",
                                                 "SSL_CERT_FILE",
                                                 "XDG_CONFIG_HOME",
                                                 "XDG_STATE_HOME",
                                                 "NODE_TLS_REJECT_UNAUTHORIZED"};
constexpr std::array<std::string_view, 7> prefixes{"QWEN_",   "OPENAI_",    "ANTHROPIC_", "GEMINI_",
                                                   "GOOGLE_", "DASHSCOPE_", "BAILIAN_"};
constexpr std::array<std::string_view, 3> suffixes{"_API_KEY", "_BASE_URL", "_MODEL"};

template <class Wanted>
Json context_with(Wanted is_wanted, Json args) {
  Json env = Json::object();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (is_wanted(name, text)) env[std::string(name)] = text.substr(equals + 1);
  }
  Json context = {{"env", std::move(env)}, {"args", std::move(args)}};
  std::error_code gone;
  const std::filesystem::path cwd = std::filesystem::current_path(gone);
  if (!gone) context["cwd"] = cwd.string();
  if (const std::string home = home_directory(); !home.empty()) context["home"] = home;
  return context;
}

}  // namespace

bool variable_matters(std::string_view name) {
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); }) ||
         std::ranges::any_of(suffixes, [&](auto suffix) { return name.ends_with(suffix); });
}

Json caller_context(const std::vector<std::string>& more) {
  return context_with(
      [&](std::string_view name, std::string_view) {
        return variable_matters(name) || std::ranges::find(more, name) != more.end();
      },
      Json::array());
}

Json whole_caller_context(const std::vector<std::string>& args) {
  Json sendable = Json::array();
  for (const std::string& word : args) sendable.push_back(is_utf8(word) ? word : std::string());
  return context_with([](std::string_view, std::string_view text) { return is_utf8(text); },
                      std::move(sendable));
}

}  // namespace authd::client
