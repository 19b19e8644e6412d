#include "daemon/core/discovery.hpp"

#include <algorithm>
#include <unordered_set>

#include "daemon/core/redact.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

constexpr std::size_t id_characters_max = 256;
constexpr std::string_view ollama_path = "/api/tags";

std::string string_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

int number_of(const Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = object.find(name); found != object.end() && found->is_number_unsigned())
      return static_cast<int>(std::min<std::uint64_t>(found->get<std::uint64_t>(), 1'000'000'000));
  return 0;
}

bool is_listable(const std::string& id) {
  return !id.empty() && id.size() <= id_characters_max && id.find(',') == std::string::npos &&
         printable(id, id_characters_max) == id;
}

// A model of Gemini's list that cannot answer a prompt is none for us.
bool generates(const Json& item) {
  const auto methods = item.find("supportedGenerationMethods");
  return methods == item.end() || !methods->is_array() ||
         std::ranges::find(*methods, Json("generateContent")) != methods->end();
}

struct Dated {
  DiscoveredModel model;
  std::int64_t created = -1;
};

std::optional<Dated> dated(const Json& item) {
  if (item.is_string()) return Dated{{item.get<std::string>(), {}, 0}};
  if (!item.is_object() || !generates(item)) return std::nullopt;
  Dated one;
  one.model.id = string_of(item, "id");
  if (one.model.id.empty()) one.model.id = string_of(item, "model");
  if (one.model.id.empty()) one.model.id = string_of(item, "name");
  if (one.model.id.starts_with("models/")) one.model.id.erase(0, 7);
  for (const char* name : {"display_name", "displayName", "name"})
    if (one.model.name.empty()) one.model.name = string_of(item, name);
  one.model.name = printable(one.model.name, 100);
  if (one.model.name == one.model.id || one.model.name == "models/" + one.model.id)
    one.model.name.clear();
  one.model.context_window = number_of(item, {"context_length", "context_window", "max_model_len",
                                              "inputTokenLimit", "max_context_length"});
  if (const auto created = item.find("created"); created != item.end() && created->is_number())
    one.created = static_cast<std::int64_t>(std::clamp(created->get<double>(), 0.0, 1e15));
  return one;
}

// The array in which the models are; nullptr where the answer is no list.
const Json* list_in(const Json& json) {
  if (json.is_array()) return &json;
  if (!json.is_object()) return nullptr;
  for (const char* name : {"data", "models"})
    if (const auto found = json.find(name); found != json.end() && found->is_array())
      return &*found;
  // An Ollama without models says so with null.
  static const Json none = Json::array();
  return string_of(json, "object") == "list" ? &none : nullptr;
}

std::vector<DiscoveredModel> models_in(const Json& list) {
  std::vector<Dated> all;
  std::unordered_set<std::string> seen;
  for (const Json& item : list) {
    auto one = dated(item);
    if (!one) continue;
    one->model.id = std::string(js_trim(one->model.id));
    if (is_listable(one->model.id) && seen.insert(one->model.id).second)
      all.push_back(*std::move(one));
  }
  if (std::ranges::all_of(all, [](const Dated& one) { return one.created >= 0; }))
    std::ranges::stable_sort(all, std::greater(), &Dated::created);
  std::vector<DiscoveredModel> models;
  for (Dated& one : all) models.push_back(std::move(one.model));
  return models;
}

std::string list_url(const ProbeTarget& target) {
  const std::string base = canonical_base_url(target.base_url);
  if (target.protocol == "anthropic") return base + "/v1/models?limit=1000";
  if (target.protocol == "openai-responses")
    return base + (base.ends_with("/v1") ? "/models" : "/v1/models");
  if (target.protocol == "gemini") return base + "/v1beta/models?pageSize=1000";
  return base + "/models";
}

std::string with_words(std::string sentence, const ProbeTarget& target,
                       const HttpResponse& response) {
  const std::string words = provider_words(target, response.body);
  if (!words.empty()) sentence += " The provider says: " + words;
  return sentence + " (HTTP " + std::to_string(response.status) + ")";
}

}  // namespace

std::string_view discovery_status_name(DiscoveryStatus status) {
  switch (status) {
    case DiscoveryStatus::ok: return "ok";
    case DiscoveryStatus::no_auth_needed: return "no-auth-needed";
    case DiscoveryStatus::rejected: return "rejected";
    case DiscoveryStatus::not_offered: return "not-offered";
    case DiscoveryStatus::unreachable: return "unreachable";
    case DiscoveryStatus::not_a_list: return "not-a-list";
    case DiscoveryStatus::failed: return "failed";
  }
  return "failed";
}

HttpRequest discovery_request(const ProbeTarget& target, const Environment& environment,
                              std::chrono::milliseconds timeout) {
  HttpRequest request = probe_request(target, environment, timeout);
  request.method = "GET";
  request.url = list_url(target);
  request.body.clear();
  std::erase_if(request.headers, [&](const auto& header) {
    const std::string name = lower_ascii(header.first);
    const bool is_key = name == "authorization" || name == "x-api-key" ||
                        name == "x-goog-api-key" || name == "api-key";
    return name == "content-type" || (is_key && target.key.empty());
  });
  return request;
}

std::optional<HttpRequest> second_discovery_request(const ProbeTarget& target,
                                                    const HttpRequest& first,
                                                    const Discovery& discovery) {
  const Url url = parse_url(target.base_url);
  const bool is_worth_it = discovery.status == DiscoveryStatus::not_offered ||
                           discovery.status == DiscoveryStatus::not_a_list;
  if (!is_worth_it || target.protocol != "openai" || !url.is_loopback()) return std::nullopt;
  HttpRequest request = first;
  request.url = url.origin() + std::string(ollama_path);
  return request;
}

Discovery read_discovery(const ProbeTarget& target, const HttpRequest& request,
                         const HttpResponse& response) {
  Discovery found;
  found.url = without_secret(printable(request.url, 2000), target.key.reveal());
  found.http_status = response.status;
  found.fault = response.fault;
  found.latency = response.latency;
  const auto is = [&](DiscoveryStatus status, std::string message) {
    found.status = status;
    found.message = std::move(message);
    return std::move(found);
  };
  if (response.fault == NetworkFault::too_large)
    return is(DiscoveryStatus::not_a_list, "The list is longer than 1 MiB.");
  if (response.status == 0)
    return is(DiscoveryStatus::unreachable, std::string(fault_sentence(response.fault)));
  if (response.status == 401 || response.status == 403)
    return is(DiscoveryStatus::rejected,
              with_words("The provider refused the key.", target, response));
  if (response.status == 404 || response.status == 405 || response.status == 501)
    return is(DiscoveryStatus::not_offered,
              with_words("This endpoint offers no list of its models.", target, response));
  if (response.status < 200 || response.status >= 300)
    return is(DiscoveryStatus::failed, with_words("The list could not be had.", target, response));
  const auto json = parse_json(response.body);
  const Json* list = json ? list_in(*json) : nullptr;
  if (!list)
    return is(DiscoveryStatus::not_a_list,
              "The answer is no list of models. (HTTP " + std::to_string(response.status) + ")");
  found.models = models_in(*list);
  const std::string message = found.models.empty() ? "The list is empty." : "";
  return is(target.key.empty() ? DiscoveryStatus::no_auth_needed : DiscoveryStatus::ok, message);
}

}  // namespace authd::core
