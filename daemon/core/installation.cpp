// The plan of an installation: the PRD's Settings Write Design on a lossless document.
#include "daemon/core/installation.hpp"

#include <algorithm>

#include "daemon/core/env_key.hpp"
#include "daemon/core/url.hpp"
#include "protocol/secret.hpp"

namespace authd::core {
namespace {

// What of an entry decides whose it is.
struct EntryFace {
  std::string env_key, base_url, name;
};
EntryFace face_of(const Jsonc& document, Jsonc::Node entry) {
  return {document.string_member(entry, "envKey"), document.string_member(entry, "baseUrl"),
          document.string_member(entry, "name")};
}

// `wanted` without what `old` says already: tuning done by hand stays.
OrderedJson missing_in(const OrderedJson& old, const OrderedJson& wanted) {
  if (!old.is_object() || !wanted.is_object()) return wanted;
  OrderedJson all = old;
  for (const auto& [name, value] : wanted.items())
    all[name] =
        all.contains(name) ? (value.is_object() ? missing_in(all[name], value) : all[name]) : value;
  return all;
}

class InstallationPlanner {
 public:
  InstallationPlanner(const SettingsFiles& files, const Environment& environment,
                      const InstallationRequest& request)
      : files_(files),
        environment_(environment),
        request_(request),
        wanted_(request.installation) {}

  Result<InstallationPlan> plan() {
    auto target = edit_target(files_, request_.scope, request_.repair);
    if (!target) return std::unexpected(target.error());
    plan_.file = target->file;
    document_.emplace(std::move(target->document));
    shape_ = shape_of(*document_);
    entries_ = model_entries(files_, plan_.file.scope);
    choose_name();
    Jsonc::Edit edit(*document_);
    if (auto ok = make(edit); !ok) return std::unexpected(wrong_shape(plan_.file, ok.error()));
    auto edited = new_list_.empty() ? edit.text() : with_new_list(edit);
    if (!edited) return std::unexpected(past_bounds(plan_.file, edited.error()));
    put_edited(plan_, *std::move(edited));
    plan_.first_entry = Json::parse(dump(OrderedJson(new_entries_.front())));
    if (request_.with_patch) make_patch();
    warn_of_the_environment();
    warn_of_the_files();
    return std::move(plan_);
  }

 private:
  using Edited = std::expected<void, WrongShape>;

  void choose_name() {
    if (wanted_.provider) {
      plan_.env_key = wanted_.provider->env_key;
      return;
    }
    std::vector<KeyUse> uses;
    for (const ModelEntry& entry : entries_)
      if (!entry.env_key.empty()) uses.push_back({entry.protocol, entry.base_url, entry.env_key});
    plan_.env_key = choose_env_key(wanted_.protocol, wanted_.base_url, uses);
  }

  Edited make(Jsonc::Edit& edit) {
    // A new file says its version, so that Qwen Code does not rewrite it at its next start.
    if (!plan_.file.exists)
      if (auto ok = put(edit, {"$version"}, 4); !ok) return ok;
    if (auto ok = put_key(edit); !ok) return ok;
    if (auto ok = edit_models(edit); !ok) return ok;
    if (auto ok = put_metadata(edit); !ok) return ok;
    remove_replaced(edit);
    if (auto ok = put(edit, shape_.selected_type, wanted_.protocol); !ok) return ok;
    if (auto ok = put(edit, shape_.model_name, wanted_.model_ids.front()); !ok) return ok;
    if (model_base_url_matters()) return put(edit, *shape_.model_base_url, wanted_.base_url);
    return {};
  }

  // Where it changes anything it is one of the changed members.
  Edited put(Jsonc::Edit& edit, const Path& path, const OrderedJson& value) {
    const Jsonc::Node node = document_->find(path);
    if (node == Jsonc::none || document_->ordered_value(node) != value) plan_.keys.push_back(path);
    return edit.set(path, {value, {}});
  }

  Edited put_key(Jsonc::Edit& edit) {
    const Path path{"env", plan_.env_key};
    if (request_.key_in_settings) return put(edit, path, std::string(request_.api_key));
    remove(edit, path);
    return {};
  }

  void remove(Jsonc::Edit& edit, const Path& path) {
    const Jsonc::Node node = document_->find(path);
    if (node == Jsonc::none) return;
    plan_.keys.push_back(path);
    edit.remove(node);
  }

  // The Coding Plan's region and version as Qwen Code 0.15 wrote them, or the newer
  // providerMetadata where the file uses that (facts, 4).
  Edited put_metadata(Jsonc::Edit& edit) {
    if (!wanted_.provider) return {};
    const Provider& provider = *wanted_.provider;
    const Path newer{"providerMetadata", std::string(provider.id)};
    const bool uses_newer = document_->find(Path{"providerMetadata"}) != Jsonc::none;
    const bool is_known = document_->find(newer) != Jsonc::none;
    if (is_known || (uses_newer && !provider.metadata.empty())) {
      if (auto ok = put(edit, {newer[0], newer[1], "version"}, template_version()); !ok) return ok;
      if (auto ok = put(edit, {newer[0], newer[1], "baseUrl"}, wanted_.base_url); !ok) return ok;
    }
    const std::string older(provider.metadata);
    if (older.empty() || (uses_newer && document_->find(Path{older}) == Jsonc::none)) return {};
    const Endpoint* region = provider.endpoint_at(wanted_.base_url);
    metadata_ = {{"region", region ? region->id : std::string_view()},
                 {"version", template_version()}};
    for (const auto& [name, value] : metadata_.items())
      if (auto ok = put(edit, {older, name}, value); !ok) return ok;
    return {};
  }

  // SHA-256 of the entries as compact JSON.
  std::string template_version() const {
    OrderedJson entries = OrderedJson::array();
    for (const std::string& id : wanted_.model_ids) entries.push_back(entry_for(id));
    return content_id(dump(entries));
  }

  // What the documentation says that a switch removes: the other provider's key and metadata. Its
  // entries go with the list.
  void remove_replaced(Jsonc::Edit& edit) {
    const Provider* replaced = replaced_provider();
    if (!replaced) return;
    remove(edit, {"env", std::string(replaced->env_key)});
    remove(edit, {"providerMetadata", std::string(replaced->id)});
    if (!replaced->metadata.empty()) remove(edit, {std::string(replaced->metadata)});
  }

  const Provider* replaced_provider() const {
    return wanted_.provider ? find_provider(wanted_.provider->replaces) : nullptr;
  }

  Path provider_path() const { return {"modelProviders", wanted_.protocol}; }

  // New entries first, then the existing ones that do not use the same variable (PRD, Model
  // provider merge rule), or are not the provider's. Entries that stay keep their bytes. Without a
  // list of its own the target gets one, with what it would hide copied along.
  Edited edit_models(Jsonc::Edit& edit) {
    const ModelList list = model_list(*document_, wanted_.protocol);
    if (!list.unusable.empty()) return std::unexpected(unusable(*document_, list));
    if (list.array == Jsonc::none) {
      new_list_ = copied_list();
      plan_.keys.push_back(list.path);
      return edit.set(list.path, {OrderedJson::array(), {}});
    }
    const std::vector<Jsonc::Node> removed = entries_of_ours(*document_, list.array);
    const std::vector<Jsonc::NewValue> added = new_elements(*document_, removed);
    const auto children = document_->children(list.array);
    const bool same = removed.size() == added.size() &&
                      std::equal(removed.begin(), removed.end(), children.begin()) &&
                      std::equal(removed.begin(), removed.end(), added.begin(),
                                 [&](Jsonc::Node old, const Jsonc::NewValue& element) {
                                   return document_->source(old) == element.source;
                                 });
    if (same) return {};
    for (const Jsonc::NewValue& element : added) edit.insert(list.array, Jsonc::none, element);
    for (const Jsonc::Node entry : removed) edit.remove(entry);
    plan_.keys.push_back(list.path);
    return {};
  }

  std::vector<Jsonc::Node> entries_of_ours(const Jsonc& document, Jsonc::Node list) const {
    std::vector<Jsonc::Node> entries = document.children(list);
    const Provider* replaced = replaced_provider();
    std::erase_if(entries, [&](Jsonc::Node entry) {
      const EntryFace face = face_of(document, entry);
      const auto owned_by = [&](const Provider* provider) {
        return provider && provider->owns(face.env_key, face.base_url, face.name);
      };
      return wanted_.provider ? !owned_by(wanted_.provider) && !owned_by(replaced)
                              : face.env_key != plan_.env_key;
    });
    return entries;
  }

  // The elements of a list that was not there, in the style of the document that now has it.
  std::expected<std::string, JsoncError> with_new_list(const Jsonc::Edit& members) const {
    const auto document = members.apply();
    if (!document) return std::unexpected(document.error());
    Jsonc::Edit edit(*document);
    const Jsonc::Node array = model_list(*document, wanted_.protocol).array;
    for (const Jsonc::NewValue& element : new_list_) edit.insert(array, Jsonc::none, element);
    return edit.text();
  }

  // The new entries, and behind them what a list of its own would hide.
  std::vector<Jsonc::NewValue> copied_list() {
    const HiddenModels hidden = hidden_models(files_, plan_.file.scope, wanted_.protocol);
    if (!hidden.document) return new_elements(*document_, {});
    const Jsonc& user = *hidden.document;
    const std::vector<Jsonc::Node> replaced = entries_of_ours(user, hidden.array);
    std::vector<Jsonc::NewValue> elements = new_elements(user, replaced);
    std::vector<std::string> names;
    for (const Jsonc::Node entry : user.children(hidden.array)) {
      if (std::find(replaced.begin(), replaced.end(), entry) != replaced.end()) continue;
      elements.push_back({nullptr, element_of(user, entry).text()});
      names.push_back(id_of(user, entry));
    }
    if (!names.empty())
      plan_.warnings.push_back(list_copied(names, files_.user.path, request_.review_step));
    return elements;
  }

  static std::string id_of(const Jsonc& document, Jsonc::Node entry) {
    const std::string id = document.string_member(entry, "id");
    return id.empty() ? "?" : id;
  }

  // An entry that is set up again keeps what was added to it by hand (generationConfig, …), and
  // its bytes where it says the same already.
  std::vector<Jsonc::NewValue> new_elements(const Jsonc& document,
                                            const std::vector<Jsonc::Node>& replaced) {
    std::vector<Jsonc::NewValue> elements;
    new_entries_ = OrderedJson::array();
    for (const std::string& id : wanted_.model_ids) {
      OrderedJson entry = entry_for(id);
      const auto old = std::find_if(replaced.begin(), replaced.end(), [&](Jsonc::Node node) {
        return id_of(document, node) == id &&
               document.string_member(node, "envKey") == plan_.env_key;
      });
      if (old == replaced.end()) {
        elements.push_back({entry, {}});
        new_entries_.push_back(entry);
        continue;
      }
      if (const auto config = document.member(*old, "generationConfig");
          config != Jsonc::none && entry.contains("generationConfig"))
        entry["generationConfig"] =
            missing_in(document.ordered_value(config), entry["generationConfig"]);
      const Jsonc renewed = merged_entry(document, *old, entry);
      elements.push_back({nullptr, renewed.text()});
      new_entries_.push_back(renewed.ordered_value(renewed.root()));
    }
    return elements;
  }

  OrderedJson entry_for(const std::string& id) const {
    if (wanted_.provider) return wanted_.provider->entry(id, wanted_.base_url);
    return {{"id", id}, {"name", id}, {"baseUrl", wanted_.base_url}, {"envKey", plan_.env_key}};
  }

  // A file of the first shape has no place for it.
  bool model_base_url_matters() const {
    return shape_.model_base_url &&
           base_url_decides(files_, *document_, entries_,
                            {wanted_.protocol, wanted_.model_ids.front(), wanted_.base_url});
  }

  void make_patch() {
    OrderedJson patch = {
        {"env", {{plan_.env_key, std::string(request_.api_key)}}},
        {"modelProviders", {{wanted_.protocol, new_entries_}}},
        {"security", {{"auth", {{"selectedType", wanted_.protocol}}}}},
        {"model", {{"name", wanted_.model_ids.front()}}},
    };
    if (!request_.key_in_settings) patch.erase("env");
    if (model_base_url_matters()) patch["model"]["baseUrl"] = wanted_.base_url;
    if (!metadata_.empty()) patch[std::string(wanted_.provider->metadata)] = metadata_;
    const Jsonc document = Jsonc::parse(dump(patch)).value();
    Secrets secrets = secrets_of(files_);
    secrets.learn(document);
    const Jsonc masked = secrets.masked(document);
    plan_.patch = masked.ordered_value(masked.root());
  }

  void warn_of_the_environment() {
    if (auto warning = shadowed(environment_, plan_.env_key, request_.api_key)) {
      warning->step = request_.key_step;
      plan_.warnings.push_back(*std::move(warning));
    }
  }

  void warn_of_the_files() {
    if (auto refused = refused_by_enforced_type(files_, wanted_.protocol, request_.review_step))
      plan_.warnings.push_back(*std::move(refused));
    for (Warning& overridden :
         overridden_above(files_, plan_.file.scope,
                          {{provider_path(), std::nullopt},
                           {{"env", plan_.env_key}, request_.api_key},
                           {{"security", "auth", "selectedType"}, wanted_.protocol},
                           {{"model", "name"}, wanted_.model_ids.front()}},
                          request_.review_step))
      plan_.warnings.push_back(std::move(overridden));
    if (auto warning = fatal_entry(entries_)) {
      warning->step = request_.review_step;
      plan_.warnings.push_back(*std::move(warning));
    }
    for (Warning& warning : warnings_of_target(files_, plan_.file.scope)) {
      warning.step = request_.review_step;
      plan_.warnings.push_back(std::move(warning));
    }
    for (const Path& path :
         {Path{"env", plan_.env_key}, provider_path(), shape_.selected_type, shape_.model_name})
      warn_of_duplicates(*document_, path, plan_.file.path, plan_.warnings);
  }

  const SettingsFiles& files_;
  const Environment& environment_;
  const InstallationRequest& request_;
  const Installation& wanted_;
  InstallationPlan plan_{};
  std::optional<Jsonc> document_;  // as it is
  SettingsShape shape_;
  std::vector<Jsonc::NewValue> new_list_;  // where there is no list yet
  std::vector<ModelEntry> entries_;
  OrderedJson new_entries_ = OrderedJson::array();
  OrderedJson metadata_ = OrderedJson::object();  // codingPlan, where it is written
};

}  // namespace

Result<InstallationPlan> plan_installation(const SettingsFiles& files,
                                           const Environment& environment,
                                           const InstallationRequest& request) {
  return InstallationPlanner(files, environment, request).plan();
}

}  // namespace authd::core
