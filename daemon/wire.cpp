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
  for (const auto& option : list) {
    Json entry = {{"value", option.value}, {"label", option.label}, {"description", option.description}};
    if (!option.unavailable.empty()) entry["unavailable"] = option.unavailable;
    array.push_back(std::move(entry));
  }
  return array;
}

}  // namespace

Json flows(const std::vector<core::FlowInfo>& flows) {
  Json array = Json::array();
  for (const auto& flow : flows) {
    Json entry = {{"id", flow.id}, {"title", flow.title}, {"description", flow.description}};
    if (!flow.deprecated.empty()) entry["deprecated"] = flow.deprecated;
    if (!flow.unavailable.empty()) entry["unavailable"] = flow.unavailable;
    array.push_back(std::move(entry));
  }
  return {{"flows", std::move(array)}};
}

Json warnings(const std::vector<core::Warning>& warnings) {
  Json array = Json::array();
  for (const auto& warning : warnings) {
    Json entry = {{"code", warning.code}, {"name", warning.name}, {"step", warning.step}, {"message", warning.message}};
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
  return {{"sessionId", state.session_id}, {"flow", state.flow}, {"step", std::move(step)},
          {"canGoBack", state.can_go_back}, {"judgedBy", state.judged_by}};
}

Json preview(const core::Plan& plan, const std::string& request_url,
             const std::vector<core::Warning>& all_warnings, const std::string& judged_by) {
  return {{"scope", core::scope_name(plan.scope)},
          {"path", plan.path},
          {"exists", plan.exists},
          {"etag", plan.etag},
          {"envKey", plan.env_key},
          {"patch", Json::parse(dump(plan.patch))},
          {"text", plan.patch.dump(2)},
          {"diff", core::plan_diff(plan)},
          {"changed", plan.changed()},
          {"request", {{"method", "POST"}, {"url", request_url}}},
          {"warnings", warnings(all_warnings)},
          {"judgedBy", judged_by}};
}

Json saved(const io::Saved& saved) {
  Json json = {{"scope", core::scope_name(saved.scope)},
               {"path", saved.path},
               {"etag", saved.etag},
               {"changed", saved.changed},
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

}  // namespace authd::wire
