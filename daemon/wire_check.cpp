#include "daemon/wire_check.hpp"

#include "daemon/core/sha256.hpp"
#include "daemon/wire_doctor.hpp"

namespace authd::wire {
namespace {

Json vendor_endpoint(const core::VendorEndpoint& one) {
  return {{"provider", one.provider->id}, {"endpoint", one.endpoint->id},
          {"label", one.label()},         {"baseUrl", one.endpoint->base_url},
          {"host", one.host()},           {"envKey", one.provider->env_key}};
}

Json sweep_answer(const core::SweepAnswer& answer) {
  const core::Verdict& verdict = answer.verdict;
  Json json = {{"label", answer.sibling.label()},
               {"baseUrl", answer.sibling.endpoint->base_url},
               {"host", answer.sibling.host()},
               {"state", core::verdict_state_name(verdict.state)},
               {"message", verdict.message}};
  if (!verdict.code.empty()) json["code"] = verdict.code;
  if (verdict.http_status != 0) json["httpStatus"] = verdict.http_status;
  if (verdict.proven) json["proven"] = *verdict.proven;
  return json;
}

}  // namespace

Json siblings(const std::vector<core::VendorEndpoint>& endpoints) {
  Json json = Json::array();
  for (const core::VendorEndpoint& one : endpoints) json.push_back(vendor_endpoint(one));
  return json;
}

Json check(const CheckReport& report, const CheckedBy& by) {
  const core::Verdict& of = report.verdict;
  Json json = verdict(of);
  json["depth"] = core::depth_name(of.depth);
  json["attempts"] = of.state == core::VerdictState::not_tested ? 0 : of.attempts;
  json["cliVersion"] = by.cli_version;
  json["cliVersionFrom"] = by.cli_version_from;
  json["judgedBy"] = by.judged_by;
  if (of.proven) json["proven"] = *of.proven;
  if (of.first_token) json["firstTokenMs"] = of.first_token->count();
  if (of.control) {
    json["control"] = {{"state", core::verdict_state_name(of.control->state)}};
    if (of.control->http_status != 0) json["control"]["httpStatus"] = of.control->http_status;
  }
  if (!report.key.empty()) {
    json["key"] = {{"masked", report.key.masked()},
                   {"fingerprint", core::fingerprint(report.key.reveal())}};
    if (!report.key_name.empty()) json["key"]["name"] = report.key_name;
    if (!report.key_source.empty()) json["key"]["source"] = report.key_source;
  }
  if (!report.siblings.empty()) json["siblings"] = siblings(report.siblings);
  if (!report.sweep.empty()) {
    json["sweep"] = Json::array();
    for (const core::SweepAnswer& one : report.sweep) json["sweep"].push_back(sweep_answer(one));
  }
  if (report.switch_to) {
    const core::VendorEndpoint& to = *report.switch_to;
    json["switch"] = {{"baseUrl", to.endpoint->base_url},
                      {"envKey", to.provider->env_key},
                      {"label", to.label()}};
  }
  if (report.fix) json["fix"] = fix(*report.fix, "");
  return json;
}

void give_fix_id(Json& check, const std::string& id) {
  check["fix"]["id"] = id;
  if (check.contains("switch")) check["switch"]["fix"] = id;
}

}  // namespace authd::wire
