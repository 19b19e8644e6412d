#include "daemon/core/settings_rules.hpp"

#include <algorithm>
#include <array>

namespace authd::core {
namespace {

constexpr std::array<std::string_view, 6> auth_types{"openai", "openai-responses", "qwen-oauth",
                                                     "gemini", "vertex-ai",        "anthropic"};

std::unexpected<Error> refused(std::string message, std::string hint = {}) {
  return fail(ErrorKind::invalid_input, std::move(message), "value", std::move(hint));
}

Result<void> env_variable(const std::string& name, const Json& value) {
  if (!value.is_string())
    return refused("env." + name + " must be a string: Qwen Code ignores anything else.");
  if (value.get_ref<const std::string&>().find('\0') != std::string::npos)
    return refused("env." + name + " must not hold a NUL character.");
  return {};
}

Result<void> model_entry(const std::string& list, const Json& entry) {
  if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_string() || entry["id"] == "")
    return refused("Every entry of modelProviders." + list + " needs an id: Qwen Code does not start with one that has none.");
  const Json wire_api = entry.value("wireApi", Json("chat-completions"));
  if (wire_api != "chat-completions" && wire_api != "responses")
    return refused("wireApi must be \"chat-completions\" or \"responses\": Qwen Code does not start with another.");
  return {};
}

Result<void> model_list(const std::string& name, const Json& list) {
  const Json* entries = &list;
  if (list.is_object() && list.contains("models")) entries = &list["models"];  // as `$version` 5 had it
  if (!entries->is_array()) return refused("modelProviders." + name + " must be an array of models.");
  for (const Json& entry : *entries)
    if (auto ok = model_entry(name, entry); !ok) return ok;
  return {};
}

// The members of `section` at `name`, one by one; it must be an object where it is there at all.
template <class Check>
Result<void> each_member(const Json& settings, const std::string& name, Check check) {
  if (!settings.contains(name)) return {};
  const Json& section = settings[name];
  if (!section.is_object()) return refused(name + " must be an object.");
  for (const auto& [member, value] : section.items())
    if (auto ok = check(member, value); !ok) return ok;
  return {};
}

Result<void> selection(const Json& settings) {
  for (const char* pointer : {"/security/auth/selectedType", "/security/auth/enforcedType", "/selectedAuthType"}) {
    const Json::json_pointer at(pointer);
    if (!settings.contains(at)) continue;
    const Json& type = settings[at];
    if (!type.is_string() || !is_auth_type(type.get<std::string>()))
      return refused("An authentication type is one of openai, openai-responses, anthropic, gemini, vertex-ai and "
                     "qwen-oauth: Qwen Code does not start with another.");
  }
  const Json::json_pointer name("/model/name");
  if (settings.contains(name) && !settings[name].is_string()) return refused("model.name must be a string.");
  return {};
}

}  // namespace

bool is_auth_type(const std::string& name) {
  return std::find(auth_types.begin(), auth_types.end(), name) != auth_types.end();
}

bool usable_variable_name(const std::string& name) {
  constexpr std::array<std::string_view, 14> taken{
      "NODE_OPTIONS", "NODE_PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "DYLD_INSERT_LIBRARIES", "DYLD_LIBRARY_PATH",
      "PATH", "HOME", "TMPDIR", "TMP", "TEMP", "ENV", "QWEN_HOME", "QWEN_SERVER_TOKEN"};
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= 256 && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), is_word) &&
         std::find(taken.begin(), taken.end(), name) == taken.end();
}

Result<void> nameable(const Path& path) {
  for (const std::string& name : path)
    if (name == "__proto__" || name == "constructor" || name == "prototype")
      return fail(ErrorKind::invalid_input, "Qwen Code ignores members of the name " + name + ".", "path");
  if (path.empty()) return fail(ErrorKind::invalid_input, "A path names at least one member.", "path");
  return {};
}

Result<void> acceptable(const Path& path, const Json& value) {
  if (auto ok = nameable(path); !ok) return ok;
  if (value.is_null())
    return refused("null says nothing in settings.json.", "settings.remove takes a member away.");
  Json settings = value;
  for (auto name = path.rbegin(); name != path.rend(); ++name) settings = Json{{*name, std::move(settings)}};
  if (auto ok = each_member(settings, "env", env_variable); !ok) return ok;
  // Further below one provider there is no list to look at; an entry cannot be named by a path.
  if (path.size() <= 2 || (path.size() == 3 && path.back() == "models"))
    if (auto ok = each_member(settings, "modelProviders", model_list); !ok) return ok;
  return selection(settings);
}

}  // namespace authd::core
