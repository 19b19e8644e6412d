// Base URLs: what Qwen Code makes of them, and what that leads to.
#include <algorithm>

#include "daemon/core/doctor_case.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/text.hpp"
#include "daemon/core/url.hpp"
#include "daemon/core/warning.hpp"

namespace authd::core {
namespace {

// Entries that have one base URL.
struct SharedUrl {
  std::string protocol, base_url;
  std::vector<const ConfiguredModel*> entries;
  bool is_active = false;
  std::string where;  // of one that no entry has
};

std::vector<SharedUrl> shared_urls(DoctorCase& doctor) {
  std::vector<SharedUrl> urls;
  const auto of = [&](const std::string& protocol, const std::string& base_url) -> SharedUrl& {
    for (SharedUrl& one : urls)
      if (one.protocol == protocol && one.base_url == base_url) return one;
    urls.push_back({protocol, base_url, {}, false, {}});
    return urls.back();
  };
  for (const ConfiguredModel& model : doctor.models) {
    if (model.base_url.empty() || model.protocol.empty() || model.protocol == "qwen-oauth" ||
        model.is_fatal)
      continue;
    SharedUrl& url = of(model.protocol, model.base_url);
    url.entries.push_back(&model);
    url.is_active = url.is_active || doctor.is_active(model);
  }
  const Resolution& active = doctor.active;
  const bool is_of_entry = active.entry && active.entry->base_url == active.base_url;
  if (!active.base_url.empty() && !active.base_url_is_default && !is_of_entry) {
    SharedUrl& url = of(active.protocol, active.base_url);
    url.is_active = true;
    const std::string name =
        active.protocol == "anthropic" ? "ANTHROPIC_BASE_URL" : "OPENAI_BASE_URL";
    if (doctor.choice.base_url_origin == Choice::Origin::variable)
      if (const VariableSource* winner = doctor.winner(name))
        url.where = winner->where + ": " + name;
    if (doctor.choice.base_url_origin == Choice::Origin::settings)
      if (const SettingsFile* file = doctor.file_with({"security", "auth", "baseUrl"}))
        url.where = DoctorCase::where_of(*file, {"security", "auth", "baseUrl"}) +
                    ": security.auth.baseUrl";
  }
  return urls;
}

// A missing version is certain for hosts whose paths are known.
bool is_known_host(const Url& url) {
  if (url.host == "api.openai.com") return true;
  return std::ranges::any_of(providers(), [&](const Provider& provider) {
    return std::ranges::any_of(provider.endpoints, [&](const Endpoint& endpoint) {
      const Url preset = parse_url(endpoint.base_url);
      return preset.is_loopback() ? url.is_loopback() && url.port == preset.port
                                  : preset.host == url.host;
    });
  });
}

// A gateway may well answer without a version; a bare public host mostly does not.
void weigh_url(Finding& finding, const SharedUrl& url) {
  const Url parsed = parse_url(url.base_url);
  if (finding.code == "U301" && url.protocol == "openai" && !is_known_host(parsed)) {
    const bool may_answer =
        parsed.is_loopback() || parsed.is_private() || (!parsed.path.empty() && parsed.path != "/");
    finding.severity = may_answer ? Severity::info : Severity::warning;
  }
  if (!url.is_active && finding.weight() == Severity::error) finding.severity = Severity::warning;
}

void offer_corrected(Finding& finding, DoctorCase& doctor, const SharedUrl& url,
                     const std::string& right, FixKind kind) {
  std::map<const SettingsFile*, std::vector<MemberEdit>> edits;
  for (const ConfiguredModel* model : url.entries) {
    const auto place = doctor.place_of(*model);
    if (!place.file || DoctorCase::raw_text(place, "baseUrl") != url.base_url) continue;
    Path path = place.path;
    path.emplace_back("baseUrl");
    edits[place.file].push_back({std::move(path), Json(right), Json(url.base_url)});
  }
  for (auto& [file, members] : edits) {
    const Path selected{"model", "baseUrl"};
    if (file->document->string_at(selected) == url.base_url)
      members.push_back({selected, Json(right), Json(url.base_url)});
    doctor.offer_edits(finding, kind, "Use " + right, file->scope, std::move(members));
  }
  if (!edits.empty() || url.where.empty()) return;
  if (url.where.ends_with("_BASE_URL")) {
    const std::string name = url.where.substr(url.where.rfind(' ') + 1);
    const VariableSource* winner = doctor.winner(name);
    if (winner && winner->kind == SourceKind::shell)
      doctor.offer_command(finding, "Export the right one",
                           "export " + shell_quoted(name) + "=" + shell_quoted(right));
    else
      doctor.offer_value(finding, kind, "Use " + right, name, right);
  } else if (const SettingsFile* file = doctor.file_with({"security", "auth", "baseUrl"})) {
    doctor.offer_edits(finding, kind, "Use " + right, file->scope,
                       {{{"security", "auth", "baseUrl"}, Json(right), Json(url.base_url)}});
  }
}

void examine_url(DoctorCase& doctor, const SharedUrl& url) {
  const std::string_view protocol =
      url.protocol == "openai-responses" ? "openai" : std::string_view(url.protocol);
  if (url.protocol == "vertex-ai" || expandable_name(url.base_url)) return;
  std::vector<std::string> places;
  constexpr std::size_t places_max = 5;
  for (const ConfiguredModel* model : url.entries)
    if (places.size() < places_max)
      places.push_back(doctor.where_of(*model, "baseUrl") + ": " + url.base_url);
  if (url.entries.size() > places_max)
    places.push_back("and " + std::to_string(url.entries.size() - places_max) + " more entries");
  if (!url.where.empty()) places.push_back(url.where + " = " + url.base_url);
  const std::string model = url.entries.empty() ? doctor.active.model : url.entries.front()->id;
  for (const Warning& warning : base_url_warnings(protocol, url.base_url, "")) {
    // Its request brings the version along, whether the base has one or not.
    // Nobody has a certificate for a private network.
    const bool is_private_http = warning.code == "U304" &&
                                 warning.message.starts_with("Plain http") &&
                                 parse_url(url.base_url).is_private();
    if (is_private_http) continue;
    const bool is_any = url.protocol == "openai-responses" && warning.code == "U301";
    if (warning.code == "E110" || is_any) continue;
    Finding& finding = doctor.tell(warning.code, url.base_url, warning.message);
    finding.evidence = places;
    finding.evidence.push_back("POST " + probe_url(protocol, url.base_url, model));
    weigh_url(finding, url);
    const bool is_safe =
        warning.code == "U302" || (warning.code == "U304" && warning.suggestion &&
                                   warning.suggestion->substr(0, 5) == url.base_url.substr(0, 5));
    if (warning.suggestion && !warning.suggestion->empty())
      offer_corrected(finding, doctor, url, *warning.suggestion,
                      is_safe ? FixKind::automatic : FixKind::ask);
  }
}

}  // namespace

void examine_urls(DoctorCase& doctor) {
  for (const SharedUrl& url : shared_urls(doctor)) examine_url(doctor, url);
}

}  // namespace authd::core
