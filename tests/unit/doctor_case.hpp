// A place that the doctor examines, as a value.
#pragma once

#include <algorithm>

#include "daemon/core/doctor.hpp"
#include "daemon/core/fix_plan.hpp"
#include "tests/unit/place.hpp"

namespace authd::test {

struct DoctorTexts {
  PlaceTexts place;
  core::Variables daemon = {};
  std::map<std::string, core::PathFacts> paths = {};
  core::NamedKeyCommands commands = {};
  core::Variables overlay = {};
  std::vector<core::ExportLine> exports = {};
  bool has_oauth_tokens = false;
  std::optional<core::CliVersion> other_version = {};
  std::vector<std::string> backups = {};
  std::vector<core::LossyWrite> lossy_writes = {};
  std::vector<core::ArgumentTrace> traces = {};
  std::vector<std::string> stale_sessions = {};
  std::string socket_trouble = {};
};

inline std::vector<core::Finding> findings_at(const DoctorTexts& texts) {
  Place here = place(texts.place);
  here.environment.from_caller = true;
  core::Environment daemon;
  daemon.variables = texts.daemon;
  daemon.home = here.environment.home;
  core::DoctorInput input{here.surroundings, here.environment, here.rules, daemon};
  std::optional<Place> there;
  if (texts.other_version) {
    PlaceTexts other = texts.place;
    other.version = *texts.other_version;
    there = place(other);
    input.others = &there->surroundings;
    input.other_rules = there->rules;
  }
  input.paths = texts.paths;
  input.commands = texts.commands;
  input.overlay = texts.overlay;
  input.exports = texts.exports;
  input.has_oauth_tokens = texts.has_oauth_tokens;
  input.backups = texts.backups;
  input.lossy_writes = texts.lossy_writes;
  input.traces = texts.traces;
  input.stale_sessions = texts.stale_sessions;
  input.socket_trouble = texts.socket_trouble;
  for (const auto& [path, text] : texts.place.dotenvs) input.dotenv_texts[path] = text;
  return core::diagnose(input);
}

// "E101 error" for each, in their order.
inline std::vector<std::string> told_at(const DoctorTexts& texts) {
  std::vector<std::string> told;
  for (const core::Finding& finding : findings_at(texts))
    told.push_back(finding.code + " " + std::string(severity_name(finding.weight())));
  return told;
}

inline const core::Finding* finding_of(const std::vector<core::Finding>& findings, const std::string& code) {
  const auto found = std::ranges::find(findings, code, &core::Finding::code);
  return found == findings.end() ? nullptr : &*found;
}

// The settings after the first fix that the daemon can carry out of the finding with this code; ""
// where there is none.
inline std::string mended(const PlaceTexts& texts, const std::string& code) {
  const auto findings = findings_at({.place = texts});
  const core::Finding* finding = finding_of(findings, code);
  if (!finding) return "";
  const Place here = place(texts);
  for (const core::Fix& fix : finding->fixes)
    if (core::scope_of(fix)) {
      const auto plan = core::plan_fix(fix, here.surroundings.files, here.models());
      return plan ? plan->new_text : plan.error().message;
    }
  return "";
}

}  // namespace authd::test
