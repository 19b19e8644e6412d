#include "client/caller_context.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

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

}  // namespace

bool variable_matters(std::string_view name) {
  return std::ranges::find(names, name) != names.end() ||
         std::ranges::any_of(prefixes, [&](auto prefix) { return name.starts_with(prefix); }) ||
         std::ranges::any_of(suffixes, [&](auto suffix) { return name.ends_with(suffix); });
}

Json caller_context(const std::vector<std::string>& more) {
  Json env = Json::object();
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = text.substr(0, equals);
    if (variable_matters(name) || std::ranges::find(more, name) != more.end())
      env[std::string(name)] = text.substr(equals + 1);
  }
  Json context = {{"env", std::move(env)}, {"args", Json::array()}};
  std::error_code gone;
  const std::filesystem::path cwd = std::filesystem::current_path(gone);
  if (!gone) context["cwd"] = cwd.string();
  if (const std::string home = home_directory(); !home.empty()) context["home"] = home;
  return context;
}

}  // namespace authd::client
