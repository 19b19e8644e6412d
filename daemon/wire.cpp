#include "daemon/wire.hpp"

#include "daemon/core/diff.hpp"

namespace authd::wire {
namespace {

Json labelled(const std::vector<core::LabelledText>& list, const char* value_name) {
  Json array = Json::array();
  for (const auto& item : list) array.push_back({{"label", item.label}, {value_name, item.value}});
  return array;
}

Json options(const std::vector<core::Option>& list) {
  Json array = Json::array();
  for (const auto& option : list)
    array.push_back(
        {{"value", option.value}, {"label", option.label}, {"description", option.description}});
  return array;
}

}  // namespace

Json flows(const std::vector<core::FlowInfo>& flows) {
  Json array = Json::array();
  for (const auto& flow : flows) {
    Json entry = {{"id", flow.id}, {"title", flow.title}, {"description", flow.description}};
    if (!flow.deprecated.empty()) entry["deprecated"] = flow.deprecated;
    array.push_back(std::move(entry));
  }
  return {{"flows", std::move(array)}};
}

Json warnings(const std::vector<core::Warning>& warnings) {
  Json array = Json::array();
  for (const auto& warning : warnings) {
    Json entry = {{"code", warning.code},
                  {"name", warning.name},
                  {"step", warning.step},
                  {"message", warning.message}};
    if (warning.suggestion) entry["suggestion"] = *warning.suggestion;
    array.push_back(std::move(entry));
  }
  return array;
}

Json state(const StateOf& state) {
  const core::StepView& view = state.view;
  Json step = {{"id", view.id},
               {"kind", core::step_kind_name(view.kind)},
               {"title", view.title},
               {"prompt", view.prompt},
               {"label", view.label},
               {"context", labelled(view.context, "value")},
               {"options", options(view.options)},
               {"examples", labelled(view.examples, "value")},
               {"hasValue", view.has_value},
               {"hint", view.hint},
               {"links", labelled(view.links, "url")},
               {"warnings", warnings(view.warnings)}};
  if (view.value) step["value"] = *view.value;
  if (view.is_optional) step["optional"] = true;
  return {{"sessionId", state.session_id},
          {"flow", state.flow},
          {"step", std::move(step)},
          {"canGoBack", state.can_go_back},
          {"judgedBy", state.judged_by}};
}

Json preview(const core::InstallationPlan& plan, const std::string& request_url,
             const std::string& key_path, const std::vector<core::Warning>& all_warnings,
             const std::string& judged_by) {
  Json json = {{"scope", core::scope_name(plan.file.scope)},
               {"path", plan.file.path},
               {"exists", plan.file.exists},
               {"etag", plan.file.etag},
               {"envKey", plan.env_key},
               {"patch", Json::parse(dump(plan.patch))},
               {"text", plan.patch.dump(2)},
               {"diff", core::plan_diff(plan)},
               {"changed", plan.changed()},
               {"request", {{"method", "POST"}, {"url", request_url}}},
               {"warnings", warnings(all_warnings)},
               {"judgedBy", judged_by}};
  if (!key_path.empty()) json["keyPath"] = key_path;
  return json;
}

Json saved(const io::Saved& saved) {
  Json json = {{"scope", core::scope_name(saved.scope)},
               {"path", saved.path},
               {"etag", saved.etag},
               {"changed", saved.changed},
               {"keys", keys(saved.keys)},
               {"snapshot", nullptr},
               {"backup", nullptr}};
  if (!saved.snapshot.empty()) json["snapshot"] = saved.snapshot;
  if (saved.backup) json["backup"] = *saved.backup;
  return json;
}

Json verdict(const core::Verdict& verdict) {
  Json json = {{"state", core::verdict_state_name(verdict.state)},
               {"message", verdict.message},
               {"hints", verdict.hints},
               {"request", {{"method", verdict.method}, {"url", verdict.url}}},
               {"latencyMs", verdict.latency.count()},
               {"model", verdict.model},
               {"provider", {{"protocol", verdict.protocol}, {"baseUrl", verdict.base_url}}},
               {"observed", verdict.observed}};
  if (!verdict.code.empty()) json["code"] = verdict.code;
  if (verdict.http_status != 0) json["httpStatus"] = verdict.http_status;
  return json;
}

Json keys(const std::vector<core::Path>& paths) {
  Json array = Json::array();
  for (const core::Path& path : paths) array.push_back(core::path_text(path));
  return array;
}

namespace {

Json scope(const core::SettingsFiles& files, const core::SettingsFile& file, bool is_writable) {
  const bool trusted = file.scope != core::Scope::workspace || files.workspace_trusted;
  const auto editable = core::editable_document(file, false);
  Json json = {{"scope", core::scope_name(file.scope)},
               {"path", file.path},
               {"exists", file.exists},
               {"etag", file.etag},
               {"writable", is_writable},
               {"trusted", trusted},
               {"takesPart", trusted && file.exists && editable.has_value()}};
  if (file.exists && !file.trouble) json["mode"] = core::octal(file.facts.mode);
  if (!file.facts.link.empty()) json["link"] = file.facts.link;
  if (file.document) {
    const core::Jsonc::Node version = file.document->member(file.document->root(), "$version");
    if (version != core::Jsonc::none) json["version"] = file.document->value(version);
  }
  if (file.exists && !editable) json["trouble"] = editable.error().message;
  return json;
}

}  // namespace

Json scopes(const core::SettingsFiles& files, bool (*is_writable)(const std::string& path),
            const std::string& judged_by) {
  Json array = Json::array();
  const auto add = [&](const core::SettingsFile& file) {
    array.push_back(scope(files, file, is_writable(file.path)));
  };
  add(files.system_defaults);
  add(files.user);
  if (files.workspace) add(*files.workspace);
  add(files.system);
  return {{"scopes", std::move(array)},
          {"persistScope", core::scope_name(core::persist_scope(files))},
          {"judgedBy", judged_by}};
}

Json merged(const core::SettingsFiles& files, const core::Path& path,
            const std::string& judged_by) {
  const core::MergedSettings merged = core::merge(files);
  const core::Jsonc document = core::Jsonc::parse(dump(merged.value)).value();
  const core::Jsonc::Node node = document.find(path);
  core::Secrets secrets = core::secrets_of(files);
  secrets.learn(document);
  Json origins = Json::object();
  const auto add = [&](const core::Path& member, core::Scope scope) {
    origins[secrets.masked(core::path_text(member))] = core::scope_name(scope);
  };
  for (const auto& [member, scope] : merged.origins)
    if (core::is_below(member, path)) add(member, scope);
  // What is merged as a whole comes from where its container comes from.
  for (core::Path above = path; origins.empty() && node != core::Jsonc::none && !above.empty();
       above.pop_back())
    if (const auto origin = merged.origins.find(above); origin != merged.origins.end())
      add(path, origin->second);
  return {{"scope", "merged"},
          {"value", node == core::Jsonc::none ? Json() : secrets.masked(document).value(node)},
          {"origins", std::move(origins)},
          {"warnings", warnings(merged.warnings)},
          {"judgedBy", judged_by}};
}

Json one_scope(const core::SettingsFiles& files, const core::SettingsFile& file,
               const core::Path& path, const std::string& judged_by) {
  Json value;
  if (file.document)
    if (const core::Jsonc::Node node = file.document->find(path); node != core::Jsonc::none)
      value = core::secrets_of(files).masked(*file.document).value(node);
  return {{"scope", core::scope_name(file.scope)},
          {"path", file.path},
          {"exists", file.exists},
          {"etag", file.etag},
          {"value", std::move(value)},
          {"judgedBy", judged_by}};
}

Json applied(const core::Plan& plan, const std::string& judged_by) {
  return {{"result", plan.changed() ? "changed" : "unchanged"},
          {"diff", core::plan_diff(plan)},
          {"scope", core::scope_name(plan.file.scope)},
          {"path", plan.file.path},
          {"etag", plan.file.etag},
          {"keys", keys(plan.changed() ? plan.keys : std::vector<core::Path>())},
          {"warnings", warnings(plan.warnings)},
          {"judgedBy", judged_by}};
}

Json snapshot(const io::Snapshot& snapshot, const io::History& history) {
  const auto etag = [](const std::optional<std::string>& id) {
    return id ? Json(id->substr(0, 16)) : Json();
  };
  const auto is_kept = [&](const std::optional<std::string>& id) {
    return !id || history.holds(*id);
  };
  Json json = {{"id", snapshot.id},
               {"at", snapshot.at},
               {"by", snapshot.by},
               {"method", snapshot.method},
               {"path", snapshot.path},
               {"scope", snapshot.scope},
               {"keys", keys(snapshot.keys)},
               {"before", etag(snapshot.before)},
               {"after", etag(snapshot.after)},
               {"restorable", is_kept(snapshot.before) && is_kept(snapshot.after)}};
  if (snapshot.more_keys > 0) json["moreKeys"] = snapshot.more_keys;
  if (!snapshot.undoes.empty()) json["undoes"] = snapshot.undoes;
  if (!snapshot.trouble.empty()) json["trouble"] = snapshot.trouble;
  if (!snapshot.link_before.empty()) json["linkBefore"] = snapshot.link_before;
  return json;
}

Json foreign_write(const io::ForeignWrite& write) {
  Json notices = Json::array();
  for (const core::Notice& notice : write.notices)
    notices.push_back({{"code", notice.code},
                       {"name", notice.name},
                       {"message", notice.message},
                       {"keys", keys(notice.keys)}});
  Json json = {{"path", write.path},       {"etag", write.etag},
               {"by", "foreign"},          {"scope", core::scope_name(write.scope)},
               {"keys", keys(write.keys)}, {"notices", std::move(notices)},
               {"snapshot", nullptr}};
  if (!write.snapshot.empty()) json["snapshot"] = write.snapshot;
  return json;
}

}  // namespace authd::wire
