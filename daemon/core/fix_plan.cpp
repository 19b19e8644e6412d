#include "daemon/core/fix_plan.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "daemon/core/selection.hpp"
#include "daemon/core/settings_rules.hpp"

namespace authd::core {
namespace {

using Node = Jsonc::Node;

constexpr std::string_view leading_mark = "\xEF\xBB\xBF";

Error not_as_it_was(const SettingsFile& file, const std::string& what) {
  return {ErrorKind::settings_conflict,
          what,
          "fix",
          "Run the doctor again: what this would mend is not there any more.",
          {{"path", file.path}, {"etag", file.etag}}};
}

// The node at a path whose elements of lists are numbers.
Node node_at(const Jsonc& document, const Path& path, std::size_t length) {
  Node node = document.root();
  for (std::size_t i = 0; i < length && node != Jsonc::none; ++i) {
    if (document.kind(node) != Jsonc::Kind::array) {
      node = document.member(node, path[i]);
      continue;
    }
    std::size_t index = 0;
    const std::string& text = path[i];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    const std::vector<Node> elements = document.children(node);
    const bool is_there =
        error == std::errc() && end == text.data() + text.size() && index < elements.size();
    node = is_there ? elements[index] : Jsonc::none;
  }
  return node;
}

// How much of a path leads to the element of a list in which it goes on; 0 where there is none.
std::size_t element_length(const Jsonc& document, const Path& path) {
  for (std::size_t length = path.size(); length-- > 1;) {
    const Node parent = node_at(document, path, length - 1);
    if (parent != Jsonc::none && document.kind(parent) == Jsonc::Kind::array) return length;
  }
  return 0;
}

// Collects edits: those of one element of a list are made on it at once.
class FixEditor {
 public:
  FixEditor(const SettingsFile& file, const Jsonc& document)
      : file_(file), document_(document), edit_(document) {}

  Result<void> add(const MemberEdit& one) {
    if (one.path.empty()) return std::unexpected(not_as_it_was(file_, "There is no such member."));
    const Node node = node_at(document_, one.path, one.path.size());
    if (one.was) {
      const Json now = node == Jsonc::none ? Json() : document_.value(node);
      if (now != *one.was)
        return std::unexpected(not_as_it_was(
            file_, path_text(one.path) + " in " + file_.path + " has changed since."));
    }
    if (!one.as.empty()) {
      const Node model = node_at(document_, one.as, one.as.size());
      if (node == Jsonc::none || model == Jsonc::none)
        return std::unexpected(not_as_it_was(
            file_, path_text(one.path) + " in " + file_.path + " is not there any more."));
      edit_.replace(node, {nullptr, std::string(document_.source(model))});
      note_key(one.path);
      return {};
    }
    if (!one.value) {
      if (node == Jsonc::none) return {};
      note_key(one.path);
      const std::size_t length = element_length(document_, one.path);
      if (length > 0 && one.path.size() > length)
        removed_[node_at(document_, one.path, length)].push_back(node);
      else
        edit_.remove(node);
      return {};
    }
    if (node != Jsonc::none && document_.value(node) == *one.value) return {};
    note_key(one.path);
    const OrderedJson value = OrderedJson::parse(dump(*one.value));
    if (const std::size_t length = element_length(document_, one.path)) {
      const Node element = node_at(document_, one.path, length);
      if (element == Jsonc::none)
        return std::unexpected(not_as_it_was(
            file_, path_text(one.path) + " in " + file_.path + " is not there any more."));
      OrderedJson* place = &elements_[element];
      if (place->is_null()) *place = OrderedJson::object();
      for (std::size_t i = length; i < one.path.size(); ++i) place = &(*place)[one.path[i]];
      *place = value;
      return {};
    }
    if (auto ok = acceptable(one.path, *one.value); !ok) return ok;
    if (auto ok = edit_.set(one.path, {value, {}}); !ok)
      return std::unexpected(wrong_shape(file_, ok.error()));
    return {};
  }

  Result<Plan> plan() {
    for (const auto& [element, members] : removed_)
      if (!elements_.contains(element))
        for (const Node member : members) edit_.remove(member);
    for (const auto& [element, patch] : elements_)
      edit_.replace(element, {nullptr, patched(element, patch)});
    if (!file_.exists && !keys_.empty())
      if (auto ok = edit_.set(Path{"$version"}, {4, {}}); !ok)
        return std::unexpected(wrong_shape(file_, ok.error()));
    auto edited = edit_.apply();
    if (!edited) return std::unexpected(past_bounds(file_, edited.error()));
    Plan plan = plan_on(file_);
    plan.keys = std::move(keys_);
    put_edited(plan, edited->text());
    return plan;
  }

 private:
  // The member that changes, as the history calls it: of an element, its list. Each once.
  void note_key(const Path& path) {
    const std::size_t length = element_length(document_, path);
    Path key = path;
    if (length > 0) key.resize(length - 1);
    const Node parent = node_at(document_, path, path.size() - 1);
    if (length == 0 && parent != Jsonc::none && document_.kind(parent) == Jsonc::Kind::array)
      key.pop_back();
    if (std::ranges::find(keys_, key) == keys_.end()) keys_.push_back(std::move(key));
  }

  // The element with its patch, and without what is removed of it.
  std::string patched(Node element, const OrderedJson& patch) const {
    const Jsonc merged = merged_entry(document_, element, patch);
    const auto removed = removed_.find(element);
    if (removed == removed_.end()) return merged.text();
    Jsonc::Edit edit(merged);
    for (const Node member : removed->second) {
      Path path;
      for (Node at = member; at != element; at = document_.parent(at))
        path.insert(path.begin(), document_.key(at));
      if (const Node there = merged.find(path); there != Jsonc::none) edit.remove(there);
    }
    const auto edited = edit.apply();
    return edited ? edited->text() : merged.text();
  }

  const SettingsFile& file_;
  const Jsonc& document_;
  Jsonc::Edit edit_;
  std::map<Node, OrderedJson> elements_;
  std::map<Node, std::vector<Node>> removed_;  // members of elements
  std::vector<Path> keys_;
};

}  // namespace

Result<Plan> plan_edits(const SettingsFile& file, const std::vector<MemberEdit>& edits) {
  const auto document = editable_document(file, false);
  if (!document) return std::unexpected(document.error());
  FixEditor editor(file, *document);
  for (const MemberEdit& edit : edits)
    if (auto ok = editor.add(edit); !ok) return std::unexpected(ok.error());
  return editor.plan();
}

Result<Plan> plan_repair(const SettingsFile& file) {
  if (file.exists && !file.document && !file.trouble)
    return std::unexpected(editable_document(file, true).error());
  const auto document = editable_document(file, true);
  if (!document) return std::unexpected(document.error());
  Plan plan = plan_on(file);
  std::string text = document->text();
  if (text.starts_with(leading_mark)) text.erase(0, leading_mark.size());
  put_edited(plan, std::move(text));
  if (!plan.changed())
    return std::unexpected(
        not_as_it_was(file, file.path + " has neither a trailing comma nor a byte order mark."));
  return plan;
}

Result<Plan> plan_fix(const Fix& fix, const SettingsFiles& files,
                      const std::vector<ConfiguredModel>& models) {
  if (const auto* edit = std::get_if<EditSettings>(&fix.action))
    return plan_edits(files.at(edit->scope), edit->edits);
  if (const auto* repair = std::get_if<RepairSettings>(&fix.action))
    return plan_repair(files.at(repair->scope));
  if (const auto* select = std::get_if<SelectModel>(&fix.action)) {
    const auto model = find_model(models, select->model);
    if (!model) return std::unexpected(model.error());
    auto plan =
        plan_selection(files, {std::string(scope_name(select->scope)), **model, models, false, {}});
    if (!plan) return std::unexpected(plan.error());
    return static_cast<Plan>(*std::move(plan));
  }
  return fail(ErrorKind::invalid_input, "The daemon cannot carry this fix out.", "fix",
              fix.command);
}

bool add_preview(Fix& fix, const SettingsFiles& files, const std::vector<ConfiguredModel>& models) {
  if (!scope_of(fix)) return true;
  const auto plan = plan_fix(fix, files, models);
  if (!plan || !plan->changed()) return false;
  fix.preview = plan_diff(*plan);
  return true;
}

std::optional<Scope> scope_of(const Fix& fix) {
  if (const auto* edit = std::get_if<EditSettings>(&fix.action)) return edit->scope;
  if (const auto* repair = std::get_if<RepairSettings>(&fix.action)) return repair->scope;
  if (const auto* select = std::get_if<SelectModel>(&fix.action)) return select->scope;
  return std::nullopt;
}

}  // namespace authd::core
