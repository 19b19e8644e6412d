#include "daemon/wire_doctor.hpp"

namespace authd::wire {

Json fix(const core::Fix& fix, const std::string& id) {
  Json json = {{"id", id}, {"kind", core::fix_kind_name(fix.kind)}, {"title", fix.title}};
  if (!fix.preview.empty()) json["preview"] = fix.preview;
  if (!fix.command.empty()) json["command"] = fix.command;
  return json;
}

Json finding(const core::Finding& finding, const std::vector<std::string>& ids) {
  Json json = {{"code", finding.code},
               {"severity", severity_name(finding.weight())},
               {"message", finding.message},
               {"evidence", finding.evidence}};
  if (const Diagnosis* row = find_diagnosis(finding.code)) {
    json["name"] = row->name;
    json["title"] = row->title;
    json["cause"] = row->cause;
    json["remedy"] = row->remedy;
  }
  if (!finding.subject.empty()) json["subject"] = finding.subject;
  if (!finding.hides.empty()) json["hides"] = finding.hides;
  Json further = Json::array();
  for (std::size_t i = 0; i < finding.fixes.size(); ++i) {
    if (i == 0)
      json["fix"] = fix(finding.fixes[i], ids[i]);
    else
      further.push_back(fix(finding.fixes[i], ids[i]));
  }
  if (!further.empty()) json["fixes"] = std::move(further);
  return json;
}

}  // namespace authd::wire
