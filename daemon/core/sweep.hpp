// The other regions and plans of a vendor whose endpoint refuses a key: who they are, what their
// answers mean, and what a switch would write. Never another vendor's. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/core/finding.hpp"
#include "daemon/core/probe.hpp"
#include "daemon/core/provider.hpp"
#include "daemon/core/resolution.hpp"

namespace authd::core {

// One endpoint of a provider's row.
struct VendorEndpoint {
  const Provider* provider = nullptr;
  const Endpoint* endpoint = nullptr;

  std::string host() const;
  std::string label() const;  // "Singapore"; with the plan, where its provider has several
};

// Which endpoint a base URL is, or which has its host; nothing where it is nobody's.
std::optional<VendorEndpoint> vendor_endpoint(std::string_view base_url);
// The others of the same vendor, those of the same provider first; none for other protocols than
// openai, and for servers of the user's own.
std::vector<VendorEndpoint> siblings_of(std::string_view protocol, std::string_view base_url);

// Whether a refusal may be one of region or plan.
bool is_worth_a_sweep(const Verdict& verdict);

// What a sibling is asked: the same key, and its own model where it has no such one.
ProbeTarget sibling_target(const ProbeTarget& target, const VendorEndpoint& sibling);

struct SweepAnswer {
  VendorEndpoint sibling;
  Verdict verdict;
};
// The siblings that accept the key: those with nothing to add first.
std::vector<std::size_t> accepting(const std::vector<SweepAnswer>& answers);

// What the answers make of the verdict: K202, K201 or K203. `accepted` is the sibling that also
// refuses a random key.
void apply_sweep(Verdict& verdict, const std::vector<SweepAnswer>& answers,
                 const std::optional<VendorEndpoint>& accepted);

// What a check of a configured model says about its entries, as far as a fix needs it.
struct EntryFacts {
  const ConfiguredModel& entry;
  const std::vector<ConfiguredModel>& models;
  const SettingsFiles& files;
};
// All entries of this endpoint and key moved to the other one, with the key under the other plan's
// variable; the former one stays. Nothing where the entry stands in a file that is nobody's to
// edit.
std::optional<Fix> switch_fix(const EntryFacts& facts, const VendorEndpoint& to, const Secret& key);

// U305, U306: all entries of this endpoint and key, at another host of the same port and path.
std::optional<Fix> host_fix(const EntryFacts& facts, std::string_view host);

// K210: the key in the header that the gateway takes, by a reference to the entry's variable.
std::optional<Fix> header_fix(const EntryFacts& facts, std::string_view header);

}  // namespace authd::core
