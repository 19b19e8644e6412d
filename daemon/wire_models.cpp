#include "daemon/wire_models.hpp"

#include "daemon/core/provider.hpp"

namespace authd::wire {
namespace {

Json endpoints(const core::Provider& provider) {
  Json list = Json::array();
  for (const core::Endpoint& endpoint : provider.endpoints) {
    Json one = {{"id", endpoint.id}, {"label", endpoint.label}, {"baseUrl", endpoint.base_url}};
    if (!endpoint.documentation_url.empty()) one["documentationUrl"] = endpoint.documentation_url;
    list.push_back(std::move(one));
  }
  return list;
}

Json provider(const core::Provider& row) {
  Json models = Json::array();
  for (const core::TemplateModel& model : row.models) models.push_back(model.id);
  Json json = {{"id", row.id},
               {"title", row.title},
               {"description", row.description},
               {"protocol", "openai"},
               {"envKey", row.env_key},
               {"endpoints", endpoints(row)},
               {"models", std::move(models)},
               {"keyOptional", row.is_local()}};
  if (!row.documentation_url.empty()) json["documentationUrl"] = row.documentation_url;
  return json;
}

}  // namespace

Json providers() {
  Json protocols = Json::array(), rows = Json::array();
  for (const core::Protocol& protocol : core::protocols())
    protocols.push_back(
        {{"id", protocol.id}, {"label", protocol.label}, {"description", protocol.description}});
  for (const core::Provider& row : core::providers()) rows.push_back(provider(row));
  return {{"protocols", std::move(protocols)}, {"providers", std::move(rows)}};
}

Json model_identity(const core::ConfiguredModel& model) {
  return {{"protocol", model.protocol}, {"provider", model.provider}, {"id", model.id},
          {"name", model.name},         {"baseUrl", model.base_url},  {"envKey", model.env_key}};
}

Json discovery(const core::Discovery& found, const std::string& judged_by) {
  Json models = Json::array();
  for (const core::DiscoveredModel& model : found.models) {
    Json one = {{"id", model.id}};
    if (!model.name.empty()) one["name"] = model.name;
    if (model.context_window > 0) one["contextWindow"] = model.context_window;
    models.push_back(std::move(one));
  }
  return {{"models", std::move(models)},
          {"status", core::discovery_status_name(found.status)},
          {"message", found.message},
          {"url", found.url},
          {"judgedBy", judged_by}};
}

}  // namespace authd::wire
