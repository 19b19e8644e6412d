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
    entries_ = model_entries(files_);
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
    if (list->whole) put(patch, list_path(), *list->whole);
    put(patch, {"security", "auth", "selectedType"}, wanted_.protocol);
    put(patch, {"model", "name"}, wanted_.model_ids.front());
    if (model_base_url_matters()) put(patch, {"model", "baseUrl"}, wanted_.base_url);
    auto edited = document_->merge(patch, list->first);
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

  // What becomes of the list: a whole new one, or elements that go before those that stay.
  struct ListEdit {
    std::optional<OrderedJson> whole;
    Jsonc::Insertion first;
  };

  // New entries first, then the existing ones that do not use the same variable (PRD, Model
  // provider merge rule). Entries that stay keep their bytes.
  std::expected<ListEdit, WrongShape> edit_models() {
    Jsonc::Node list = document_->find(list_path());
    const bool own = list != Jsonc::none && document_->kind(list) != Jsonc::Kind::null;
    if (own && document_->kind(list) != Jsonc::Kind::array)
      return std::unexpected(WrongShape{join(list_path(), "."), "an array", document_->position(list)});
    if (!own) return ListEdit{whole_list(copied_from_lower_scope()), {}};
    std::vector<OrderedJson> replaced, kept;
    for (const Jsonc::Node entry : document_->children(list)) {
      OrderedJson value = document_->ordered_value(entry);
      (uses_our_name(value) ? replaced : kept).push_back(std::move(value));
    }
    make_entries(replaced);
    OrderedJson wanted = new_entries_;
    for (OrderedJson& entry : kept) wanted.push_back(std::move(entry));
    if (document_->ordered_value(list) == wanted) return ListEdit{};
    plan_.keys.push_back(join(list_path(), "."));
    for (std::size_t i = 0; i < replaced.size(); ++i) {
      const auto children = document_->children(document_->find(list_path()));
      const auto last = std::find_if(children.rbegin(), children.rend(), [this](Jsonc::Node entry) {
        return uses_our_name(document_->ordered_value(entry));
      });
      document_ = document_->remove(*last);
    }
    return ListEdit{{}, {document_->find(list_path()), {new_entries_.begin(), new_entries_.end()}}};
  }

  static std::string id_of(const OrderedJson& entry) {
    const bool named = entry.is_object() && entry.contains("id") && entry["id"].is_string();
    return named ? entry["id"].get<std::string>() : "?";
  }

  bool uses_our_name(const OrderedJson& entry) const {
    return entry.is_object() && entry.contains("envKey") && entry["envKey"] == plan_.env_key;
  }

  // What the target's own list would hide: the user's list, where the target is the workspace.
  std::vector<OrderedJson> copied_from_lower_scope() {
    std::vector<OrderedJson> copied;
    if (plan_.scope != Scope::workspace || !files_.user.document) return copied;
    const Jsonc& user = *files_.user.document;
    const Jsonc::Node list = user.find(list_path());
    if (list == Jsonc::none || user.kind(list) != Jsonc::Kind::array) return copied;
    for (const Jsonc::Node entry : user.children(list)) copied.push_back(user.ordered_value(entry));
    std::vector<std::string> names;
    for (const OrderedJson& entry : copied)
      if (!uses_our_name(entry)) names.push_back(id_of(entry));
    if (!names.empty())
      warn("P407", "provider.list-copied",
           "A list in this workspace hides your own: " + std::to_string(names.size()) +
               " models of " + files_.user.path + " are copied along (" + join(names, ", ") + ").");
    return copied;
  }

  OrderedJson whole_list(const std::vector<OrderedJson>& lower) {
    std::vector<OrderedJson> replaced, kept;
    for (const OrderedJson& entry : lower) (uses_our_name(entry) ? replaced : kept).push_back(entry);
    make_entries(replaced);
    OrderedJson list = new_entries_;
    for (OrderedJson& entry : kept) list.push_back(std::move(entry));
    return list;
  }

  // An entry that is set up again keeps what was added to it by hand (generationConfig, …).
  void make_entries(const std::vector<OrderedJson>& replaced) {
    new_entries_ = OrderedJson::array();
    for (const std::string& id : wanted_.model_ids) {
      OrderedJson entry = OrderedJson::object();
      for (const OrderedJson& old : replaced)
        if (old.value("id", OrderedJson()) == id) {
          entry = old;
          break;
        }
      entry["id"] = id;
      entry["name"] = id;
      entry["baseUrl"] = wanted_.base_url;
      entry["envKey"] = plan_.env_key;
      new_entries_.push_back(std::move(entry));
    }
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
    plan_.patch = OrderedJson::parse(masked_text(Jsonc::parse(dump(patch)).value()));
    plan_.customized_entry = Json::parse(dump(OrderedJson(new_entries_.front())));
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
