#include "daemon/core/declaration.hpp"

#include <algorithm>

#include "daemon/core/endpoint.hpp"
#include "daemon/core/env_key.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/core/settings_mask.hpp"
#include "daemon/core/settings_rules.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {

Result<KeyReference> parse_key_reference(const std::string& text, const std::string& field) {
  using Kind = KeyReference::Kind;
  if (text == "stdin") return KeyReference{Kind::standard_input, {}};
  if (text.starts_with("env:") && usable_variable_name(text.substr(4)))
    return KeyReference{Kind::environment, text.substr(4)};
  if (text.starts_with("file:") && text.size() > 5) return KeyReference{Kind::file, text.substr(5)};
  return fail(ErrorKind::invalid_input,
              field + " says where the key is: env:NAME, file:PATH or stdin.", field,
              "A key itself has no place in this document.");
}

namespace {

struct Model {
  OrderedJson entry;
  std::string id;
  bool is_id_alone = false;  // then its name is for a new entry only
};
// One provider of the declaration, ready to be written.
struct DeclaredEndpoint {
  std::string protocol, base_url, env_key;
  std::string_view key;
  std::vector<Model> models;
};

std::string place_of(std::size_t provider, const std::string& member) {
  return "document.providers[" + std::to_string(provider) + "]." + member;
}

Error at(Error error, const std::string& field) {
  error.field = field;
  return error;
}

// "$NAME" or "${NAME}", also behind the word that a header has in front of it: "Bearer ${NAME}"; or
// a path, a URL and the like, which are no keys.
bool is_no_key(const std::string& text) {
  return expandable_name(text) ? is_placeholder(text.substr(text.find(' ') + 1))
                               : is_reference(text);
}

// Where the first text stands that is a secret because of its member's name, and no reference.
// Unlike what is masked, not all that stands below such a name: it may be that of an MCP server.
std::optional<Path> literal_secret(Path path, const Json& value) {
  if (value.is_string() && !path.empty() && names_a_secret(path.back())) {
    const auto& text = value.get_ref<const std::string&>();
    if (!text.empty() && !is_no_key(text)) return path;
  }
  if (value.is_array())
    for (const Json& element : value)
      if (auto place = literal_secret(path, element)) return place;
  if (!value.is_object()) return std::nullopt;
  for (const auto& [name, member] : value.items()) {
    path.push_back(name);
    if (auto place = literal_secret(path, member)) return place;
    path.pop_back();
  }
  return std::nullopt;
}

std::unexpected<Error> literal_refused(const Path& place, const std::string& field) {
  return fail(
      ErrorKind::invalid_input,
      path_text(place) + " has the name of a secret, but is no reference to one.", field,
      "Write $NAME, which Qwen Code replaces by that variable's value. A key itself has no place "
      "in this document.");
}

class DeclarationPlanner {
 public:
  DeclarationPlanner(const SettingsFiles& files, const Environment& environment,
                     const DeclarationRequest& request)
      : files_(files), environment_(environment), request_(request), wanted_(request.declaration) {}

  Result<Plan> plan() {
    auto target = edit_target(files_, request_.scope, request_.repair);
    if (!target) return std::unexpected(target.error());
    plan_.file = target->file;
    const Jsonc& before = target->document;
    entries_ = model_entries(files_, plan_.file.scope);
    if (auto warning = fatal_entry(entries_)) plan_.warnings.push_back(*std::move(warning));
    if (auto ok = read_declaration(before); !ok) return std::unexpected(ok.error());
    warn_of_shared_variables(before);
    Jsonc::Edit members(before);
    if (auto ok = edit_members(before, members); !ok)
      return std::unexpected(wrong_shape(plan_.file, ok.error()));
    const auto with_members = members.apply();
    if (!with_members) return std::unexpected(past_bounds(plan_.file, with_members.error()));
    Jsonc::Edit lists(*with_members);
    for (const DeclaredEndpoint& endpoint : endpoints_)
      edit_models(before, *with_members, endpoint, lists);
    auto after = lists.apply();
    if (!after) return std::unexpected(past_bounds(plan_.file, after.error()));
    plan_.keys = changed_keys(changes(before, *after));
    for (const Path& key : plan_.keys)
      warn_of_duplicates(before, key, plan_.file.path, plan_.warnings);
    for (Warning& warning : warnings_of_target(files_, plan_.file.scope))
      plan_.warnings.push_back(std::move(warning));
    put_edited(plan_, after->text());
    const bool says_nothing = plan_.keys == std::vector<Path>{{"$version"}};
    if (!plan_.file.exists && says_nothing) {  // no file for that
      plan_.new_text.clear();
      plan_.keys.clear();
    }
    return std::move(plan_);
  }

 private:
  using Edited = std::expected<void, WrongShape>;

  Result<void> read_declaration(const Jsonc& before) {
    for (std::size_t i = 0; i < wanted_.providers.size(); ++i) {
      auto endpoint = read_provider(i);
      if (!endpoint) return std::unexpected(endpoint.error());
      for (const Model& model : endpoint->models)
        entries_.push_back({plan_.file.scope, endpoint->protocol, model.id, endpoint->base_url,
                            endpoint->env_key});
      endpoints_.push_back(*std::move(endpoint));
    }
    if (!wanted_.settings.is_object())
      return fail(ErrorKind::invalid_input, "document.settings must be an object.",
                  "document.settings");
    if (wanted_.selection) {
      if (auto ok = acceptable({"security", "auth", "selectedType"}, wanted_.selection->protocol);
          !ok)
        return std::unexpected(at(ok.error(), "document.selection.protocol"));
      if (wanted_.selection->model.empty())
        return fail(ErrorKind::invalid_input, "Model IDs cannot be empty.",
                    "document.selection.model");
    }
    const bool model_is_a_name = shape_of(before).model_name.size() == 1;
    for (const auto& [name, value] : wanted_.settings.items())
      if (auto ok = acceptable({name}, value, model_is_a_name); !ok)
        return std::unexpected(at(ok.error(), "document.settings." + name));
    if (const auto place = literal_secret({}, wanted_.settings))
      return literal_refused(*place, "document.settings." + path_text(*place));
    return {};
  }

  Result<DeclaredEndpoint> read_provider(std::size_t index) {
    const DeclaredProvider& provider = wanted_.providers[index];
    DeclaredEndpoint endpoint{
        provider.protocol, {}, provider.env_key, request_.keys[index].reveal(), {}};
    auto base_url = accept_base_url(provider.base_url);
    if (!base_url) return std::unexpected(at(base_url.error(), place_of(index, "baseUrl")));
    endpoint.base_url = *std::move(base_url);
    const bool named = !endpoint.env_key.empty();
    if (named && !usable_variable_name(endpoint.env_key))
      return fail(ErrorKind::invalid_input,
                  place_of(index, "envKey") + " cannot be the name of a key's variable.",
                  place_of(index, "envKey"));
    if (!named) endpoint.env_key = chosen_name(endpoint);
    if (!named && endpoint.key.empty() && !is_used(endpoint))
      return fail(ErrorKind::invalid_input,
                  "It is not said where the key of " + endpoint.base_url + " comes from.",
                  place_of(index, "apiKey"),
                  "Give apiKey (env:NAME, file:PATH or stdin), or envKey with the name of a "
                  "variable that is set "
                  "where qwen runs.");
    for (const DeclaredEndpoint& other : endpoints_) {
      const bool have_keys = !other.key.empty() && !endpoint.key.empty();
      if (other.env_key != endpoint.env_key || !have_keys || other.key == endpoint.key) continue;
      return fail(ErrorKind::invalid_input,
                  "The key of " + endpoint.base_url + " would take the place of that of " +
                      other.base_url + ": both go to " + endpoint.env_key + ".",
                  place_of(index, "envKey"), "Give each of the two an envKey of its own.");
    }
    for (const Json& declared : provider.models) {
      if (const auto place = literal_secret({}, declared))
        return literal_refused(*place, place_of(index, "models"));
      auto model = read_model(declared, endpoint);
      if (!model) return std::unexpected(at(model.error(), place_of(index, "models")));
      const auto same = std::find_if(endpoint.models.begin(), endpoint.models.end(),
                                     [&](const Model& other) { return other.id == model->id; });
      if (same != endpoint.models.end() && same->entry == model->entry) continue;
      if (same != endpoint.models.end() ||
          is_declared(provider.protocol, model->id, endpoint.base_url))
        return fail(ErrorKind::invalid_input,
                    "A model is declared twice for " + endpoint.base_url + ".",
                    place_of(index, "models"));
      endpoint.models.push_back(*std::move(model));
    }
    if (endpoint.models.empty())
      return fail(ErrorKind::invalid_input, "Model IDs cannot be empty.",
                  place_of(index, "models"));
    if (!endpoint.key.empty()) warn_of_key(endpoint);
    for (Warning& warning : base_url_warnings(endpoint.protocol, endpoint.base_url, {}))
      plan_.warnings.push_back(std::move(warning));
    return endpoint;
  }

  static Result<Model> read_model(const Json& declared, const DeclaredEndpoint& endpoint) {
    const bool is_id_alone = !declared.is_object();
    const Json entry = is_id_alone ? Json{{"id", declared}} : declared;
    if (auto ok = acceptable({"modelProviders", endpoint.protocol}, Json::array({entry})); !ok)
      return std::unexpected(ok.error());
    Model model{{{"id", entry["id"]}}, entry["id"], is_id_alone};
    if (is_id_alone) model.entry["name"] = model.id;
    model.entry["baseUrl"] = endpoint.base_url;
    model.entry["envKey"] = endpoint.env_key;
    for (const auto& [name, value] : entry.items())
      if (!model.entry.contains(name)) model.entry[name] = OrderedJson::parse(dump(value));
    return model;
  }

  // The name that the endpoint's entries have already, else one as the wizard would make it.
  std::string chosen_name(const DeclaredEndpoint& endpoint) const {
    std::vector<KeyUse> uses;
    for (const ModelEntry& entry : entries_) {
      if (is_of(entry, endpoint) && !entry.env_key.empty()) return entry.env_key;
      if (!entry.env_key.empty()) uses.push_back({entry.protocol, entry.base_url, entry.env_key});
    }
    return choose_env_key(endpoint.protocol, endpoint.base_url, uses);
  }

  static bool is_of(const ModelEntry& entry, const DeclaredEndpoint& endpoint) {
    return entry.protocol == endpoint.protocol &&
           canonical_base_url(entry.base_url) == canonical_base_url(endpoint.base_url);
  }
  bool is_used(const DeclaredEndpoint& endpoint) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const ModelEntry& entry) {
      return is_of(entry, endpoint) && entry.env_key == endpoint.env_key;
    });
  }

  void warn_of_key(const DeclaredEndpoint& endpoint) {
    for (Warning& warning : api_key_warnings(endpoint.key, endpoint.base_url, {}))
      plan_.warnings.push_back(std::move(warning));
    if (auto warning = shadowed(environment_, endpoint.env_key, endpoint.key))
      plan_.warnings.push_back(*std::move(warning));
  }

  // A key that another endpoint's entries take for their own, although the document does not say
  // so.
  void warn_of_shared_variables(const Jsonc& before) {
    const auto is_declared_with = [&](const ModelEntry& entry) {
      return std::any_of(endpoints_.begin(), endpoints_.end(),
                         [&](const DeclaredEndpoint& declared) {
                           return declared.env_key == entry.env_key && is_of(entry, declared);
                         });
    };
    for (const DeclaredEndpoint& endpoint : endpoints_) {
      const Path variable{"env", endpoint.env_key};
      const auto merged = merged_value(files_, variable);
      const bool is_there = before.string_at(variable) == endpoint.key ||
                            (merged && merged->value == std::string(endpoint.key));
      if (endpoint.key.empty() || is_there) continue;
      const auto other =
          std::find_if(entries_.begin(), entries_.end(), [&](const ModelEntry& entry) {
            return entry.env_key == endpoint.env_key && !is_declared_with(entry);
          });
      if (other == entries_.end()) continue;
      const std::string& whose = other->base_url.empty() ? other->protocol : other->base_url;
      plan_.warnings.push_back({"K211",
                                "key.shared-variable",
                                {},
                                endpoint.env_key + " is also the variable of " + whose +
                                    ", which gets the key of " + endpoint.base_url +
                                    " with it. Give an envKey of its own if the two keys differ."});
    }
  }

  // Everything but the elements of lists.
  Edited edit_members(const Jsonc& before, Jsonc::Edit& edit) {
    if (!plan_.file.exists)
      if (auto ok = edit.set(Path{"$version"}, {4, {}}); !ok) return ok;
    for (const DeclaredEndpoint& endpoint : endpoints_) {
      if (!endpoint.key.empty())
        if (auto ok = edit.set(Path{"env", endpoint.env_key}, {std::string(endpoint.key), {}}); !ok)
          return ok;
      const ModelList list = model_list(before, endpoint.protocol);
      if (!list.unusable.empty()) return std::unexpected(unusable(before, list));
      if (list.array == Jsonc::none)
        if (auto ok = edit.set(list.path, {OrderedJson::array(), {}}); !ok) return ok;
    }
    if (auto ok = edit_selection(before, edit); !ok) return ok;
    return edit.merge(OrderedJson::parse(dump(wanted_.settings)));
  }

  Edited edit_selection(const Jsonc& before, Jsonc::Edit& edit) {
    const SettingsShape shape = shape_of(before);
    const auto selection = chosen_selection(shape);
    if (!selection) return {};
    if (auto ok = edit.set(shape.selected_type, {selection->protocol, {}}); !ok) return ok;
    if (auto ok = edit.set(shape.model_name, {selection->model, {}}); !ok) return ok;
    const auto entry =
        std::find_if(entries_.rbegin(), entries_.rend(), [&](const ModelEntry& candidate) {
          return candidate.protocol == selection->protocol && candidate.id == selection->model;
        });
    if (entry == entries_.rend()) {
      plan_.warnings.push_back({"P404",
                                "provider.model-name",
                                {},
                                "No entry of modelProviders." + selection->protocol +
                                    " has the id " + selection->model +
                                    ": Qwen Code would use the first one of the list instead."});
      return {};
    }
    const Selected selected{entry->protocol, entry->id, entry->base_url};
    if (!shape.model_base_url || !base_url_decides(files_, before, entries_, selected)) return {};
    return edit.set(*shape.model_base_url, {entry->base_url, {}});
  }

  // Without a wish the first model, where nothing is selected yet.
  std::optional<DeclaredSelection> chosen_selection(const SettingsShape& shape) const {
    if (wanted_.selection) return wanted_.selection;
    if (endpoints_.empty() || merged_value(files_, shape.selected_type)) return std::nullopt;
    const DeclaredEndpoint& first = endpoints_.front();
    return DeclaredSelection{first.protocol, first.models.front().id};
  }

  // Entries that are there stay where they are; new ones go first, as the wizard's do.
  void edit_models(const Jsonc& before, const Jsonc& document, const DeclaredEndpoint& endpoint,
                   Jsonc::Edit& edit) {
    const ModelList list = model_list(document, endpoint.protocol);
    const bool was_there = model_list(before, endpoint.protocol).array != Jsonc::none;
    for (const auto& [entry, id, is_id_alone] : endpoint.models) {
      const Jsonc::Node found = entry_of(document, list.array, id, endpoint.base_url);
      if (found == Jsonc::none) {
        edit.insert(list.array, Jsonc::none, {entry, {}});
        continue;
      }
      OrderedJson wanted = entry;
      if (is_id_alone && document.member(found, "name") != Jsonc::none) wanted.erase("name");
      const Jsonc merged = merged_entry(document, found, wanted);
      if (merged.text() != document.source(found)) edit.replace(found, {nullptr, merged.text()});
    }
    const bool is_last = &endpoint == &*std::find_if(endpoints_.rbegin(), endpoints_.rend(),
                                                     [&](const DeclaredEndpoint& other) {
                                                       return other.protocol == endpoint.protocol;
                                                     });
    if (!was_there && is_last) copy_hidden(endpoint.protocol, list.array, edit);
  }

  static Jsonc::Node entry_of(const Jsonc& document, Jsonc::Node list, const std::string& id,
                              const std::string& base_url) {
    for (const Jsonc::Node entry : document.children(list))
      if (document.string_member(entry, "id") == id &&
          canonical_base_url(document.string_member(entry, "baseUrl")) ==
              canonical_base_url(base_url))
        return entry;
    return Jsonc::none;
  }

  void copy_hidden(const std::string& protocol, Jsonc::Node array, Jsonc::Edit& edit) {
    const HiddenModels hidden = hidden_models(files_, plan_.file.scope, protocol);
    if (!hidden.document) return;
    std::vector<std::string> ids;
    for (const Jsonc::Node entry : hidden.document->children(hidden.array)) {
      if (is_declared(protocol, hidden.document->string_member(entry, "id"),
                      hidden.document->string_member(entry, "baseUrl")))
        continue;
      edit.insert(array, Jsonc::none, {nullptr, element_of(*hidden.document, entry).text()});
      ids.push_back(hidden.document->string_member(entry, "id"));
    }
    if (!ids.empty()) plan_.warnings.push_back(list_copied(ids, files_.user.path, {}));
  }

  bool is_declared(const std::string& protocol, const std::string& id,
                   const std::string& base_url) const {
    return std::any_of(endpoints_.begin(), endpoints_.end(), [&](const DeclaredEndpoint& endpoint) {
      return endpoint.protocol == protocol &&
             canonical_base_url(endpoint.base_url) == canonical_base_url(base_url) &&
             std::any_of(endpoint.models.begin(), endpoint.models.end(),
                         [&](const Model& model) { return model.id == id; });
    });
  }

  const SettingsFiles& files_;
  const Environment& environment_;
  const DeclarationRequest& request_;
  const Declaration& wanted_;
  Plan plan_;
  std::vector<ModelEntry> entries_;  // of the files, then the declared ones
  std::vector<DeclaredEndpoint> endpoints_;
};

}  // namespace

Result<Plan> plan_declaration(const SettingsFiles& files, const Environment& environment,
                              const DeclarationRequest& request) {
  return DeclarationPlanner(files, environment, request).plan();
}

}  // namespace authd::core
