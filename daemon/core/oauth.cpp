#include "daemon/core/oauth.hpp"

#include <chrono>
#include <cstdio>

#include "daemon/core/url.hpp"

namespace authd::core {
namespace {

std::string utc_minute(std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<minutes>(time - day));
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d UTC", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  return text;
}

std::string words_on_tokens(const std::string& credentials, std::int64_t now_ms) {
  constexpr std::int64_t latest = 253402300799999;  // the end of the year 9999
  const auto json = parse_json(credentials, {.depth_max = 8});
  if (!json || !json->is_object()) return "unreadable";
  const auto expiry = json->find("expiry_date");
  if (expiry == json->end() || !expiry->is_number()) return "there, without an expiry date";
  const double value = expiry->get<double>();
  if (!(value >= 0) || value > static_cast<double>(latest)) return "there, without an expiry date";
  const auto at = static_cast<std::int64_t>(value);
  return (at <= now_ms ? "expired on " : "valid until ") + utc_minute(at) +
         (at <= now_ms ? "" : ", though the service is gone");
}

}  // namespace

OauthFindings oauth_findings(const std::optional<std::string>& credentials, std::int64_t now_ms,
                             const SettingsFiles& files,
                             const std::vector<ConfiguredModel>& models) {
  OauthFindings found;
  found.has_tokens = credentials.has_value();
  if (credentials) found.tokens = words_on_tokens(*credentials, now_ms);
  const auto type = merged_value(files, Path{"security", "auth", "selectedType"});
  found.is_selected = type && type->value == "qwen-oauth";
  found.none_selected = !type;
  for (const ConfiguredModel& model : models) {
    if (!model.is_usable || model.protocol == "qwen-oauth") continue;
    const std::string value = model.protocol + "/" + model.id + "@" + model.base_url;
    const auto same = std::ranges::find(found.alternatives, value, &Option::value);
    if (same != found.alternatives.end()) continue;
    const std::string host = parse_url(model.base_url).host;
    found.alternatives.push_back({value, model.name.empty() ? model.id : model.name,
                                  host.empty() ? model.protocol : model.protocol + " · " + host});
    found.models.push_back({model.protocol, model.id, model.base_url});
  }
  return found;
}

}  // namespace authd::core
