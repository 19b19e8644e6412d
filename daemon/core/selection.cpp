#include "daemon/core/selection.hpp"

#include <algorithm>
#include <set>

#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

bool is_same_endpoint(const std::string& left, const std::string& right) {
  return canonical_base_url(left) == canonical_base_url(right);
}

// The ids that have what was typed in them, or begin alike.
std::string near_names(const std::vector<ConfiguredModel>& models, const std::string& typed) {
  const std::string wanted = lower_ascii(typed);
  std::vector<std::string> near;
  for (const ConfiguredModel& model : models) {
    const std::string id = lower_ascii(model.id);
    const bool alike = !wanted.empty() && (id.find(wanted) != std::string::npos ||
                                           wanted.find(id) != std::string::npos ||
                                           id.substr(0, 4) == wanted.substr(0, 4));
    if (model.is_usable && alike && std::ranges::find(near, model.id) == near.end())
      near.push_back(model.id);
    if (near.size() == 5) break;
  }
  return join(near, ", ");
}

class SelectionPlanner {
 public:
  SelectionPlanner(const SettingsFiles& files, const SelectionRequest& request)
      : files_(files), request_(request), model_(request.model) {}

  Result<InstallationPlan> plan() {
    auto target = edit_target(files_, request_.scope, request_.repair);
    if (!target) return std::unexpected(target.error());
    plan_.file = target->file;
    const Jsonc& document = target->document;
    Jsonc::Edit edit(document);
    if (auto ok = make(edit, document, shape_of(document)); !ok)
      return std::unexpected(wrong_shape(plan_.file, ok.error()));
    auto text = edit.text();
    if (!text) return std::unexpected(past_bounds(plan_.file, text.error()));
    put_edited(plan_, *std::move(text));
    plan_.env_key = model_.env_key;
    plan_.first_entry = model_.entry;
    warn_of_the_files();
    return std::move(plan_);
  }

 private:
  using Edited = std::expected<void, WrongShape>;

  Edited make(Jsonc::Edit& edit, const Jsonc& document, const SettingsShape& shape) {
    const auto put = [&](const Path& path, const OrderedJson& value) -> Edited {
      const Jsonc::Node node = document.find(path);
      if (node == Jsonc::none || document.ordered_value(node) != value) plan_.keys.push_back(path);
      return edit.set(path, {value, {}});
    };
    plan_.patch = {{"security", {{"auth", {{"selectedType", model_.protocol}}}}},
                   {"model", {{"name", model_.id}}}};
    if (!plan_.file.exists)
      if (auto ok = put({"$version"}, 4); !ok) return ok;
    if (auto ok = put(shape.selected_type, model_.protocol); !ok) return ok;
    if (auto ok = put(shape.model_name, model_.id); !ok) return ok;
    if (!shape.model_base_url || !base_url_decides(document)) return {};
    plan_.patch["model"]["baseUrl"] = model_.base_url;
    return put(*shape.model_base_url, model_.base_url);
  }

  // Where an old one is in the way, or several entries of the protocol have the id: with a mapped
  // provider they may stand in several lists.
  bool base_url_decides(const Jsonc& document) const {
    const bool is_unique = std::ranges::none_of(request_.models, [&](const ConfiguredModel& other) {
      return other.protocol == model_.protocol && other.id == model_.id &&
             !is_same_endpoint(other.base_url, model_.base_url);
    });
    return !is_unique || core::base_url_decides(files_, document, {},
                                                {model_.provider, model_.id, model_.base_url});
  }

  void warn_of_the_files() {
    plan_.warnings = overridden_above(files_, plan_.file.scope,
                                      {{{"security", "auth", "selectedType"}, model_.protocol},
                                       {{"model", "name"}, model_.id},
                                       {{"model", "baseUrl"}, model_.base_url}},
                                      request_.review_step);
    if (auto refused = refused_by_enforced_type(files_, model_.protocol, request_.review_step))
      plan_.warnings.push_back(*std::move(refused));
  }

  const SettingsFiles& files_;
  const SelectionRequest& request_;
  const ConfiguredModel& model_;
  InstallationPlan plan_{};
};

// Removes members and entries from one file.
class Remover {
 public:
  explicit Remover(const Jsonc& document) : document_(document), edit_(document) {}

  bool member(const Path& path) {
    const Jsonc::Node node = document_.find(path);
    if (node == Jsonc::none) return false;
    members_.insert(node);
    keys_.push_back(path);
    return true;
  }

  // The entries of all lists for which `wanted` (provider, place in its list, entry) is true; how
  // many there were.
  template <class Wanted>
  std::size_t entries(Wanted wanted) {
    std::size_t removed = 0;
    const Jsonc::Node all = document_.find(Path{"modelProviders"});
    if (all == Jsonc::none || document_.kind(all) != Jsonc::Kind::object) return 0;
    for (const Jsonc::Node one : document_.children(all)) {
      const std::string provider = document_.key(one);
      const ModelList list = model_list(document_, provider);
      if (list.array == Jsonc::none) continue;
      const std::size_t before = removed;
      std::size_t index = 0;
      for (const Jsonc::Node entry : document_.children(list.array)) {
        if (!wanted(provider, index++, entry)) continue;
        edit_.remove(entry);
        ++removed;
      }
      if (removed > before) keys_.push_back(list.path);
    }
    return removed;
  }

  // What this file says of the selection; whether it says anything.
  bool selection() {
    const std::size_t before = keys_.size();
    selection(shape_of(document_));
    return keys_.size() > before;
  }
  void selection(const SettingsShape& shape) {
    member(shape.selected_type);
    member(shape.model_name);
    if (shape.model_base_url) member(*shape.model_base_url);
  }

  Result<void> put_into(Plan& plan) {
    for (const Jsonc::Node node : with_empty_parents()) edit_.remove(node);
    plan.keys = std::move(keys_);
    auto text = edit_.text();
    if (!text) return std::unexpected(past_bounds(plan.file, text.error()));
    put_edited(plan, *std::move(text));
    return {};
  }

 private:
  // An object all of whose members go is not left behind empty.
  std::set<Jsonc::Node> with_empty_parents() const {
    std::set<Jsonc::Node> going = members_;
    for (bool found = true; std::exchange(found, false);)
      for (const Jsonc::Node node : std::vector(going.begin(), going.end())) {
        const Jsonc::Node parent = document_.parent(node);
        const auto children = document_.children(parent);
        if (parent == document_.root() || !std::ranges::all_of(children, [&](Jsonc::Node child) {
              return going.contains(child);
            }))
          continue;
        for (const Jsonc::Node child : children) going.erase(child);
        going.insert(parent);
        found = true;
        break;
      }
    return going;
  }

  const Jsonc& document_;
  Jsonc::Edit edit_;
  std::set<Jsonc::Node> members_;
  std::vector<Path> keys_;
};

}  // namespace

namespace {

std::vector<const ConfiguredModel*> matching(const std::vector<ConfiguredModel>& models,
                                             const Selected& wanted) {
  std::vector<const ConfiguredModel*> found;
  for (const ConfiguredModel& model : models)
    if ((model.protocol == wanted.protocol || model.provider == wanted.protocol) &&
        model.id == wanted.model &&
        (wanted.base_url.empty() || is_same_endpoint(model.base_url, wanted.base_url)))
      found.push_back(&model);
  return found;
}

Result<const ConfiguredModel*> only_one(const std::vector<const ConfiguredModel*>& found,
                                        const std::vector<ConfiguredModel>& models,
                                        const Selected& wanted) {
  if (found.empty()) {
    const std::string near = near_names(models, wanted.model);
    return fail(ErrorKind::unknown_model, "No model " + wanted.model + " is configured.", "id",
                near.empty() ? "models.list lists those that are." : "Did you mean: " + near + "?");
  }
  for (const ConfiguredModel* other : found)
    if (!is_same_endpoint(other->base_url, found.front()->base_url))
      return fail(ErrorKind::invalid_input,
                  "Several endpoints have a model " + wanted.model + ": " +
                      found.front()->base_url + " and " + other->base_url + ".",
                  "baseUrl", "Say which one with baseUrl.");
  return found.front();
}

}  // namespace

Result<const ConfiguredModel*> find_model(const std::vector<ConfiguredModel>& models,
                                          const Selected& wanted) {
  auto found = matching(models, wanted);
  const auto unusable = std::ranges::find_if(found, [](const ConfiguredModel* model) {
    return !model->is_usable && !model->is_duplicate;
  });
  if (found.size() == 1 && unusable != found.end())
    return fail(ErrorKind::invalid_input,
                "Qwen Code cannot use " + wanted.model + ": " + (*unusable)->reason, "id");
  std::erase_if(found, [](const ConfiguredModel* model) { return !model->is_usable; });
  return only_one(found, models, wanted);
}

Result<const ConfiguredModel*> find_entry(const std::vector<ConfiguredModel>& models,
                                          const Selected& wanted) {
  return only_one(matching(models, wanted), models, wanted);
}

Result<InstallationPlan> plan_selection(const SettingsFiles& files,
                                        const SelectionRequest& request) {
  return SelectionPlanner(files, request).plan();
}

Result<Plan> plan_model_removal(const SettingsFile& file, const ConfiguredModel& model,
                                bool is_selected, bool repair) {
  const auto document = editable_document(file, repair);
  if (!document) return std::unexpected(document.error());
  Remover remover(*document);
  remover.entries([&](const std::string& provider, std::size_t index, Jsonc::Node) {
    return provider == model.provider && index == model.index;
  });
  if (is_selected) remover.selection();
  Plan plan = plan_on(file);
  if (auto ok = remover.put_into(plan); !ok) return std::unexpected(ok.error());
  return plan;
}

Result<Credentials> find_credentials(const std::string& name,
                                     const std::vector<ModelEntry>& entries) {
  for (const Provider& provider : providers())
    if (name == provider.id || lower_ascii(name) == lower_ascii(provider.title))
      return Credentials{&provider, std::string(provider.env_key)};
  for (const ModelEntry& entry : entries)
    if (!entry.env_key.empty() && (entry.env_key == name || is_same_endpoint(entry.base_url, name)))
      return Credentials{nullptr, entry.env_key};
  return fail(ErrorKind::unknown_provider, "There is no provider " + name + ".", "provider",
              "providers.list lists those that are known; a variable's name or a base URL of the "
              "settings will do, too.");
}

Result<RemovalPlan> plan_logout(const SettingsFile& file, const Credentials& whose,
                                const ConfiguredModel* selected) {
  RemovalPlan plan;
  static_cast<Plan&>(plan) = plan_on(file);
  if (!file.exists) return plan;
  const auto document = editable_document(file, false);
  if (!document) return std::unexpected(document.error());
  const auto is_theirs = [&](const std::string& env_key, const std::string& base_url,
                             const std::string& name) {
    return whose.provider ? whose.provider->owns(env_key, base_url, name)
                          : env_key == whose.env_key;
  };
  Remover remover(*document);
  plan.models = remover.entries([&](const std::string&, std::size_t, Jsonc::Node entry) {
    return is_theirs(document->string_member(entry, "envKey"),
                     document->string_member(entry, "baseUrl"),
                     document->string_member(entry, "name"));
  });
  plan.removes_key = remover.member({"env", whose.env_key});
  if (whose.provider) {
    if (!whose.provider->metadata.empty()) remover.member({std::string(whose.provider->metadata)});
    remover.member({"providerMetadata", std::string(whose.provider->id)});
  }
  if (selected && is_theirs(selected->env_key, selected->base_url, selected->name))
    plan.removes_selection = remover.selection();
  if (auto ok = remover.put_into(plan); !ok) return std::unexpected(ok.error());
  return plan;
}

Result<RemovalPlan> plan_oauth_logout(const SettingsFile& file) {
  RemovalPlan plan;
  static_cast<Plan&>(plan) = plan_on(file);
  if (!file.exists) return plan;
  const auto document = editable_document(file, false);
  if (!document) return std::unexpected(document.error());
  const SettingsShape shape = shape_of(*document);
  if (document->string_at(shape.selected_type) != "qwen-oauth") return plan;
  Remover remover(*document);
  remover.selection(shape);
  plan.removes_selection = true;
  if (auto ok = remover.put_into(plan); !ok) return std::unexpected(ok.error());
  return plan;
}

}  // namespace authd::core
