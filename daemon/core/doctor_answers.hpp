// What the provider's answers, and the network on the way there, say is wrong: a check and a visit
// as findings. Pure.
#pragma once

#include "daemon/core/finding.hpp"
#include "daemon/core/reach.hpp"
#include "daemon/core/sweep.hpp"

namespace authd::core {

struct ProbeAnswers {
  Verdict verdict;
  std::string subject;             // the key's variable, or where else it stands
  std::string key_shown;           // masked, with its fingerprint; empty where there was no key
  std::string key_where;           // "/home/u/.qwen/settings.json:4"
  std::size_t siblings = 0;        // the vendor's other endpoints, which may be asked
  std::vector<SweepAnswer> sweep;  // what those with consent said
  std::optional<Fix> fix;          // of the check
  std::optional<Reach> reach;      // nothing where the host was not visited
  HostFacts host;
  std::optional<Reach> gateway;       // the same URL at the machine that this one is a guest of
  const EntryFacts* entry = nullptr;  // of the model that was asked, where it has one
};

// None where all is well.
std::vector<Finding> findings_of(ProbeAnswers& answers);

// The same thing found out from files and from answers is one finding: the answer proves it, and
// the fixes of both are kept.
std::vector<Finding> joined(std::vector<Finding> found, std::vector<Finding> answered);

// The codes that only answers tell, or answers as well as files.
std::span<const std::string_view> answer_codes();

// Those of them that these answers leave open, and why: what was not tested is no pass.
struct OpenCode {
  std::string_view code;
  std::string reason;
};
std::vector<OpenCode> open_codes(const ProbeAnswers& answers);

}  // namespace authd::core
