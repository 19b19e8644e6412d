#include "daemon/wire_decode.hpp"

#include "protocol/diagnosis.hpp"

namespace authd::wire {
namespace {

// What would make it sure; empty where it is.
std::string_view confirmation(const Diagnosis& diagnosis, core::Certainty certainty) {
  if (certainty == core::Certainty::certain) return {};
  if (diagnosis.evidence == Evidence::files) return "qwen-authctl doctor";
  const bool is_network = diagnosis.code.starts_with("N") || diagnosis.code == "U305";
  return is_network ? "qwen-authctl doctor --probe" : "qwen-authctl check";
}

Json meaning(const core::Meaning& one) {
  Json json = {{"code", one.code},
               {"message", one.message},
               {"evidence", one.evidence},
               {"confidence", core::certainty_name(one.certainty)}};
  const Diagnosis* const diagnosis = find_diagnosis(one.code);
  if (!diagnosis) return json;
  json["name"] = diagnosis->name;
  json["severity"] = severity_name(diagnosis->severity);
  json["title"] = diagnosis->title;
  json["cause"] = diagnosis->cause;
  json["remedy"] = diagnosis->remedy;
  if (const auto confirm = confirmation(*diagnosis, one.certainty); !confirm.empty())
    json["confirm"] = confirm;
  return json;
}

}  // namespace

Json decoding(const core::Decoding& decoding, const std::string& judged_by) {
  Json findings = Json::array();
  for (const core::Meaning& one : decoding.meanings) findings.push_back(meaning(one));
  Json json = findings.empty() ? Json::object() : findings.front();
  json["findings"] = std::move(findings);
  if (!decoding.hint.empty()) json["hint"] = decoding.hint;
  if (!judged_by.empty()) json["judgedBy"] = judged_by;
  return json;
}

}  // namespace authd::wire
