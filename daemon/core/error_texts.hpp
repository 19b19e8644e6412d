// What the error texts of providers and programs mean: one table for the judgement of an answer and
// for a text that somebody pasted (user-pain-and-diagnoses, appendix A). All texts are in lower
// case.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "daemon/core/probe.hpp"

namespace authd::core {

// How sure a text alone makes.
enum class Certainty { possible, likely, certain };
std::string_view certainty_name(Certainty certainty);

// Who answers at which hosts, and how its texts give it away.
struct Vendor {
  std::string_view id, title;
  std::array<std::string_view, 6> domains;        // hosts at or below them are its own
  std::array<std::string_view, 7> consoles = {};  // only its own texts name them
  bool relays = false;                            // passes on what other vendors say
  bool has_regions = false;                       // keys of one region are refused in another
  bool has_plans = false;  // keys of one plan are refused by another's endpoint
};
std::span<const Vendor> vendors();
const Vendor* find_vendor(std::string_view id);
// nullptr for a host that is nobody's that is known.
const Vendor* vendor_of_host(std::string_view host);
// Whose console a text names; nullptr where it is nobody's, or several are named.
const Vendor* vendor_named_in(std::string_view text);

// When a phrase counts.
enum class Weight {
  alone,        // wherever it stands
  with_status,  // only beside one of the statuses: the words are common ones
};

// One meaning. Rows are in order: of several that hold for one answer the first counts.
struct ErrorText {
  std::string_view code;               // the diagnosis; none where the set-up is not at fault
  std::string_view as_verdict = code;  // that of a check, which is known to have sent the key
  VerdictState state = VerdictState::inconclusive;  // what such an answer to a check proves
  Certainty certainty = Certainty::likely;
  std::string_view meaning = {};                  // one sentence
  std::array<std::string_view, 24> phrases = {};  // one of them; see PhraseIndex
  std::array<short, 6> statuses = {};             // one of them; none = any
  Weight weight = Weight::alone;
  std::string_view vendor = {};    // only where it answers
  std::string_view endpoint = {};  // only where the base URL has this in it
  std::string_view beside = {};    // only with this in the same line or a neighbouring one
  bool in_own_shape = false;       // proves something only in the protocol's own form of an error
  std::array<std::string_view, 3> others = {};  // diagnoses that are possible as well

  bool holds_for(int status) const;
};

// What providers answer.
std::span<const ErrorText> provider_texts();
// What Qwen Code, Node and curl say themselves, without a state. What is merely possible are words
// that other programs use, too.
std::span<const ErrorText> program_texts();

// The row that an answer of the endpoint at `base_url` means; nullptr where no row does.
const ErrorText* find_provider_text(int status, std::string_view text, std::string_view base_url);

// Which status the words of an error come with, where they came without one; 0 for unknown ones.
int status_meant_by(std::string_view text);

// When a used-up quota is there again, as the text says it ("2026-05-01 12:00:00"); empty where it
// does not. In the case of the text, which may be in any.
std::string reset_time(std::string_view text);

}  // namespace authd::core
