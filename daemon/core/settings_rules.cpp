#include "daemon/core/settings_rules.hpp"

#include <algorithm>
#include <array>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/refusal.hpp"
#include "daemon/core/text.hpp"

namespace authd::core {
namespace {

Result<void> env_variable(const std::string& name, const Json& value,
                          const std::string& field_of_name) {
  const std::string member = path_text({"env", name});
  if (!usable_variable_name(name))
    return fail(ErrorKind::invalid_input,
                member + " is no variable that Qwen Code takes from settings.json.", field_of_name);
  if (!value.is_string())
    return value_refused(member + " must be a string: Qwen Code ignores anything else.");
  const auto& text = value.get_ref<const std::string&>();
  if (text.empty())
    return value_refused(member + " is empty, which says nothing.",
                         "settings.remove takes a variable away.");
  if (clean_input(text) != text)
    return value_refused(member + " must not begin or end with white space.");
  if (const auto found = control_character(text))
    return value_refused(member + " must not hold control characters: " + found->name +
                         " at position " + std::to_string(found->position) + ".");
  return {};
}

Result<void> model_entry(const std::string& list, const Json& entry) {
  if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_string() || entry["id"] == "")
    return value_refused("Every entry of modelProviders." + list +
                         " needs an id: Qwen Code does not start with one that has none.");
  const Json wire_api = entry.value("wireApi", Json("chat-completions"));
  if (wire_api != "chat-completions" && wire_api != "responses")
    return value_refused(
        "wireApi must be \"chat-completions\" or \"responses\": Qwen Code does not start with "
        "another.");
  return {};
}

Result<void> usable_model_list(const std::string& name, const Json& list) {
  const Json* entries = &list;
  if (list.is_object() && list.contains("models"))
    entries = &list["models"];  // as `$version` 5 had it
  if (!entries->is_array())
    return value_refused("modelProviders." + name + " must be an array of models.");
  for (const Json& entry : *entries)
    if (auto ok = model_entry(name, entry); !ok) return ok;
  return {};
}

// The members of the section `name`, one by one.
template <class Check>
Result<void> each_member(const Json& settings, const std::string& name, Check check) {
  if (!settings.contains(name)) return {};
  for (const auto& [member, value] : settings[name].items())
    if (auto ok = check(member, value); !ok) return ok;
  return {};
}

// What Qwen Code reads as objects (facts, 1.2, 1.5 and 9).
Result<void> sections_are_objects(const Json& settings, bool model_is_a_name) {
  for (const std::string section :
       {"/env", "/modelProviders", "/providerProtocol", "/mcpServers", "/channels", "/serve",
        "/general", "/ui", "/tools", "/context", "/advanced", "/security", "/security/auth",
        "/security/folderTrust", "/model"}) {
    const Json::json_pointer at(section);
    if (!settings.contains(at) || settings[at].is_object()) continue;
    if (section == "/model" && model_is_a_name && settings[at].is_string()) continue;
    std::string name = section.substr(1);
    std::ranges::replace(name, '/', '.');
    return value_refused(name + " must be an object.",
                         section == "/model" ? "The model's name is model.name." : "");
  }
  return {};
}

std::string skipped(const std::string& name) {
  return "Qwen Code ignores members of the name " + name + ".";
}

// At any depth, which the parser bounds. An element of a list is one value with all that is in it,
// so that a null in it may mean something.
Result<void> says_something(Path& path, const Json& value, bool in_list) {
  if (value.is_null() && !in_list)
    return value_refused(path_text(path) + ": null says nothing in settings.json.",
                         "settings.remove takes a member away.");
  if (value.is_array())
    for (const Json& element : value)
      if (auto ok = says_something(path, element, true); !ok) return ok;
  if (!value.is_object()) return {};
  for (const auto& [name, member] : value.items()) {
    if (is_skipped_name(name)) return value_refused(skipped(name));
    path.push_back(name);
    if (auto ok = says_something(path, member, in_list); !ok) return ok;
    path.pop_back();
  }
  return {};
}

Result<void> selection(const Json& settings) {
  for (const char* pointer :
       {"/security/auth/selectedType", "/security/auth/enforcedType", "/selectedAuthType"}) {
    const Json::json_pointer at(pointer);
    if (!settings.contains(at)) continue;
    const Json& type = settings[at];
    if (!type.is_string() || !is_auth_type(type.get<std::string>()))
      return value_refused(
          "An authentication type is one of openai, openai-responses, anthropic, gemini, vertex-ai "
          "and "
          "qwen-oauth: Qwen Code does not start with another.");
  }
  const Json::json_pointer name("/model/name");
  if (settings.contains(name) && !settings[name].is_string())
    return value_refused("model.name must be a string.");
  return {};
}

}  // namespace

bool usable_variable_name(const std::string& name) {
  constexpr std::array<std::string_view, 14> taken{"NODE_OPTIONS",
                                                   "NODE_PATH",
                                                   "LD_PRELOAD",
                                                   "LD_LIBRARY_PATH",
                                                   "DYLD_INSERT_LIBRARIES",
                                                   "DYLD_LIBRARY_PATH",
                                                   "PATH",
                                                   "HOME",
                                                   "TMPDIR",
                                                   "TMP",
                                                   "TEMP",
                                                   "ENV",
                                                   "QWEN_HOME",
                                                   "QWEN_SERVER_TOKEN"};
  return !name.empty() && name.size() <= 256 && !(name.front() >= '0' && name.front() <= '9') &&
         std::all_of(name.begin(), name.end(), is_word_character) &&
         std::find(taken.begin(), taken.end(), name) == taken.end();
}

Result<void> nameable(const Path& path) {
  for (const std::string& name : path)
    if (is_skipped_name(name)) return fail(ErrorKind::invalid_input, skipped(name), "path");
  if (path.empty())
    return fail(ErrorKind::invalid_input, "A path names at least one member.", "path");
  return {};
}

Result<void> acceptable(const Path& path, const Json& value, bool model_is_a_name) {
  if (auto ok = nameable(path); !ok) return ok;
  if (path.front() == "$version")
    return fail(ErrorKind::invalid_input,
                "$version says which format the file has: Qwen Code writes it itself.", "path");
  Path place = path;
  if (auto ok = says_something(place, value, false); !ok) return ok;
  Json settings = value;
  for (auto name = path.rbegin(); name != path.rend(); ++name)
    settings = Json{{*name, std::move(settings)}};
  if (auto ok = sections_are_objects(settings, model_is_a_name); !ok) return ok;
  const auto variable = [&](const std::string& name, const Json& text) {
    return env_variable(name, text, path.size() > 1 ? "path" : "value");
  };
  if (auto ok = each_member(settings, "env", variable); !ok) return ok;
  // Further below one provider there is no list to look at; an entry cannot be named by a path.
  if (path.size() <= 2 || (path.size() == 3 && path.back() == "models"))
    if (auto ok = each_member(settings, "modelProviders", usable_model_list); !ok) return ok;
  return selection(settings);
}

}  // namespace authd::core
