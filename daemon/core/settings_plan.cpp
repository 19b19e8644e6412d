// The plan of an installation: the PRD's Settings Write Design on a lossless document.
#include <algorithm>

#include "daemon/core/settings.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "protocol/secret.hpp"

namespace authd::core {
namespace {

constexpr std::string_view review_step = "custom-review-json";

using Path = std::vector<std::string>;

Error unreadable(const SettingsFile& file, std::string message, Position at, std::string hint) {
  Error error{ErrorKind::settings_unreadable, std::move(message), {}, std::move(hint), Json::object()};
  error.data = {{"path", file.path}, {"line", at.line}, {"column", at.column}};
  return error;
}

std::string place(Position at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

Error wrong_shape(const SettingsFile& file, const WrongShape& shape) {
  const std::string what = shape.path.empty() ? "The top level" : shape.path;
  return unreadable(file, what + " in " + file.path + " is not what Qwen Code reads: expected " +
                              shape.expected + " (" + place(shape.at) + ").",
                    shape.at, "Correct this member, or start qwen once so that it migrates an old file.");
}

}  // namespace

Result<Jsonc> editable_document(const SettingsFile& file, bool repair) {
  if (file.trouble) return std::unexpected(*file.trouble);
  if (!file.exists) return Jsonc::parse("{}\n").value();
  if (!file.document) {
    const JsoncError fault = file.fault.value_or(JsoncError{});
    return std::unexpected(unreadable(file, file.path + " does not parse: " + fault.message + " (" +
                                                place(fault.at) + ").",
                                      fault.at, "Mend this line, then try again. Nothing was changed."));
  }
  const Jsonc& document = *file.document;
  if (document.kind(document.root()) != Jsonc::Kind::object)
    return std::unexpected(wrong_shape(file, {"", "an object", document.position(document.root())}));
  if (document.trailing_commas().empty()) return document;
  Jsonc repaired = document.without_trailing_commas();
  if (repair) return repaired;
  const Position at = document.position_of_offset(document.trailing_commas().front());
  Error error = unreadable(file, file.path + " has a trailing comma (" + place(at) +
                                     "), which Qwen Code refuses.",
                           at, "Ask for the repair (repair: true), which removes it in the same write.");
  error.data["repair"] = masked_diff(document.text(), repaired.text(), file.path);
  return std::unexpected(std::move(error));
}

namespace {

class Planner {
 public:
  Planner(const SettingsFiles& files, const Environment& environment, const PlanRequest& request)
      : files_(files), environment_(environment), request_(request), wanted_(request.installation) {}

  Result<Plan> plan() {
    if (auto ok = choose_scope(); !ok) return std::unexpected(ok.error());
    const SettingsFile& target = files_.at(plan_.scope);
    plan_.path = target.path;
    plan_.exists = target.exists;
    plan_.etag = target.etag;
    if (target.document) plan_.old_text = target.document->text();
    auto document = editable_document(target, request_.repair);
    if (!document) return std::unexpected(document.error());
    document_.emplace(*std::move(document));
    entries_ = model_entries(files_, plan_.scope);
    choose_name();
    if (auto ok = edit(); !ok) return std::unexpected(wrong_shape(target, ok.error()));
    plan_.new_text = document_->text();
    plan_.new_document = document_;
    make_patch();
    warn_of_the_environment();
    warn_of_the_files();
    return std::move(plan_);
  }

 private:
  using Edited = std::expected<void, WrongShape>;

  Result<void> choose_scope() {
    plan_.scope = request_.scope == "user"        ? Scope::user
                  : request_.scope == "workspace" ? Scope::workspace
                                                  : persist_scope(files_);
    if (plan_.scope == Scope::workspace && !files_.workspace)
      return fail(ErrorKind::invalid_input,
                  "There is no workspace: the directory is the home directory or was not given.", "scope",
                  "Give context.cwd, or choose the user scope.");
    if (plan_.scope == Scope::workspace && !files_.workspace_trusted)
      warn("P406", "provider.overridden",
           "This folder is not trusted, so Qwen Code ignores its settings file until you trust it.");
    return {};
  }

  void choose_name() {
    std::vector<KeyUse> uses;
    for (const ModelEntry& entry : entries_)
      if (!entry.env_key.empty()) uses.push_back({entry.protocol, entry.base_url, entry.env_key});
    plan_.env_key = choose_env_key(wanted_.protocol, wanted_.base_url, uses);
  }

  Edited edit() {
    auto list = edit_models();
    if (!list) return std::unexpected(list.error());
    OrderedJson patch = OrderedJson::object();
    // A new file says its version, so that Qwen Code does not rewrite it at its next start.
    if (!plan_.exists) put(patch, {"$version"}, 4);
    put(patch, {"env", plan_.env_key}, std::string(request_.api_key));
    const bool has_list = list->array != Jsonc::none;
    if (!has_list) put(patch, list_path(), OrderedJson::array());
    put(patch, {"security", "auth", "selectedType"}, wanted_.protocol);
    put(patch, {"model", "name"}, wanted_.model_ids.front());
    if (model_base_url_matters()) put(patch, {"model", "baseUrl"}, wanted_.base_url);
    auto edited = document_->merge(patch, has_list ? *list : Jsonc::ArrayEdit{});
    if (edited && !has_list) {
      list->array = edited->find(list_path());
      edited = edited->merge(OrderedJson::object(), *list);
    }
    if (!edited) return std::unexpected(edited.error());
    document_ = *std::move(edited);
    return {};
  }

  // Into the merge patch, and where it changes anything into the list of changed members.
  void put(OrderedJson& patch, const Path& path, const OrderedJson& value) {
    OrderedJson* object = &patch;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) object = &(*object)[path[i]];
    (*object)[path.back()] = value;
    const Jsonc::Node node = document_->find(path);
    if (node == Jsonc::none || document_->ordered_value(node) != value) plan_.keys.push_back(join(path, "."));
  }

  Path list_path() const { return {"modelProviders", wanted_.protocol}; }

  // New entries first, then the existing ones that do not use the same variable (PRD, Model
  // provider merge rule). Entries that stay keep their bytes. Without a list of its own the target
  // gets one, with what it would hide copied along.
  std::expected<Jsonc::ArrayEdit, WrongShape> edit_models() {
    const Jsonc::Node list = document_->find(list_path());
    const bool own = list != Jsonc::none && document_->kind(list) != Jsonc::Kind::null;
    if (own && document_->kind(list) != Jsonc::Kind::array)
      return std::unexpected(WrongShape{join(list_path(), "."), "an array", document_->position(list)});
    if (!own) return copied_list();
    Jsonc::ArrayEdit edit{list, {}, entries_with_our_name(*document_, list)};
    edit.first = new_elements(*document_, edit.removed);
    const auto children = document_->children(list);
    const bool same = edit.removed.size() == edit.first.size() &&
                      std::equal(edit.removed.begin(), edit.removed.end(), children.begin()) &&
                      std::equal(edit.removed.begin(), edit.removed.end(), edit.first.begin(),
                                 [&](Jsonc::Node old, const Jsonc::Element& element) {
                                   return document_->source(old) == element.source;
                                 });
    if (same) return Jsonc::ArrayEdit{list, {}, {}};
    plan_.keys.push_back(join(list_path(), "."));
    return edit;
  }

  std::vector<Jsonc::Node> entries_with_our_name(const Jsonc& document, Jsonc::Node list) const {
    std::vector<Jsonc::Node> entries = document.children(list);
    std::erase_if(entries, [&](Jsonc::Node entry) {
      const Jsonc::Node name = document.member(entry, "envKey");
      return name == Jsonc::none || document.string(name) != plan_.env_key;
    });
    return entries;
  }

  static std::string id_of(const Jsonc& document, Jsonc::Node entry) {
    const Jsonc::Node id = document.member(entry, "id");
    return id == Jsonc::none ? std::string() : document.string(id);
  }

  // What the target's own list would hide: the user's list, where the target is the workspace.
  Jsonc::ArrayEdit copied_list() {
    Jsonc::ArrayEdit edit;
    const bool from_user = plan_.scope == Scope::workspace && files_.user.document;
    const Jsonc::Node list = from_user ? files_.user.document->find(list_path()) : Jsonc::none;
    if (list == Jsonc::none || files_.user.document->kind(list) != Jsonc::Kind::array) {
      edit.first = new_elements(*document_, {});
      return edit;
    }
    const Jsonc& user = *files_.user.document;
    const std::vector<Jsonc::Node> replaced = entries_with_our_name(user, list);
    edit.first = new_elements(user, replaced);
    std::vector<std::string> names;
    for (const Jsonc::Node entry : user.children(list)) {
      if (std::find(replaced.begin(), replaced.end(), entry) != replaced.end()) continue;
      edit.first.push_back({nullptr, std::string(user.source(entry))});
      const std::string id = id_of(user, entry);
      names.push_back(id.empty() ? "?" : id);
    }
    if (!names.empty())
      warn("P407", "provider.list-copied",
           "A list in this workspace hides your own: " + std::to_string(names.size()) +
               " models of " + files_.user.path + " are copied along (" + join(names, ", ") + ").");
    return edit;
  }

  // An entry that is set up again keeps what was added to it by hand (generationConfig, …), and
  // its bytes where it says the same already.
  std::vector<Jsonc::Element> new_elements(const Jsonc& document, const std::vector<Jsonc::Node>& replaced) {
    std::vector<Jsonc::Element> elements;
    new_entries_ = OrderedJson::array();
    for (const std::string& id : wanted_.model_ids) {
      const OrderedJson entry = {{"id", id}, {"name", id}, {"baseUrl", wanted_.base_url}, {"envKey", plan_.env_key}};
      const auto old = std::find_if(replaced.begin(), replaced.end(),
                                    [&](Jsonc::Node node) { return id_of(document, node) == id; });
      if (old == replaced.end()) {
        elements.push_back({entry, {}});
        new_entries_.push_back(entry);
        continue;
      }
      const Jsonc renewed = Jsonc::parse(std::string(document.source(*old)))->merge(entry, {}).value();
      elements.push_back({nullptr, renewed.text()});
      new_entries_.push_back(renewed.ordered_value(renewed.root()));
    }
    return elements;
  }

  // model.baseUrl decides between two entries with one id, and a stale one picks the wrong entry
  // (qwen-code-runs, 2.2). Where neither can happen it is not added.
  bool model_base_url_matters() const {
    const Path path{"model", "baseUrl"};
    const auto merged = merged_value(files_, path);
    const bool merged_holds = merged && merged->value.is_string() && merged->value != "";
    const bool own_holds = !document_->string_at(path).empty();
    if (merged_holds || own_holds) return true;
    return std::any_of(entries_.begin(), entries_.end(), [this](const ModelEntry& entry) {
      return entry.protocol == wanted_.protocol && entry.id == wanted_.model_ids.front() &&
             canonical_base_url(entry.base_url) != canonical_base_url(wanted_.base_url);
    });
  }

  void make_patch() {
    OrderedJson patch = {
        {"env", {{plan_.env_key, std::string(request_.api_key)}}},
        {"modelProviders", {{wanted_.protocol, new_entries_}}},
        {"security", {{"auth", {{"selectedType", wanted_.protocol}}}}},
        {"model", {{"name", wanted_.model_ids.front()}}},
    };
    if (model_base_url_matters()) patch["model"]["baseUrl"] = wanted_.base_url;
    const Jsonc masked = Jsonc::parse(masked_text(Jsonc::parse(dump(patch)).value())).value();
    plan_.patch = masked.ordered_value(masked.root());
    plan_.first_entry = Json::parse(dump(OrderedJson(new_entries_.front())));
  }

  void warn(const char* code, const char* name, std::string message, std::string_view step = review_step) {
    plan_.warnings.push_back({code, name, std::string(step), std::move(message)});
  }

  void warn_of_the_environment() {
    const std::string exported = environment_.get(plan_.env_key);
    if (!exported.empty() && exported != request_.api_key)
      warn("E101", "env.shadowed",
           plan_.env_key + " is exported in your environment with another value (" + mask(exported) +
               "), and an exported variable wins over settings.json. Unset it, or what you save has no effect.",
           "custom-api-key-input");
  }

  void warn_of_the_files() {
    const auto enforced = merged_value(files_, Path{"security", "auth", "enforcedType"});
    if (enforced && enforced->value.is_string() && enforced->value != wanted_.protocol && enforced->value != "")
      warn("P406", "provider.overridden",
           "security.auth.enforcedType is " + enforced->value.get<std::string>() + " in the " +
               std::string(scope_name(enforced->scope)) + " settings: Qwen Code refuses to start with " +
               wanted_.protocol + ".");
    for (const SettingsFile* file : files_.merged())
      if (file->scope > plan_.scope) warn_of_higher(*file);
    if (std::any_of(entries_.begin(), entries_.end(), [](const ModelEntry& entry) { return entry.id.empty(); }))
      warn("P408", "provider.fatal-entry",
           "An entry under modelProviders has no id. Qwen Code does not start while it is there.");
    for (const Path& path : {Path{"env"}, Path{"modelProviders"}, Path{"security"}, Path{"model"},
                             Path{"env", plan_.env_key}, list_path(), Path{"security", "auth"}}) {
      const Path parent(path.begin(), path.end() - 1);
      if (document_->occurrences(document_->find(parent), path.back()) > 1)
        warn("F806", "file.duplicate-key",
             join(path, ".") + " occurs twice in " + plan_.path + "; the last one counts and is the one edited.");
    }
  }

  void warn_of_higher(const SettingsFile& file) {
    const Jsonc& document = *file.document;
    std::vector<std::string> members;
    const auto differs = [&](const Path& path, const std::string& ours) {
      const Jsonc::Node node = document.find(path);
      if (node != Jsonc::none && document.value(node) != Json(ours)) members.push_back(join(path, "."));
    };
    if (document.find(list_path()) != Jsonc::none) members.push_back(join(list_path(), "."));
    differs({"env", plan_.env_key}, std::string(request_.api_key));
    differs({"security", "auth", "selectedType"}, wanted_.protocol);
    differs({"model", "name"}, wanted_.model_ids.front());
    if (!members.empty())
      warn("P406", "provider.overridden",
           "The " + std::string(scope_name(file.scope)) + " settings in " + file.path + " override " +
               join(members, ", ") + ": what is saved here does not take effect.");
  }

  const SettingsFiles& files_;
  const Environment& environment_;
  const PlanRequest& request_;
  const Installation& wanted_;
  Plan plan_{};
  std::optional<Jsonc> document_;
  std::vector<ModelEntry> entries_;
  OrderedJson new_entries_ = OrderedJson::array();
};

}  // namespace

Result<Plan> plan_installation(const SettingsFiles& files, const Environment& environment,
                               const PlanRequest& request) {
  return Planner(files, environment, request).plan();
}

}  // namespace authd::core
