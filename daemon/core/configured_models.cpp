// configured_models(): what Qwen Code's registry makes of modelProviders (facts, 9).
#include <algorithm>
#include <set>

#include "daemon/core/auth_type.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {
namespace {

constexpr std::string_view chat_completions = "chat-completions", responses = "responses";

// JavaScript's idea of a value that says something.
bool is_truthy(const Json& value) {
  return !value.is_null() && value != false && value != 0 && value != "";
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : dump(value);
}

std::string string_member(const Json& entry, const char* name) {
  const auto found = entry.find(name);
  return found != entry.end() && found->is_string() ? found->get<std::string>() : "";
}

class Registry {
 public:
  Registry(const SettingsView& settings, const CliRules& rules)
      : settings_(settings), rules_(rules) {}

  std::vector<ConfiguredModel> take() {
    const auto providers = settings_.merged.find("modelProviders");
    if (providers == settings_.merged.end() || !providers->is_object()) return {};
    for (const std::string& name : settings_.providers)
      if (const auto list = providers->find(name); list != providers->end()) add(name, *list);
    return std::move(models_);
  }

 private:
  void add(const std::string& provider, const Json& list) {
    ConfiguredModel model;
    model.provider = provider;
    model.scope = settings_.provider_scope.at(provider);
    std::string skipped;
    model.protocol = protocol_of(provider, skipped);
    if (!list.is_array()) return add_other(std::move(model), list, skipped);
    for (const Json& entry : list) {
      ConfiguredModel one = model;
      one.entry = entry;
      if (!skipped.empty()) {
        one.is_usable = false;
        one.reason = skipped;
        fill(one);
      } else {
        judge(one);
      }
      models_.push_back(std::move(one));
      ++model.index;
    }
  }

  // Something else than a list.
  void add_other(ConfiguredModel model, const Json& value, const std::string& skipped) {
    model.is_usable = false;
    model.reason = "modelProviders." + model.provider + " is not a list of models.";
    if (!skipped.empty())
      model.reason = skipped;
    else if (!rules_.has_provider_protocol && value.is_string() && value != "")
      die(model, missing_id(model));  // of what its first character is taken for
    else if (!rules_.has_provider_protocol && !value.is_string())
      die(model, "models is not iterable");
    models_.push_back(std::move(model));
  }

  static std::string missing_id(const ConfiguredModel& model) {
    return "Model config in authType '" + model.protocol + "' missing required field: id";
  }

  // Empty with a reason where Qwen Code passes over the provider.
  std::string protocol_of(const std::string& provider, std::string& skipped) const {
    const Json mapping = settings_.merged.value("providerProtocol", Json::object());
    std::string protocol = provider;
    const bool is_mapped =
        rules_.has_provider_protocol && mapping.is_object() && mapping.contains(provider);
    if (is_mapped) protocol = text_of(mapping[provider]);
    const bool is_known =
        is_auth_type(protocol) && (rules_.has_wire_api || protocol != "openai-responses");
    if (!is_known) {
      skipped = is_mapped
                    ? "providerProtocol[\"" + provider + "\"] is no protocol of Qwen Code."
                    : "\"" + provider + "\" is no protocol of Qwen Code" +
                          (rules_.has_provider_protocol ? ", and providerProtocol maps it to none."
                                                        : ".");
      return "";
    }
    return protocol;
  }

  static void fill(ConfiguredModel& model) {
    if (!model.entry.is_object()) return;
    if (const auto id = model.entry.find("id"); id != model.entry.end() && is_truthy(*id))
      model.id = text_of(*id);
    model.name = string_member(model.entry, "name");
    if (model.name.empty()) model.name = model.id;
    model.base_url = string_member(model.entry, "baseUrl");
    model.env_key = string_member(model.entry, "envKey");
  }

  static void die(ConfiguredModel& model, std::string reason) {
    model.is_usable = false;
    model.is_fatal = true;
    model.reason = std::move(reason);
  }

  void judge(ConfiguredModel& model) {
    fill(model);
    const std::string provider_protocol = model.protocol;
    if (model.entry.is_null())
      return die(model, std::string("Cannot read properties of null (reading '") +
                            (rules_.has_wire_api ? "wireApi" : "id") + "')");
    if (rules_.has_wire_api && model.entry.is_object() && model.entry.contains("wireApi"))
      if (!apply_wire_api(model)) return;
    if (provider_protocol == "qwen-oauth") {
      model.is_usable = false;
      model.reason = "Qwen Code has models of its own for qwen-oauth and passes over this list.";
      return;
    }
    if (model.id.empty()) return die(model, missing_id(model));
    if (!model.entry["id"].is_string()) {
      die(model, "(model ?? \"\").toLowerCase is not a function");
      model.is_fatal = rules_.has_provider_protocol;  // before, where it is the chosen one
      return;
    }
    if (!seen_.insert({model.protocol, model.id, identity(model)}).second) {
      model.is_usable = false;
      model.is_duplicate = true;
      model.reason = "An earlier entry has the same id" +
                     std::string(rules_.has_qwen_home ? " and base URL" : "") +
                     ", and Qwen Code takes the first.";
      return;
    }
    if (const std::string only = other_use(model.entry); !only.empty()) {
      model.is_usable = false;
      model.reason = only + "-only model '" + model.id + "' cannot be used as the primary model";
    }
  }

  // The first version told entries apart by id alone.
  std::string identity(const ConfiguredModel& model) const {
    return rules_.has_qwen_home ? model.base_url : "";
  }

  bool apply_wire_api(ConfiguredModel& model) const {
    const Json& wire_api = model.entry["wireApi"];
    if (wire_api != chat_completions && wire_api != responses) {
      die(model, "Invalid wireApi \"" + text_of(wire_api) + "\" for provider \"" + model.provider +
                     "\". Expected \"chat-completions\" or \"responses\".");
      return false;
    }
    if (model.protocol != "openai" && model.protocol != "openai-responses") {
      die(model, "Provider \"" + model.provider + "\" uses protocol \"" + model.protocol +
                     "\"; wireApi is only supported for OpenAI-compatible models.");
      return false;
    }
    model.protocol = wire_api == responses ? "openai-responses" : "openai";
    return true;
  }

  // What else a model is for, where it can do nothing but that.
  std::string other_use(const Json& entry) const {
    const auto says = [&](const char* name) {
      return entry.is_object() && entry.contains(name) && is_truthy(entry[name]);
    };
    if (rules_.has_provider_protocol && says("imageOnly")) return "Image";
    if (rules_.has_wire_api && says("voiceOnly")) return "Voice";
    if (rules_.has_wire_api && says("realtimeOnly")) return "Realtime";
    return "";
  }

  const SettingsView& settings_;
  const CliRules& rules_;
  std::set<std::tuple<std::string, std::string, std::string>> seen_;
  std::vector<ConfiguredModel> models_;
};

}  // namespace

std::vector<ConfiguredModel> configured_models(const SettingsView& settings,
                                               const CliRules& rules) {
  return Registry(settings, rules).take();
}

std::vector<ConfiguredModel> configured_models(const SettingsFiles& files,
                                               const Environment& environment,
                                               const CliRules& rules,
                                               const std::vector<DotenvFile>& dotenvs) {
  Surroundings surroundings;
  surroundings.files = files;
  surroundings.dotenvs = dotenvs;
  return configured_models(load(surroundings, environment, rules).settings, rules);
}

}  // namespace authd::core
