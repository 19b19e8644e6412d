#include "client/caller_context.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "client/characters.hpp"
#include "client/home.hpp"
#include "protocol/caller_variables.hpp"

namespace authd::client {
namespace {

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
